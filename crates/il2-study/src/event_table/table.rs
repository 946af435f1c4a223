//! An event table, read: the records of its subjects, and what is to be said of it.

use crate::csv_file;
use crate::error::StudyError;
use il2::treatment::record::Record;
use indexmap::IndexMap;
use std::path::Path;

/// The records of one subject.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// As the table writes it first.
    pub id: String,
    /// In the order of the file, in base units.
    pub records: Vec<Record>,
    /// Line of each record in the file, from 1.
    pub lines: Vec<u32>,
    /// TIME of each record as written.
    pub times: Vec<f64>,
    /// What was measured at each record, in the table's unit, NaN where nothing was; empty where the
    /// table has no such column.
    pub measured: Vec<f64>,
    /// Whether a column says which part of his doses into the first compartment arrives.
    pub says_what_arrives: bool,
    /// Numbers of the model, record after record.
    pub(super) numbers: Vec<f64>,
}

impl Subject {
    /// Numbers of the model that hold up to a record, in the order of
    /// [`numbers`](crate::event_table::Reading::numbers), base units; not a number where an optional one is
    /// not given.
    pub fn values(&self, record: usize) -> &[f64] {
        let width = self.numbers.len() / self.records.len();
        &self.numbers[record * width..(record + 1) * width]
    }

    /// Those of every record.
    pub fn all_values(&self) -> Vec<Vec<f64>> {
        (0..self.records.len()).map(|r| self.values(r).to_vec()).collect()
    }
}

/// A table read.
#[derive(Clone, Debug)]
pub struct EventTable {
    /// In the order of the file.
    pub subjects: Vec<Subject>,
    /// Columns that stand for nothing here, with what they may have been meant to be.
    pub not_read: Vec<String>,
    /// Rows left out because a column says so, or because they begin with `#`.
    pub left_out: usize,
    /// Measurements that are not compared with the model: marked as missing or excluded, beyond a
    /// limit of quantification, zero or below, of another compartment, or beside a dose.
    pub not_compared: usize,
    /// Subjects of whom an optional number of the model is not given, where others have it, by its
    /// name: how many, and one of them.
    pub without: IndexMap<&'static str, (usize, String)>,
    /// SHA-256 of the file.
    pub hash: String,
    /// Columns that count compartments and change no dose, and why.
    pub idle: Vec<String>,
    /// Whether a column holds measurements.
    pub has_measured: bool,
}

impl EventTable {
    /// Whether a column says of any subject which part of a dose into the first compartment arrives.
    pub fn says_what_arrives(&self) -> bool {
        self.subjects.iter().any(|s| s.says_what_arrives)
    }
}

/// The error for a record whose time falls back.
pub fn falls_back(file: &Path, subject: &Subject, record: usize) -> StudyError {
    let message = format!(
        "{} lies before the row above it; sort the rows of a subject by time, or begin anew with EVID 3 or 4",
        subject.times[record]
    );
    csv_file::at(file, subject.lines[record] as usize, "TIME", message)
}
