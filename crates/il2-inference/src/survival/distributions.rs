//! Tails and quantiles of the distributions that tests and intervals need.

use super::error::{StatisticsError, inner_part};
use crate::bootstrap::Estimate;
use il2_engine::math;
use statrs::function::{beta::beta_reg, gamma::gamma_ur};

/// A statistic that is distributed as chi-squared where there is no effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquared {
    /// Its value.
    pub statistic: f64,
    /// Degrees of freedom.
    pub degrees: usize,
    /// Chance of so large a value or a larger one without an effect (0 to 1).
    pub p: f64,
}

impl ChiSquared {
    /// With its chance.
    pub(super) fn new(statistic: f64, degrees: usize) -> Self {
        Self { statistic, degrees, p: chi_squared_tail(statistic, degrees) }
    }
}

/// Chance that a chi-squared variable with this number of degrees of freedom is larger than `x`.
pub fn chi_squared_tail(x: f64, degrees: usize) -> f64 {
    match (x > 0.0, degrees) {
        (false, _) => {
            if x.is_nan() {
                x
            } else {
                1.0
            }
        }
        // Of one degree it is the square of a normal variable.
        (_, 1) => two_sided(x.sqrt()),
        _ => gamma_ur(0.5 * degrees as f64, 0.5 * x),
    }
}

/// Chance that a standard normal variable is at most `z`.
pub fn normal_below(z: f64) -> f64 {
    0.5 * math::erfc(-z / 2_f64.sqrt())
}

/// Chance that a standard normal variable is further from zero than `z`.
pub fn two_sided(z: f64) -> f64 {
    math::erfc(z.abs() / 2_f64.sqrt())
}

/// Standard deviations on both sides of the mean that hold this part of a normal distribution: 1.96 for 0.95.
pub fn normal_width(level: f64) -> Result<f64, StatisticsError> {
    Ok(math::normal_quantile(0.5 + 0.5 * inner_part("the level of an interval", level)?))
}

/// A ratio with the interval that is as wide to both sides of its logarithm.
pub(super) fn ratio_around(log: f64, width: f64) -> Estimate {
    Estimate { value: math::exp(log), low: math::exp(log - width), high: math::exp(log + width) }
}

/// The point below which this part of a beta distribution lies, by halving down to neighbouring numbers: the
/// tail is monotone, and a faster search would gain nothing that is seen. The tail of `statrs` holds it to 1e-10 for
/// parameters of hundreds, and to 1e-5 for one parameter of ten million and one of a few.
pub fn beta_quantile(part: f64, a: f64, b: f64) -> f64 {
    halve(0.0, 1.0, |x| beta_reg(a, b, x) < part)
}

/// The point between two ends at which a condition ceases to hold.
pub(super) fn halve(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if holds(middle) { low = middle } else { high = middle }
    }
}
