//! Nonparametric cumulative hazard (Nelson 1972, Technometrics 14:945; Aalen 1978, Ann. Stat.
//! 6:701).

use super::distributions::normal_width;
use super::error::StatisticsError;
use super::follow_up::{FollowUp, check, step_at, tally};
use il2_engine::math;

/// A step of the cumulative hazard, valid from one time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HazardStep {
    /// Time at which follow-up ended for at least one subject.
    pub time: f64,
    /// Subjects followed up to this time or longer.
    pub at_risk: usize,
    /// Number of events at this time.
    pub events: usize,
    /// The sum of `d / n` so far.
    pub hazard: f64,
    /// Variance of the cumulative hazard: the sum of `d / n^2` so far.
    pub variance: f64,
}

/// A curve of the cumulative hazard.
#[derive(Clone, Debug, PartialEq)]
pub struct NelsonAalen {
    /// Steps of the curve, in order of time.
    pub steps: Vec<HazardStep>,
}

/// The cumulative hazard of a sample. Rejects an empty sample and times that are negative or not
/// finite.
pub fn nelson_aalen(records: &[FollowUp]) -> Result<NelsonAalen, StatisticsError> {
    check(records)?;
    let (mut hazard, mut variance) = (0.0, 0.0);
    let steps = tally(records).into_iter().map(|here| {
        let (n, d) = (here.at_risk as f64, here.events as f64);
        hazard += d / n;
        variance += d / (n * n);
        let (time, at_risk, events) = (here.time, here.at_risk, here.events);
        HazardStep { time, at_risk, events, hazard, variance }
    });
    Ok(NelsonAalen { steps: steps.collect() })
}

impl NelsonAalen {
    /// The last step at or before a time; none before the first.
    pub fn at(&self, time: f64) -> Option<&HazardStep> {
        step_at(&self.steps, time, |step| step.time)
    }

    /// Cumulative hazard at a time.
    pub fn hazard(&self, time: f64) -> f64 {
        self.at(time).map_or(0.0, |step| step.hazard)
    }

    /// Fraction free of the event: `exp(-hazard)` (Fleming & Harrington 1984), slightly above the
    /// Kaplan-Meier estimate.
    pub fn survival(&self, time: f64) -> f64 {
        math::exp(-self.hazard(time))
    }

    /// Confidence interval of the cumulative hazard at a time, at a level such as 0.95, symmetric
    /// on the logarithmic scale; the single point 0 before the first event.
    pub fn interval(&self, time: f64, level: f64) -> Result<(f64, f64), StatisticsError> {
        let z = normal_width(level)?;
        Ok(match self.at(time) {
            Some(step) if step.hazard > 0.0 => {
                let factor = math::exp(z * step.variance.sqrt() / step.hazard);
                (step.hazard / factor, step.hazard * factor)
            }
            _ => (0.0, 0.0),
        })
    }
}
