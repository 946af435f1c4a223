//! The number of patients as sentences, text and tables.

use crate::trial::compare::LEVEL;
use crate::trial::plan::Plan;
use crate::trial::sample_size::plan::SampleSize;
use crate::trial::sample_size::run::Sized;
use il2_answer::sentence::{Spread, number, percent};
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::sample_size::{Needed, Size};
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

fn said(e: Estimate) -> String {
    Spread { middle: e.value, low: e.low, high: e.high }.said("")
}

/// The power of a size, as a percentage with its interval.
fn power(size: &Size) -> String {
    let Estimate { value, low, high } = size.power;
    format!("{} ({:.0} to {:.0})", percent(value), 100.0 * low, 100.0 * high)
}

/// A sentence for each comparison, and one on how the number was found.
pub fn sentences(plan: &Plan, asked: &SampleSize, all: &[Option<Sized>]) -> Vec<String> {
    let of = |(k, sized): (usize, &Option<Sized>)| sentence(plan, asked, k + 1, sized);
    let mut said: Vec<String> = all.iter().enumerate().map(of).collect();
    let widest = all.iter().filter_map(|sized| answer(asked, sized));
    let widest = widest.map(|n| n.high / n.low).fold(0.0, f64::max);
    if widest > WIDE {
        said.push(format!(
            "To make this interval half as wide, simulate {MORE} times as many patients (replicates \
             = {}).",
            MORE * plan.replicates
        ));
    }
    said
}

fn sentence(plan: &Plan, asked: &SampleSize, arm: usize, sized: &Option<Sized>) -> String {
    let (first, second) = (&plan.arms[0].name, &plan.arms[arm].name);
    let Some(sized) = sized else {
        return format!(
            "{second} compared with {first}: no number of patients can be given, because an arm has \
             no patients."
        );
    };
    let found = &sized.found;
    let ratio = found.hazard_ratio.map_or("not known".to_string(), said);
    let effect = match found.hazard_ratio {
        Some(ratio) if ratio.value < 1.0 => "prolongs",
        Some(_) => "shortens",
        None => "changes",
    };
    let aim = format!(
        "show that {second} {effect} {} compared with {first} with a power of {} (log-rank test, \
         two-sided alpha {})",
        asked.of.name(),
        percent(asked.power),
        number(asked.alpha)
    );
    let more = MORE * plan.replicates;
    let sizes = (found.sizes.first(), found.sizes.last());
    match (found.needed, sizes) {
        (Needed::Blocks(blocks), _) => {
            let size = found.sizes.iter().find(|size| size.blocks as f64 == blocks.value);
            let events = size.map_or(f64::NAN, |size| size.events.round());
            format!(
                "{} patients, with about {} {}, are needed to {aim}; 95 % confidence interval, \
                 from {} simulated patients with a hazard ratio of {ratio}{}.",
                said(needed(asked, blocks)),
                number(events),
                asked.of.events(),
                sized.simulated,
                closed_form(asked, found.closed_form, blocks.value)
            )
        }
        (Needed::MoreThanMost, (_, Some(most))) => {
            let patients = asked.patients(most.blocks);
            let remedy = match asked.range.1 == plan.lanes() / asked.patients(1) {
                true => format!("simulate more patients, for example replicates = {more}"),
                false => "increase `to` in `sample_size.patients`".to_string(),
            };
            format!(
                "More than {patients} patients are needed to {aim}: {patients} patients have a \
                 power of {}, with a hazard ratio of {ratio}. To find the number, {remedy}.",
                power(most)
            )
        }
        (Needed::AtMostFewest, (Some(fewest), _)) => {
            let patients = asked.patients(fewest.blocks);
            format!(
                "{patients} patients or fewer are needed to {aim}: {patients} patients have a power \
                 of {}, with a hazard ratio of {ratio}. To find the number, decrease `from` in \
                 `sample_size.patients`.",
                power(fewest)
            )
        }
        _ => format!(
            "No number of patients can be given for a difference in {} between {second} and {first}: \
             {} simulated patients do not show a difference (hazard ratio {ratio}). Simulate more \
             patients, for example replicates = {more}; with a true hazard ratio of 1, no number is \
             enough.",
            asked.of.name(),
            sized.simulated
        ),
    }
}

/// What the closed form gives, and why it may differ.
fn closed_form(asked: &SampleSize, closed: Option<f64>, blocks: f64) -> String {
    let Some(closed) = closed else { return String::new() };
    let patients = number((asked.patients(1) as f64 * closed).ceil());
    match (blocks / closed).max(closed / blocks) > DIFFER {
        true => format!(
            ". Schoenfeld's formula gives {patients}; it assumes proportional hazards, which these \
             arms do not have (for example because the effect is delayed or some patients are \
             cured), so rely on the first number"
        ),
        false => format!("; Schoenfeld's formula gives {patients}"),
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
        let said = answer(asked, sized).map_or("no number (see above)".to_string(), said);
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
