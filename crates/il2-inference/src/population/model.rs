//! Subjects and their measurements, and parameters in the coordinates of a search.

use crate::bound::Bound;
use crate::no_answer::NoAnswer;
use crate::population::effects::{Covariance, Effects};
use crate::population::residual::Residual;
use il2_engine::{Threads, math};

/// The approximation of the integral over the random effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// First-order conditional estimation with interaction, which uses the expected curvature.
    Foce,
    /// Laplace's method, which uses the curvature of the density.
    Laplace,
}

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The value, or a limit for it.
    pub value: f64,
    /// Whether it is a measured value or a limit.
    pub bound: Bound,
    /// Index of its residual error.
    pub endpoint: usize,
}

/// A subject's measurements.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// In the order of the predictions.
    pub rows: Vec<Row>,
    /// Number of occasions that its random effects distinguish.
    pub occasions: usize,
}

/// Predictions of a model for the rows of a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// One value per row.
    pub values: Vec<f64>,
    /// `by_effect[row][effect]`: derivatives with respect to the random effects of the subject.
    pub by_effect: Vec<Vec<f64>>,
}

/// Predicts a subject's rows from the index of the subject, the fixed effects and its random
/// effects.
pub type Predict<'a> = dyn Fn(usize, &[f64], &[f64]) -> Result<Prediction, NoAnswer> + Sync + 'a;

/// Effects from which the search for a subject's mode starts as well, given those of a mode.
pub type Elsewhere<'a> = dyn Fn(usize, &Point, &[f64]) -> Vec<Vec<f64>> + Sync + 'a;

/// A model of subjects who vary, with their measurements.
///
/// A search uses one vector: fixed effects, coordinates of the covariance of random effects,
/// logarithms of the standard deviations of residual errors.
pub struct Population<'a> {
    /// Subjects.
    pub subjects: Vec<Subject>,
    /// Number of fixed effects.
    pub fixed_effects: usize,
    /// Random effects.
    pub effects: Effects,
    /// Residual errors, by endpoint.
    pub residuals: Vec<Residual>,
    /// The model.
    pub predict: &'a Predict<'a>,
    /// Where else a subject's mode may be; none if the density of a subject has only one mode, so
    /// that one search is enough.
    pub elsewhere: Option<&'a Elsewhere<'a>>,
    /// The approximation.
    pub method: Method,
    /// Step of finite differences of predictions and their derivatives: for random effects in
    /// standard deviations, for coordinates on their own scale, which is a logarithm or similar.
    /// [`STEP`] if predictions are exact to rounding, longer if they contain the error of a
    /// simulation.
    pub step: f64,
    /// Number of threads that work on subjects.
    pub threads: Threads,
}

/// A step for which finite differences have a relative error of 1e-8, if the values are exact to
/// rounding.
pub const STEP: f64 = 1e-4;

/// Parameters at a point.
#[derive(Clone, Debug)]
pub struct Point {
    /// Fixed effects.
    pub fixed: Vec<f64>,
    /// Covariance of random effects.
    pub covariance: Covariance,
    /// Standard deviations of residual errors, by endpoint.
    pub sd: Vec<Vec<f64>>,
}

/// Joint log density of a subject's measurements and effects, and its derivatives with respect to
/// the effects.
#[derive(Clone, Debug)]
pub struct Joint {
    /// The log density.
    pub log: f64,
    /// Derivative of the log density with respect to each effect.
    pub gradient: Vec<f64>,
    /// Negative expected curvature of the log density.
    pub curvature: Vec<Vec<f64>>,
}

impl Population<'_> {
    /// Number of coordinates of all parameters.
    pub fn size(&self) -> usize {
        let residuals: usize = self.residuals.iter().map(|r| r.coordinates()).sum();
        self.fixed_effects + self.effects.coordinates() + residuals
    }

    /// Parameters at the given coordinates.
    pub fn point(&self, at: &[f64]) -> Point {
        let (fixed, rest) = at.split_at(self.fixed_effects);
        let (effects, mut rest) = rest.split_at(self.effects.coordinates());
        let sds = |residual: &Residual| {
            let (own, others) = rest.split_at(residual.coordinates());
            rest = others;
            own.iter().map(|x| math::exp(*x)).collect()
        };
        let sd = self.residuals.iter().map(sds).collect();
        Point { fixed: fixed.to_vec(), covariance: self.effects.covariance(effects), sd }
    }

    /// Number of random effects of a subject.
    pub fn effects_of(&self, subject: usize) -> usize {
        self.effects.of_subject(self.subjects[subject].occasions)
    }

    /// Number of measurements of all subjects.
    pub fn rows(&self) -> usize {
        self.subjects.iter().map(|s| s.rows.len()).sum()
    }

    /// Derivative of the log density of each measurement of a subject with respect to its
    /// prediction.
    pub fn slopes(
        &self,
        subject: usize,
        point: &Point,
        predicted: &Prediction,
    ) -> Result<Vec<f64>, NoAnswer> {
        let slope = |(r, row): (usize, &Row)| {
            let sd = &point.sd[row.endpoint];
            let residual = self.residuals[row.endpoint];
            Ok(residual.density(row.value, row.bound, predicted.values[r], sd)?.slope)
        };
        self.subjects[subject].rows.iter().enumerate().map(slope).collect()
    }

    /// The joint density of a subject with this prediction.
    pub fn joint(
        &self,
        subject: usize,
        point: &Point,
        effects: &[f64],
        predicted: &Prediction,
    ) -> Result<Joint, NoAnswer> {
        let of = &self.subjects[subject];
        let n = effects.len();
        let mut log = point.covariance.log_density(effects, of.occasions);
        let pulled = point.covariance.pull(effects, of.occasions);
        let mut gradient: Vec<f64> = pulled.iter().map(|p| -p).collect();
        let mut curvature = vec![vec![0.0; n]; n];
        point.covariance.add_inverse(&mut curvature, of.occasions);
        for (r, row) in of.rows.iter().enumerate() {
            let residual = self.residuals[row.endpoint];
            let sd = &point.sd[row.endpoint];
            let found = residual.density(row.value, row.bound, predicted.values[r], sd)?;
            let by = &predicted.by_effect[r];
            log += found.log;
            for i in 0..n {
                gradient[i] += found.slope * by[i];
                for j in 0..=i {
                    curvature[i][j] += found.information * by[i] * by[j];
                }
            }
        }
        for i in 0..n {
            for j in 0..i {
                curvature[j][i] = curvature[i][j];
            }
        }
        if !log.is_finite() || gradient.iter().any(|g| !g.is_finite()) {
            return Err(NoAnswer::NoDensity);
        }
        Ok(Joint { log, gradient, curvature })
    }
}
