//! Standard errors of the estimates.

use crate::no_answer::NoAnswer;
use crate::population::marginal::From;
use crate::population::maximum::{Maximum, scores};
use crate::population::model::Population;
use faer::linalg::solvers::DenseSolveCore;
use faer::{Mat, Side};

/// The source of the covariance of the estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The curvature of the log likelihood (R).
    Curvature,
    /// The products of the subjects' gradients (S).
    Scores,
    /// Both, as R^-1 S R^-1, which is valid even if the model is not quite right (Huber 1967; White
    /// 1982, Econometrica 50:1).
    Sandwich,
}

/// Curvature and products of gradients, for the coordinates that were free.
#[derive(Clone, Debug)]
pub struct Precision {
    /// Negative curvature of the log likelihood.
    pub curvature: Mat<f64>,
    /// Sum over subjects of the products of their gradients.
    pub scores: Mat<f64>,
    /// Gain in the log likelihood expected from one more Newton step, which is far below 1 at a
    /// maximum.
    pub gain_left: Option<f64>,
}

/// Step of the differences of gradients, in multiples of the step for the gradients, whose errors
/// it divides; and the largest such step.
const WIDER: f64 = 10.0;
const LONGEST: f64 = 0.05;

impl Precision {
    /// Finite differences of the gradient around a maximum.
    pub fn at(
        population: &Population,
        maximum: &Maximum,
        free: &[usize],
    ) -> Result<Self, NoAnswer> {
        let starts: Vec<Vec<f64>> =
            maximum.marginal.modes.iter().map(|m| m.effects.clone()).collect();
        let step = (WIDER * population.step).min(LONGEST);
        let gradient = |k: usize, h: f64| {
            let mut at = maximum.at.clone();
            at[k] += h;
            let found = population.marginal_by(&at, From::Nearby(&starts), free)?;
            let sum = |&k: &usize| found.gradients.iter().map(|g| g[k]).sum();
            Ok::<Vec<f64>, NoAnswer>(free.iter().map(sum).collect())
        };
        let mut columns = vec![];
        for &k in free {
            let (after, before) = (gradient(k, step)?, gradient(k, -step)?);
            let column: Vec<f64> =
                after.iter().zip(&before).map(|(a, b)| (b - a) / (2.0 * step)).collect();
            columns.push(column);
        }
        let n = free.len();
        let curvature = Mat::from_fn(n, n, |i, j| 0.5 * (columns[i][j] + columns[j][i]));
        let all = scores(&maximum.marginal, maximum.at.len());
        let scores = Mat::from_fn(n, n, |i, j| all[(free[i], free[j])]);
        let rest: Vec<f64> =
            free.iter().map(|&k| maximum.marginal.gradients.iter().map(|g| g[k]).sum()).collect();
        let gain_left = inverse(&curvature).ok().map(|covariance| {
            let product = |i: usize| (0..n).map(|j| covariance[(i, j)] * rest[j]).sum::<f64>();
            0.5 * (0..n).map(|i| rest[i] * product(i)).sum::<f64>()
        });
        Ok(Self { curvature, scores, gain_left })
    }

    /// The covariance of the free coordinates; an error if the required matrix is not positive
    /// definite, as happens when the data do not determine a parameter.
    pub fn covariance(&self, kind: Kind) -> Result<Mat<f64>, NoAnswer> {
        Ok(match kind {
            Kind::Curvature => inverse(&self.curvature)?,
            Kind::Scores => inverse(&self.scores)?,
            Kind::Sandwich => {
                let bread = inverse(&self.curvature)?;
                &bread * &self.scores * &bread
            }
        })
    }
}

impl Precision {
    /// The coordinates, by their places among the free ones, that the data determine least: those of
    /// the direction with the smallest curvature, relative to the curvature of each alone.
    pub fn undetermined(&self) -> Vec<usize> {
        let n = self.curvature.nrows();
        let alone = |i: usize| self.curvature[(i, i)];
        let flat: Vec<usize> = (0..n).filter(|&i| alone(i).is_nan() || alone(i) <= 0.0).collect();
        if !flat.is_empty() {
            return flat;
        }
        let scaled =
            Mat::from_fn(n, n, |i, j| self.curvature[(i, j)] / (alone(i) * alone(j)).sqrt());
        let Ok(parts) = scaled.self_adjoint_eigen(Side::Lower) else { return vec![] };
        // Eigenvalues are in increasing order.
        let along: Vec<f64> = (0..n).map(|i| parts.U()[(i, 0)].abs()).collect();
        let most = along.iter().copied().fold(0.0, f64::max);
        (0..n).filter(|&i| along[i] > 0.3 * most).collect()
    }

    /// A covariance from which a sampler can start, even if the data do not determine every
    /// coordinate: curvatures below that of a weak prior are replaced by it.
    pub fn around(&self) -> Mat<f64> {
        /// Of the logarithm of a parameter known to within a factor of ten.
        const LEAST: f64 = 1.0 / (std::f64::consts::LN_10 * std::f64::consts::LN_10);
        let n = self.curvature.nrows();
        let Ok(parts) = self.curvature.self_adjoint_eigen(Side::Lower) else {
            return Mat::from_fn(n, n, |i, j| if i == j { 1.0 } else { 0.0 });
        };
        let (vectors, values) = (parts.U(), parts.S());
        let entry = |i: usize, j: usize| -> f64 {
            (0..n).map(|k| vectors[(i, k)] * vectors[(j, k)] / values[k].max(LEAST)).sum()
        };
        Mat::from_fn(n, n, entry)
    }
}

/// The inverse of a positive definite matrix, which is scaled first so that a coordinate on a large
/// scale does not hide others.
fn inverse(matrix: &Mat<f64>) -> Result<Mat<f64>, NoAnswer> {
    let n = matrix.nrows();
    let scale: Vec<f64> = (0..n).map(|i| matrix[(i, i)].sqrt()).collect();
    if scale.iter().any(|s| s.is_nan() || *s <= 0.0 || s.is_infinite()) {
        return Err(NoAnswer::Singular);
    }
    let scaled = Mat::from_fn(n, n, |i, j| matrix[(i, j)] / (scale[i] * scale[j]));
    let factor = scaled.llt(Side::Lower).map_err(|_| NoAnswer::Singular)?;
    // Correlations that equal 1 to six digits are not estimates; differences of gradients are not more
    // accurate.
    if (0..n).any(|i| factor.L()[(i, i)] < 1e-3) {
        return Err(NoAnswer::Singular);
    }
    let inverse = factor.inverse();
    Ok(Mat::from_fn(n, n, |i, j| inverse[(i, j)] / (scale[i] * scale[j])))
}
