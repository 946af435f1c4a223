//! Which columns of a table have whole numbers. Tables have 64-bit floating-point numbers and text
//! only; whole numbers are told by the name of the column, and by the values, so that no value is
//! changed.

use il2_output::column::{Column, Packed, Values};
use il2_output::table::Table;

/// Columns of numbers that are counts or places in a list.
const WHOLE: [&str; 36] = [
    "at_risk",
    "cells_solved",
    "censored",
    "chain",
    "cnsr",
    "counted",
    "design",
    "doses_given",
    "doses_planned",
    "draw",
    "draws_solved",
    "events",
    "evid",
    "failed",
    "holds",
    "lesions",
    "line",
    "look",
    "occasion",
    "patient",
    "patients",
    "patients_planned",
    "period",
    "points",
    "rank",
    "replicate",
    "sample",
    "samples",
    "selected",
    "start",
    "steps",
    "subjects",
    "trial",
    "trials",
    "trials_not_reached",
    "unstable_directions",
];
/// The column of text with the subjects of a table of the user, whose IDs may be numbers.
const SUBJECT: &str = "id";
/// Numbers beyond this may not be whole in 64-bit floating point.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// Kind of a column for other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers; NaN if missing.
    Number,
    /// Whole numbers, some of which may be missing.
    Whole,
    /// Text; empty if missing.
    Text,
}

/// The kind of every column.
pub fn kinds(table: &Table) -> std::io::Result<Vec<Kind>> {
    let may = |column: &Column| match column.values {
        // Tables for submission have names in capitals.
        Values::Number(_) => WHOLE.contains(&column.name.to_lowercase().as_str()),
        Values::Text(_) => column.name == SUBJECT,
    };
    let all = &table.columns;
    let asked: Vec<usize> = (0..all.len()).filter(|&place| may(&all[place])).collect();
    let read = if asked.is_empty() { vec![] } else { table.read(&asked)? };
    let plain = |column: &Column| match column.values {
        Values::Number(_) => Kind::Number,
        Values::Text(_) => Kind::Text,
    };
    let mut kinds: Vec<Kind> = all.iter().map(plain).collect();
    for (place, column) in asked.into_iter().zip(&read) {
        if is_whole(column) {
            kinds[place] = Kind::Whole;
        }
    }
    Ok(kinds)
}

fn is_whole(column: &Packed) -> bool {
    match column {
        Packed::Number(all) => {
            all.iter().all(|v| !v.is_finite() || (v.fract() == 0.0 && v.abs() < LARGEST))
        }
        Packed::Text(_, texts) => {
            let mut some = texts.iter().filter(|text| !text.is_empty()).peekable();
            some.peek().is_some() && some.all(|text| whole(text).is_some())
        }
    }
}

/// A whole number in the form in which it is usually written: `007` is a name.
fn whole(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}

/// Whole numbers of a column of this kind, none where they are missing.
pub fn whole_numbers(column: &Packed) -> Vec<Option<i64>> {
    match column {
        Packed::Number(all) => all.iter().map(|v| v.is_finite().then_some(*v as i64)).collect(),
        Packed::Text(codes, texts) => {
            let numbers: Vec<Option<i64>> = texts.iter().map(|text| whole(text)).collect();
            codes.iter().map(|&code| numbers[code as usize]).collect()
        }
    }
}
