//! Residuals and shrinkage: whether the model describes the subjects, and whether their estimates can be trusted.

use crate::bound::Bound;
use crate::no_answer::NoAnswer;
use crate::population::effects::Level;
use crate::population::marginal::Marginal;
use crate::population::model::{Point, Population};
use faer::{Mat, Side};

/// Residuals of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residuals {
    /// Prediction for the typical subject, without random effects. NaN where it could not be
    /// simulated.
    pub population: f64,
    /// Prediction with the subject's own effects.
    pub individual: f64,
    /// Residual of the individual prediction in standard deviations; none for a censored value.
    pub individual_weighted: Option<f64>,
    /// Conditional weighted residual (Hooker, Staatz & Karlsson 2007, Pharm Res 24:2187); none for
    /// a censored value.
    pub conditional_weighted: Option<f64>,
}

/// Diagnostics computed from subjects at their modes.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// Residuals, one list per subject.
    pub residuals: Vec<Vec<Residuals>>,
    /// Subjects whose typical prediction could not be simulated and is NaN, and why.
    pub untypical: Vec<(usize, NoAnswer)>,
    /// Standard deviation and shrinkage of each effect of subjects, then of each effect of
    /// occasions.
    pub effect_shrinkage: Vec<f64>,
    /// Shrinkage of the residuals of each endpoint.
    pub residual_shrinkage: Vec<f64>,
}

/// One minus the ratio of the standard deviation of the estimates around their mean to that of the
/// quantities estimated (Savic & Karlsson 2009, AAPS J 11:558), as nlmixr2 and Pharmpy compute it;
/// NaN for fewer than two estimates. A mean that differs from zero is not shrinkage: the model of
/// the variability is wrong.
pub fn shrinkage(estimates: &[f64], sd: f64) -> f64 {
    let n = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / n;
    let square = estimates.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    if n < 2.0 { f64::NAN } else { 1.0 - square.sqrt() / sd }
}

impl Population<'_> {
    /// Residuals and shrinkage at a maximum.
    pub fn diagnose(&self, point: &Point, found: &Marginal) -> Result<Diagnosis, NoAnswer> {
        let subjects: Vec<usize> = (0..self.subjects.len()).collect();
        let residuals = self.threads.map(&subjects, |&i| self.residuals_of(i, point, found));
        let found_of = residuals.into_iter().collect::<Result<Vec<_>, NoAnswer>>()?;
        let (residuals, typical): (Vec<_>, Vec<_>) = found_of.into_iter().unzip();
        let untypical = typical.into_iter().enumerate();
        let untypical = untypical.filter_map(|(i, why)| Some((i, why?))).collect();
        let by_endpoint = |endpoint: usize| -> Vec<f64> {
            let of = self.subjects.iter().zip(&residuals);
            let rows = of.flat_map(|(s, r)| s.rows.iter().zip(r));
            rows.filter(|(row, _)| row.endpoint == endpoint)
                .filter_map(|(_, r)| r.individual_weighted)
                .collect()
        };
        let residual_shrinkage =
            (0..self.residuals.len()).map(|e| shrinkage(&by_endpoint(e), 1.0)).collect();
        Ok(Diagnosis {
            residuals,
            untypical,
            effect_shrinkage: self.effect_shrinkage(point, found),
            residual_shrinkage,
        })
    }

    fn effect_shrinkage(&self, point: &Point, found: &Marginal) -> Vec<f64> {
        let (own, occasional) =
            (self.effects.count(Level::Subject), self.effects.count(Level::Occasion));
        let sd = point.covariance.sds(1);
        let estimates = |effect: usize| -> Vec<f64> {
            // Of subjects without measurements, nothing is estimated.
            let modes = found.modes.iter().zip(&self.subjects);
            let modes = modes.filter(|(_, subject)| !subject.rows.is_empty());
            let of = modes.flat_map(|(mode, subject)| {
                let times = if effect < own { 1 } else { subject.occasions };
                (0..times).map(|o| mode.effects[effect + o * occasional]).collect::<Vec<f64>>()
            });
            of.collect()
        };
        (0..own + occasional).map(|k| shrinkage(&estimates(k), sd[k])).collect()
    }

    fn residuals_of(
        &self,
        i: usize,
        point: &Point,
        found: &Marginal,
    ) -> Result<(Vec<Residuals>, Option<NoAnswer>), NoAnswer> {
        let (subject, mode) = (&self.subjects[i], &found.modes[i]);
        let typical = (self.predict)(i, &point.fixed, &vec![0.0; mode.effects.len()]);
        let (typical, why) = match typical {
            Ok(typical) => (typical.values, None),
            Err(why) => (vec![f64::NAN; subject.rows.len()], Some(why)),
        };
        let mut all: Vec<Residuals> = (0..subject.rows.len())
            .map(|r| Residuals {
                population: typical[r],
                individual: mode.predicted.values[r],
                individual_weighted: None,
                conditional_weighted: None,
            })
            .collect();
        let measured: Vec<usize> =
            (0..subject.rows.len()).filter(|&r| subject.rows[r].bound == Bound::None).collect();
        // Linearised around the mode: expected value and covariance of the measurements.
        let omega = point.covariance.matrix(subject.occasions);
        let (mut off, mut slopes, mut variances) = (vec![], vec![], vec![]);
        for &r in &measured {
            let row = &subject.rows[r];
            let (residual, sd) = (self.residuals[row.endpoint], &point.sd[row.endpoint]);
            let f = mode.predicted.values[r];
            all[r].individual_weighted = Some(residual.weighted(row.value, f, sd)?);
            let [value, mean, pace] = residual.linear(row.value, f)?;
            let slope: Vec<f64> = mode.predicted.by_effect[r].iter().map(|b| b * pace).collect();
            let shift: f64 = slope.iter().zip(&mode.effects).map(|(s, e)| s * e).sum();
            off.push(value - (mean - shift));
            let sd = residual.sd(f, sd)?;
            variances.push(sd * sd);
            slopes.push(slope);
        }
        let n = measured.len();
        if n == 0 {
            return Ok((all, why));
        }
        let between = |a: usize, b: usize| -> f64 {
            let product = |i: usize| {
                omega[i].iter().zip(&slopes[b]).map(|(o, s)| o * s).sum::<f64>() * slopes[a][i]
            };
            (0..omega.len()).map(product).sum()
        };
        let covariance = Mat::from_fn(n, n, |a, b| {
            let (a, b) = (a.max(b), a.min(b));
            between(a, b) + if a == b { variances[a] } else { 0.0 }
        });
        // The symmetric square root of the inverse, as in NONMEM: each residual depends mostly on
        // its own row.
        let parts = covariance.self_adjoint_eigen(Side::Lower).map_err(|_| NoAnswer::Singular)?;
        let (vectors, values) = (parts.U(), parts.S());
        let along: Vec<f64> = (0..n)
            .map(|k| {
                let sum: f64 = (0..n).map(|a| vectors[(a, k)] * off[a]).sum();
                sum / values[k].max(f64::MIN_POSITIVE).sqrt()
            })
            .collect();
        for (a, &r) in measured.iter().enumerate() {
            let weighted = (0..n).map(|k| vectors[(a, k)] * along[k]).sum();
            all[r].conditional_weighted = Some(weighted);
        }
        Ok((all, why))
    }
}
