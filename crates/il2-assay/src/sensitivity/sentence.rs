//! The answer of a sensitivity analysis in sentences.

use crate::sensitivity::plan::{Output, Plan};
use crate::sensitivity::run::{Answer, Sensitivities};
use il2_answer::labels::{time_text, written};
use il2_answer::sentence::{Spread, listed, number};
use il2_engine::words::counted;
use il2_inference::bootstrap::Estimate;
use il2_inference::sobol::Indices;

/// Largest number of times that the sentences name.
const MOST_TIMES: usize = 3;
/// Largest number of further numbers that a sentence names.
const MOST_NEXT: usize = 2;

/// The result analysed, in words: `EC50 of pSTAT5 on treg`.
pub fn subject(plan: &Plan) -> String {
    let (readout, ligand) = (written(&plan.readout), &plan.ligand);
    let cells: Vec<&str> = plan.cells.iter().map(|cell| cell.label.as_str()).collect();
    match plan.asked {
        Output::Response => {
            let dose = il2::quantity::readable_concentration(plan.doses[0]);
            format!("{readout} on {} at {dose} of {ligand}", cells[0])
        }
        Output::Ec50 => format!("EC50 of {ligand} on {} ({readout})", cells[0]),
        Output::Selectivity => {
            format!("EC50 of {ligand} on {} over that on {} ({readout})", cells[1], cells[0])
        }
    }
}

/// The answer, with one sentence for each time.
pub fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    let mut said: Vec<String> = vec![];
    for (time, found) in answer.found.iter().enumerate().take(MOST_TIMES) {
        let (subject, when) = (subject(plan), time_text(plan.times[time]));
        let about = match plan.asked {
            Output::Selectivity | Output::Ec50 => format!("The {subject} after {when}"),
            Output::Response => format!("The level of {subject} after {when}"),
        };
        said.push(match found {
            Sensitivities::Local(Ok(_)) => local(plan, &about, found),
            Sensitivities::Local(Err(why)) => {
                format!("{about}: derivatives cannot be computed ({why}).")
            }
            Sensitivities::Morris(_) => morris(plan, &about, found),
            Sensitivities::Sobol(indices) => sobol(plan, &about, indices),
        });
    }
    let more = answer.found.len().saturating_sub(MOST_TIMES);
    if more > 0 {
        said.push(format!("The table contains results at {}.", counted(more, "further time")));
    }
    said
}

/// Numbers in decreasing order of importance, with the measure of importance; equal ones in the
/// order of the study.
pub fn ranked(found: &Sensitivities) -> Vec<(usize, f64)> {
    let mut all: Vec<(usize, f64)> = match found {
        Sensitivities::Local(Ok(slopes)) => slopes.relative.iter().copied().enumerate().collect(),
        Sensitivities::Local(Err(_)) => vec![],
        Sensitivities::Morris(effects) => {
            effects.iter().map(|e| e.size.value).enumerate().collect()
        }
        Sensitivities::Sobol(indices) => {
            indices.of.iter().map(|i| i.total.value).enumerate().collect()
        }
    };
    all.retain(|(_, value)| value.is_finite());
    all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    all
}

fn local(plan: &Plan, about: &str, found: &Sensitivities) -> String {
    let by = |&(i, slope): &(usize, f64)| {
        let way = if slope < 0.0 { "lowers" } else { "raises" };
        format!(
            "a 1 % increase of {} {way} the result by {} %",
            plan.varied[i].name,
            number(slope.abs())
        )
    };
    let told: Vec<String> = ranked(found).iter().take(1 + MOST_NEXT).map(by).collect();
    match told.is_empty() {
        true => format!("{about}: no derivative is finite."),
        false => format!("{about}: {}.", listed(&told)),
    }
}

fn spread(estimate: Estimate) -> Spread {
    Spread { middle: estimate.value, low: estimate.low, high: estimate.high }
}

fn morris(plan: &Plan, about: &str, found: &Sensitivities) -> String {
    let Sensitivities::Morris(effects) = found else { return String::new() };
    let unit = if plan.logarithm() { "decades" } else { "" };
    let said = |(place, &(i, _)): (usize, &(usize, f64))| {
        let size = spread(effects[i].size).said(unit);
        let over = if place == 0 { "over the range of" } else { "over that of" };
        format!("by {size} {over} {}", plan.varied[i].name)
    };
    let ranked = ranked(found);
    let told: Vec<String> = ranked.iter().take(1 + MOST_NEXT).enumerate().map(said).collect();
    match told.is_empty() {
        true => format!(
            "{about}: effects cannot be computed, because too few sets of numbers have a result."
        ),
        false => format!("{about} changes on average {}.", listed(&told)),
    }
}

/// A fraction of the variance, as `62 % (55 to 70)`.
pub fn share(estimate: Estimate) -> String {
    // The estimate of a zero fraction may be slightly negative.
    let whole = |v: f64| format!("{:.0}", 100.0 * v.max(0.0));
    let Estimate { value, low, high } = estimate;
    match low.is_finite() && high.is_finite() {
        true => format!("{} % ({} to {})", whole(value), whole(low), whole(high)),
        false => format!("{} %", whole(value)),
    }
}

fn sobol(plan: &Plan, about: &str, indices: &Indices) -> String {
    let all = ranked(&Sensitivities::Sobol(indices.clone()));
    let Some((first, _)) = all.first() else {
        return format!(
            "{about}: indices cannot be computed, because too few rows have results or the result \
             does not vary."
        );
    };
    let of = if plan.logarithm() { "the variance of its logarithm" } else { "its variance" };
    let name = |i: usize| &plan.varied[i].name;
    let next = |&(i, _): &(usize, f64)| format!("{} with {}", name(i), share(indices.of[i].total));
    let next: Vec<String> = all[1..].iter().take(MOST_NEXT).map(next).collect();
    let next = if next.is_empty() { String::new() } else { format!(", then on {}", listed(&next)) };
    format!(
        "{about} depends most on {} with {} of {of}{next} (total effects); interactions account \
         for {}.",
        name(*first),
        share(indices.of[*first].total),
        share(indices.interactions)
    )
}
