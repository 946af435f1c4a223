//! The mean time free of an event within a horizon: the area below the curve (Irwin 1949; Royston &
//! Parmar 2013, BMC Med. Res. Methodol. 13:152). It does not assume proportional hazards.

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
    /// Mean time free of the event within the horizon, in the same unit.
    pub mean: f64,
    /// Standard error of the mean, in the same unit.
    pub standard_error: f64,
    /// Whether the horizon is beyond the longest follow-up while some subjects are free of the
    /// event: the curve was extended horizontally, as in R, and the mean may be too long.
    pub beyond_follow_up: bool,
}

/// A difference or a ratio of two means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// The first mean compared with the second, with its interval.
    pub estimate: Estimate,
    /// p value: two-sided probability of a difference at least this large if there is no effect.
    pub p: f64,
}

/// The mean within a horizon (above 0). Its variance is the sum over events of `A^2 d / (n (n -
/// d))`, where `A` is the area from the event to the horizon.
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

/// The horizon for two curves if none was planned: the shorter of their longest follow-ups.
pub fn shared_horizon(first: &KaplanMeier, second: &KaplanMeier) -> f64 {
    first.last_time().min(second.last_time())
}

/// Rejects means with different horizons.
fn comparable(first: &RestrictedMean, second: &RestrictedMean) -> Result<(), StatisticsError> {
    within("the horizon of the second mean", None, second.horizon, "equal to the first", |t| {
        t == first.horizon
    })
    .map(|_| ())
}

/// The first mean minus the second, with an interval at a given level. Rejects means with different
/// horizons.
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

/// The first mean divided by the second, with an interval at a given level that is symmetric on the
/// logarithmic scale. Rejects means with different horizons.
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
