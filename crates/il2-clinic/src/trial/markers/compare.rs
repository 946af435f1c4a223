//! Results of one trial in patients with and without each marker.

use crate::trial::hazards::{Compared, LEVEL, compared, months};
use crate::trial::markers::plan::strata_of;
use crate::trial::plan::Plan;
use crate::trial::subject::Subject;
use il2::tumour::host::Host;
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::cox::cox;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::logistic::{Penalty, logistic};
use il2_inference::survival::odds_ratio::{ExactOddsRatio, TwoByTwo, exact_odds_ratio};
use il2_inference::survival::partial_likelihood::{CoxData, Ties};
use il2_inference::survival::proportions::clopper_pearson;
use il2_inference::survival::roc::auc;

/// Results of patients negative and positive for a marker.
#[derive(Clone, Debug)]
pub struct ByMarker {
    /// Results by `[arm]`.
    pub arms: Vec<InArm>,
    /// Effect of each further arm, compared with the first, by `[arm - 1]`.
    pub against: Vec<EffectByMarker>,
}

/// Results of an arm; pairs are for negative and positive patients.
#[derive(Clone, Debug)]
pub struct InArm {
    /// Numbers of patients.
    pub patients: [usize; 2],
    /// Fractions with a response.
    pub response: [Option<Estimate>; 2],
    /// Odds of response in positive, relative to negative patients.
    pub odds_ratio: Option<ExactOddsRatio>,
    /// Hazard of death in positive, relative to negative patients.
    pub survival: Compared,
    /// Odds of response in positive, relative to negative patients with the same other markers, and
    /// the p value (Firth's logistic regression, which is finite even if all positive patients
    /// respond); none for a marker that all patients have.
    pub adjusted: Option<(Estimate, f64)>,
    /// Area under the ROC curve of the marker's level for response; only for a marker that measures
    /// a number of the tumour.
    pub area: Option<Estimate>,
}

/// The effect of an arm, compared with the first, in negative and in positive patients.
#[derive(Clone, Debug)]
pub struct EffectByMarker {
    /// Hazard of death in negative and in positive patients.
    pub survival: [Compared; 2],
    /// Ratio of the hazard ratio in positive to that in negative patients, and the p value of the
    /// interaction.
    pub interaction: Option<(Estimate, f64)>,
}

/// Results by marker; `arms` are the patients who count.
pub fn by_marker(plan: &Plan, arms: &[Vec<&Subject>]) -> Vec<ByMarker> {
    let strata = &plan.markers.strata;
    // Within a stratum, all patients are positive or all negative for its markers.
    let without = |k: usize| strata.iter().copied().filter(|of| *of != k).collect::<Vec<_>>();
    let adjusted: Vec<Vec<Option<(Estimate, f64)>>> =
        arms.iter().map(|all| adjusted(plan, all)).collect();
    let of = |k: usize| {
        let split: Vec<[Vec<&Subject>; 2]> = arms
            .iter()
            .map(|all| {
                let (positive, negative) = all.iter().partition(|s| s.host.markers[k].positive);
                [negative, positive]
            })
            .collect();
        let area = plan.markers.all[k].follows.is_some();
        let in_arm = |(a, (all, [negative, positive])): (usize, InGroups)| InArm {
            patients: [negative.len(), positive.len()],
            response: [responding(negative), responding(positive)],
            odds_ratio: odds_ratio(positive, negative),
            survival: compared(&without(k), positive, negative, Subject::survival),
            adjusted: adjusted[a][k],
            area: area.then(|| area_of(all, |host| host.markers[k].score)).flatten(),
        };
        let effect = |arm: usize| EffectByMarker {
            survival: [0, 1].map(|positive| {
                let groups = [&split[arm][positive], &split[0][positive]];
                compared(strata, groups[0], groups[1], Subject::survival)
            }),
            interaction: interaction(plan, &arms[0], &arms[arm], k),
        };
        ByMarker {
            arms: arms.iter().zip(&split).enumerate().map(in_arm).collect(),
            against: (1..arms.len()).map(effect).collect(),
        }
    };
    (0..plan.markers.all.len()).map(of).collect()
}

/// All patients of an arm, and those negative and positive for a marker.
type InGroups<'a> = (&'a Vec<&'a Subject>, &'a [Vec<&'a Subject>; 2]);

/// Effects on response of all markers together, by `[marker]`.
fn adjusted(plan: &Plan, all: &[&Subject]) -> Vec<Option<(Estimate, f64)>> {
    let positive = |k: usize| all.iter().filter(|s| s.host.markers[k].positive).count();
    // A marker that divides nobody cannot be in the model.
    let divides = |k: &usize| (1..all.len()).contains(&positive(*k));
    let markers: Vec<usize> = (0..plan.markers.all.len()).filter(divides).collect();
    let row = |s: &&Subject| {
        let level = |k: &usize| f64::from(u8::from(s.host.markers[*k].positive));
        markers.iter().map(level).collect::<Vec<f64>>()
    };
    let rows: Vec<Vec<f64>> = all.iter().map(row).collect();
    let outcomes: Vec<bool> = all.iter().map(|s| s.response().is_some()).collect();
    let mut found = vec![None; plan.markers.all.len()];
    // Without responders, or with nobody else, the fit would only reflect its penalty.
    if outcomes.iter().all(|responds| *responds) || !outcomes.contains(&true) {
        return found;
    }
    let Ok(fit) = logistic(&outcomes, &rows, Penalty::Firth) else { return found };
    for (column, k) in markers.into_iter().enumerate() {
        let ratio = fit.odds_ratio(column, LEVEL).ok();
        found[k] = ratio.map(|ratio| (ratio, fit.tests[column].p));
    }
    found
}

fn counts(all: &[&Subject]) -> (u64, u64) {
    let with = all.iter().filter(|s| s.response().is_some()).count();
    (with as u64, (all.len() - with) as u64)
}

fn responding(all: &[&Subject]) -> Option<Estimate> {
    let (with, without) = counts(all);
    clopper_pearson(with, with + without, LEVEL).ok()
}

fn odds_ratio(positive: &[&Subject], negative: &[&Subject]) -> Option<ExactOddsRatio> {
    let table = TwoByTwo { first: counts(positive), second: counts(negative) };
    exact_odds_ratio(&table, LEVEL).ok()
}

/// The area for a score, with the interval of DeLong's standard error.
fn area_of(all: &[&Subject], score: impl Fn(&Host) -> f64) -> Option<Estimate> {
    let scores = |responds: bool| -> Vec<f64> {
        let of = all.iter().filter(|s| s.response().is_some() == responds);
        of.map(|s| score(&s.host)).collect()
    };
    let found = auc(&scores(true), &scores(false)).ok()?;
    found.interval(LEVEL).ok()
}

/// The interaction of arm and marker in a Cox model with both and their product.
fn interaction(
    plan: &Plan,
    control: &[&Subject],
    arm: &[&Subject],
    k: usize,
) -> Option<(Estimate, f64)> {
    let all: Vec<(&Subject, f64)> =
        control.iter().map(|s| (*s, 0.0)).chain(arm.iter().map(|s| (*s, 1.0))).collect();
    let records: Vec<FollowUp> = all.iter().map(|(s, _)| months(s.survival())).collect();
    let row = |(s, arm): &(&Subject, f64)| {
        let positive = f64::from(u8::from(s.host.markers[k].positive));
        // Within strata that contain the marker, its own effect cannot be estimated.
        match plan.markers.strata.contains(&k) {
            true => vec![*arm, arm * positive],
            false => vec![*arm, positive, arm * positive],
        }
    };
    let covariates: Vec<Vec<f64>> = all.iter().map(row).collect();
    let strata = strata_of(&plan.markers.strata, all.iter().map(|(s, _)| &s.host));
    let data = CoxData { records: &records, covariates: &covariates, strata: strata.as_deref() };
    let fit = cox(&data, Ties::Efron).ok()?;
    let last = covariates.first()?.len() - 1;
    Some((fit.hazard_ratio(last, LEVEL).ok()?, fit.p(last)))
}
