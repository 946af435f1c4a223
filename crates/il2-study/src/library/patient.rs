//! `patient.toml`: sets of pharmacokinetics, populations of cells, and groups of numbers.

use crate::library::numbers::{parameters, word, words};
use il2::patient::physiology::{Entry, Physiology};
use il2::quantity::Quantity;
use toml::{Table, Value};

pub fn physiology(table: &Table) -> Result<Physiology, String> {
    let place = |problem: String| format!("patient.toml: {problem}");
    let entries = |name: &str| -> Result<_, String> {
        let all = table.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
        all.into_iter().map(|(id, value)| Ok((id, entry(&value).map_err(place)?))).collect()
    };
    let mut found = Physiology {
        pharmacokinetics: entries("pharmacokinetics")?,
        animals: entries("animal")?,
        populations: entries("population")?,
        ..Physiology::default()
    };
    for (name, value) in table {
        let sets = ["pharmacokinetics", "animal", "population"];
        if let Some(group) = value.as_table().filter(|_| !sets.contains(&name.as_str())) {
            found.groups.insert(name.clone(), parameters(group).map_err(place)?);
        }
    }
    Ok(found)
}

fn entry(value: &Value) -> Result<Entry, String> {
    let table = value.as_table().ok_or("a set of numbers is a table")?;
    Ok(Entry {
        name: word(table, "name"),
        description: word(table, "description"),
        caveats: words(table, "caveats"),
        cell: word(table, "cell"),
        matures_into: word(table, "matures_into"),
        molecules: words(table, "molecules"),
        misfit: word(table, "misfit"),
        parameters: parameters(table)?,
    })
}

/// Draws of fitted numbers as `il2 fit` writes them, one column a number: `treg.growth (/d)`.
pub fn draws(text: &str) -> Result<Vec<Vec<(String, f64)>>, String> {
    let wrong = |what: &dyn std::fmt::Display| format!("calibration/immune/draws.csv: {what}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let column = |name: &str| -> Result<(String, f64), String> {
        let (name, unit) = name.split_once(" (").unwrap_or((name, ")"));
        let one = Quantity::parse(&format!("1 {}", unit.trim_end_matches(')')));
        Ok((name.to_string(), one.map_err(|e| wrong(&e))?.value))
    };
    let header = reader.headers().map_err(|e| wrong(&e))?.clone();
    let columns: Vec<(String, f64)> = header.iter().map(column).collect::<Result<_, _>>()?;
    let value = |((name, one), text): (&(String, f64), &str)| {
        let value = text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or(wrong(&text))?;
        Ok((name.clone(), value * one))
    };
    let draw = |row: csv::Result<csv::StringRecord>| {
        let row = row.map_err(|e| wrong(&e))?;
        columns.iter().zip(row.iter()).map(value).collect::<Result<Vec<_>, String>>()
    };
    reader.records().map(draw).collect()
}
