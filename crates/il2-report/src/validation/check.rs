//! Compares one row or order.

use crate::validation::interval::digits;
use crate::validation::outcome::{Checked, Outcome};
use crate::validation::place::{Wanted, number};
use crate::validation::power;
use crate::validation::simulated::{interval, simulated};
use il2_answer::published::{Expectation, Order, Place, Row, Status, Tolerance};
use il2_output::table::Table;
use il2_study::study::Study;

pub fn check_row(row: &Row, table: &Table, study: &Study) -> Result<Checked, String> {
    if row.held_out.is_some() && row.status == Status::CalibratedOn {
        return Err("is held out and has status = \"calibrated on\"; keep one of the two".into());
    }
    let value = simulated(row, table, study)?;
    let unit = &row.unit;
    let (fits, published, allowed) = match row.asked()? {
        Expectation::Number(p, tolerance) => {
            let (fits, allowed) = match tolerance {
                Tolerance::Relative(r) => {
                    ((value - p).abs() <= r * p.abs(), format!("±{} %", trimmed(r * 100.0)))
                }
                Tolerance::Absolute(a) => ((value - p).abs() <= a, format!("±{}", trimmed(a))),
                Tolerance::Factor(f) => {
                    (value >= p / f && value <= p * f, format!("x/÷ {}", trimmed(f)))
                }
            };
            (fits, format!("{} {unit}", digits(p)), allowed)
        }
        Expectation::Range(low, high) => (
            (low..=high).contains(&value),
            format!("{} to {} {unit}", trimmed(low), trimmed(high)),
            "range".into(),
        ),
        Expectation::AtLeast(bound) => {
            (value >= bound, format!("≥ {} {unit}", trimmed(bound)), "bound".into())
        }
        Expectation::AtMost(bound) => {
            (value <= bound, format!("≤ {} {unit}", trimmed(bound)), "bound".into())
        }
    };
    Ok(Checked {
        what: row.what.clone(),
        published: published.trim_end().to_string(),
        simulated: digits(value),
        interval: interval(row, table, study)?,
        allowed,
        is: row.is,
        status: row.status,
        held_out: row.held_out.clone(),
        is_number: row.published.is_some() || row.range.is_some(),
        power: None,
        outcome: outcome(fits, row.known_misfit.is_some()),
        note: row.known_misfit.clone().unwrap_or_else(|| row.why.clone()),
    })
}

pub fn check_order(order: &Order, table: &Table) -> Result<Checked, String> {
    let values: Vec<f64> = order
        .increasing
        .iter()
        .map(|at| number(table, &Wanted { at, column: &order.column, reduce: None, between: None }))
        .collect::<Result<_, _>>()?;
    let factor = order.factor.unwrap_or(1.0);
    if !factor.is_finite() {
        return Err(format!("factor = {factor} is not allowed; use a finite number, such as 2.0"));
    }
    let fits = values.windows(2).all(|pair| pair[1] > factor * pair[0]);
    let names: Vec<String> = order.increasing.iter().map(|p| name(p, &order.increasing)).collect();
    Ok(Checked {
        what: order.what.clone(),
        published: names.join(" < "),
        simulated: values.iter().map(|v| digits(*v)).collect::<Vec<_>>().join(" < "),
        interval: None,
        allowed: if factor > 1.0 { format!("> {}x each", trimmed(factor)) } else { "order".into() },
        is: order.is,
        status: order.status,
        held_out: None,
        is_number: false,
        power: Some(power::of_order(order)),
        outcome: outcome(fits, order.known_misfit.is_some()),
        note: order.known_misfit.clone().unwrap_or_else(|| order.why.clone()),
    })
}

/// The name of rows that distinguishes them from others: their cell, their ligand, or otherwise the
/// first value that differs; a number is written with its column.
fn name(place: &Place, all: &[Place]) -> String {
    let differs = |key: &&str| all.iter().any(|p| p.get(*key) != all[0].get(*key));
    let keys = ["cell", "ligand"].into_iter().chain(place.keys().map(String::as_str));
    let key = keys.filter(|k| place.contains_key(*k)).find(differs);
    match key.and_then(|k| Some((k, place.get(k)?))) {
        Some((_, toml::Value::String(text))) => text.clone(),
        Some((key, toml::Value::Float(number))) => format!("{key} {}", trimmed(*number)),
        Some((key, value)) => format!("{key} {value}"),
        None => place.get("cell").and_then(|v| v.as_str()).unwrap_or("?").to_string(),
    }
}

fn outcome(fits: bool, known: bool) -> Outcome {
    match (fits, known) {
        (true, false) => Outcome::Fits,
        (true, true) => Outcome::UnexpectedPass,
        (false, true) => Outcome::KnownMisfit,
        (false, false) => Outcome::Fails,
    }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
