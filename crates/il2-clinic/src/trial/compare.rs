//! The statistics of one trial: each arm separately, and each compared with the first.

use crate::trial::between_scans;
use crate::trial::hazards::{Compared, LEVEL, compared, months};
use crate::trial::horizon::{WithinHorizon, longer};
use crate::trial::markers::compare::{ByMarker, by_marker};
use crate::trial::markers::plan::stratum;
use crate::trial::plan::Plan;
use crate::trial::subject::Subject;
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::kaplan_meier::{IntervalForm, KaplanMeier, kaplan_meier};
use il2_inference::survival::odds_ratio::{
    TwoByTwo, cochran_mantel_haenszel, exact_odds_ratio, mantel_haenszel,
};
use il2_inference::survival::proportions::{clopper_pearson, newcombe};
use il2_inference::survival::restricted_mean::Contrast;
use il2_inference::survival::turnbull::Turnbull;
use std::collections::BTreeMap;

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
    /// Means within the horizon, and incidences of competing first events.
    pub within: WithinHorizon,
    /// Progression-free survival with events between scans, if the study asks for it.
    pub between_scans: Option<Turnbull>,
    /// Mean number of interleukin-2 doses given.
    pub doses: f64,
}

/// A comparison with the first arm.
#[derive(Clone, Debug)]
pub struct Against {
    /// Difference of the fractions with a response.
    pub response: Option<Estimate>,
    /// Odds of response relative to the first arm, and the p value: with strata the common ratio of
    /// Mantel and Haenszel, otherwise the exact one.
    pub odds_of_response: Option<(Estimate, f64)>,
    /// Comparison of overall survival.
    pub survival: Compared,
    /// Comparison of progression-free survival.
    pub progression_free: Compared,
    /// Difference of mean survival within the horizon (months).
    pub mean_survival: Option<Contrast>,
    /// The same for progression-free survival.
    pub mean_progression_free: Option<Contrast>,
    /// Difference of the median progression-free survival with events between scans (months).
    pub longer_between_scans: Option<Estimate>,
    /// p value for progression-free survival with events between scans, if the study asks for it.
    pub p_between_scans: Option<f64>,
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
    let arms: Vec<OfArm> = solved.iter().map(|all| of_arm(plan, all)).collect();
    let against = |(all, arm): (&Vec<&Subject>, &OfArm)| {
        let first = &arms[0].within;
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
            odds_of_response: odds_of_response(&plan.markers.strata, all, &solved[0]),
            mean_survival: longer(arm.within.survival, first.survival),
            mean_progression_free: longer(arm.within.progression_free, first.progression_free),
            longer_between_scans: between_scans::longer(
                arm.between_scans.as_ref(),
                arms[0].between_scans.as_ref(),
            ),
            p_between_scans: plan
                .between_scans
                .then(|| between_scans::p(all, &solved[0]))
                .flatten(),
        }
    };
    let against = solved.iter().zip(&arms).skip(1).map(against).collect();
    let markers = by_marker(plan, &solved);
    Trial { arms, against, markers }
}

/// Odds of response in an arm, relative to the first, within strata if there are any.
fn odds_of_response(
    strata: &[usize],
    arm: &[&Subject],
    control: &[&Subject],
) -> Option<(Estimate, f64)> {
    let mut tables: BTreeMap<usize, TwoByTwo> = BTreeMap::new();
    let both = arm.iter().map(|s| (s, true)).chain(control.iter().map(|s| (s, false)));
    for (s, in_arm) in both {
        let empty = TwoByTwo { first: (0, 0), second: (0, 0) };
        let table = tables.entry(stratum(strata, &s.host)).or_insert(empty);
        let group = if in_arm { &mut table.first } else { &mut table.second };
        *if s.response().is_some() { &mut group.0 } else { &mut group.1 } += 1;
    }
    let tables: Vec<TwoByTwo> = tables.into_values().collect();
    match &tables[..] {
        [] => None,
        [one] if strata.is_empty() => {
            exact_odds_ratio(one, LEVEL).ok().map(|exact| (exact.ratio, exact.p))
        }
        all => {
            let p = cochran_mantel_haenszel(all).ok()?.p;
            Some((mantel_haenszel(all, LEVEL).ok()?, p))
        }
    }
}

fn curve(of: impl Iterator<Item = FollowUp>) -> Option<KaplanMeier> {
    let all: Vec<FollowUp> = of.map(months).collect();
    kaplan_meier(&all).ok()
}

fn of_arm(plan: &Plan, all: &[&Subject]) -> OfArm {
    let part = |is: &dyn Fn(&Subject) -> bool| {
        clopper_pearson(all.iter().filter(|s| is(s)).count() as u64, all.len() as u64, LEVEL).ok()
    };
    let responders = || all.iter().filter_map(|s| Some((s, s.response_lasts()?)));
    let doses: usize = all.iter().map(|s| s.course.delivered.given).sum();
    let survival = curve(all.iter().map(|s| s.survival()));
    let progression_free = curve(all.iter().map(|s| s.progression_free()));
    let within = WithinHorizon::of(plan, all, survival.as_ref(), progression_free.as_ref());
    OfArm {
        patients: all.len(),
        response: part(&|s| s.response().is_some()),
        complete: part(&|s| s.complete().is_some()),
        deaths_of_drug: all.iter().filter(|s| s.died_of_drug()).count(),
        survival,
        progression_free,
        duration: curve(responders().map(|(_, lasts)| lasts)),
        complete_duration: curve(
            responders().filter(|(s, _)| s.complete().is_some()).map(|(_, lasts)| lasts),
        ),
        within,
        between_scans: plan.between_scans.then(|| between_scans::distribution(all)).flatten(),
        doses: doses as f64 / all.len().max(1) as f64,
    }
}
