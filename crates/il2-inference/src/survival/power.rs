//! Number of events or subjects that a comparison needs, in closed form and by simulation.

use super::distributions::{normal_below, normal_width};
use super::error::{StatisticsError, inner_part, within};
use super::proportions::wilson;
use crate::bootstrap::Estimate;
use il2_engine::math;

/// Design of a comparison of two arms by the log-rank test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogRankDesign {
    /// Hazard of the first arm divided by that of the second; not 1.
    pub hazard_ratio: f64,
    /// Fraction of the subjects in the first arm (0 to 1).
    pub allocation: f64,
    /// Two-sided probability of a false positive.
    pub alpha: f64,
}

impl LogRankDesign {
    /// Drift of the statistic per square root of the number of events, and the limit of the
    /// statistic, both in standard deviations.
    fn parts(&self) -> Result<(f64, f64), StatisticsError> {
        let allowed = "a positive number other than 1";
        let ratio = self.hazard_ratio;
        within("the hazard ratio", None, ratio, allowed, |r| r > 0.0 && r != 1.0)?;
        let p = inner_part("the allocation to the first arm", self.allocation)?;
        let limit = normal_width(1.0 - inner_part("the two-sided alpha", self.alpha)?)?;
        Ok((math::ln(ratio).abs() * (p * (1.0 - p)).sqrt(), limit))
    }

    /// Events needed for a power (Schoenfeld 1981, Biometrika 68:316), not rounded.
    pub fn events(&self, power: f64) -> Result<f64, StatisticsError> {
        let (effect, limit) = self.parts()?;
        let beyond = math::normal_quantile(inner_part("the power", power)?);
        let root = (limit + beyond) / effect;
        Ok(root * root)
    }

    /// Subjects needed for a power, not rounded, given the probability in each arm that a subject's
    /// event is observed; see [`chance_of_event`].
    pub fn subjects(&self, power: f64, chances: [f64; 2]) -> Result<f64, StatisticsError> {
        for chance in chances {
            let allowed = "a number above 0, at most 1";
            within("the probability of an event", None, chance, allowed, |c| c > 0.0 && c <= 1.0)?;
        }
        let seen = self.allocation * chances[0] + (1.0 - self.allocation) * chances[1];
        Ok(self.events(power)? / seen)
    }

    /// Power with this number of events.
    pub fn power(&self, events: f64) -> Result<f64, StatisticsError> {
        let (effect, limit) = self.parts()?;
        within("the number of events", None, events, "a number of at least 0", |d| d >= 0.0)?;
        Ok(normal_below(effect * events.sqrt() - limit))
    }
}

/// Probability that a subject's event is observed, given a constant hazard and a constant rate of
/// dropping out (1/time; the hazard above 0), entry at a uniform rate over `accrual` (time), and
/// `follow_up` (time) after the last entry.
pub fn chance_of_event(
    hazard: f64,
    drop_out: f64,
    accrual: f64,
    follow_up: f64,
) -> Result<f64, StatisticsError> {
    within("the hazard", None, hazard, "a number above 0", |h| h > 0.0)?;
    for (what, value) in [
        ("the dropout rate", drop_out),
        ("the accrual time", accrual),
        ("the follow-up", follow_up),
    ] {
        within(what, None, value, "a number of at least 0", |v| v >= 0.0)?;
    }
    let rate = hazard + drop_out;
    let spread = rate * accrual;
    let mean = if spread > 0.0 { -math::exp_m1(-spread) / spread } else { 1.0 };
    Ok(hazard / rate * (1.0 - math::exp(-rate * follow_up) * mean))
}

/// The fraction of replicates whose p value is below `alpha`, with its interval at a given level
/// (Wilson): the power or, if there is no difference, the type I error. `p_value` simulates the
/// replicate with this number and tests it; a replicate whose test is rejected because it has no
/// event counts as showing no difference.
pub fn power_by_simulation(
    replicates: u64,
    alpha: f64,
    level: f64,
    mut p_value: impl FnMut(u64) -> Result<f64, StatisticsError>,
) -> Result<Estimate, StatisticsError> {
    inner_part("the two-sided alpha", alpha)?;
    let mut found = 0;
    for replicate in 0..replicates {
        match p_value(replicate) {
            Ok(p) => found += u64::from(p < alpha),
            Err(StatisticsError::NoEvents { .. } | StatisticsError::OneGroup) => (),
            Err(other) => return Err(other),
        }
    }
    wilson(found, replicates, level)
}

/// The smallest number of subjects in a range for which simulation gives the required power, and
/// the power obtained; none if the largest number does not reach it. `p_value` receives the number
/// of subjects and the replicate. A replicate should use the same random numbers for every number
/// of subjects, so that the power increases with this number and bisection finds the smallest.
pub fn subjects_by_simulation(
    power: f64,
    (least, most): (u64, u64),
    replicates: u64,
    alpha: f64,
    level: f64,
    mut p_value: impl FnMut(u64, u64) -> Result<f64, StatisticsError>,
) -> Result<Option<(u64, Estimate)>, StatisticsError> {
    inner_part("the power", power)?;
    let mut of = |n: u64| power_by_simulation(replicates, alpha, level, |r| p_value(n, r));
    let (mut low, mut high) = (least, most);
    let mut enough = of(high)?;
    if enough.value < power {
        return Ok(None);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        let there = of(middle)?;
        if there.value >= power {
            (high, enough) = (middle, there);
        } else {
            low = middle + 1;
        }
    }
    Ok(Some((high, enough)))
}
