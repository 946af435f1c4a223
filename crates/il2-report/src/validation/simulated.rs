//! The simulated number of a row, in the row's unit.

use crate::validation::interval::Interval;
use crate::validation::place::{Wanted, matching, number};
use il2::quantity::Quantity;
use il2_answer::published::{Reduce, Row};
use il2_engine::Dimension;
use il2_output::table::Table;
use il2_study::study::Study;

/// The simulated number of a row, in the row's unit.
pub fn simulated(row: &Row, table: &Table, study: &Study) -> Result<f64, String> {
    let between = match &row.between {
        None => None,
        Some([from, to]) => Some([minutes("between", from)?, minutes("between", to)?]),
    };
    let wanted = Wanted { at: &row.at, column: &row.column, reduce: row.reduce, between };
    let mut value = number(table, &wanted)?;
    if let Some(over) = &row.over {
        if row.ligand.is_some() {
            return Err("is divided by `over` and has no unit to convert; leave out ligand".into());
        }
        if let Some(Reduce::TimeOfMax | Reduce::HalfLife | Reduce::Area) = row.reduce {
            return Err(
                "is a time or an area, which cannot be divided by `over`; leave `over` out".into(),
            );
        }
        let column = row.over_column.as_ref().unwrap_or(&row.column);
        value /= number(table, &Wanted { at: over, column, reduce: None, between: None })?;
        let background = row.background.unwrap_or(0.0);
        if !(0.0..1.0).contains(&background) {
            return Err(format!("background = {background} is not allowed; use 0 to below 1"));
        }
        value = (1.0 - background) * value + background;
    } else if row.background.is_some() {
        return Err(
            "has a background but no `over`, of which the background is a fraction; remove \
             background"
                .into(),
        );
    } else {
        value /= unit_size(row, table, &wanted, study)?;
    }
    Ok(value)
}

/// The interval of a row's simulated number; none if the table has none beside it.
pub fn interval(row: &Row, table: &Table, study: &Study) -> Result<Option<Interval>, String> {
    let kinds = table.column("interval").is_some() && row.column == "value";
    if !kinds || row.over.is_some() || row.reduce.is_some() {
        return Ok(None);
    }
    let end = |column: &str| {
        simulated(&Row { column: column.into(), null: None, ..row.clone() }, table, study)
    };
    let (low, high) = (end("low")?, end("high")?);
    let wanted = Wanted { at: &row.at, column: &row.column, reduce: None, between: None };
    let kind = table.text(matching(table, &wanted)?[0], "interval").to_string();
    Ok((low.is_finite() || high.is_finite()).then_some(Interval { low, high, kind }))
}

fn minutes(what: &str, text: &str) -> Result<f64, String> {
    Quantity::parse_as(text, Dimension::TIME).map_err(|e| format!("{what}: {}", e.0))
}

/// Size of the row's unit in the unit of the table.
fn unit_size(row: &Row, table: &Table, wanted: &Wanted, study: &Study) -> Result<f64, String> {
    let mut unit = row.unit.as_str();
    let mut size = 1.0;
    match row.reduce {
        Some(Reduce::TimeOfMax | Reduce::HalfLife) => {
            return minutes("unit", &format!("1 {unit}"));
        }
        Some(Reduce::Area) => {
            let (level, time) = unit.rsplit_once('*').ok_or(format!(
                "unit = \"{unit}\" is not an area over time; write for example \"IU/mL*h\""
            ))?;
            size = minutes("unit", &format!("1 {time}"))?;
            unit = level;
        }
        _ => {}
    }
    let Some(id) = &row.ligand else { return Ok(size) };
    let rows = matching(table, wanted)?;
    let in_pm = |r: &usize| table.text(*r, "unit") == "pM";
    if !row.column.ends_with("_pm") && !rows.iter().all(in_pm) {
        return Err(format!(
            "column {} does not contain concentrations (pM), so ligand = \"{id}\" has no effect; \
             leave it out",
            row.column
        ));
    }
    let ligand = study.ligand("ligand", id).map_err(|e| format!("ligand: {}", e.message))?;
    let one = ligand.preparation().concentration(&format!("1 {unit}"));
    Ok(size * one.map_err(|e| format!("unit: {}", e.0))?)
}
