//! The answer of a trial in sentences.

use crate::trial::hazards::{MONTH, SIGNIFICANT, significant};
use crate::trial::looks::Decision;
use crate::trial::markers::show::{sentences as markers, stratified};
use crate::trial::plan::{Arm, Plan};
use crate::trial::quantities::{FEW, interval, over_trials, quantities};
use crate::trial::run::Answer;
use crate::trial::sample_size::show as sample_size;
use il2::quantity::DAY;
use il2_answer::sentence::{Spread, listed, number};
use il2_inference::bootstrap::Estimate;
use il2_inference::quantiles::quantiles;
use il2_study::library::Library;

fn spread(e: Estimate) -> Spread {
    Spread { middle: e.value, low: e.low, high: e.high }
}

/// Sentences on the results of every arm, then on how the arms compare.
pub fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    if answer.trials.iter().all(|t| t.arms.iter().all(|arm| arm.patients == 0)) {
        return vec![format!(
            "No candidate could be enrolled: {}without treatment, every candidate responds, does \
             not progress or cannot be simulated. There is no answer.",
            excluded(plan)
        )];
    }
    let mut said = match &plan.sample_size {
        Some(asked) => sample_size::sentences(plan, asked, &answer.sizes),
        None => vec![],
    };
    let all = quantities(plan);
    let of = |name: &str, arm: usize| {
        let q = all.iter().find(|q| q.name == name).expect("told of every arm");
        let over = over_trials(answer.trials.iter().map(|t| (q.of)(t, arm)));
        over.said(q.unit).unwrap_or("not known".into())
    };
    let telling = |arm: usize| {
        let (response, survival) = (of("objective response", arm), of("median survival", arm));
        format!("{}: response {response}, median survival {survival}", plan.arms[arm].name)
    };
    let arms: Vec<String> = (0..plan.arms.len()).map(telling).collect();
    let of_what = match plan.replicates {
        1 => "one simulated trial; 95 % confidence intervals in parentheses".to_string(),
        n => format!("median of {n} simulated trials; {} in parentheses", interval(plan)),
    };
    said.push(format!("{} ({of_what}).", arms.join("; ")));
    said.extend(own_numbers(plan));
    for (k, arm) in plan.arms.iter().enumerate().skip(1) {
        let ratios = answer.trials.iter().map(|t| t.against[k - 1].survival.hazard_ratio);
        let ratio = over_trials(ratios).estimate;
        let ps: Vec<f64> =
            answer.trials.iter().filter_map(|t| t.against[k - 1].survival.p).collect();
        let power = significant(&ps);
        let told = match (ratio.value.is_nan(), plan.replicates) {
            (true, _) => {
                "no hazard ratio of death can be computed, because at least one arm had no deaths"
                    .to_string()
            }
            (_, 1) => {
                let p = ps.first().copied().unwrap_or(f64::NAN);
                let ratio_said = spread(ratio).said("");
                format!("hazard ratio of death {ratio_said}{}, p {}", unsure(ratio), number(p))
            }
            (_, 2..FEW) => {
                let significant = ps.iter().filter(|p| **p < SIGNIFICANT).count();
                let advice = match plan.sample_size {
                    Some(_) => "",
                    None => "; to estimate the power, simulate several hundred trials",
                };
                format!(
                    "hazard ratio of death {}; {significant} of {} trials {} a difference (p below \
                     {SIGNIFICANT}){advice}",
                    spread(ratio).said(""),
                    ps.len(),
                    if significant == 1 { "finds" } else { "find" }
                )
            }
            _ => {
                let interval = match power.value.is_nan() {
                    true => String::new(),
                    false => format!(
                        ", 95 % confidence interval {:.0} to {:.0} %",
                        100.0 * power.low,
                        100.0 * power.high
                    ),
                };
                format!(
                    "hazard ratio of death {}; {} of {} trials find a difference (p below \
                     {SIGNIFICANT}{interval})",
                    spread(ratio).said(""),
                    il2_answer::sentence::percent(power.value),
                    ps.len(),
                )
            }
        };
        said.push(format!("{} compared with {}: {told}.", arm.name, plan.arms[0].name));
    }
    if plan.arms.len() > 2 {
        said.push(format!(
            "Each of the {} comparisons has its own error rate of {SIGNIFICANT}, without a correction \
             for their number.",
            plan.arms.len() - 1
        ));
    }
    if plan.replicates > 1 {
        said.push(format!(
            "Tables and figures of patients show trial {} of {}, whose hazard ratio of death is the \
             median.",
            answer.shown() + 1,
            plan.replicates
        ));
    }
    said.extend(stratified(plan));
    said.extend(markers(plan, answer));
    said.extend(of_looks(plan, answer));
    if plan.looks.is_none() {
        said.extend(of_cut_off(plan, answer));
    }
    if answer.missing > 0 {
        said.push(format!(
            "{} of the required patients could not be found, because {}nearly every candidate \
             responds without treatment or does not progress.",
            answer.missing,
            excluded(plan)
        ));
    }
    let partners: Vec<String> = plan
        .arms
        .iter()
        .filter(|arm| !arm.partners.is_empty())
        .map(|arm| {
            let names: Vec<String> = arm.partners.iter().map(|(name, _)| name.clone()).collect();
            let also = if arm.drug.is_some() { "also " } else { "" };
            format!("{} {also}receives {}", arm.name, listed(&names))
        })
        .collect();
    if !partners.is_empty() {
        said.push(format!("{}.", listed(&partners)));
        said.extend(inputs(plan));
    }
    said
}

/// What else may keep candidates out.
fn excluded(plan: &Plan) -> &'static str {
    match plan.markers.eligible.is_empty() {
        true => "",
        false => "almost nobody has all markers of `eligible`, or ",
    }
}

/// What was put into the partners, which a trial must not seem to predict: the first caveat of
/// each.
fn inputs(plan: &Plan) -> Vec<String> {
    let library = &Library::builtin().tumours;
    let mut all: Vec<String> = vec![];
    for (name, _) in plan.arms.iter().flat_map(|arm| &arm.partners) {
        let caveat = library.partners.get(name).and_then(|entry| entry.caveats.first());
        all.extend(caveat.filter(|caveat| !all.contains(caveat)).cloned());
    }
    all
}

/// Whether the interval of a ratio does not show which arm is better.
fn unsure(ratio: Estimate) -> &'static str {
    let open = ratio.low <= 1.0 && ratio.high >= 1.0;
    if open { " (its interval includes 1: no difference is shown)" } else { "" }
}

/// How many trials reached the cut-off, and when trials ended.
fn of_cut_off(plan: &Plan, answer: &Answer) -> Option<String> {
    let cut_off = plan.cut_off.as_ref()?;
    let event = format!("{} {}", cut_off.events, cut_off.of.events());
    let reached = answer.ends.iter().filter(|(_, reached)| *reached).count();
    let months =
        quantiles(answer.ends.iter().map(|(end, _)| end / DAY / MONTH).collect(), [0.5])[0];
    let planned = number(plan.duration() / DAY / MONTH);
    Some(match (answer.ends.len(), reached) {
        (1, 1) => format!("The cut-off, {event}, is reached after {} months.", number(months)),
        (1, _) => format!(
            "The cut-off, {event}, is not reached; the trial ends with the planned follow-up, after \
             {planned} months."
        ),
        (all, reached) if all == reached => {
            format!("The cut-off, {event}, is reached after {} months (median).", number(months))
        }
        (all, reached) => format!(
            "The cut-off, {event}, is reached in {reached} of {all} trials; the others end with the \
             planned follow-up, after {planned} months."
        ),
    })
}

/// Outcome of the interim looks.
fn of_looks(plan: &Plan, answer: &Answer) -> Option<String> {
    let (cut_off, planned) = plan.cut_off.as_ref().zip(plan.looks.as_ref())?;
    let parts = planned.parts.iter().map(|part| il2_answer::sentence::percent(*part));
    let head = format!(
        "Analyses at {} of {} {}",
        listed(&parts.collect::<Vec<_>>()),
        cut_off.events,
        cut_off.of.events()
    );
    let second = &plan.arms[1].name;
    let ends: Vec<_> = answer.looks.iter().filter_map(|looks| looks.last()).collect();
    let (first, count) = (ends.first()?, ends.len() as f64);
    if plan.replicates == 1 {
        let end = match first.decision {
            Decision::Better => format!("{second} is better"),
            Decision::Worse => format!("{second} is worse"),
            Decision::Futile => "the trial stops for futility".into(),
            Decision::NoDifference | Decision::GoesOn => "no difference is found".into(),
        };
        let (events, month, z) = (first.events, number(first.month), number(first.z));
        return Some(format!(
            "{head}: {end} with {events} of these events after {month} months (z {z}, limit {}).",
            number(first.limit)
        ));
    }
    let part = |of: Decision| {
        let found = ends.iter().filter(|look| look.decision == of).count() as f64;
        il2_answer::sentence::percent(found / count)
    };
    // The last look has no conditional power.
    let early = ends.iter().filter(|look| look.conditional_power.is_some()).count();
    let months = quantiles(ends.iter().map(|look| look.month).collect(), [0.5])[0];
    Some(format!(
        "{head}: {} of the trials find {second} better, {} find it worse, and {} stop for \
         futility; {} end before the last analysis; the median trial ends after {} months.",
        part(Decision::Better),
        part(Decision::Worse),
        part(Decision::Futile),
        il2_answer::sentence::percent(early as f64 / count),
        number(months)
    ))
}

/// The numbers of arms that differ from those of the other arms.
fn own_numbers(plan: &Plan) -> Option<String> {
    let of = |arm: &Arm| format!("in {}, {}", arm.name, listed(&plan.own_numbers(arm)));
    let all: Vec<String> = plan.arms.iter().filter(|arm| !arm.set.is_empty()).map(of).collect();
    (!all.is_empty()).then(|| format!("Arms differ in more than treatment: {}.", all.join("; ")))
}
