//! Published numbers against simulated ones.
//!
//! A folder holds `study.toml`, which is run as any study, and `published.toml`, whose rows say what
//! was published, where it stands in the study's tables, how far off it may be and why.

use crate::assay::plan;
use crate::error::StudyError;
use crate::study::{Study, read, unknown};
use crate::table::{Table, Values};
use serde::Deserialize;
use std::path::Path;

/// `published.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// What is validated.
    pub title: String,
    /// Key of the publication in the library.
    pub source: String,
    /// What was compared and what is known not to fit.
    pub summary: String,
    /// Single numbers.
    #[serde(default)]
    pub row: Vec<Row>,
    /// Numbers that must increase in the order given.
    #[serde(default)]
    pub order: Vec<Order>,
}

/// Where a row stands: columns and the values they must have.
type Place = indexmap::IndexMap<String, toml::Value>;

/// One published number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is, in a few words.
    pub what: String,
    /// Table of the study's results.
    pub table: String,
    /// Rows of the table.
    pub at: Place,
    /// Column that holds the number.
    pub column: String,
    /// Rows whose number it is divided by.
    #[serde(default)]
    pub over: Option<Place>,
    /// Column of those rows, if another.
    #[serde(default)]
    pub over_column: Option<String>,
    /// What is done with several rows: `max` or `time_of_max`; otherwise one row must match.
    #[serde(default)]
    pub reduce: Option<Reduce>,
    /// The published number.
    pub published: f64,
    /// Its unit.
    #[serde(default)]
    pub unit: String,
    /// Where the published number comes from.
    pub is: Is,
    /// How far off the simulated one may be.
    pub tolerance: Tolerance,
    /// Why that far.
    pub why: String,
    /// Whether a parameter was adjusted to it.
    pub status: Status,
    /// Why it is known not to fit; shown, never left out.
    #[serde(default)]
    pub known_misfit: Option<String>,
}

/// Numbers that must increase.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What it is, in a few words.
    pub what: String,
    /// Table of the study's results.
    pub table: String,
    /// Column that holds the numbers.
    pub column: String,
    /// Rows of the table, in increasing order of the number.
    pub increasing: Vec<Place>,
    /// Factor by which each must exceed the one before; 1 if left out.
    #[serde(default)]
    pub factor: Option<f64>,
    /// Where the published order comes from.
    pub is: Is,
    /// Why this order.
    pub why: String,
    /// Whether a parameter was adjusted to it.
    pub status: Status,
    /// Why it is known not to hold; shown, never left out.
    #[serde(default)]
    pub known_misfit: Option<String>,
}

/// What is done with several rows.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduce {
    /// The largest number.
    Max,
    /// The time of the largest number (min).
    TimeOfMax,
}

/// Where a published number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Is {
    /// Measured in an experiment.
    #[serde(rename = "measured")]
    Measured,
    /// Computed from the published model by others.
    #[serde(rename = "model target")]
    ModelTarget,
}

/// Whether a parameter was adjusted to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Status {
    /// By its authors or by us: agreement proves little.
    #[serde(rename = "calibrated on")]
    CalibratedOn,
    /// Never used to set a parameter.
    #[serde(rename = "predicted")]
    Predicted,
}

/// How far off a simulated number may be.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// Part of the published number.
    Relative(f64),
    /// In the unit of the number.
    Absolute(f64),
    /// Up to so many times more or less.
    Factor(f64),
}

/// How a row came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Inside the tolerance.
    Fits,
    /// Outside, and known to be.
    KnownMisfit,
    /// Inside, though listed as a misfit.
    FitsAfterAll,
    /// Outside.
    Fails,
}

/// A row with what the simulation gave.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What it is.
    pub what: String,
    /// Published number or order, as text.
    pub published: String,
    /// Simulated number or order, as text.
    pub simulated: String,
    /// Allowed difference, as text.
    pub allowed: String,
    /// Measured or model target.
    pub is: Is,
    /// Calibrated on or predicted.
    pub status: Status,
    /// How it came out.
    pub outcome: Outcome,
    /// Cause of a known misfit, or reason of the tolerance.
    pub note: String,
}

/// A folder's rows.
#[derive(Clone, Debug)]
pub struct Report {
    /// Name of the folder.
    pub name: String,
    /// What was published.
    pub published: Published,
    /// Every row, in the order of the file; orders last.
    pub rows: Vec<Checked>,
}

/// Runs the study of a folder and compares every row.
pub fn run(folder: &Path) -> Result<Report, StudyError> {
    let file = folder.join("published.toml");
    let text = read::text_of(&file)?;
    let published: Published = toml::from_str(&text).map_err(|e| {
        let mut error = StudyError::of_file(&file, e.message().replace('\n', " "));
        error.set_line(&text, e.span().map(|s| s.start));
        error
    })?;
    let study = Study::read(&folder.join("study.toml"))?;
    let mut tables = vec![];
    for name in study.assays.keys() {
        tables.extend(plan(&study, name)?.run(&study, &|_| ()).tables);
    }
    let find = |what: &str, name: &str| {
        tables.iter().find(|t| t.name == name).ok_or_else(|| {
            let known = tables.iter().map(|t| t.name.as_str());
            let e = unknown(what, "table", name, known, "the study");
            StudyError { file: Some(file.clone()), ..e }
        })
    };
    let mut rows = vec![];
    for row in &published.row {
        rows.push(
            check_row(row, find(&row.what, &row.table)?)
                .map_err(|m| misplaced(&file, &row.what, m))?,
        );
    }
    for order in &published.order {
        rows.push(
            check_order(order, find(&order.what, &order.table)?)
                .map_err(|m| misplaced(&file, &order.what, m))?,
        );
    }
    let name = folder.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
    Ok(Report { name, published, rows })
}

fn misplaced(file: &Path, what: &str, message: String) -> StudyError {
    StudyError { path: what.to_string(), ..StudyError::of_file(file, message) }
}

fn check_row(row: &Row, table: &Table) -> Result<Checked, String> {
    let mut value = number(table, &row.at, &row.column, row.reduce)?;
    if let Some(over) = &row.over {
        let column = row.over_column.as_ref().unwrap_or(&row.column);
        value /= number(table, over, column, None)?;
    }
    let p = row.published;
    let (fits, allowed) = match row.tolerance {
        Tolerance::Relative(r) => {
            ((value - p).abs() <= r * p.abs(), format!("±{} %", trimmed(r * 100.0)))
        }
        Tolerance::Absolute(a) => ((value - p).abs() <= a, format!("±{}", trimmed(a))),
        Tolerance::Factor(f) => (value >= p / f && value <= p * f, format!("x/÷ {}", trimmed(f))),
    };
    Ok(Checked {
        what: row.what.clone(),
        published: format!("{} {}", digits(p), row.unit).trim_end().to_string(),
        simulated: digits(value),
        allowed,
        is: row.is,
        status: row.status,
        outcome: outcome(fits, row.known_misfit.is_some()),
        note: row.known_misfit.clone().unwrap_or_else(|| row.why.clone()),
    })
}

fn check_order(order: &Order, table: &Table) -> Result<Checked, String> {
    let values: Vec<f64> = order
        .increasing
        .iter()
        .map(|place| number(table, place, &order.column, None))
        .collect::<Result<_, _>>()?;
    let factor = order.factor.unwrap_or(1.0);
    let fits = values.windows(2).all(|pair| pair[1] > factor * pair[0]);
    let name = |place: &Place| -> String {
        let key = ["cell", "ligand"]
            .into_iter()
            .find(|k| order.increasing.iter().any(|p| p.get(*k) != order.increasing[0].get(*k)));
        place.get(key.unwrap_or("cell")).and_then(|v| v.as_str()).unwrap_or("?").to_string()
    };
    let names: Vec<String> = order.increasing.iter().map(name).collect();
    Ok(Checked {
        what: order.what.clone(),
        published: names.join(" < "),
        simulated: values.iter().map(|v| digits(*v)).collect::<Vec<_>>().join(" < "),
        allowed: if factor > 1.0 { format!("> {}x each", trimmed(factor)) } else { "order".into() },
        is: order.is,
        status: order.status,
        outcome: outcome(fits, order.known_misfit.is_some()),
        note: order.known_misfit.clone().unwrap_or_else(|| order.why.clone()),
    })
}

fn outcome(fits: bool, known: bool) -> Outcome {
    match (fits, known) {
        (true, false) => Outcome::Fits,
        (true, true) => Outcome::FitsAfterAll,
        (false, true) => Outcome::KnownMisfit,
        (false, false) => Outcome::Fails,
    }
}

/// The number at a place; an error if no row or several match.
fn number(table: &Table, at: &Place, column: &str, reduce: Option<Reduce>) -> Result<f64, String> {
    let mut rows: Vec<usize> = (0..table.rows()).collect();
    for (name, wanted) in at {
        match table.column(name) {
            None => {
                let known: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
                return Err(format!(
                    "table {} has no column {name}; it has {}",
                    table.name,
                    known.join(", ")
                ));
            }
            Some(Values::Text(all)) => {
                let wanted = wanted.as_str().unwrap_or_default();
                rows.retain(|&r| all[r] == wanted);
            }
            Some(Values::Number(all)) => {
                let wanted = wanted.as_float().or_else(|| wanted.as_integer().map(|i| i as f64));
                let wanted = wanted.ok_or(format!("{name} is compared with a number"))?;
                rows.retain(|&r| (all[r] - wanted).abs() <= 1e-9 * wanted.abs());
            }
        }
    }
    if !matches!(table.column(column), Some(Values::Number(_))) {
        return Err(format!("table {} has no column {column} of numbers", table.name));
    }
    let best = rows
        .iter()
        .copied()
        .max_by(|&a, &b| table.number(a, column).total_cmp(&table.number(b, column)));
    match (reduce, rows.as_slice(), best) {
        (None, [row], _) => Ok(table.number(*row, column)),
        (Some(Reduce::Max), _, Some(row)) => Ok(table.number(row, column)),
        (Some(Reduce::TimeOfMax), _, Some(row)) => Ok(table.number(row, "time_min")),
        _ => {
            Err(format!("{} rows of table {} match {at:?}; one is needed", rows.len(), table.name))
        }
    }
}

fn digits(value: f64) -> String {
    if !value.is_finite() {
        return "-".into();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{value:.3e}");
    }
    let decimals =
        if size == 0.0 { 0 } else { (3 - size.log10().floor() as i32).clamp(0, 5) as usize };
    format!("{value:.decimals$}")
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
