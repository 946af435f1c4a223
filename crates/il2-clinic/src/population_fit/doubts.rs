//! What is doubtful in a table before anything is fitted: values at a limit, units, subjects
//! without a dose.

use crate::population_fit::endpoints::{Endpoint, Readout};
use crate::population_fit::plan::Plan;
use il2::quantity::{Quantity, three_digits};
use il2_answer::sentence::listed;
use il2_engine::math;
use il2_engine::words::counted;
use il2_inference::bound::Bound;
use il2_inference::quantiles::quantile;
use il2_study::event_table::EventTable;

/// Largest number of lines or subjects that a warning lists.
const TOLD: usize = 5;

/// All doubts about a table.
pub fn of(plan: &Plan) -> Vec<String> {
    at_limit(&plan.file, &plan.table).into_iter().chain(undosed(plan)).chain(scale(plan)).collect()
}

/// The first of several names, and how many are left.
fn some(names: &[String]) -> String {
    let told = listed(&names[..names.len().min(TOLD)]);
    match names.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told}, and {more} more"),
    }
}

/// Values that equal their limit of quantification, in lines that do not mark them as beyond it.
/// Tables often contain the limit itself where nothing could be quantified.
pub fn at_limit(file: &str, table: &EventTable) -> Option<String> {
    let lines: Vec<String> = table.at_limit.iter().map(u32::to_string).collect();
    let of = if lines.len() == 1 { "line" } else { "lines" };
    (!lines.is_empty()).then(|| {
        format!(
            "{file}: DV equals the limit of quantification in {of} {} without a mark, and counts as \
             measured there; if it stands for a value beyond the limit, mark it (CENS 1, BLQ 1, or \
             < before the limit in DV)",
            some(&lines)
        )
    })
}

/// Subjects with measurements but without a dose, whose levels are zero in every compartment model.
fn undosed(plan: &Plan) -> Option<String> {
    let subjects = plan.table.subjects.iter().zip(&plan.subjects);
    let none = subjects.filter(|(s, of)| {
        !of.rows.is_empty() && !s.records.iter().any(|r| r.gives() && r.amount + rate(r) > 0.0)
    });
    let names: Vec<String> = none.map(|(s, _)| s.id.clone()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "{}: {} measurements but no dose, so that the model predicts no drug: {}; add the doses, \
             or leave these subjects out unless they received none",
            plan.file,
            if names.len() == 1 { "1 subject has" } else { "some subjects have" },
            some(&names)
        )
    })
}

/// A constant infusion to steady state has a rate but no amount.
fn rate(record: &il2::treatment::record::Record) -> f64 {
    match record.rate {
        il2::treatment::record::Rate::Given(rate) => rate,
        _ => 0.0,
    }
}

/// Units of concentrations by kind, with what they are also called; a factor of a thousand apart.
const UNITS: [(&str, &str); 9] = [
    ("g/L", "mg/mL"),
    ("mg/L", "ug/mL"),
    ("ug/L", "ng/mL"),
    ("ng/L", "pg/mL"),
    ("mM", ""),
    ("uM", ""),
    ("nM", ""),
    ("pM", ""),
    ("IU/L", ""),
];
/// A ratio of measured to predicted levels beyond which units are in doubt.
const FAR: f64 = 100.0;
/// A unit explains the ratio if it leaves less than this.
const NEAR: f64 = 5.0;

/// Beyond which they are in doubt for a plain number, where a value in percent and its fraction
/// are a factor of a hundred apart and starting values add to that.
const FAR_OF_PLAIN: f64 = 30.0;
/// Number of subjects of a patient fit that are simulated for this.
const SIMULATED: usize = 5;

/// Measured values that are far from the predictions at the starting values, as they are where a
/// unit is wrong.
fn scale(plan: &Plan) -> Vec<String> {
    let start = plan.start();
    let fixed = &start[..plan.numbers.parameters.len()];
    let mut ratios = vec![vec![]; plan.endpoints.len()];
    let most = if plan.system.plain().is_some() { usize::MAX } else { SIMULATED };
    let measured = plan.subjects.iter().enumerate().filter(|(_, s)| !s.rows.is_empty());
    for (i, subject) in measured.take(most) {
        let effects = vec![0.0; plan.effects.of_subject(subject.occasions)];
        let Ok(levels) = plan.levels(i, fixed, &effects) else { continue };
        for (row, level) in subject.rows.iter().zip(levels) {
            // Before a dose, or long after one, a ratio says nothing of units.
            let says = row.bound == Bound::None && row.value > 0.0 && level > 0.0;
            if says && math::ln(row.value / level).is_finite() {
                ratios[row.endpoint].push(row.value / level);
            }
        }
    }
    let far = |(endpoint, ratios): (&Endpoint, &Vec<f64>)| {
        let ratio = (!ratios.is_empty()).then(|| quantile(ratios, 0.5))?;
        let plain = ["", "%"].contains(&endpoint.unit.as_str());
        let far = if plain { FAR_OF_PLAIN } else { FAR };
        (!(1.0 / far..=far).contains(&ratio)).then(|| told(plan, endpoint, ratio, ratios.len()))
    };
    plan.endpoints.iter().zip(&ratios).filter_map(far).collect()
}

/// The sentence about values that are `ratio` times the predictions.
fn told(plan: &Plan, endpoint: &Endpoint, ratio: f64, count: usize) -> String {
    let size = format!(
        "{} times the prediction at the starting values (median of {})",
        three_digits(ratio),
        counted(count, "measurement")
    );
    if endpoint.of != Readout::Level {
        let unit = if endpoint.unit.is_empty() { "a plain number" } else { &endpoint.unit };
        return format!(
            "{}: DV of {} is {size}, as {} in {unit}; a unit may be wrong: check observed.{}.unit, \
             the doses, then the starting values",
            plan.file, endpoint.name, endpoint.word, endpoint.name
        );
    }
    let written = plan.units[2].as_str();
    let meant = meant(written, ratio);
    format!(
        "{}: DV is {size}, with concentrations in {written} and amounts in {}; {meant}: check \
         `units`, then the starting values",
        plan.file, plan.units[1]
    )
}

/// What unit of concentrations would explain the ratio: measured values would have the size of the
/// predictions in a unit that is smaller by the ratio.
fn meant(written: &str, ratio: f64) -> String {
    let parsed = |unit: &str| Quantity::parse(&format!("1 {unit}")).ok();
    let explains = |unit: &str| {
        let (own, other) = (parsed(written)?, parsed(unit)?);
        let left = other.value / own.value * ratio;
        Some(other.dimension == own.dimension && (1.0 / NEAR..=NEAR).contains(&left))
    };
    match UNITS.iter().find(|(unit, _)| explains(unit) == Some(true)) {
        Some((unit, "")) => format!("DV may be in {unit}, or AMT in another unit"),
        Some((unit, also)) => format!("DV may be in {unit} ({also}), or AMT in another unit"),
        None => "a unit may be wrong".into(),
    }
}
