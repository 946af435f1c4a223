//! Event times of two groups of patients compared by hazards.

use crate::trial::markers::plan::strata_of;
use crate::trial::subject::Subject;
use il2::quantity::DAY;
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::cox::cox;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::log_rank::{Weight, log_rank};
use il2_inference::survival::partial_likelihood::{CoxData, Ties};
use il2_inference::survival::proportions::clopper_pearson;

/// Days of a month: times of trials are reported in months.
pub const MONTH: f64 = 365.25 / 12.0;
/// Level of the intervals of one trial.
pub const LEVEL: f64 = 0.95;
/// Significance level below which a trial counts as finding a difference.
pub const SIGNIFICANT: f64 = 0.05;

/// Fraction of trials whose p value counts as a difference, with its confidence interval; NaN if no
/// trial has a p value.
pub fn significant(ps: &[f64]) -> Estimate {
    let count = ps.iter().filter(|p| **p < SIGNIFICANT).count() as u64;
    let none = Estimate { value: f64::NAN, low: f64::NAN, high: f64::NAN };
    clopper_pearson(count, ps.len() as u64, LEVEL).unwrap_or(none)
}

/// A number without an interval.
pub(super) fn exact(value: f64) -> Estimate {
    Estimate { value, low: f64::NAN, high: f64::NAN }
}

/// Event times of one group of patients compared with those of another, usually the first arm.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Hazard ratio; none if it is infinite or if nobody had the event.
    pub hazard_ratio: Option<Estimate>,
    /// p value of the log-rank test.
    pub p: Option<f64>,
    /// Patients of both groups.
    pub patients: usize,
    /// Events in both groups.
    pub events: usize,
}

/// A time in months.
pub(super) fn months(of: FollowUp) -> FollowUp {
    FollowUp { time: of.time / DAY / MONTH, ..of }
}

/// Compares times to an event within strata, which are combinations of these markers.
pub(super) fn compared(
    strata: &[usize],
    arm: &[&Subject],
    control: &[&Subject],
    time: impl Fn(&Subject) -> FollowUp,
) -> Compared {
    let records: Vec<FollowUp> = control.iter().chain(arm).map(|s| months(time(s))).collect();
    let groups: Vec<usize> = control.iter().map(|_| 0).chain(arm.iter().map(|_| 1)).collect();
    let covariates: Vec<Vec<f64>> = groups.iter().map(|group| vec![*group as f64]).collect();
    let strata = strata_of(strata, control.iter().chain(arm).map(|s| &s.host));
    let strata = strata.as_deref();
    let data = CoxData { records: &records, covariates: &covariates, strata };
    let fitted = cox(&data, Ties::Efron).ok();
    Compared {
        hazard_ratio: fitted.and_then(|fit| fit.hazard_ratio(0, LEVEL).ok()),
        p: log_rank(&records, &groups, strata, Weight::default()).ok().map(|test| test.test.p),
        patients: records.len(),
        events: records.iter().filter(|r| r.event).count(),
    }
}
