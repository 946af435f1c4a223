//! The highest point of a smooth log-likelihood by Newton's steps, halved where they overshoot, and the linear
//! algebra for it.

use super::error::StatisticsError;
use crate::statistics::{cholesky, solved};

/// Rows of a square matrix.
pub(super) type Matrix = Vec<Vec<f64>>;

/// A symmetric positive matrix as the product of a triangle with itself.
pub(super) struct Factor(Matrix);

impl Factor {
    /// Refuses a matrix of which a column follows from those before it, to ten digits of its variance.
    pub fn of(matrix: &Matrix) -> Result<Self, StatisticsError> {
        let lower = cholesky(matrix.len(), |i, j| matrix[i][j], |_| 0.0);
        for column in 0..lower.len() {
            let left = lower[column][column] * lower[column][column];
            if left.is_nan() || left <= 1e-10 * matrix[column][column] {
                return Err(StatisticsError::Collinear { column });
            }
        }
        Ok(Self(lower))
    }

    /// The inverse times a vector.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        solved(&self.0, right)
    }

    /// The inverse.
    pub fn inverse(&self) -> Matrix {
        let n = self.0.len();
        let unit = |i: usize| (0..n).map(|j| f64::from(u8::from(i == j))).collect::<Vec<f64>>();
        (0..n).map(|i| self.solve(&unit(i))).collect()
    }

    /// `v` by the inverse by `v`.
    pub fn form(&self, v: &[f64]) -> f64 {
        dot(v, &self.solve(v))
    }

    /// Half of the logarithm of the determinant.
    pub fn half_ln_determinant(&self) -> f64 {
        (0..self.0.len()).map(|i| il2_engine::math::ln(self.0[i][i])).sum()
    }
}

/// Sum of products.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A square matrix of zeros.
pub(super) fn zeros(n: usize) -> Matrix {
    vec![vec![0.0; n]; n]
}

/// Adds `by` times the product of a vector with itself.
pub(super) fn add_outer(matrix: &mut Matrix, by: f64, v: &[f64]) {
    for i in 0..v.len() {
        for j in 0..v.len() {
            matrix[i][j] += by * v[i] * v[j];
        }
    }
}

/// A log-likelihood with its slopes and its negative curvature.
#[derive(Clone, Debug)]
pub(super) struct Likelihood {
    pub value: f64,
    pub slope: Vec<f64>,
    pub information: Matrix,
}

/// Steps before a search is given up; six to ten are usual.
const STEPS: usize = 100;
/// What a whole step would still gain, doubled, where the search ends: with Firth's penalty steps only shrink by a
/// factor each, and the point is as many digits behind as the root of this.
const GAIN: f64 = 1e-22;
/// Below this a gain that does not fall any more is rounding, as sums over many subjects have.
const ROUNDING: f64 = 1e-14;
/// Information along some direction, as a part of that at the start, below which the likelihood is taken to rise
/// for ever. Where a group has no event each step adds 1 to a coefficient and takes a factor of e.
const INFORMATION_LEFT: f64 = 1e-7;

/// The highest point, and the likelihood there. A point where it cannot be computed is stepped back from.
pub(super) fn highest(
    what: &'static str,
    start: Vec<f64>,
    of: impl Fn(&[f64]) -> Likelihood,
) -> Result<(Vec<f64>, Likelihood), StatisticsError> {
    let (mut at, mut here) = (start.clone(), of(&start));
    let first = here.information.clone();
    let mut last_gain = f64::INFINITY;
    for _ in 0..STEPS {
        let factor =
            Factor::of(&here.information).map_err(|error| refusal(error, &start, &at, &first))?;
        // The trace is at least the largest ratio of information over all directions.
        let lost: f64 = (0..at.len()).map(|i| factor.solve(&first[i])[i]).sum();
        if lost * INFORMATION_LEFT > 1.0 {
            return Err(StatisticsError::Monotone { column: furthest(&start, &at, &first) });
        }
        let step = factor.solve(&here.slope);
        let gain = dot(&step, &here.slope);
        let mut part = 1.0;
        let (next, there) = loop {
            let next: Vec<f64> = at.iter().zip(&step).map(|(a, s)| a + part * s).collect();
            let there = of(&next);
            // Rounding may take the last digits of a likelihood that does not rise any more.
            if there.value >= here.value - 1e-12 * (1.0 + here.value.abs()) {
                break (next, there);
            }
            part *= 0.5;
            if part < 1e-10 {
                return Err(StatisticsError::NotConverged { what });
            }
        };
        (at, here) = (next, there);
        if gain < GAIN || (gain < ROUNDING && gain > 0.5 * last_gain) {
            return Ok((at, here));
        }
        last_gain = gain;
    }
    Err(StatisticsError::NotConverged { what })
}

/// What moved most, in units of what is known of it at the start.
fn furthest(start: &[f64], at: &[f64], first: &Matrix) -> usize {
    let far = |i: &usize| (at[*i] - start[*i]).abs() * first[*i][*i].sqrt();
    (0..at.len()).max_by(|i, j| far(i).total_cmp(&far(j))).unwrap_or(0)
}

/// Columns that were independent at the start depend on each other only where information has run out.
fn refusal(error: StatisticsError, start: &[f64], at: &[f64], first: &Matrix) -> StatisticsError {
    match Factor::of(first) {
        Ok(_) => StatisticsError::Monotone { column: furthest(start, at, first) },
        Err(_) => error,
    }
}
