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
    /// The ID as first written in the table.
    pub id: String,
    /// Records in the order of the file, in base units.
    pub records: Vec<Record>,
    /// Line of each record in the file, from 1.
    pub lines: Vec<u32>,
    /// TIME of each record as written.
    pub times: Vec<f64>,
    /// Measurement at each record, in the table's unit; NaN where nothing was measured; empty if
    /// the table has no such column.
    pub measured: Vec<f64>,
    /// For each record, whether the value is a measurement or a limit; empty where limits are not
    /// kept.
    pub bounds: Vec<Bound>,
    /// For each record, which quantity its measurement is of; empty where there is only one
    /// quantity.
    pub kinds: Vec<usize>,
    /// Whether a column gives the bioavailability of doses into the first compartment.
    pub says_what_arrives: bool,
    /// Numbers of the model, for one record after the other.
    pub(super) numbers: Vec<f64>,
    /// Covariates, for one record after the other.
    pub(super) covariates: Vec<f64>,
}

impl Subject {
    /// Numbers of the model that apply up to a record, in the order of
    /// [`numbers`](crate::event_table::TableMeaning::numbers), in base units; NaN where an optional
    /// number is not given.
    pub fn values(&self, record: usize) -> &[f64] {
        let width = self.numbers.len() / self.records.len();
        &self.numbers[record * width..(record + 1) * width]
    }

    /// Covariates that apply up to a record, in the order of
    /// [`covariates`](crate::event_table::TableMeaning::covariates), as the table writes them.
    pub fn covariates(&self, record: usize) -> &[f64] {
        let width = self.covariates.len() / self.records.len();
        &self.covariates[record * width..(record + 1) * width]
    }

    /// The numbers of every record.
    pub fn all_values(&self) -> Vec<Vec<f64>> {
        (0..self.records.len()).map(|r| self.values(r).to_vec()).collect()
    }
}

/// An event table that was read.
#[derive(Clone, Debug)]
pub struct EventTable {
    /// Subjects in the order of the file.
    pub subjects: Vec<Subject>,
    /// Columns that are not read, each with its probable meaning.
    pub not_read: Vec<String>,
    /// Rows left out because of a column or because they begin with `#`.
    pub left_out: usize,
    /// Measurements that are not compared with the model: marked as missing or excluded, beyond a
    /// limit of quantification, zero or below, in another compartment, or in the row of a dose.
    pub not_compared: usize,
    /// Lines whose value equals a limit of quantification, and that do not mark it as beyond the
    /// limit; empty where limits are not kept.
    pub at_limit: Vec<u32>,
    /// By name of an optional number of the model: how many subjects lack it although others have
    /// it, and one such subject.
    pub without: IndexMap<&'static str, (usize, String)>,
    /// SHA-256 of the file.
    pub hash: String,
    /// Columns numbered by compartment that change no dose, with the reason.
    pub idle: Vec<String>,
    /// Whether a column names subjects; without one, all rows are of one subject.
    pub has_subjects: bool,
    /// Whether a column contains measurements.
    pub has_measured: bool,
}

impl EventTable {
    /// Whether a column gives any subject's bioavailability of doses into the first compartment.
    pub fn says_what_arrives(&self) -> bool {
        self.subjects.iter().any(|s| s.says_what_arrives)
    }
}

/// The error for a record that is earlier than the previous one.
pub fn falls_back(file: &Path, table: &EventTable, subject: &Subject, record: usize) -> StudyError {
    let not_read = table.not_read.join(", ");
    let one = match (table.has_subjects, not_read.is_empty()) {
        (true, _) => String::new(),
        (false, true) => " (there is no column ID, so that all rows are of one subject)".into(),
        (false, false) => format!(
            " (there is no column ID, so that all rows are of one subject; not read: {not_read})"
        ),
    };
    let message = format!(
        "{} is earlier than the row above{one}; sort the rows of a subject by time, or start again \
         with EVID 3 or 4",
        subject.times[record]
    );
    csv_file::at(file, subject.lines[record] as usize, "TIME", message)
}
