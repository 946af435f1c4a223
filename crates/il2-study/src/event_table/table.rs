//! An event table that was read: the records of its subjects, and what to report about it.

use crate::csv_file;
use crate::error::StudyError;
use il2::treatment::record::Record;
use il2_inference::bound::Bound;
use indexmap::IndexMap;
use std::path::Path;

/// The records of one subject.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// As the table first writes it.
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
    /// For each record whether the value is a measurement or a limit; empty where limits are not kept.
    pub bounds: Vec<Bound>,
    /// For each record which of the quantities its measurement is of; empty where there is one.
    pub kinds: Vec<usize>,
    /// Whether a column gives the bioavailability of doses into the first compartment.
    pub says_what_arrives: bool,
    /// Numbers of the model, record after record.
    pub(super) numbers: Vec<f64>,
    /// Covariates, record after record.
    pub(super) covariates: Vec<f64>,
}

impl Subject {
    /// Numbers of the model that hold up to a record, in the order of
    /// [`numbers`](crate::event_table::TableMeaning::numbers), base units; not a number where an optional one is
    /// not given.
    pub fn values(&self, record: usize) -> &[f64] {
        let width = self.numbers.len() / self.records.len();
        &self.numbers[record * width..(record + 1) * width]
    }

    /// Covariates that hold up to a record, in the order of
    /// [`covariates`](crate::event_table::TableMeaning::covariates), as the table writes them.
    pub fn covariates(&self, record: usize) -> &[f64] {
        let width = self.covariates.len() / self.records.len();
        &self.covariates[record * width..(record + 1) * width]
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
    /// Columns that are not read, with what they may have been meant to be.
    pub not_read: Vec<String>,
    /// Rows left out because of a column or because they begin with `#`.
    pub left_out: usize,
    /// Measurements that are not compared with the model: marked as missing or excluded, beyond a limit of
    /// quantification, zero or below, of another compartment, or in the row of a dose.
    pub not_compared: usize,
    /// By name of an optional number of the model: how many subjects lack it although others have it, and one
    /// of them.
    pub without: IndexMap<&'static str, (usize, String)>,
    /// SHA-256 of the file.
    pub hash: String,
    /// Columns numbered by compartment that change no dose, and why.
    pub idle: Vec<String>,
    /// Whether a column holds measurements.
    pub has_measured: bool,
}

impl EventTable {
    /// Whether a column gives any subject's bioavailability of doses into the first compartment.
    pub fn says_what_arrives(&self) -> bool {
        self.subjects.iter().any(|s| s.says_what_arrives)
    }
}

/// The error for a record that is earlier than the one before.
pub fn falls_back(file: &Path, subject: &Subject, record: usize) -> StudyError {
    let message = format!(
        "{} is earlier than the row above; sort the rows of a subject by time, or start again \
         with EVID 3 or 4",
        subject.times[record]
    );
    csv_file::at(file, subject.lines[record] as usize, "TIME", message)
}
