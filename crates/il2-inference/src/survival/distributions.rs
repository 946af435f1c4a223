//! Tail probabilities and quantiles of the distributions that tests and intervals need.

use super::error::{StatisticsError, inner_part};
use crate::bootstrap::Estimate;
use il2_engine::math;
use statrs::function::{beta::beta_reg, gamma::gamma_ur};

/// A statistic that has a chi-squared distribution if there is no effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquared {
    /// Its value.
    pub statistic: f64,
    /// Degrees of freedom.
    pub degrees: usize,
    /// p value: probability of a value at least this large if there is no effect (0 to 1).
    pub p: f64,
}

impl ChiSquared {
    /// The statistic with its p value.
    pub(super) fn new(statistic: f64, degrees: usize) -> Self {
        Self { statistic, degrees, p: chi_squared_tail(statistic, degrees) }
    }
}

/// Probability that a chi-squared variable with this number of degrees of freedom is larger than
/// `x`.
pub fn chi_squared_tail(x: f64, degrees: usize) -> f64 {
    match (x > 0.0, degrees) {
        (false, _) => {
            if x.is_nan() {
                x
            } else {
                1.0
            }
        }
        // With one degree of freedom it is the square of a normal variable.
        (_, 1) => two_sided(x.sqrt()),
        _ => gamma_ur(0.5 * degrees as f64, 0.5 * x),
    }
}

/// Probability that a standard normal variable is at most `z`.
pub fn normal_below(z: f64) -> f64 {
    0.5 * math::erfc(-z / 2_f64.sqrt())
}

/// Probability that a standard normal variable is further from zero than `z`.
pub fn two_sided(z: f64) -> f64 {
    math::erfc(z.abs() / 2_f64.sqrt())
}

/// Number of standard deviations on either side of the mean that contain this fraction of a normal
/// distribution: 1.96 for 0.95.
pub fn normal_width(level: f64) -> Result<f64, StatisticsError> {
    Ok(math::normal_quantile(0.5 + 0.5 * inner_part("the level of an interval", level)?))
}

/// A ratio with an interval that is symmetric on the logarithmic scale.
pub(super) fn ratio_around(log: f64, width: f64) -> Estimate {
    Estimate { value: math::exp(log), low: math::exp(log - width), high: math::exp(log + width) }
}

/// The quantile of a beta distribution, by bisection down to adjacent floating-point numbers: the
/// tail is monotone, and a faster search would not save noticeable time. The tail function of
/// `statrs` is accurate to 1e-10 for parameters of hundreds, and to 1e-5 if one parameter is ten
/// million and the other a few.
pub fn beta_quantile(part: f64, a: f64, b: f64) -> f64 {
    halve(0.0, 1.0, |x| beta_reg(a, b, x) < part)
}

/// The point between two ends at which a condition becomes false.
pub(super) fn halve(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if holds(middle) { low = middle } else { high = middle }
    }
}
