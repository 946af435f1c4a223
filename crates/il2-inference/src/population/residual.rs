//! The density of a measurement around its prediction.

use crate::bound::{Bound, Term};
use crate::no_answer::NoAnswer;
use il2_engine::math;

/// How measurements scatter around the prediction `f` of an individual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residual {
    /// Standard deviation a.
    Additive,
    /// Standard deviation b f.
    Proportional,
    /// Variance a^2 + b^2 f^2 (Monolix's combined2).
    Combined,
    /// Standard deviation a + b |f| (combined1).
    Summed,
    /// The logarithm of the measurement has the standard deviation a. The density is that of the
    /// value, not of its logarithm, so that likelihoods of all error models can be compared.
    LogAdditive,
}

/// Log density of a measurement, as a function of its prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Density {
    /// The log density.
    pub log: f64,
    /// Derivative of the log density with respect to the prediction.
    pub slope: f64,
    /// Negative expected curvature of the log density with respect to the prediction. For a
    /// censored value, the curvature of the density itself, without the contribution of the change
    /// of the standard deviation.
    pub information: f64,
}

impl Residual {
    /// Number of coordinates, which are logarithms of standard deviations.
    pub fn coordinates(self) -> usize {
        self.names().len()
    }

    /// Names of the standard deviations.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Residual::Additive => &["additive"],
            Residual::Proportional => &["proportional"],
            Residual::Combined | Residual::Summed => &["additive", "proportional"],
            Residual::LogAdditive => &["logarithm"],
        }
    }

    /// On the scale on which the error is normal: the prediction, its derivative, the standard
    /// deviation and the derivative of the latter, both derivatives with respect to the prediction.
    fn scaled(self, f: f64, sd: &[f64]) -> Result<[f64; 4], NoAnswer> {
        if !f.is_finite() {
            return Err(NoAnswer::NoDensity);
        }
        let positive = || if f > 0.0 { Ok(f) } else { Err(NoAnswer::Zero) };
        Ok(match self {
            Residual::Additive => [f, 1.0, sd[0], 0.0],
            Residual::Proportional => [positive()?, 1.0, sd[0] * f, sd[0]],
            Residual::Combined => {
                let all = (sd[0] * sd[0] + sd[1] * sd[1] * f * f).sqrt();
                [f, 1.0, all, sd[1] * sd[1] * f / all]
            }
            Residual::Summed => {
                let sign = if f < 0.0 { -1.0 } else { 1.0 };
                [f, 1.0, sd[0] + sd[1] * f.abs(), sd[1] * sign]
            }
            Residual::LogAdditive => [math::ln(positive()?), 1.0 / f, sd[0], 0.0],
        })
    }

    /// A value on the scale on which the residual is normal.
    fn on_scale(self, value: f64) -> f64 {
        if self == Residual::LogAdditive { math::ln(value) } else { value }
    }

    /// Standard deviation of a measured value at this prediction, or of its logarithm if the
    /// logarithm is normal.
    pub fn sd(self, f: f64, sd: &[f64]) -> Result<f64, NoAnswer> {
        Ok(self.scaled(f, sd)?[2])
    }

    /// The residual of a measured value in standard deviations.
    pub fn weighted(self, value: f64, f: f64, sd: &[f64]) -> Result<f64, NoAnswer> {
        let [mean, _, sd, _] = self.scaled(f, sd)?;
        Ok((self.on_scale(value) - mean) / sd)
    }

    /// Value, prediction and derivative of the prediction on the scale on which the error is
    /// normal, for linearisation.
    pub fn linear(self, value: f64, f: f64) -> Result<[f64; 3], NoAnswer> {
        let [mean, pace, ..] = self.scaled(f, &[1.0, 1.0])?;
        Ok([self.on_scale(value), mean, pace])
    }

    /// A simulated measurement from a prediction and a standard normal draw.
    pub fn drawn(self, f: f64, sd: &[f64], normal: f64) -> Result<f64, NoAnswer> {
        // A zero level is measured as zero, whatever its relative error is.
        if self != Residual::Additive && f <= 0.0 {
            let both = matches!(self, Residual::Combined | Residual::Summed);
            return Ok(if both { sd[0] * normal } else { 0.0 });
        }
        let [mean, _, sd, _] = self.scaled(f, sd)?;
        let value = mean + sd * normal;
        Ok(if self == Residual::LogAdditive { math::exp(value) } else { value })
    }

    /// The density of a measurement at a prediction. A censored value contributes the probability
    /// of being beyond the limit (method M3 of Beal 2001, J Pharmacokinet Pharmacodyn 28:481).
    pub fn density(
        self,
        value: f64,
        bound: Bound,
        f: f64,
        sd: &[f64],
    ) -> Result<Density, NoAnswer> {
        if let Some(certain) = self.certain(value, bound, f) {
            return certain;
        }
        let [mean, pace, sd, grows] = self.scaled(f, sd)?;
        // `scaled` gives the derivative of sd with respect to f; `pace` gives that of the mean.
        let z = |value: f64| (self.on_scale(value) - mean) / sd;
        let far = f64::INFINITY;
        let (low, high) = match bound {
            Bound::None => {
                let (z, relative) = (z(value), grows / sd);
                let constant = 0.5 * math::ln(2.0 * std::f64::consts::PI);
                let jacobian = if self == Residual::LogAdditive { math::ln(value) } else { 0.0 };
                let by_mean = pace / sd;
                return Ok(Density {
                    log: -0.5 * z * z - math::ln(sd) - constant - jacobian,
                    slope: z * by_mean + relative * (z * z - 1.0),
                    information: by_mean * by_mean + 2.0 * relative * relative,
                });
            }
            Bound::Below => (-far, z(value)),
            Bound::Above => (z(value), far),
            Bound::Between(other) => (z(value.min(other)), z(value.max(other))),
        };
        let term = Term::between(low, high);
        let slope = (term.by_mean * pace + term.by_scatter * grows) / sd;
        // Mean and standard deviation change together, and move each end at its own rate.
        let rate = |end: f64, limit: f64| match self {
            _ if end.is_infinite() => 0.0,
            // The same without a difference of what is nearly equal: a limit of zero does not move
            // at all.
            Residual::Proportional => limit / f / sd,
            _ => (pace + end * grows) / sd,
        };
        let [least, most] = match bound {
            Bound::Between(other) => [value.min(other), value.max(other)],
            _ => [value; 2],
        };
        let information = term.information_of([low, high], [rate(low, least), rate(high, most)]);
        Ok(Density { log: term.log, slope, information })
    }

    /// Where a prediction of zero leaves no scatter, zero is what is measured: it lies below every
    /// limit, with probability 1, and beyond no other.
    fn certain(self, value: f64, bound: Bound, f: f64) -> Option<Result<Density, NoAnswer>> {
        let without_scatter = matches!(self, Residual::Proportional | Residual::LogAdditive);
        if !without_scatter || !f.is_finite() || f > 0.0 {
            return None;
        }
        let lies_there = match bound {
            Bound::None => return None,
            Bound::Below => value > 0.0,
            Bound::Above => value < 0.0,
            Bound::Between(other) => value.min(other) <= 0.0 && value.max(other) > 0.0,
        };
        Some(match lies_there {
            true => Ok(Density { log: 0.0, slope: 0.0, information: 0.0 }),
            false => Err(NoAnswer::Zero),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A limit that is far below every prediction changes nothing, neither the density nor its
    /// curvature: a value below the limit of quantification may be given with or without a lower
    /// end of zero.
    #[test]
    fn an_end_that_is_far_away_changes_nothing() {
        for (residual, sd) in [
            (Residual::Proportional, vec![0.1]),
            (Residual::Combined, vec![0.05, 0.1]),
            (Residual::Summed, vec![0.05, 0.1]),
            (Residual::Additive, vec![0.1]),
        ] {
            for f in [1.0, 1.7, 2.0, 2.4] {
                let alone = residual.density(2.0, Bound::Below, f, &sd).unwrap();
                let between = residual.density(2.0, Bound::Between(0.0), f, &sd).unwrap();
                for (a, b) in [
                    (alone.log, between.log),
                    (alone.slope, between.slope),
                    (alone.information, between.information),
                ] {
                    assert!((a - b).abs() < 1e-6 * (1.0 + a.abs()), "{residual:?} {f}: {a} {b}");
                }
            }
        }
    }
}
