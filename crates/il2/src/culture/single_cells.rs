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

/// How far each of a few cells of equal weight is above the population median in each of the chains
/// that vary, `[cell][chain]`, in the units of [`cells`]. Each cell represents one interval of
/// equal probability of every chain, with the mean number of this interval rather than its median,
/// so that the cells together have as many chains as the population. Which interval of one chain
/// goes with which of another is chosen so that the numbers are as little related as in the
/// population: with randomly paired intervals, the mean signal of five cells can be twice that of
/// the population.
pub fn representatives(cell: &Cell, count: usize) -> Vec<Vec<f64>> {
    let (lower, pairing) = (triangle(cell), paired(cell.spread.len(), count));
    let spreads: Vec<f64> = cell.spread.values().map(|p| p.value).collect();
    // The chains share independent factors; each factor has its own intervals.
    let above = |i: usize, chain: usize| {
        let of = |k: usize| log_mean(pairing[k][i], count, spreads[chain] * lower[chain][k]);
        let log: f64 = (0..=chain).map(of).sum();
        if spreads[chain] > 0.0 { log / spreads[chain] } else { 0.0 }
    };
    (0..count).map(|i| (0..spreads.len()).map(|chain| above(i, chain)).collect()).collect()
}

/// Logarithm of the mean of `exp(spread z)` over one of `count` intervals of equal probability of a
/// standard normal `z`.
fn log_mean(interval: usize, count: usize, spread: f64) -> f64 {
    // Probability below the end of an interval, for z with the mean `spread`.
    let below = |end: usize| match end {
        0 => 0.0,
        _ if end == count => 1.0,
        _ => {
            let z = math::normal_quantile(end as f64 / count as f64) - spread;
            0.5 * math::erfc(-z / 2_f64.sqrt())
        }
    };
    let part = below(interval + 1) - below(interval);
    0.5 * spread * spread + math::ln(count as f64 * part)
}

/// The interval of each of `count` cells in each factor, `[factor][cell]`. From a start that
/// spreads the pairs evenly, two cells exchange their intervals as long as [`relation`] falls.
fn paired(factors: usize, count: usize) -> Vec<Vec<usize>> {
    let middle = |i: usize| math::normal_quantile((i as f64 + 0.5) / count as f64);
    let z: Vec<f64> = (0..count).map(middle).collect();
    let mut all: Vec<Vec<usize>> = vec![(0..count).collect()];
    while all.len() < factors {
        // Multiples of an irrational number are spread evenly (Weyl 1916).
        let irrational = (1.0 + all.len() as f64 * (all.len() as f64 + 1.0)).sqrt();
        let place = |i: usize| ((i + 1) as f64 * irrational).fract();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| place(a).total_cmp(&place(b)));
        let mut own = vec![0; count];
        order.iter().enumerate().for_each(|(rank, &i)| own[i] = rank);
        let mut least = relation(&all, &own, &z);
        loop {
            let mut best = None;
            for (i, j) in (0..count).flat_map(|i| (0..i).map(move |j| (i, j))) {
                own.swap(i, j);
                let found = relation(&all, &own, &z);
                if found < least - 1e-12 {
                    (least, best) = (found, Some((i, j)));
                }
                own.swap(i, j);
            }
            let Some((i, j)) = best else { break };
            own.swap(i, j);
        }
        all.push(own);
    }
    all
}

/// How strongly a factor is related to the others: the squared differences of mixed moments up to
/// the second of each from those of independent factors.
fn relation(others: &[Vec<usize>], own: &[usize], z: &[f64]) -> f64 {
    let count = z.len() as f64;
    let square = z.iter().map(|z| z * z).sum::<f64>() / count;
    let with = |other: &Vec<usize>| {
        let moment = |of: &dyn Fn(f64, f64) -> f64| {
            own.iter().zip(other).map(|(&a, &b)| of(z[a], z[b])).sum::<f64>() / count
        };
        let both = moment(&|a, b| a * a * b * b) - square * square;
        let odd = [moment(&|a, b| a * b), moment(&|a, b| a * a * b), moment(&|a, b| a * b * b)];
        both * both + odd.iter().map(|m| m * m).sum::<f64>()
    };
    others.iter().map(with).sum()
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
    fn representatives_have_the_mean_numbers_and_products_of_the_population() {
        // Means of log-normal numbers and of their products are known in closed form.
        let spread = [("a", 1.0), ("b", 0.8), ("c", 0.5)];
        // Randomly paired intervals miss the means of products by up to 80 %.
        for (count, within) in [(4, 0.25), (8, 0.1), (20, 0.1)] {
            let all = representatives(&cell(&spread, &[]), count);
            let number = |z: &[f64], k: usize| math::exp(spread[k].1 * z[k]);
            for k in 0..3 {
                let mean = all.iter().map(|z| number(z, k)).sum::<f64>() / count as f64;
                let exact = math::exp(0.5 * spread[k].1 * spread[k].1);
                assert!((mean / exact - 1.0).abs() < 1e-12, "{count} {k}: {mean} {exact}");
            }
            for (j, k) in [(0, 1), (0, 2), (1, 2)] {
                let of = |z: &Vec<f64>| number(z, j) * number(z, k);
                let mean = all.iter().map(of).sum::<f64>() / count as f64;
                let exact = math::exp(0.5 * (spread[j].1.powi(2) + spread[k].1.powi(2)));
                assert!((mean / exact - 1.0).abs() < within, "{count} {j} {k}: {mean} {exact}");
            }
        }
    }

    #[test]
    fn representatives_are_correlated_as_asked_for() {
        let all = representatives(&cell(&[("a", 0.5), ("b", 0.3)], &[("b_with_a", 0.8)]), 20);
        let mean = |of: &dyn Fn(&Vec<f64>) -> f64| all.iter().map(of).sum::<f64>() / 20.0;
        let own = |k: usize| mean(&|z| z[k] * z[k]) - mean(&|z| z[k]).powi(2);
        let both = mean(&|z| z[0] * z[1]) - mean(&|z| z[0]) * mean(&|z| z[1]);
        assert!((both / (own(0) * own(1)).sqrt() - 0.8).abs() < 0.03);
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
