//! What a table of measurements holds, in base units.

use il2_inference::bound::Bound;
use il2_inference::reading::Reduce;
use std::path::PathBuf;

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Line in the file.
    pub line: usize,
    /// Ligand or regimen of the study.
    pub given: String,
    /// Cell of the study; empty for patients.
    pub cell: String,
    /// Concentration of the ligand (pM); 0 for patients.
    pub dose: f64,
    /// What is made of a course or a curve.
    pub reduce: Reduce,
    /// Doses of the curve whose half-maximal dose was measured (pM); empty for others.
    pub curve: Vec<f64>,
    /// Where a course begins that is summed up (min); 0 for others.
    pub from: f64,
    /// When, or where the course ends (min).
    pub time: f64,
    /// Species or observable.
    pub readout: String,
    /// What was measured, in base units or, where a factor is fitted, in the unit of the table.
    pub value: f64,
    /// Whether the value is what was measured, or a limit of it.
    pub bound: Bound,
    /// Standard deviation in the same unit, where the table has one.
    pub sd: Option<f64>,
    /// Words of the columns that have a factor of their own.
    pub group: String,
    /// Whether the row is predicted and not fitted.
    pub held_out: bool,
}

/// A table read.
#[derive(Clone, Debug)]
pub struct Data {
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// Rows that the study or a column leaves out, or that have no value.
    pub left_out: usize,
    /// What must be said of the table: columns not read, rows left out, values that are limits.
    pub warnings: Vec<String>,
    /// SHA-256 of the file.
    pub hash: String,
    /// Where it was read.
    pub path: PathBuf,
}
