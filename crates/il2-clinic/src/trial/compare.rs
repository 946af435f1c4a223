//! The statistics of one trial: each arm separately, and each compared with the first.

use crate::trial::hazards::{Compared, LEVEL, compared, months};
use crate::trial::markers::compare::{ByMarker, by_marker};
use crate::trial::plan::Plan;
use crate::trial::subject::Subject;
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::kaplan_meier::{IntervalForm, KaplanMeier, kaplan_meier};
use il2_inference::survival::proportions::{clopper_pearson, newcombe};

/// Years at which survival is reported, if anyone was followed that long.
pub const YEARS: [f64; 5] = [1.0, 2.0, 3.0, 5.0, 7.0];
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
