//! Runs a dose-response: every curve and every draw, and the potencies read from them.

use crate::dose_response::answer::{Answer, Band, Potency};
use crate::dose_response::plan::{Pair, Plan};
use crate::dose_response::single_cells;
use crate::wells::{Responses, curves};
use il2::culture::Numbers;
use il2::culture::uncertainty::drawn;
use il2_engine::Threads;
use il2_inference::curve::{Curve, read_curve};
use il2_inference::statistics::central_interval;
use il2_study::study::Study;
use std::ops::Range;

/// Runs every curve; `progress` is called with the number of finished wells.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let tasks = tasks(plan, study.threads);
    let some = |(pair, draws): &(usize, Range<usize>)| {
        responses_of(study, plan, &plan.pairs[*pair], draws.clone(), progress)
    };
    let mut all = study.threads.map(&tasks, some).into_iter().flatten();
    let curves: Vec<Vec<Responses>> =
        plan.pairs.iter().map(|_| all.by_ref().take(plan.draws + 1).collect()).collect();
    let read = |(pair, of): &(&Pair, &Vec<Responses>)| {
        (0..plan.times.len()).map(|time| potency(study, plan, pair, of, time)).collect()
    };
    let pairs: Vec<(&Pair, &Vec<Responses>)> = plan.pairs.iter().zip(&curves).collect();
    let potencies = study.threads.map(&pairs, read);
    let asked = plan.single_cells.as_ref();
    let cells = asked.map_or(vec![], |asked| single_cells::run::run(study, plan, asked, progress));
    Answer { curves, potencies, cells }
}

/// Largest number of draws of a pair whose wells form one ensemble: enough to keep the ensemble's slots busy,
/// and few enough that all threads finish at about the same time.
const MOST_AT_ONCE: usize = 32;
/// Least number of tasks for each thread, if there are that many.
const TASKS: usize = 4;

/// Tasks: a pair and a range of its draws, where draw 0 has the numbers of the study.
fn tasks(plan: &Plan, threads: Threads) -> Vec<(usize, Range<usize>)> {
    let all = plan.draws + 1;
    let at_once = (plan.pairs.len() * all / (TASKS * threads.count())).clamp(1, MOST_AT_ONCE);
    let of = |pair: usize| {
        (0..all).step_by(at_once).map(move |from| (pair, from..(from + at_once).min(all)))
    };
    (0..plan.pairs.len()).flat_map(of).collect()
}

/// Potency read from a curve and its draws at one time.
fn potency(study: &Study, plan: &Plan, pair: &Pair, of: &[Responses], time: usize) -> Potency {
    let read = |responses: &Responses| {
        let values: Vec<f64> = responses.at(time).collect();
        read_curve(&pair.doses, &values[1..], values[0], &study.tolerance)
    };
    let band = |dose: usize| {
        // A failed draw does not contribute to the band; a column gives the number of solved draws.
        let place = dose * plan.times.len() + time;
        let spread = of[1..].iter().map(|responses| responses.values[place]);
        let spread: Vec<f64> = spread.filter(|v| v.is_finite()).collect();
        let solved = spread.len();
        let (low, high) = central_interval(spread, plan.level);
        Band { low, high, solved }
    };
    let drawn: Vec<Curve> = of[1..].iter().map(read).collect();
    Potency {
        curve: read(&of[0]),
        drawn: drawn.iter().map(|curve| curve.ec50).collect(),
        across: drawn.iter().filter(|curve| curve.gap.is_some()).count(),
        bands: match plan.draws {
            0 => vec![],
            _ => (0..=pair.doses.len()).map(band).collect(),
        },
    }
}

fn responses_of(
    study: &Study,
    plan: &Plan,
    pair: &Pair,
    draws: Range<usize>,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Responses> {
    let prepared = &pair.prepared;
    let own = draws.contains(&0).then(|| prepared.numbers());
    let draws = draws.filter(|draw| *draw > 0);
    let setups = draws.map(|draw| drawn(&prepared.setup, &plan.posterior, study.seed, draw as u64));
    let drawn =
        prepared.numbers_of(setups).expect("a draw changes numbers, not what goes together");
    let numbers: Vec<Numbers> = own.into_iter().chain(drawn).collect();
    let place = prepared.readout(&plan.readout).expect("checked in the plan");
    curves(prepared, &numbers, study, (&plan.wells(pair), place), progress)
}
