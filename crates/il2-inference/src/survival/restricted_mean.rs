//! The mean time free of an event within a horizon: the area below the curve (Irwin 1949; Royston & Parmar 2013,
//! BMC Med. Res. Methodol. 13:152). It needs no proportional hazards.

use super::distributions::{normal_width, ratio_around, two_sided};
use super::error::{StatisticsError, within};
use super::kaplan_meier::KaplanMeier;
use crate::bootstrap::Estimate;
use il2_engine::math;

/// A mean within a horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestrictedMean {
    /// The horizon, in the unit of the times.
    pub horizon: f64,
    /// Mean time free of the event within it, same unit.
    pub mean: f64,
    /// Its standard error, same unit.
    pub standard_error: f64,
    /// The horizon lies beyond the longest follow-up while some are free of the event: the curve was held level
    /// up to it, as R does, and the mean can be too long.
    pub beyond_follow_up: bool,
}

/// A difference or a ratio of two means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// The first against the second, with its interval.
    pub estimate: Estimate,
    /// Chance of one so large without an effect, two-sided.
    pub p: f64,
}

/// The mean within a horizon (above 0). Its variance is the sum over events of `A^2 d / (n (n - d))`, with `A` the
/// area from the event to the horizon.
pub fn restricted_mean(
    curve: &KaplanMeier,
    horizon: f64,
) -> Result<RestrictedMean, StatisticsError> {
    within("the horizon of a mean", None, horizon, "a finite time above 0", |t| t > 0.0)?;
    let steps = &curve.steps[..curve.steps.partition_point(|step| step.time <= horizon)];
    let (mut area, mut variance, mut end) = (0.0, 0.0, horizon);
    for step in steps.iter().rev() {
        area += step.survival * (end - step.time);
        let (n, d) = (step.at_risk as f64, step.events as f64);
        // After the last subject's event there is no area.
        if n > d {
            variance += area * area * d / (n * (n - d));
        }
        end = step.time;
    }
    Ok(RestrictedMean {
        horizon,
        mean: area + end,
        standard_error: variance.sqrt(),
        beyond_follow_up: horizon > curve.last_time() && curve.survival(horizon) > 0.0,
    })
}

/// The horizon that two curves share unless another was planned: the shorter of their longest follow-ups.
pub fn shared_horizon(first: &KaplanMeier, second: &KaplanMeier) -> f64 {
    first.last_time().min(second.last_time())
}

/// Refuses means of different horizons.
fn comparable(first: &RestrictedMean, second: &RestrictedMean) -> Result<(), StatisticsError> {
    within("the horizon of the second mean", None, second.horizon, "that of the first", |t| {
        t == first.horizon
    })
    .map(|_| ())
}

/// The first mean less the second, with an interval of a level. Refuses means of different horizons.
pub fn difference(
    first: &RestrictedMean,
    second: &RestrictedMean,
    level: f64,
) -> Result<Contrast, StatisticsError> {
    comparable(first, second)?;
    let (value, z) = (first.mean - second.mean, normal_width(level)?);
    let error = math::hypot(first.standard_error, second.standard_error);
    let estimate = Estimate { value, low: value - z * error, high: value + z * error };
    Ok(Contrast { estimate, p: two_sided(value / error) })
}

/// The first mean over the second, with an interval of a level that is as wide to both sides of its logarithm.
/// Refuses means of different horizons.
pub fn ratio(
    first: &RestrictedMean,
    second: &RestrictedMean,
    level: f64,
) -> Result<Contrast, StatisticsError> {
    comparable(first, second)?;
    let (log, z) = (math::ln(first.mean / second.mean), normal_width(level)?);
    let relative = |mean: &RestrictedMean| mean.standard_error / mean.mean;
    let error = math::hypot(relative(first), relative(second));
    Ok(Contrast { estimate: ratio_around(log, z * error), p: two_sided(log / error) })
}
