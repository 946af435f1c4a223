//! What has happened within a horizon that was planned: mean times free of an event, which assume no
//! proportional hazards, and the fractions of patients whose first event was each of three
//! competing ones.

use crate::trial::hazards::{LEVEL, MONTH, months};
use crate::trial::plan::Plan;
use crate::trial::subject::{FirstEvent, Subject};
use il2::quantity::DAY;
use il2_answer::sentence::number;
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::aalen_johansen::{AalenJohansen, CauseRecord, aalen_johansen};
use il2_inference::survival::distributions::normal_width;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::kaplan_meier::KaplanMeier;
use il2_inference::survival::restricted_mean::{
    Contrast, RestrictedMean, difference, restricted_mean,
};

/// Competing first events, in the order of the incidences, and their codes in the table of curves.
pub const CAUSES: [(&str, &str); 3] = [
    ("progression first", "CIF-PD"),
    ("treatment-related death first", "CIF-TRD"),
    ("other death first", "CIF-OTHER"),
];

/// The horizon in months.
pub fn horizon(plan: &Plan) -> f64 {
    plan.horizon / DAY / MONTH
}

/// The horizon as part of the name of a quantity.
pub fn within(plan: &Plan) -> String {
    format!("{} months", number(horizon(plan)))
}

/// Longest time (months) during which no scan may have been made: progression-free survival is
/// censored at the last scan, and until the next one nobody can be found to have progressed.
fn unseen(plan: &Plan) -> f64 {
    let planned = &plan.scans.planned;
    let gaps = planned.iter().zip(std::iter::once(&0.0).chain(planned)).map(|(b, a)| b - a);
    (gaps.fold(0.0, f64::max) + 2.0 * plan.scans.window) / DAY / MONTH
}

/// The mean within the horizon of a curve in months; none if follow-up ended before, by more than
/// `tolerated`, while some patients were free of the event.
fn mean(plan: &Plan, curve: Option<&KaplanMeier>, tolerated: f64) -> Option<RestrictedMean> {
    let (curve, horizon) = (curve?, horizon(plan));
    let mean = restricted_mean(curve, horizon).ok()?;
    let reaches = !mean.beyond_follow_up || curve.last_time() + tolerated >= horizon;
    reaches.then_some(mean)
}

/// Means within the horizon, and incidences of first events.
#[derive(Clone, Debug, Default)]
pub struct WithinHorizon {
    /// Mean survival (months).
    pub survival: Option<RestrictedMean>,
    /// Mean progression-free survival (months).
    pub progression_free: Option<RestrictedMean>,
    /// Cumulative incidence of each cause of [`CAUSES`], with times in months.
    pub causes: Option<AalenJohansen>,
    /// The horizon (months); none if follow-up is too short for the incidences at this time.
    horizon: Option<f64>,
}

impl WithinHorizon {
    /// Of patients with these curves.
    pub fn of(
        plan: &Plan,
        all: &[&Subject],
        survival: Option<&KaplanMeier>,
        progression_free: Option<&KaplanMeier>,
    ) -> Self {
        let record = |s: &&Subject| {
            let (to, first) = s.first_event();
            let cause = first.map(|first| match first {
                FirstEvent::Progression => 0,
                FirstEvent::DeathOfDrug => 1,
                FirstEvent::OtherDeath => 2,
            });
            CauseRecord { time: months(FollowUp { time: to, event: true }).time, cause }
        };
        let records: Vec<CauseRecord> = all.iter().map(record).collect();
        let mean_free = mean(plan, progression_free, unseen(plan));
        Self {
            survival: mean(plan, survival, 0.0),
            progression_free: mean_free,
            causes: aalen_johansen(&records, CAUSES.len()).ok(),
            horizon: mean_free.map(|mean| mean.horizon),
        }
    }

    /// Incidence of a cause at the horizon, with its interval.
    pub fn incidence(&self, cause: usize) -> Option<Estimate> {
        let (of, horizon) = self.causes.as_ref().zip(self.horizon)?;
        let value = of.at(horizon).map_or(0.0, |step| step.incidence[cause]);
        let (low, high) = of.interval(cause, horizon, LEVEL).ok()?;
        // Without such an event, the interval is a single point, which would look exact.
        let unknown = value == 0.0 || value == 1.0;
        let end = |end: f64| if unknown { f64::NAN } else { end };
        Some(Estimate { value, low: end(low), high: end(high) })
    }
}

/// A mean with its interval.
pub fn with_interval(of: Option<RestrictedMean>) -> Option<Estimate> {
    let RestrictedMean { mean, standard_error, .. } = of?;
    let width = normal_width(LEVEL).ok()? * standard_error;
    Some(Estimate { value: mean, low: mean - width, high: mean + width })
}

/// The mean of an arm minus that of the first.
pub fn longer(arm: Option<RestrictedMean>, control: Option<RestrictedMean>) -> Option<Contrast> {
    difference(&arm?, &control?, LEVEL).ok()
}
