//! Contents of a table of measurements, in base units.

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
    /// How a course or a curve is summarised.
    pub reduce: Reduce,
    /// Doses of the curve whose EC50 was measured (pM); empty for others.
    pub curve: Vec<f64>,
    /// Start of a course that is summarised (min); 0 for others.
    pub from: f64,
    /// Time, or end of the course (min).
    pub time: f64,
    /// Species or observable.
    pub readout: String,
    /// The measured value, in base units or, if a factor is fitted, in the unit of the table.
    pub value: f64,
    /// Whether the value was measured, or is a limit.
    pub bound: Bound,
    /// Standard deviation in the same unit, where the table has one.
    pub sd: Option<f64>,
    /// Words of the columns that distinguish factors.
    pub group: String,
    /// Whether the row is predicted rather than fitted.
    pub held_out: bool,
}

/// A table of measurements that was read.
#[derive(Clone, Debug)]
pub struct Data {
    /// Rows in the order of the file.
    pub rows: Vec<Row>,
    /// Number of rows that the study or a column leaves out, or that have no value.
    pub left_out: usize,
    /// Warnings about the table: columns not read, rows left out, values that are limits.
    pub warnings: Vec<String>,
    /// SHA-256 of the file.
    pub hash: String,
    /// Where it was read.
    pub path: PathBuf,
}
