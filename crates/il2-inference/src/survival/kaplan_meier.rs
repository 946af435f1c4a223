//! The fraction free of an event, estimated from censored times (Kaplan & Meier 1958, J. Am. Stat.
//! Assoc. 53:457).

use super::distributions::normal_width;
use super::error::{StatisticsError, inner_part};
use super::follow_up::{FollowUp, check, step_at, tally};
use il2_engine::math;

/// The scale on which an interval is symmetric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IntervalForm {
    /// The fraction itself, with limits cut at 0 and 1.
    Plain,
    /// The logarithm of the fraction, with limits cut at 1; the default of R.
    Log,
    /// The logarithm of the cumulative hazard: limits are always between 0 and 1, and coverage in
    /// small samples is best (Borgan & Liestøl 1990, Scand. J. Stat. 17:35).
    #[default]
    LogLog,
}

/// A step of the curve, valid from one time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Time at which follow-up ended for at least one subject.
    pub time: f64,
    /// Subjects followed up to this time or longer.
    pub at_risk: usize,
    /// Number of events at this time.
    pub events: usize,
    /// Number of subjects censored at this time.
    pub censored: usize,
    /// Fraction free of the event after this time.
    pub survival: f64,
    /// Variance of the logarithm of this fraction (Greenwood 1926): the sum of `d / (n (n - d))` so
    /// far.
    pub log_variance: f64,
}

impl Step {
    /// Standard error of the fraction; NaN if no subject is left.
    pub fn standard_error(&self) -> f64 {
        self.survival * self.log_variance.sqrt()
    }

    /// Confidence interval of the fraction. None if no subject is left, because Greenwood's formula
    /// is then undefined. Before the first event it is the single point 1.
    fn interval(&self, form: IntervalForm, z: f64) -> Option<(f64, f64)> {
        let (part, width) = (self.survival, z * self.log_variance.sqrt());
        let log = math::ln(part);
        match form {
            _ if part <= 0.0 => None,
            _ if log >= 0.0 => Some((part, part)),
            IntervalForm::Plain => {
                Some(((part - part * width).max(0.0), (part + part * width).min(1.0)))
            }
            IntervalForm::Log => Some((math::exp(log - width), math::exp(log + width).min(1.0))),
            IntervalForm::LogLog => {
                let power = |sign: f64| math::exp(log * math::exp(-sign * width / log));
                Some((power(1.0), power(-1.0)))
            }
        }
    }
}

/// A curve of the fraction free of the event.
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeier {
    /// Steps of the curve, in order of time.
    pub steps: Vec<Step>,
}

/// The curve of a sample. If all subjects are censored, it stays at 1. Rejects an empty sample and
/// times that are negative or not finite.
pub fn kaplan_meier(records: &[FollowUp]) -> Result<KaplanMeier, StatisticsError> {
    check(records)?;
    let (mut survival, mut log_variance) = (1.0, 0.0);
    let steps = tally(records).into_iter().map(|here| {
        let (n, d) = (here.at_risk as f64, here.events as f64);
        if here.events > 0 {
            survival *= (n - d) / n;
            log_variance += d / (n * (n - d));
        }
        Step {
            time: here.time,
            at_risk: here.at_risk,
            events: here.events,
            censored: here.censored,
            survival,
            log_variance,
        }
    });
    Ok(KaplanMeier { steps: steps.collect() })
}

/// Fractions that differ by less than this count as equal, since products of fractions are rounded. R uses
/// the same tolerance.
const SAME_PART: f64 = 1.5e-8;

impl KaplanMeier {
    /// The last step at or before a time; none before the first.
    pub fn at(&self, time: f64) -> Option<&Step> {
        step_at(&self.steps, time, |step| step.time)
    }

    /// Fraction free of the event after a time. Beyond the last follow-up time it keeps its last
    /// value; see [`Self::last_time`].
    pub fn survival(&self, time: f64) -> f64 {
        self.at(time).map_or(1.0, |step| step.survival)
    }

    /// Confidence interval of the fraction at a time, at a level such as 0.95; none if no subject
    /// is left.
    pub fn interval(
        &self,
        time: f64,
        form: IntervalForm,
        level: f64,
    ) -> Result<Option<(f64, f64)>, StatisticsError> {
        let z = normal_width(level)?;
        Ok(self.at(time).map_or(Some((1.0, 1.0)), |step| step.interval(form, z)))
    }

    /// Number of subjects still followed at a time, as shown below the axis of a figure.
    pub fn at_risk(&self, time: f64) -> usize {
        let next = self.steps.partition_point(|step| step.time < time);
        self.steps.get(next).map_or(0, |step| step.at_risk)
    }

    /// The longest follow-up.
    pub fn last_time(&self) -> f64 {
        self.steps.last().map_or(0.0, |step| step.time)
    }

    /// The time by which this fraction (0 to 1) of the subjects has had the event; none if the
    /// curve does not reach it. If the curve is flat at exactly this fraction, the middle of the
    /// flat segment.
    pub fn quantile(&self, part: f64) -> Result<Option<f64>, StatisticsError> {
        let left = 1.0 - inner_part("the probability of a quantile", part)?;
        Ok(self.crossing(left, |step| Some(step.survival)))
    }

    /// The median time.
    pub fn median(&self) -> Option<f64> {
        self.crossing(0.5, |step| Some(step.survival))
    }

    /// Interval of a quantile: the times at which the limits of the curve cross it (Brookmeyer &
    /// Crowley 1982, Biometrics 38:29). An end is none if its limit does not reach the quantile.
    pub fn quantile_interval(
        &self,
        part: f64,
        form: IntervalForm,
        level: f64,
    ) -> Result<(Option<f64>, Option<f64>), StatisticsError> {
        let left = 1.0 - inner_part("the probability of a quantile", part)?;
        let z = normal_width(level)?;
        let low = self.crossing(left, |step| step.interval(form, z).map(|(low, _)| low));
        let high = self.crossing(left, |step| step.interval(form, z).map(|(_, high)| high));
        Ok((low, high))
    }

    /// The first time at which a curve is at or below `part`.
    fn crossing(&self, part: f64, of: impl Fn(&Step) -> Option<f64>) -> Option<f64> {
        let mut known = self.steps.iter().filter_map(|step| of(step).map(|y| (step.time, y)));
        let (time, y) = known.find(|(_, y)| *y < part + SAME_PART)?;
        if (y - part).abs() >= SAME_PART {
            return Some(time);
        }
        Some(known.find(|(_, later)| *later < y).map_or(time, |(next, _)| 0.5 * (time + next)))
    }
}
