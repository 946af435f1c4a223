//! What is doubtful in a table before anything is fitted: values at a limit, units, subjects
//! without a dose.

use crate::population_fit::covariates::without_contrast;
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
    let mut all: Vec<String> = at_limit(&plan.file, &plan.table).into_iter().collect();
    all.extend(undosed(plan));
    all.extend(zeros(plan));
    all.extend(scale(plan));
    all.extend(without_contrast(&plan.numbers, &plan.table).into_iter().map(|name| {
        format!(
            "{name} has the same effect in all subjects of {}, because its covariate does not vary: the \
             data cannot determine it; fix it, or leave it out",
            plan.file
        )
    }));
    all
}

/// Concentrations of exactly zero after a dose, which usually stand for values below the limit of
/// quantification.
fn zeros(plan: &Plan) -> Option<String> {
    let mut lines = vec![];
    for ((s, subject), places) in plan.table.subjects.iter().zip(&plan.subjects).zip(&plan.places) {
        let Some(first) = s.records.iter().position(|r| r.gives()) else { continue };
        let later = |place: usize| place > first && s.times[place] > s.times[first];
        let zero = subject.rows.iter().zip(places).filter(|(row, place)| {
            let level = plan.endpoints[row.endpoint].of == Readout::Level;
            level && row.bound == Bound::None && row.value == 0.0 && later(**place)
        });
        lines.extend(zero.map(|(_, place)| s.lines[*place].to_string()));
    }
    let of = if lines.len() == 1 { "line" } else { "lines" };
    (!lines.is_empty()).then(|| {
        format!(
            "{}: DV is exactly 0 after a dose in {of} {}, and counts as measured; if it stands for a \
             value below the limit of quantification, mark it (CENS 1 or BLQ 1 with LLOQ, or < before \
             the limit in DV)",
            plan.file,
            some(&lines)
        )
    })
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
    let mut by_subject = vec![vec![]; plan.endpoints.len()];
    let most = if plan.system.plain().is_some() { usize::MAX } else { SIMULATED };
    let measured = plan.subjects.iter().enumerate().filter(|(_, s)| !s.rows.is_empty());
    for (i, subject) in measured.take(most) {
        let effects = vec![0.0; plan.effects.of_subject(subject.occasions)];
        let Ok(levels) = plan.levels(i, fixed, &effects) else { continue };
        let mut own = vec![vec![]; plan.endpoints.len()];
        for (row, level) in subject.rows.iter().zip(levels) {
            // Before a dose, or long after one, a ratio says nothing of units.
            let says = row.bound == Bound::None && row.value > 0.0 && level > 0.0;
            if says && math::ln(row.value / level).is_finite() {
                own[row.endpoint].push(row.value / level);
            }
        }
        for (endpoint, own) in own.into_iter().enumerate().filter(|(_, own)| !own.is_empty()) {
            by_subject[endpoint].push((i, quantile(&own, 0.5)));
            ratios[endpoint].extend(own);
        }
    }
    let far = |(endpoint, ratios): (&Endpoint, &Vec<f64>)| {
        let ratio = (!ratios.is_empty()).then(|| quantile(ratios, 0.5))?;
        let plain = ["", "%"].contains(&endpoint.unit.as_str());
        let far = if plain { FAR_OF_PLAIN } else { FAR };
        (!(1.0 / far..=far).contains(&ratio)).then(|| told(plan, endpoint, ratio, ratios.len()))
    };
    let mut all: Vec<String> = plan.endpoints.iter().zip(&ratios).filter_map(far).collect();
    let alone = plan.endpoints.iter().zip(&by_subject);
    all.extend(alone.filter_map(|(endpoint, of)| apart(plan, endpoint, of)));
    all
}

/// A ratio between one subject's values and those of most subjects beyond which its unit is in doubt.
const APART: f64 = 50.0;
/// Fewest subjects of which most can be told from one.
const MOST_OF: usize = 5;

/// Subjects whose values, relative to the predictions, are far from those of most other subjects.
fn apart(plan: &Plan, endpoint: &Endpoint, of: &[(usize, f64)]) -> Option<String> {
    if of.len() < MOST_OF {
        return None;
    }
    let usual = quantile(&of.iter().map(|(_, ratio)| *ratio).collect::<Vec<_>>(), 0.5);
    let far = of.iter().filter(|(_, ratio)| !(1.0 / APART..=APART).contains(&(ratio / usual)));
    let names: Vec<String> = far
        .map(|(i, ratio)| {
            format!("{} ({}-fold)", plan.table.subjects[*i].id, three_digits(ratio / usual))
        })
        .collect();
    let (what, them) = match names.len() {
        0 => return None,
        1 => ("subject", "it"),
        _ => ("subjects", "them"),
    };
    Some(format!(
        "{}: DV{} of {what} {} differs from that of most subjects, relative to the predictions at the \
         starting values, as it does where a unit differs; correct it, or leave {them} out",
        plan.file,
        if plan.endpoints.len() > 1 { format!(" of {}", endpoint.name) } else { String::new() },
        some(&names)
    ))
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
