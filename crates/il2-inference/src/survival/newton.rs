//! The maximum of a smooth log likelihood by Newton steps, which are halved if they overshoot, and
//! the linear algebra for this.

use super::error::StatisticsError;
use crate::statistics::{cholesky, solved};

/// Rows of a square matrix.
pub(super) type Matrix = Vec<Vec<f64>>;

/// Cholesky factor: a symmetric positive definite matrix as the product of a triangular matrix with
/// its transpose.
pub(super) struct Factor(Matrix);

impl Factor {
    /// Rejects a matrix in which a column is a linear combination of earlier ones, to ten digits of
    /// its variance.
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

    /// The quadratic form of `v` with the inverse.
    pub fn form(&self, v: &[f64]) -> f64 {
        dot(v, &self.solve(v))
    }

    /// Half of the logarithm of the determinant.
    pub fn half_ln_determinant(&self) -> f64 {
        (0..self.0.len()).map(|i| il2_engine::math::ln(self.0[i][i])).sum()
    }
}

/// Scalar product.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A square matrix of zeros.
pub(super) fn zeros(n: usize) -> Matrix {
    vec![vec![0.0; n]; n]
}

/// Adds `by` times the outer product of a vector with itself.
pub(super) fn add_outer(matrix: &mut Matrix, by: f64, v: &[f64]) {
    for i in 0..v.len() {
        for j in 0..v.len() {
            matrix[i][j] += by * v[i] * v[j];
        }
    }
}

/// A log likelihood with its gradient and its negative curvature.
#[derive(Clone, Debug)]
pub(super) struct Likelihood {
    pub value: f64,
    pub slope: Vec<f64>,
    pub information: Matrix,
}

/// Number of steps after which a search is abandoned; six to ten are usual.
const STEPS: usize = 100;
/// Twice the gain expected from a whole step, below which the search ends. With Firth's penalty
/// each step shrinks only by a factor, and the error of the point is of the order of the square
/// root of this.
const GAIN: f64 = 1e-22;
/// Below this, a gain that no longer decreases is due to rounding in sums over many subjects.
const ROUNDING: f64 = 1e-14;
/// Information along a direction, as a fraction of that at the start, below which the likelihood is
/// taken to increase without limit. If a group has no event, each step adds 1 to a coefficient and
/// reduces the information by a factor of e.
const INFORMATION_LEFT: f64 = 1e-7;

/// The maximum, and the likelihood there. If the likelihood cannot be computed at a point, the step
/// is shortened.
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
            // Rounding may affect the last digits of a likelihood that no longer increases.
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

/// The coefficient that moved the most, in units of its standard error at the start.
fn furthest(start: &[f64], at: &[f64], first: &Matrix) -> usize {
    let far = |i: &usize| (at[*i] - start[*i]).abs() * first[*i][*i].sqrt();
    (0..at.len()).max_by(|i, j| far(i).total_cmp(&far(j))).unwrap_or(0)
}

/// Columns that were independent at the start become dependent only if the information along them
/// has vanished.
fn refusal(error: StatisticsError, start: &[f64], at: &[f64], first: &Matrix) -> StatisticsError {
    match Factor::of(first) {
        Ok(_) => StatisticsError::Monotone { column: furthest(start, at, first) },
        Err(_) => error,
    }
}
