//! Decomposition of the variance of a result by its input numbers: first-order and total indices
//! (Sobol 1993, Math. Model. Comput. Exp. 1:407).
//!
//! The points are from Saltelli et al. 2010 (Comput. Phys. Commun. 181:259): two samples A and B,
//! and copies of A in which one number at a time is replaced by that of B. First-order indices use
//! the estimator of that paper (table 2 b), total indices that of Jansen 1999 (Comput. Phys.
//! Commun. 117:35). A and B are the two halves of the dimensions of a Sobol sequence with Owen's
//! scrambling, which covers the cube more evenly than random numbers do; bootstrap intervals are
//! then somewhat too wide, not too narrow.

use crate::bootstrap::{Estimate, estimates};

/// Largest number of numbers that may vary: the sequence has 256 dimensions, two for each.
pub const MOST_NUMBERS: usize = sobol_burley::NUM_DIMENSIONS as usize / 2;
/// Largest number of rows of a design: the length of the sequence.
pub const MOST_ROWS: usize = 1 << 16;

/// The points of the unit cube at which the result is needed: a row consists of a point of A, the
/// corresponding point of B, and A with each number of B in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Design {
    /// Number of rows; powers of two cover the cube most evenly.
    pub rows: usize,
    /// Number of numbers that vary.
    pub numbers: usize,
    /// Seed of the scrambling.
    pub seed: u64,
}

impl Design {
    /// Number of points in a row.
    pub fn row(&self) -> usize {
        self.numbers + 2
    }

    /// Number of points in total.
    pub fn points(&self) -> usize {
        self.rows * self.row()
    }

    /// A point, with coordinates between 0 and 1; it does not depend on the others.
    pub fn point(&self, index: usize) -> Vec<f64> {
        let (row, block) = (index / self.row(), index % self.row());
        let from_b = |number: usize| block == 1 || block == number + 2;
        let seed = (self.seed ^ (self.seed >> 32)) as u32;
        let of = |number: usize| {
            let dimension = number + if from_b(number) { self.numbers } else { 0 };
            let part = sobol_burley::sample(row as u32, dimension as u32, seed);
            // In the middle of a cell of the sequence, because the quantile of 0 is infinite.
            f64::from(part) + 0.25 * f64::from(f32::EPSILON)
        };
        (0..self.numbers).map(of).collect()
    }
}

/// The indices of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// First-order index: fraction of the variance that would be removed if this number alone were
    /// known.
    pub first: Estimate,
    /// Total index: fraction of the variance that would remain if all other numbers were known, due
    /// to this number alone and to its interactions.
    pub total: Estimate,
}

/// Results of a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Indices {
    /// Indices of each number.
    pub of: Vec<Index>,
    /// Fraction of the variance due to interactions.
    pub interactions: Estimate,
    /// Mean of the result.
    pub mean: f64,
    /// Variance of the result.
    pub variance: f64,
    /// Number of rows all of whose points have a result; the others are left out.
    pub rows: usize,
    /// Largest difference between an index from the first half of the rows and from the second
    /// half.
    pub apart: f64,
}

/// The indices from the result at every point of a design (NaN if there is none), with intervals of
/// the given `level`.
pub fn indices(design: &Design, results: &[f64], level: f64) -> Indices {
    let whole = results.chunks(design.row()).filter(|row| row.iter().all(|v| v.is_finite()));
    let mut rows: Vec<Vec<f64>> = whole.map(<[f64]>::to_vec).collect();
    let count = rows.len() as f64;
    let mean = rows.iter().map(|row| row[0] + row[1]).sum::<f64>() / (2.0 * count);
    // Products of results far from zero would lose the differences between the results.
    rows.iter_mut().flatten().for_each(|v| *v -= mean);
    let of = |places: &[usize]| estimated(&rows, places, design.numbers);
    let all = estimates(rows.len(), level, design.seed, of);
    let middle = rows.len() / 2;
    let half = |places: std::ops::Range<usize>| of(&places.collect::<Vec<_>>());
    let halves = half(0..middle).into_iter().zip(half(middle..rows.len()));
    let apart = halves.map(|(one, other)| (one - other).abs());
    let places: Vec<usize> = (0..rows.len()).collect();
    Indices {
        of: all[1..].chunks(2).map(|pair| Index { first: pair[0], total: pair[1] }).collect(),
        interactions: all[0],
        mean,
        variance: variance(&rows, &places),
        rows: rows.len(),
        // `f64::max` would ignore a NaN.
        apart: apart.fold(0.0, |most, v| if v > most || v.is_nan() { v } else { most }),
    }
}

/// Variance of A and B together.
fn variance(rows: &[Vec<f64>], places: &[usize]) -> f64 {
    let count = 2.0 * places.len() as f64;
    let both = || places.iter().flat_map(|place| &rows[*place][..2]);
    let mean = both().sum::<f64>() / count;
    both().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (count - 1.0)
}

/// The fraction due to interactions, then both indices of each number.
fn estimated(rows: &[Vec<f64>], places: &[usize], numbers: usize) -> Vec<f64> {
    let whole = variance(rows, places) * places.len() as f64;
    let mut sums = vec![(0.0, 0.0); numbers];
    for place in places {
        let [a, b, mixed @ ..] = &rows[*place][..] else { unreachable!("a row has A and B") };
        for ((first, total), ab) in sums.iter_mut().zip(mixed) {
            *first += b * (ab - a);
            *total += 0.5 * (a - ab) * (a - ab);
        }
    }
    let alone = sums.iter().map(|(first, _)| first).sum::<f64>();
    let each = sums.iter().flat_map(|(first, total)| [first / whole, total / whole]);
    std::iter::once(1.0 - alone / whole).chain(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn results(design: &Design, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        (0..design.points()).map(|i| of(&design.point(i))).collect()
    }

    /// Ishigami & Homma 1990, with a = 7 and b = 0.1.
    fn ishigami(x: &[f64]) -> f64 {
        let angle = |i: usize| PI * (2.0 * x[i] - 1.0);
        angle(0).sin() + 7.0 * angle(1).sin().powi(2) + 0.1 * angle(2).powi(4) * angle(0).sin()
    }

    /// First-order and total indices of the Ishigami function, from its variances.
    fn of_ishigami() -> [(f64, f64); 3] {
        let (a, b) = (7.0_f64, 0.1);
        let one = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
        let two = a * a / 8.0;
        let both = b * b * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
        let all = one + two + both;
        [(one / all, (one + both) / all), (two / all, two / all), (0.0, both / all)]
    }

    /// The g function of Saltelli & Sobol 1995.
    const WEIGHTS: [f64; 6] = [0.0, 0.5, 3.0, 9.0, 99.0, 99.0];

    fn g(x: &[f64]) -> f64 {
        let part = |(x, a): (&f64, &f64)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a);
        x.iter().zip(&WEIGHTS).map(part).product()
    }

    fn of_g() -> Vec<(f64, f64)> {
        let own = WEIGHTS.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
        let product: f64 = own.iter().map(|v| 1.0 + v).product();
        let all = product - 1.0;
        own.iter().map(|v| (v / all, v * product / (1.0 + v) / all)).collect()
    }

    fn holds(found: Estimate, known: f64) -> bool {
        // An index of zero has an interval of zero width.
        found.low - 1e-12 <= known && known <= found.high + 1e-12
    }

    #[test]
    fn indices_of_the_ishigami_function_lie_in_their_intervals() {
        let design = Design { rows: 1024, numbers: 3, seed: 1 };
        let found = indices(&design, &results(&design, ishigami), 0.95);
        for (index, (first, total)) in found.of.iter().zip(of_ishigami()) {
            assert!(
                holds(index.first, first) && (index.first.value - first).abs() < 0.02,
                "{index:?} {first}"
            );
            assert!(
                holds(index.total, total) && (index.total.value - total).abs() < 0.02,
                "{index:?} {total}"
            );
            assert!(index.first.high - index.first.low < 0.25, "{index:?}");
        }
        let alone: f64 = of_ishigami().iter().map(|(first, _)| first).sum();
        assert!(holds(found.interactions, 1.0 - alone), "{:?}", found.interactions);
        assert!((found.mean - 3.5).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn indices_of_the_g_function_lie_in_their_intervals() {
        let design = Design { rows: 1024, numbers: WEIGHTS.len(), seed: 1 };
        let found = indices(&design, &results(&design, g), 0.95);
        for (index, (first, total)) in found.of.iter().zip(of_g()) {
            assert!(
                holds(index.first, first) && holds(index.total, total),
                "{index:?} {first} {total}"
            );
        }
    }

    /// Points of a Sobol sequence have smaller errors than the bootstrap estimates, so intervals
    /// contain the true value at least as often as required.
    #[test]
    fn intervals_hold_as_often_as_they_say() {
        let known = of_ishigami();
        let (mut inside, mut all) = (0, 0);
        for seed in 0..20 {
            let design = Design { rows: 128, numbers: 3, seed };
            let found = indices(&design, &results(&design, ishigami), 0.9);
            for (index, (first, total)) in found.of.iter().zip(known) {
                inside +=
                    usize::from(holds(index.first, first)) + usize::from(holds(index.total, total));
                all += 2;
            }
        }
        assert!(inside * 10 >= all * 9, "{inside} of {all}");
    }

    #[test]
    fn halves_of_too_few_rows_disagree_and_those_of_many_agree() {
        let apart = |rows: usize| {
            let design = Design { rows, numbers: 3, seed: 1 };
            indices(&design, &results(&design, ishigami), 0.95).apart
        };
        assert!(apart(16) > 0.1 && apart(4096) < 0.1, "{} {}", apart(16), apart(4096));
    }

    #[test]
    fn a_row_with_a_point_without_result_is_left_out_and_counted() {
        let design = Design { rows: 64, numbers: 3, seed: 1 };
        let mut all = results(&design, ishigami);
        all[3 * design.row() + 4] = f64::NAN;
        all[9 * design.row()] = f64::INFINITY;
        let found = indices(&design, &all, 0.9);
        assert_eq!(found.rows, 62);
        assert!(found.of.iter().all(|index| index.total.value.is_finite()));
        let nothing = indices(&design, &vec![f64::NAN; design.points()], 0.9);
        assert!(nothing.rows == 0 && nothing.of.iter().all(|index| index.total.value.is_nan()));
        assert!(nothing.apart.is_nan());
    }
}
