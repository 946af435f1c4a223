//! Parametric survival times with covariates: the logarithm of time is a sum of effects plus
//! scatter (accelerated failure times; Kalbfleisch & Prentice, The Statistical Analysis of Failure
//! Time Data, 2002, chapter 3).

use super::covariates::centred;
use super::error::{StatisticsError, inner_part, within};
use super::follow_up::{FollowUp, check_events};
use super::newton::{Factor, Likelihood, add_outer, dot, highest, zeros};
use il2_engine::math;
use std::f64::consts::PI;

/// The distribution of the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Hazard that rises or falls as a power of time.
    Weibull,
    /// Constant hazard: a Weibull distribution with scale 1.
    Exponential,
    /// Normal distribution of the logarithm.
    LogNormal,
    /// Logistic distribution of the logarithm.
    LogLogistic,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Parametric {
    /// The distribution of the times.
    pub family: Family,
    /// First the logarithm of time when all covariates are 0, then the change of this logarithm per
    /// unit of each covariate.
    pub coefficients: Vec<f64>,
    /// Scale of the logarithm of time; 1 over the shape of a Weibull or log-logistic distribution.
    pub scale: f64,
    /// Covariance of the coefficients and, last, of the logarithm of the scale (not for an
    /// exponential distribution).
    pub covariance: Vec<Vec<f64>>,
    /// Logarithm of the likelihood, as a density with respect to time.
    pub log_likelihood: f64,
}

/// Logarithm of a density or of a tail probability at a standardised logarithm of time, with its
/// slope and curvature.
type Log = (f64, f64, f64);

impl Family {
    fn log_density(self, z: f64) -> Log {
        match self {
            Family::Weibull | Family::Exponential => {
                let e = math::exp(z);
                (z - e, 1.0 - e, -e)
            }
            Family::LogNormal => (-0.5 * z * z - 0.5 * math::ln(2.0 * PI), -z, -1.0),
            Family::LogLogistic => {
                let (tail, slope, curvature) = self.log_tail(z);
                (z + 2.0 * tail, 1.0 + 2.0 * slope, 2.0 * curvature)
            }
        }
    }

    fn log_tail(self, z: f64) -> Log {
        match self {
            Family::Weibull | Family::Exponential => {
                let e = math::exp(z);
                (-e, -e, -e)
            }
            Family::LogNormal => {
                // In the far tail the probability is too small for a floating-point number; there
                // its series is accurate to 1e-13.
                let log = if z < 20.0 {
                    math::ln(0.5 * math::erfc(z / 2_f64.sqrt()))
                } else {
                    let r = 1.0 / (z * z);
                    let series =
                        math::ln_1p(-r * (1.0 - 3.0 * r * (1.0 - 5.0 * r * (1.0 - 7.0 * r))));
                    -0.5 * z * z - math::ln(z * (2.0 * PI).sqrt()) + series
                };
                let hazard = math::exp(self.log_density(z).0 - log);
                (log, -hazard, -hazard * (hazard - z))
            }
            Family::LogLogistic => {
                let above = 1.0 / (1.0 + math::exp(z));
                let log = if z > 0.0 {
                    -z - math::ln_1p(math::exp(-z))
                } else {
                    -math::ln_1p(math::exp(z))
                };
                (log, above - 1.0, -above * (1.0 - above))
            }
        }
    }

    /// The standardised logarithm of the time by which this fraction has had the event.
    fn quantile(self, part: f64) -> f64 {
        match self {
            Family::Weibull | Family::Exponential => math::ln(-math::ln_1p(-part)),
            Family::LogNormal => math::normal_quantile(part),
            Family::LogLogistic => math::ln(part / (1.0 - part)),
        }
    }
}

/// Fits by maximum likelihood; `covariates[subject][column]` may have no columns. In terms of `1 /
/// scale` and `coefficients / scale` the likelihood has a single maximum (Burridge 1981, J. R.
/// Stat. Soc. B 43:41). Rejects samples without events, times that are not above 0, and covariates
/// that are not finite, constant or linearly dependent.
pub fn parametric(
    records: &[FollowUp],
    covariates: &[Vec<f64>],
    family: Family,
) -> Result<Parametric, StatisticsError> {
    check_events(records)?;
    for (row, record) in records.iter().enumerate() {
        within("the time", row, record.time, "a time above 0", |t| t > 0.0)?;
    }
    let centred = centred(covariates, records.len())?;
    let columns = centred.means.len();
    let n = records.len() as f64;
    let logs: Vec<f64> = records.iter().map(|record| math::ln(record.time)).collect();
    let middle = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|y| (y - middle) * (y - middle)).sum::<f64>() / n;
    let free_scale = family != Family::Exponential;
    // Derivatives of the standardised logarithm with respect to `coefficients / scale` and to `1 / scale`.
    let row = |(y, x): (&f64, &Vec<f64>)| {
        let mut row: Vec<f64> = std::iter::once(-1.0).chain(x.iter().map(|x| -x)).collect();
        row.push(y - middle);
        row
    };
    let rows: Vec<Vec<f64>> = logs.iter().zip(&centred.rows).map(row).collect();
    let unknowns = columns + 1 + usize::from(free_scale);
    let likelihood = |at: &[f64]| {
        let inverse = if free_scale { at[columns + 1] } else { 1.0 };
        let (mut value, mut slope) = (0.0, vec![0.0; unknowns]);
        let mut information = zeros(unknowns);
        if inverse <= 0.0 {
            return Likelihood { value: f64::NEG_INFINITY, slope, information };
        }
        for ((record, row), log) in records.iter().zip(&rows).zip(&logs) {
            let z = dot(&row[..=columns], &at[..=columns]) + row[columns + 1] * inverse;
            let (g, first, second) =
                if record.event { family.log_density(z) } else { family.log_tail(z) };
            value += g;
            let row = &row[..unknowns];
            slope.iter_mut().zip(row).for_each(|(sum, w)| *sum += first * w);
            add_outer(&mut information, -second, row);
            if record.event {
                value += math::ln(inverse) - log;
                if free_scale {
                    slope[columns + 1] += 1.0 / inverse;
                    information[columns + 1][columns + 1] += 1.0 / (inverse * inverse);
                }
            }
        }
        Likelihood { value, slope, information }
    };
    let mut start = vec![0.0; unknowns];
    if free_scale {
        start[columns + 1] = if variance > 0.0 { 1.0 / variance.sqrt() } else { 1.0 };
    }
    // The first column is the intercept, not a covariate.
    let covariate = |error| match error {
        StatisticsError::Collinear { column } if column <= columns => {
            StatisticsError::Collinear { column: column.max(1) - 1 }
        }
        StatisticsError::Monotone { column } if (1..=columns).contains(&column) => {
            StatisticsError::Monotone { column: column - 1 }
        }
        StatisticsError::Monotone { .. } | StatisticsError::Collinear { .. } => {
            StatisticsError::NotConverged { what: "a distribution" }
        }
        other => other,
    };
    let (at, there) = highest("a distribution", start, likelihood).map_err(covariate)?;
    let scale = if free_scale { 1.0 / at[columns + 1] } else { 1.0 };
    let inverse = Factor::of(&there.information).map_err(covariate)?.inverse();
    // Derivatives of the reported numbers with respect to those of the search; the intercept is
    // converted back to covariates of 0.
    let mut by = zeros(unknowns);
    for i in 0..=columns {
        by[i][i] = scale;
        if free_scale {
            by[i][columns + 1] = -at[i] * scale * scale;
        }
    }
    for (i, mean) in centred.means.iter().enumerate() {
        by[0][i + 1] = -mean * scale;
        if free_scale {
            by[0][columns + 1] += mean * at[i + 1] * scale * scale;
        }
    }
    if free_scale {
        by[columns + 1][columns + 1] = -scale;
    }
    let turned: Vec<Vec<f64>> =
        by.iter().map(|a| inverse.iter().map(|row| dot(a, row)).collect()).collect();
    let covariance = turned.iter().map(|a| by.iter().map(|b| dot(a, b)).collect()).collect();
    let mut coefficients: Vec<f64> = at[..=columns].iter().map(|c| c * scale).collect();
    coefficients[0] += middle - dot(&coefficients[1..], &centred.means);
    Ok(Parametric { family, coefficients, scale, covariance, log_likelihood: there.value })
}

impl Parametric {
    /// Location parameter of the distribution of the logarithm of time.
    fn location(&self, covariates: &[f64]) -> f64 {
        self.coefficients[0] + dot(&self.coefficients[1..], covariates)
    }

    /// Fraction free of the event at a time above 0.
    pub fn survival(&self, time: f64, covariates: &[f64]) -> f64 {
        let z = (math::ln(time) - self.location(covariates)) / self.scale;
        math::exp(self.family.log_tail(z).0)
    }

    /// The time by which this fraction (0 to 1) has had the event; the median for 0.5.
    pub fn quantile(&self, part: f64, covariates: &[f64]) -> Result<f64, StatisticsError> {
        let z = self.family.quantile(inner_part("the probability of a quantile", part)?);
        Ok(math::exp(self.location(covariates) + self.scale * z))
    }
}
