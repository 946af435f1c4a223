//! The summary of `il2 check`: what will run, what the study sets, warnings, and the origin of the
//! numbers.

use super::setups::members;
use super::{dosing, fitting, trial};
use crate::commands::wrapped;
use il2::parameter::How;
use il2_assay::Plan;
use il2_engine::words::{counted, shown};
use il2_report::inputs::{Input, obtained, overrides};
use il2_study::Study;

/// Largest number of setups of an assay, and most numbers set by the study, that are named.
const MOST_NAMED: usize = 12;

/// The summary as text for the terminal.
pub fn text(study: &Study, plans: &[(String, Plan)], inputs: &[Input]) -> String {
    let mut text = String::new();
    for (name, plan) in plans {
        text += &match plan {
            Plan::EventTable(plan) => dosing::subjects(name, plan, &dosing::SHORT),
            Plan::Regimen(plan) => dosing::arms(name, plan, &dosing::SHORT),
            Plan::Fit(plan) => fitting::text(name, plan, false),
            Plan::PopulationFit(plan) => fitting::of_people(study, plan),
            Plan::Trial(plan) => trial::arms(name, plan),
            Plan::Noncompartmental(plan) => dosing::levels(name, plan),
            other => lanes(name, other),
        };
    }
    text += &set_by_study(study, inputs);
    text += &numbers(inputs);
    let doubts: Vec<String> = plans
        .iter()
        .flat_map(|(name, plan)| {
            plan.doubts(study).into_iter().map(move |doubt| format!("! {name}: {doubt}"))
        })
        .collect();
    if !doubts.is_empty() {
        text += "\nwarnings\n";
        doubts.iter().for_each(|doubt| text += &wrapped(doubt, 2));
    }
    text + "\n--full prints every number with unit and source, every dose, and the names that a \
            study may set\n"
}

fn lanes(name: &str, plan: &Plan) -> String {
    let setups = plan.setups();
    let simulations = counted(plan.lanes(), "simulation");
    // A published model of a whole culture has no setups of receptors.
    let Some(first) = setups.first() else {
        return format!("\nassay {name}: {simulations}\n");
    };
    let mut text = format!(
        "\nassay {name}: {simulations}, {} of model {}\n",
        counted(setups.len(), "setup"),
        first.model.name
    );
    let mut named: Vec<String> = vec![];
    for setup in setups {
        let who = members(setup);
        if !named.contains(&who) {
            named.push(who);
        }
    }
    let more = named.len().saturating_sub(MOST_NAMED);
    named.truncate(MOST_NAMED);
    if more > 0 {
        named.push(format!("{more} more"));
    }
    text += &wrapped(&named.join(", "), 2);
    if let Plan::Design(plan) = plan {
        plan.donors_in_words().iter().for_each(|donors| text += &wrapped(donors, 2));
    }
    text
}

fn set_by_study(study: &Study, inputs: &[Input]) -> String {
    let used: Vec<Input> = inputs.iter().filter(|i| i.used).cloned().collect();
    // A compartment model fitted to a table has no numbers of the library.
    if used.is_empty() {
        return String::new();
    }
    let all = overrides(study, &used);
    if all.is_empty() {
        return "\nthe study replaces no parameters of the library\n".to_string();
    }
    let mut text = "\nset by the study\n".to_string();
    for one in all.iter().take(MOST_NAMED) {
        let before = one.library.as_ref().map_or(String::new(), |l| format!("  (library: {l})"));
        let head = shown(&format!("{} {}", one.of, one.name));
        let line = format!("  {head:<36} {}{before}\n", shown(&one.set));
        text += &match line.chars().count() <= 100 {
            true => line,
            false => format!("  {head}\n{}", wrapped(&format!("{}{before}", shown(&one.set)), 6)),
        };
    }
    if all.len() > MOST_NAMED {
        text += &format!("  ... {} more\n", all.len() - MOST_NAMED);
    }
    text
}

/// How many numbers each part has, and how many of them are assumed.
fn numbers(inputs: &[Input]) -> String {
    let counts = obtained(inputs);
    let all: usize = counts.iter().map(|(_, n)| n).sum();
    let how: Vec<String> = counts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(how, n)| match how {
            How::Study => format!("{n} set by the study"),
            how => format!("{n} {}", how.word()),
        })
        .collect();
    let mut text = match all {
        0 => String::new(),
        all => format!("\n{}: {}\n", counted(all, "number"), how.join(", ")),
    };
    for input in inputs.iter().filter(|i| i.used) {
        let assumed = input.numbers().filter(|(_, p)| p.how == How::Assumed).count();
        let head = shown(&format!("{} {}", input.kind, input.name));
        text +=
            &format!("  {head:<32} {:>4} numbers, {assumed:>3} assumed\n", input.numbers().count());
    }
    let unused: Vec<String> =
        inputs.iter().filter(|i| !i.used).map(|i| format!("{} {}", i.kind, i.name)).collect();
    if !unused.is_empty() {
        text += &wrapped(&format!("no assay uses {}", unused.join(", ")), 2);
    }
    text
}
