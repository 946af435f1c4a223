//! All unknowns of a fit together (numbers of the model, factors, backgrounds, scatter) with their priors and
//! their joint density.
//!
//! Every unknown is the distance from its prior's centre in units of the prior's standard
//! deviation, on a logarithmic or other scale, so that all priors are standard normal. The expected
//! value of a row is `background + factor * modelled`; its residual is that of the logarithm
//! (`relative`) or of the value (`absolute`), divided by the scatter. The density of a limit is the
//! probability of being beyond it.

use crate::bound::{Bound, Term};
use crate::experiment::Experiment;
use crate::no_answer::NoAnswer;
use crate::reading::Reading;
use faer::Mat;
use il2_engine::{Tolerance, math};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An unknown and its prior.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// For example `k_on`, `factor of pbmc: treg`, `scatter of pbmc`.
    pub name: String,
    /// Centre of its normal prior, on its scale.
    pub centre: f64,
    /// Standard deviation of its prior, on its scale.
    pub spread: f64,
    /// Scale on which its prior is normal.
    pub scale: Scale,
}

/// Scale on which the prior of an unknown is normal and which is linear in `z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// The logarithm, for positive numbers.
    Logarithm,
    /// The log-odds, for fractions.
    LogOdds,
    /// The number itself, if it may be negative.
    Even,
}

impl Scale {
    /// A value on this scale.
    pub fn of(self, value: f64) -> f64 {
        match self {
            Scale::Logarithm => math::ln(value),
            Scale::LogOdds => math::ln(value / (1.0 - value)),
            Scale::Even => value,
        }
    }
}

impl Unknown {
    /// Its value at `z` standard deviations from the centre of its prior.
    pub fn value(&self, z: f64) -> f64 {
        let u = self.centre + self.spread * z;
        match self.scale {
            Scale::Logarithm => math::exp(u),
            Scale::LogOdds => 1.0 / (1.0 + math::exp(-u)),
            Scale::Even => u,
        }
    }

    /// Derivative of the logarithm of the value with respect to `z`.
    fn pace(&self, z: f64) -> f64 {
        let value = self.value(z);
        self.spread
            * match self.scale {
                Scale::Logarithm => 1.0,
                Scale::LogOdds => 1.0 - value,
                Scale::Even => 1.0 / value,
            }
    }

    /// Derivative of the value with respect to `z`.
    fn slope(&self, z: f64) -> f64 {
        match self.scale {
            Scale::Even => self.spread,
            _ => self.value(z) * self.pace(z),
        }
    }

    /// Whether `z` corresponds to a finite number.
    fn holds(&self, value: f64) -> bool {
        value.is_finite() && (self.scale == Scale::Even || value > 0.0)
    }
}

/// Error model of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorModel {
    /// Relative: the error of the logarithm is normal.
    Relative,
    /// Absolute: the error of the value is normal.
    Absolute,
}

/// A measured row in the form in which the density uses it. Indices are those of unknowns.
#[derive(Clone, Debug)]
pub struct Observed {
    /// How the model's value is obtained.
    pub reading: Reading,
    /// The measured value, or a limit for it.
    pub value: f64,
    /// Whether it is a measured value or a limit.
    pub bound: Bound,
    /// Known standard deviation of the error; otherwise `scatter` is used.
    pub sd: Option<f64>,
    /// Its factor, if one is fitted.
    pub factor: Option<usize>,
    /// Its background, if one is fitted.
    pub background: Option<usize>,
    /// Scatter of its table, if it is not known.
    pub scatter: Option<usize>,
    /// Its error model.
    pub error_model: ErrorModel,
    /// Whether the row is held out and only predicted.
    pub held_out: bool,
}

/// The density of all unknowns.
#[derive(Clone, Debug)]
pub struct Posterior {
    /// The unknowns, with the fitted numbers of the model first.
    pub unknowns: Vec<Unknown>,
    /// How many of the unknowns are numbers of the model.
    pub numbers: usize,
    /// The measured rows.
    pub observed: Vec<Observed>,
    /// The simulations.
    pub experiment: Experiment,
    /// Accuracy of the integration.
    pub tolerance: Tolerance,
    /// Number of evaluations so far, including those of all clones.
    pub evaluations: Arc<AtomicU64>,
}

/// Density and derivatives at a point.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Log density, up to a constant.
    pub log_density: f64,
    /// Derivative of the log density with respect to each unknown.
    pub gradient: Vec<f64>,
    /// Expected curvature of the likelihood (Fisher information), without the priors.
    pub information: Mat<f64>,
}

/// Prediction of a row at a point: its mean, its standard deviation on the scale of the error, and the
/// derivatives of the mean with respect to each unknown.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Mean in the unit of the table.
    pub mean: f64,
    /// Standard deviation, that of the logarithm for [`ErrorModel::Relative`].
    pub sd: f64,
    slopes: Vec<f64>,
}

impl Posterior {
    /// The unknowns themselves at a point: numbers, factors, scatters.
    pub fn natural(&self, z: &[f64]) -> Vec<f64> {
        self.unknowns.iter().zip(z).map(|(unknown, z)| unknown.value(*z)).collect()
    }

    /// Predictions of every row, held out or not; an error if a simulation fails.
    pub fn expected(&self, z: &[f64]) -> Result<Vec<Expected>, NoAnswer> {
        self.expect(z, &self.observed.iter().collect::<Vec<_>>())
    }

    fn expect(&self, z: &[f64], rows: &[&Observed]) -> Result<Vec<Expected>, NoAnswer> {
        self.evaluations.fetch_add(1, Ordering::Relaxed);
        let natural = self.natural(z);
        if self.unknowns.iter().zip(&natural).any(|(unknown, v)| !unknown.holds(*v)) {
            return Err(NoAnswer::Beyond);
        }
        let readings: Vec<&Reading> = rows.iter().map(|o| &o.reading).collect();
        let modelled = self.experiment.run(&natural[..self.numbers], &readings, self.tolerance)?;
        let expected = rows.iter().zip(modelled).map(|(observed, modelled)| {
            let factor = observed.factor.map_or(1.0, |f| natural[f]);
            let background = observed.background.map_or(0.0, |b| natural[b]);
            let mut slopes = vec![0.0; self.unknowns.len()];
            for (k, slope) in modelled.slopes.iter().enumerate() {
                // The model gives derivatives with respect to the logarithm.
                slopes[k] = factor * slope * self.unknowns[k].pace(z[k]);
            }
            if let Some(f) = observed.factor {
                slopes[f] = modelled.value * self.unknowns[f].slope(z[f]);
            }
            if let Some(b) = observed.background {
                slopes[b] = self.unknowns[b].slope(z[b]);
            }
            let sd = observed.scatter.map_or(observed.sd.unwrap_or(1.0), |s| natural[s]);
            Expected { mean: background + factor * modelled.value, sd, slopes }
        });
        Ok(expected.collect())
    }

    /// Density, gradient and information; an error if the model could not be simulated.
    pub fn evaluate(&self, z: &[f64]) -> Result<Evaluation, NoAnswer> {
        let fitted: Vec<&Observed> = self.observed.iter().filter(|o| !o.held_out).collect();
        let expected = self.expect(z, &fitted)?;
        let size = self.unknowns.len();
        let mut log_density = -0.5 * z.iter().map(|z| z * z).sum::<f64>();
        let mut gradient: Vec<f64> = z.iter().map(|z| -z).collect();
        let mut information = Mat::<f64>::zeros(size, size);
        for (observed, expected) in fitted.into_iter().zip(&expected) {
            let term = observed.term(expected)?;
            // Derivative of the mean, in standard deviations, with respect to each unknown; most rows depend
            // on few of them. A mean of zero has no logarithm, and is below any limit.
            let scale = match observed.error_model {
                ErrorModel::Relative if term.information == 0.0 => 0.0,
                ErrorModel::Relative => 1.0 / (expected.mean * expected.sd),
                ErrorModel::Absolute => 1.0 / expected.sd,
            };
            let known: Vec<(usize, f64)> = (0..size)
                .filter(|&k| expected.slopes[k] != 0.0)
                .map(|k| (k, expected.slopes[k] * scale))
                .collect();
            log_density += term.log;
            for &(k, slope) in &known {
                gradient[k] += term.by_mean * slope;
                for &(l, other) in &known {
                    information[(k, l)] += term.information * slope * other;
                }
            }
            if let Some(s) = observed.scatter {
                let spread = self.unknowns[s].spread;
                gradient[s] += term.by_scatter * spread;
                information[(s, s)] += term.scatter_information * spread * spread;
            }
        }
        match log_density.is_finite() && gradient.iter().all(|g| g.is_finite()) {
            true => Ok(Evaluation { log_density, gradient, information }),
            false => Err(NoAnswer::NoDensity),
        }
    }
}

impl Observed {
    /// Contribution of the row to the density.
    fn term(&self, expected: &Expected) -> Result<Term, NoAnswer> {
        let (infinite, sd) = (f64::INFINITY, expected.sd);
        if self.bound == Bound::None {
            return Ok(Term::measured(self.residual(expected)?, sd));
        }
        if self.error_model == ErrorModel::Relative && expected.mean <= 0.0 {
            return match self.bound {
                // Zero is below any limit.
                Bound::Below => Ok(Term::between(-infinite, infinite)),
                _ => Err(NoAnswer::Zero),
            };
        }
        let end = |value: f64| match self.error_model {
            ErrorModel::Absolute => (value - expected.mean) / sd,
            ErrorModel::Relative if value > 0.0 => math::ln(value / expected.mean) / sd,
            ErrorModel::Relative => -infinite,
        };
        let value = end(self.value);
        let term = match self.bound {
            Bound::Above => Term::between(value, infinite),
            Bound::Between(low) => Term::between(end(low), value),
            _ => Term::between(-infinite, value),
        };
        Ok(term)
    }

    /// Residual of the measurement in standard deviations.
    pub fn residual(&self, expected: &Expected) -> Result<f64, NoAnswer> {
        match self.error_model {
            ErrorModel::Absolute => Ok((self.value - expected.mean) / expected.sd),
            ErrorModel::Relative if expected.mean > 0.0 => {
                Ok(math::ln(self.value / expected.mean) / expected.sd)
            }
            ErrorModel::Relative => Err(NoAnswer::Zero),
        }
    }

    /// A measurement that is this many standard deviations from its expected value.
    pub fn at(&self, expected: &Expected, deviations: f64) -> f64 {
        match self.error_model {
            ErrorModel::Absolute => expected.mean + expected.sd * deviations,
            ErrorModel::Relative => expected.mean * math::exp(expected.sd * deviations),
        }
    }
}
