//! The number of patients as sentences, text and tables.

use crate::trial::hazards::{LEVEL, SIGNIFICANT};
use crate::trial::plan::Plan;
use crate::trial::sample_size::plan::SampleSize;
use crate::trial::sample_size::run::Sized;
use il2_answer::sentence::{Spread, number, percent};
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::sample_size::{Found, Needed, Size};
use il2_output::table::Table;
use serde_json::json;

/// Ratio of the numbers of drawn trials and closed form beyond which the sentence says why they
/// differ: several times the error of a thousand resamples.
const DIFFER: f64 = 1.2;
/// Ratio of the ends of an interval beyond which more patients should be simulated.
const WIDE: f64 = 3.0;
/// Times as many replicates as are advised: four times as many halve an interval.
const MORE: usize = 4;

/// Patients needed, with whole numbers as ends of the interval.
fn needed(asked: &SampleSize, blocks: Estimate) -> Estimate {
    let each = asked.patients(1) as f64;
    Estimate {
        value: each * blocks.value,
        low: each * blocks.low.floor().max(1.0),
        high: each * blocks.high.ceil(),
    }
}

/// The number and its interval for one comparison, if there is one.
fn answer(asked: &SampleSize, sized: &Option<Sized>) -> Option<Estimate> {
    match sized.as_ref()?.found.needed {
        Needed::Blocks(blocks) => Some(needed(asked, blocks)),
        _ => None,
    }
}

fn said(e: Estimate, unit: &str) -> String {
    Spread { middle: e.value, low: e.low, high: e.high }.said(unit)
}

/// The power of a size, as a percentage with its interval.
fn power(size: &Size) -> String {
    let Estimate { value, low, high } = size.power;
    format!("{} ({:.0} to {:.0})", percent(value), 100.0 * low, 100.0 * high)
}

/// Sentences for each comparison, and one on a wide interval.
pub fn sentences(plan: &Plan, asked: &SampleSize, all: &[Option<Sized>]) -> Vec<String> {
    let of = |(k, sized): (usize, &Option<Sized>)| compared(plan, asked, k + 1, sized);
    let mut told: Vec<String> = all.iter().enumerate().flat_map(of).collect();
    let widest = all.iter().filter_map(|sized| answer(asked, sized));
    if widest.map(|n| n.high / n.low).fold(0.0, f64::max) > WIDE {
        told.push(format!(
            "To make this interval half as wide, simulate {MORE} times as many patients (replicates \
             = {}).",
            MORE * plan.replicates
        ));
    }
    told
}

/// The answer for an arm, and what it is based on.
fn compared(plan: &Plan, asked: &SampleSize, arm: usize, sized: &Option<Sized>) -> Vec<String> {
    let (first, second) = (&plan.arms[0].name, &plan.arms[arm].name);
    let Some(sized) = sized else {
        return vec![format!(
            "No number of patients can be given for {second} compared with {first}, because one of \
             these arms has no patients."
        )];
    };
    let found = &sized.found;
    let ratio = found.hazard_ratio.map_or("not known".to_string(), |ratio| said(ratio, ""));
    let effect = match found.hazard_ratio {
        Some(ratio) if ratio.value < 1.0 => "prolongs",
        Some(_) => "shortens",
        None => "changes",
    };
    let aim = format!(
        "to show, with a power of {}, that {second} {effect} {} compared with {first} \
         ({}log-rank test, two-sided alpha {})",
        percent(asked.power),
        asked.of.name(),
        if plan.markers.strata.is_empty() { "" } else { "stratified " },
        asked.alpha
    );
    let basis = format!("{} simulated patients with a hazard ratio of {ratio}", sized.simulated);
    let more = MORE * plan.replicates;
    match (found.needed, &found.sizes[..]) {
        (Needed::Blocks(blocks), sizes) => {
            let size = sizes.iter().find(|size| size.blocks as f64 == blocks.value);
            let events = size.map_or(f64::NAN, |size| size.events.round());
            let n = said(needed(asked, blocks), "patients");
            let arms = match plan.arms.len() {
                2 => "both arms together".to_string(),
                count => format!("all {count} arms together"),
            };
            vec![
                format!(
                    "{n}, {arms}, are needed {aim}, with about {} {}.",
                    number(events),
                    asked.of.events()
                ),
                format!(
                    "The 95 % confidence interval is from {basis}. {}",
                    closed_form(asked, found, blocks.value)
                ),
            ]
        }
        (Needed::MoreThanMost, [.., most]) => {
            let patients = asked.patients(most.blocks);
            let remedy = match asked.range.1 == plan.lanes() / asked.patients(1) {
                true => format!("simulate more patients, for example replicates = {more}"),
                false => "increase `to` in `sample_size.patients`".to_string(),
            };
            // The interval of the power may contain the power wanted.
            let more_than = match most.power.high < asked.power {
                true => "More than",
                false => "Probably more than",
            };
            vec![
                format!(
                    "{more_than} {patients} patients are needed {aim}: {patients} patients have a \
                     power of {}.",
                    power(most)
                ),
                format!("This is from {basis}; to find the number of patients, {remedy}."),
            ]
        }
        (Needed::AtMostFewest, [fewest, ..]) => {
            let patients = asked.patients(fewest.blocks);
            let enough = match fewest.power.low > asked.power {
                true => "enough",
                false => "probably enough",
            };
            vec![
                format!(
                    "{patients} patients or fewer are {enough} {aim}: {patients} patients have a \
                     power of {}.",
                    power(fewest)
                ),
                format!(
                    "This is from {basis}; to find the number of patients, decrease `from` in \
                     `sample_size.patients`."
                ),
            ]
        }
        _ => vec![
            format!(
                "No number of patients can be given for a difference in {} between {second} and \
                 {first}: {basis} do not show a difference.",
                asked.of.name()
            ),
            format!(
                "Simulate more patients, for example replicates = {more}; if the true hazard ratio \
                 is 1, no number is enough."
            ),
        ],
    }
}

/// What the closed form gives, and why it may differ.
fn closed_form(asked: &SampleSize, found: &Found, blocks: f64) -> String {
    let Some(closed) = found.closed_form else {
        return "Schoenfeld's formula needs a hazard ratio, which is not known.".into();
    };
    let gives = format!(
        "Schoenfeld's formula gives {}",
        number((asked.patients(1) as f64 * closed).ceil())
    );
    match ((blocks / closed).max(closed / blocks) > DIFFER, found.proportional) {
        (true, Some(p)) if p < SIGNIFICANT => format!(
            "{gives}, but it assumes proportional hazards, and these hazards are not proportional \
             (p {}), for example because the effect is delayed or some patients are cured; rely on \
             the first number.",
            number(p)
        ),
        (true, _) => format!(
            "{gives}, but it is inexact with a large effect or unequal arms; rely on the first \
             number."
        ),
        (false, _) => format!("{gives}."),
    }
}

/// Lines for the terminal.
pub fn text(plan: &Plan, asked: &SampleSize, all: &[Option<Sized>]) -> String {
    let mut text = format!(
        "patients for a power of {} ({}; 95 % confidence interval)\n",
        percent(asked.power),
        asked.of.name()
    );
    for (arm, sized) in plan.arms.iter().skip(1).zip(all) {
        let name = format!("{} compared with {}", arm.name, plan.arms[0].name);
        let said =
            answer(asked, sized).map_or("no number (see above)".to_string(), |n| said(n, ""));
        text += &format!("  {name:<42} {said}\n");
    }
    text
}

/// A row for each comparison and number of patients.
pub fn table(plan: &Plan, asked: &SampleSize, all: &[Option<Sized>], name: &str) -> Table {
    let mut table = Table::new(
        name,
        &[
            ("arm", true),
            ("against", true),
            ("endpoint", true),
            ("patients", false),
            ("power", false),
            ("low", false),
            ("high", false),
            ("events", false),
            ("closed_form_power", false),
        ],
    );
    for (arm, sized) in plan.arms.iter().skip(1).zip(all) {
        for size in sized.iter().flat_map(|sized| &sized.found.sizes) {
            table.push(vec![
                arm.name.as_str().into(),
                plan.arms[0].name.as_str().into(),
                asked.of.name().into(),
                (asked.patients(size.blocks) as f64).into(),
                size.power.value.into(),
                size.power.low.into(),
                size.power.high.into(),
                size.events.into(),
                size.closed_form.into(),
            ]);
        }
    }
    table
}

/// The numbers for scripts; null where there is none.
pub fn summary(plan: &Plan, asked: &SampleSize, all: &[Option<Sized>]) -> serde_json::Value {
    let estimate =
        |e: Option<Estimate>| e.map(|e| json!({"value": e.value, "low": e.low, "high": e.high}));
    let of = |(k, sized): (usize, &Option<Sized>)| {
        let found = sized.as_ref().map(|sized| &sized.found);
        let closed = found.and_then(|found| found.closed_form);
        json!({
            "arm": plan.arms[k + 1].name,
            "against": plan.arms[0].name,
            "patients": estimate(answer(asked, sized)),
            "closed_form_patients": closed.map(|blocks| asked.patients(1) as f64 * blocks),
            "hazard_ratio": estimate(found.and_then(|found| found.hazard_ratio)),
        })
    };
    let comparisons: Vec<_> = all.iter().enumerate().map(of).collect();
    json!({"power": asked.power, "alpha": asked.alpha, "endpoint": asked.of.name(), "level": LEVEL,
        "comparisons": comparisons})
}
