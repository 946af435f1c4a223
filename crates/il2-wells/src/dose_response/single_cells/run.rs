//! Simulates every cell of every population at every dose.

use crate::dose_response::plan::Plan;
use crate::dose_response::single_cells::plan::{Gate, SingleCells};
use crate::wells::{Responses, curves};
use il2::culture::single_cells::{cells, with_cell};
use il2_inference::quantiles::quantiles;
use il2_study::study::Study;

/// Fraction of the cells below the band, and likewise above it.
pub const OUTSIDE: f64 = 0.1;
/// Number of cells that are simulated as one ensemble.
const AT_ONCE: usize = 32;

/// The cells of a population at one dose and time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtDose {
    /// Mean response in base units.
    pub mean: f64,
    /// The 10th percentile, median and 90th percentile of the responses.
    pub quantiles: [f64; 3],
    /// Fraction of the cells whose response is above the gate.
    pub positive: f64,
    /// Number of cells that were solved.
    pub solved: usize,
}

/// The cells of a population with one ligand at one time.
#[derive(Clone, Debug)]
pub struct Population {
    /// Response above which a cell is positive (base units).
    pub gate: f64,
    /// Results without ligand, then by dose.
    pub doses: Vec<AtDose>,
}

impl Population {
    /// The dose at which half of the cells are positive, interpolated between neighbouring doses on
    /// the logarithmic scale; none if no two doses enclose it.
    pub fn half_positive(&self, doses: &[f64]) -> Option<f64> {
        let points: Vec<(f64, f64)> =
            doses.iter().zip(&self.doses[1..]).map(|(dose, at)| (*dose, at.positive)).collect();
        let rises = points.windows(2).find(|pair| pair[0].1 < 0.5 && pair[1].1 >= 0.5)?;
        let [(low, below), (high, above)] = [rises[0], rises[1]];
        let part = (0.5 - below) / (above - below);
        let ln = il2_engine::math::ln;
        Some(il2_engine::math::exp(ln(low) + part * (ln(high) - ln(low))))
    }
}

/// Runs the cells of every pair whose cell has a spread, `[pair][time]`; empty for cells without a
/// spread.
pub fn run(
    study: &Study,
    plan: &Plan,
    asked: &SingleCells,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Vec<Population>> {
    let varies = |pair: &usize| {
        let cell = plan.pairs[*pair].prepared.setup.cell.as_ref();
        cell.is_some_and(|cell| !cell.spread.is_empty())
    };
    let pairs: Vec<usize> = (0..plan.pairs.len()).filter(varies).collect();
    let tasks: Vec<(usize, Vec<Vec<f64>>)> = pairs
        .iter()
        .flat_map(|pair| {
            let cell = plan.pairs[*pair].prepared.setup.cell.as_ref().expect("it has a spread");
            let all = cells(cell, asked.count, study.seed);
            all.chunks(AT_ONCE).map(|some| (*pair, some.to_vec())).collect::<Vec<_>>()
        })
        .collect();
    let some = |(pair, above): &(usize, Vec<Vec<f64>>)| {
        let pair = &plan.pairs[*pair];
        let prepared = &pair.prepared;
        let setups = above.iter().map(|above| with_cell(&prepared.setup, above));
        let numbers = prepared.numbers_of(setups);
        let numbers = numbers.expect("a cell changes numbers, not what goes together");
        let place = prepared.readout(&plan.readout).expect("checked in the plan");
        curves(prepared, &numbers, study, (&plan.wells(pair), place), progress)
    };
    let mut found = study.threads.map(&tasks, some).into_iter().flatten();
    let mut all: Vec<Vec<Responses>> = plan.pairs.iter().map(|_| vec![]).collect();
    for pair in &pairs {
        all[*pair] = found.by_ref().take(asked.count).collect();
    }
    let of = |pair: usize| -> Vec<Population> {
        let times = if all[pair].is_empty() { 0 } else { plan.times.len() };
        let population = |time: usize| {
            let gate = match asked.gate {
                Gate::Response(response) => response,
                Gate::Part(part) => part * largest_mean(plan, &all, pair, time),
            };
            let doses = 0..=plan.pairs[pair].doses.len();
            let doses = doses.map(|dose| at_dose(responses(plan, &all[pair], dose, time), gate));
            Population { gate, doses: doses.collect() }
        };
        (0..times).map(population).collect()
    };
    (0..plan.pairs.len()).map(of).collect()
}

/// The responses of the cells that were solved at a dose and time.
fn responses(plan: &Plan, cells: &[Responses], dose: usize, time: usize) -> Vec<f64> {
    let place = dose * plan.times.len() + time;
    cells.iter().map(|cell| cell.values[place]).filter(|v| v.is_finite()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The largest mean response of the population of a pair at a time, over all its ligands and doses.
fn largest_mean(plan: &Plan, all: &[Vec<Responses>], pair: usize, time: usize) -> f64 {
    let cell = &plan.pairs[pair].cell;
    let same = (0..plan.pairs.len()).filter(|other| plan.pairs[*other].cell == *cell);
    let means = same.flat_map(|other| {
        let doses = 0..=plan.pairs[other].doses.len();
        doses.map(move |dose| mean(&responses(plan, &all[other], dose, time)))
    });
    means.fold(0.0, f64::max)
}

fn at_dose(responses: Vec<f64>, gate: f64) -> AtDose {
    let (solved, average) = (responses.len(), mean(&responses));
    let positive = responses.iter().filter(|response| **response > gate).count();
    AtDose {
        mean: average,
        positive: positive as f64 / solved as f64,
        quantiles: quantiles(responses, [OUTSIDE, 0.5, 1.0 - OUTSIDE]),
        solved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_cells_are_positive_between_two_doses() {
        let at = |positive| AtDose { mean: 0.0, quantiles: [0.0; 3], positive, solved: 9 };
        let of =
            |all: &[f64]| Population { gate: 1.0, doses: all.iter().map(|p| at(*p)).collect() };
        let half = of(&[0.0, 0.1, 0.4, 0.6]).half_positive(&[1.0, 10.0, 1000.0]).unwrap();
        assert!((half / 100.0 - 1.0).abs() < 1e-12, "{half}");
        assert_eq!(of(&[0.0, 0.1, 0.2, 0.3]).half_positive(&[1.0, 10.0, 100.0]), None);
    }
}
