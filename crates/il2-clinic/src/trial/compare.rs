//! The statistics of one trial: each arm separately, and each compared with the first.

use crate::trial::markers::compare::{ByMarker, by_marker};
use crate::trial::markers::plan::strata_of;
use crate::trial::plan::Plan;
use crate::trial::subject::Subject;
use il2::quantity::DAY;
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::cox::cox;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::kaplan_meier::{IntervalForm, KaplanMeier, kaplan_meier};
use il2_inference::survival::log_rank::{Weight, log_rank};
use il2_inference::survival::partial_likelihood::{CoxData, Ties};
use il2_inference::survival::proportions::{clopper_pearson, newcombe};

/// Days of a month: times of trials are reported in months.
pub const MONTH: f64 = 365.25 / 12.0;
/// Years at which survival is reported, if anyone was followed that long.
pub const YEARS: [f64; 5] = [1.0, 2.0, 3.0, 5.0, 7.0];
/// Level of the intervals of one trial.
pub const LEVEL: f64 = 0.95;
/// Significance level below which a trial counts as finding a difference.
pub const SIGNIFICANT: f64 = 0.05;

/// One trial.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Results by `[arm]`.
    pub arms: Vec<OfArm>,
    /// Comparisons with the first arm, by `[arm - 1]`.
    pub against: Vec<Against>,
    /// Results of positive and negative patients, by `[marker]`.
    pub markers: Vec<ByMarker>,
}

/// Results of an arm, with times in months.
#[derive(Clone, Debug)]
pub struct OfArm {
    /// Patients who were solved.
    pub patients: usize,
    /// Fraction with a response.
    pub response: Option<Estimate>,
    /// Fraction with a complete response.
    pub complete: Option<Estimate>,
    /// Number of patients who died of drug toxicity.
    pub deaths_of_drug: usize,
    /// Overall survival curve; none without patients.
    pub survival: Option<KaplanMeier>,
    /// Progression-free survival curve.
    pub progression_free: Option<KaplanMeier>,
    /// Curve of the duration of response.
    pub duration: Option<KaplanMeier>,
    /// The same for complete responses, counted from the response.
    pub complete_duration: Option<KaplanMeier>,
    /// Mean number of interleukin-2 doses given.
    pub doses: f64,
}

/// A comparison with the first arm.
#[derive(Clone, Debug)]
pub struct Against {
    /// Difference of the fractions with a response.
    pub response: Option<Estimate>,
    /// Comparison of overall survival.
    pub survival: Compared,
    /// Comparison of progression-free survival.
    pub progression_free: Compared,
}

/// Event times of one group of patients compared with those of another, usually the first arm.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Hazard ratio; none if it is infinite or if nobody had the event.
    pub hazard_ratio: Option<Estimate>,
    /// p value of the log-rank test.
    pub p: Option<f64>,
    /// Events in both arms.
    pub events: usize,
}

/// A median, and its interval, in months; none for an end that was not reached.
pub fn median(curve: &KaplanMeier) -> (Option<f64>, Option<f64>, Option<f64>) {
    let ends = curve.quantile_interval(0.5, IntervalForm::LogLog, LEVEL).unwrap_or((None, None));
    (curve.median(), ends.0, ends.1)
}

/// Compares arms of one trial.
pub fn compare(plan: &Plan, arms: &[&[Subject]]) -> Trial {
    let solved: Vec<Vec<&Subject>> =
        arms.iter().map(|all| all.iter().filter(|s| s.counts()).collect()).collect();
    let of = |all: &Vec<&Subject>| of_arm(all);
    let against = |all: &Vec<&Subject>| {
        let counts = |all: &Vec<&Subject>| {
            (all.iter().filter(|s| s.response().is_some()).count() as u64, all.len() as u64)
        };
        Against {
            response: newcombe(counts(all), counts(&solved[0]), LEVEL).ok(),
            survival: compared(&plan.markers.strata, all, &solved[0], Subject::survival),
            progression_free: compared(
                &plan.markers.strata,
                all,
                &solved[0],
                Subject::progression_free,
            ),
        }
    };
    Trial {
        arms: solved.iter().map(of).collect(),
        against: solved.iter().skip(1).map(against).collect(),
        markers: by_marker(plan, &solved),
    }
}

pub(super) fn months(of: FollowUp) -> FollowUp {
    FollowUp { time: of.time / DAY / MONTH, ..of }
}

fn curve(of: impl Iterator<Item = FollowUp>) -> Option<KaplanMeier> {
    let all: Vec<FollowUp> = of.map(months).collect();
    kaplan_meier(&all).ok()
}

fn of_arm(all: &[&Subject]) -> OfArm {
    let part = |is: &dyn Fn(&Subject) -> bool| {
        clopper_pearson(all.iter().filter(|s| is(s)).count() as u64, all.len() as u64, LEVEL).ok()
    };
    let responders = || all.iter().filter_map(|s| Some((s, s.response_lasts()?)));
    let doses: usize = all.iter().map(|s| s.course.delivered.given).sum();
    OfArm {
        patients: all.len(),
        response: part(&|s| s.response().is_some()),
        complete: part(&|s| s.complete().is_some()),
        deaths_of_drug: all.iter().filter(|s| s.died_of_drug()).count(),
        survival: curve(all.iter().map(|s| s.survival())),
        progression_free: curve(all.iter().map(|s| s.progression_free())),
        duration: curve(responders().map(|(_, lasts)| lasts)),
        complete_duration: curve(
            responders().filter(|(s, _)| s.complete().is_some()).map(|(_, lasts)| lasts),
        ),
        doses: doses as f64 / all.len().max(1) as f64,
    }
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
        events: records.iter().filter(|r| r.event).count(),
    }
}
