//! The cells of a population: the numbers of chains of each cell are log-normal, with those of the
//! population as medians.

use crate::cell::Cell;
use crate::culture::Setup;
use crate::parameter::Parameters;
use il2_engine::math;
use il2_inference::statistics::cholesky;

/// Separator between the names of two chains whose numbers are correlated.
pub const WITH: &str = "_with_";

/// Correlation of the logarithms of the numbers of two chains.
fn correlation(cell: &Cell, one: &str, other: &str) -> f64 {
    let named = |a: &str, b: &str| cell.correlation.get(&format!("{a}{WITH}{b}")).map(|p| p.value);
    let given = named(one, other).or_else(|| named(other, one));
    given.unwrap_or(if one == other { 1.0 } else { 0.0 })
}

/// The lower triangular factor of the correlations of the chains that vary.
fn triangle(cell: &Cell) -> Vec<Vec<f64>> {
    let chains: Vec<&String> = cell.spread.keys().collect();
    cholesky(chains.len(), |i, j| correlation(cell, chains[i], chains[j]), |_| 0.0)
}

/// Whether all correlations of a cell are possible together.
pub fn correlations_agree(cell: &Cell) -> bool {
    let (chains, lower): (Vec<&String>, _) = (cell.spread.keys().collect(), triangle(cell));
    let product =
        |i: usize, j: usize| (0..chains.len()).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
    let all = (0..chains.len()).flat_map(|i| (0..=i).map(move |j| (i, j)));
    all.into_iter()
        .all(|(i, j)| (product(i, j) - correlation(cell, chains[i], chains[j])).abs() < 1e-9)
}

/// How far each of `count` cells of equal weight is above the population median in each of the
/// chains that vary, in standard deviations of the logarithm, `[cell][chain]`. For one chain these
/// are the midpoints of intervals of equal probability; for several chains, the points of a Sobol
/// sequence with this seed, the same for every ligand and dose.
pub fn cells(cell: &Cell, count: usize, seed: u64) -> Vec<Vec<f64>> {
    let chains = cell.spread.len();
    if chains == 1 {
        let middle = |i: usize| math::normal_quantile((i as f64 + 0.5) / count as f64);
        return (0..count).map(|i| vec![middle(i)]).collect();
    }
    let lower = triangle(cell);
    let name = cell.id.bytes().fold(0_u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    let seed = seed ^ name;
    let seed = (seed ^ (seed >> 32)) as u32;
    let one = |index: usize| {
        let part = |dimension: usize| {
            let part = f64::from(sobol_burley::sample(index as u32, dimension as u32, seed));
            // In the middle of a cell of the sequence, because the quantile of 0 is infinite.
            math::normal_quantile(part + 0.5 * f64::from(f32::EPSILON) * 0.5)
        };
        let own: Vec<f64> = (0..chains).map(part).collect();
        (0..chains).map(|i| (0..=i).map(|j| lower[i][j] * own[j]).sum()).collect()
    };
    (0..count).map(one).collect()
}

/// The setup with a single cell instead of the population median.
pub fn with_cell(setup: &Setup, above: &[f64]) -> Setup {
    let mut setup = setup.clone();
    let Some(cell) = setup.cell.as_mut() else { return setup };
    let numbers = match cell.quantitation.as_ref() {
        Some(table) => cell.receptors.get_mut(table),
        None => Some(&mut cell.synthesis),
    };
    if let Some(numbers) = numbers {
        scale(numbers, &cell.spread, above);
    }
    setup
}

fn scale(numbers: &mut Parameters, spread: &Parameters, above: &[f64]) {
    for ((chain, spread), above) in spread.iter().zip(above) {
        if let Some(number) = numbers.get_mut(chain).filter(|p| !p.absent) {
            number.value *= math::exp(spread.value * above);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::Parameter;
    use il2_engine::Dimension;

    fn cell(spread: &[(&str, f64)], correlation: &[(&str, f64)]) -> Cell {
        let all = |of: &[(&str, f64)]| {
            let one = |(name, v): &(&str, f64)| {
                (
                    name.to_string(),
                    Parameter::from_study(*v, Dimension::DIMENSIONLESS, String::new()),
                )
            };
            of.iter().map(one).collect()
        };
        Cell { spread: all(spread), correlation: all(correlation), ..Cell::default() }
    }

    #[test]
    fn cells_have_the_spreads_and_correlations_asked_for() {
        let cell = cell(&[("a", 0.5), ("b", 0.3)], &[("b_with_a", 0.8)]);
        assert!(correlations_agree(&cell));
        let all = cells(&cell, 4096, 7);
        let mean = |of: &dyn Fn(&Vec<f64>) -> f64| all.iter().map(of).sum::<f64>() / 4096.0;
        assert!(mean(&|z| z[0]).abs() < 2e-3 && (mean(&|z| z[1] * z[1]) - 1.0).abs() < 0.01);
        assert!((mean(&|z| z[0] * z[1]) - 0.8).abs() < 0.01);
    }

    #[test]
    fn cells_of_one_chain_are_the_middles_of_equal_parts() {
        let all = cells(&cell(&[("a", 0.5)], &[]), 4, 1);
        let parts = [0.125, 0.375, 0.625, 0.875].map(|part| vec![math::normal_quantile(part)]);
        assert_eq!(all, parts);
    }

    #[test]
    fn correlations_that_contradict_each_other_are_found() {
        let spread = [("a", 0.5), ("b", 0.5), ("c", 0.5)];
        let of = |third| {
            let all = [("a_with_b", 0.9), ("b_with_c", 0.9), ("a_with_c", third)];
            correlations_agree(&cell(&spread, &all))
        };
        assert!(of(0.8) && !of(-0.8));
    }
}
