//! Event tables: CSV files with NONMEM's columns, read into records or refused with file, row, column
//! and remedy.

mod columns;
mod places;
mod row;

pub use places::{absorbed, place_named};
pub use row::beyond_a_limit;

use crate::error::StudyError;
use crate::{csv_file, headings};
use columns::{Columns, Noted};
use il2::patient::compartments::Named;
use il2::treatment::record::Record;
use il2::treatment::schedule;
use il2_engine::words::shown;
use indexmap::IndexMap;
use row::Row;
use std::collections::HashSet;
use std::path::Path;

/// More doses than this of one subject are a slip of the pen, and would not fit into memory.
const MOST_DOSES: f64 = 200_000.0;
/// Rows of a table: some 200 bytes each while it is read, run and written.
pub const MOST_RECORDS: usize = 500_000;
/// Rows of one subject, who is run as a whole: his state at each row is held until all are there.
pub const MOST_OF_ONE: usize = 100_000;
/// The same of a patient, whose state is long.
pub const MOST_OF_ONE_PATIENT: usize = 10_000;

/// Factors that bring the numbers of a table to base units.
#[derive(Clone, Copy, Debug)]
pub struct Factors {
    /// Minutes.
    pub time: f64,
    /// pmol, pg or IU.
    pub amount: f64,
    /// Litres.
    pub volume: f64,
}

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
    numbers: Vec<f64>,
}

impl Subject {
    /// Numbers of the model that hold up to a record, in the order of [`Reading::numbers`], base units;
    /// not a number where an optional one is not given.
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

/// How a table is to be read.
pub struct Reading<'a> {
    /// Compartments of the model in the order of NONMEM's numbers.
    pub compartments: &'static [&'static str],
    /// Which of them the table's own numbers and words stand for; see [`compartments_told`].
    pub told: &'a IndexMap<String, usize>,
    /// Whether the table's numbers mean nothing unless they are told: people number the compartments of
    /// a drug by their own model, in which 1 may be a vein.
    pub must_be_told: bool,
    /// Key path of the part of the study that names the table.
    pub at: &'a str,
    /// Numbers of the model that columns may give.
    pub numbers: &'static [Named],
    /// Units.
    pub factors: Factors,
    /// Numbers of the model that hold where no column gives them, base units.
    pub given: &'a IndexMap<&'static str, f64>,
    /// Other names of columns.
    pub columns: &'a IndexMap<String, String>,
}

/// What the study's key `compartments` says, by number or word of the table.
pub fn compartments_told(
    at: &str,
    written: &IndexMap<String, String>,
    compartments: &[&'static str],
) -> Result<IndexMap<String, usize>, StudyError> {
    let mut told = IndexMap::new();
    for (key, word) in written {
        let Some(place) = place_named(word, compartments) else {
            let message = format!(
                "\"{}\" is no compartment of this model; use {}",
                shown(word),
                compartments.join(" or ")
            );
            return Err(StudyError::at(format!("{at}.compartments.{key}"), message));
        };
        told.insert(key.to_ascii_uppercase(), place);
    }
    Ok(told)
}

/// The error for a record whose time falls back.
pub fn falls_back(file: &Path, subject: &Subject, record: usize) -> StudyError {
    let message = format!(
        "{} lies before the row above it; sort the rows of a subject by time, or begin anew with EVID 3 or 4",
        subject.times[record]
    );
    csv_file::at(file, subject.lines[record] as usize, "TIME", message)
}

/// What makes two texts the same subject: their letters, but that a whole number may be written with
/// zeros behind a point. Leading zeros, exponents and digits beyond what a number holds are kept.
fn key(id: &str) -> &str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match id.split_once('.') {
        Some((whole, rest))
            if digits(whole)
                && (whole == "0" || !whole.starts_with('0'))
                && rest.bytes().all(|b| b == b'0') =>
        {
            whole
        }
        _ => id,
    }
}

/// Reads an event table.
pub fn read(path: &Path, how: &Reading) -> Result<EventTable, StudyError> {
    let file = csv_file::read(path, "doses and observations")?;
    let rows = file.rows().count();
    if rows > MOST_RECORDS {
        let message = format!("has {rows} rows, and a table may have {MOST_RECORDS}; split it");
        return Err(StudyError::of_file(path, message));
    }
    let columns = Columns::find(&file, how)?;
    let known = columns::known(how);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut table = EventTable {
        subjects: vec![],
        not_read: headings::not_read(&file, &columns.read(), &known),
        left_out: file.commented,
        not_compared: 0,
        without: IndexMap::new(),
        hash: file.hash.clone(),
        idle: vec![],
        has_measured: columns.signs.place(headings::Sign::Measured).is_some(),
    };
    let mut seen: HashSet<String> = HashSet::new();
    let mut kind: Option<String> = None;
    let mut noted = vec![Noted::default(); columns.carried.len()];
    // What holds a whole patient is told by what it must be told.
    let most_of_one = if how.must_be_told { MOST_OF_ONE_PATIENT } else { MOST_OF_ONE };
    for (line, fields) in file.rows() {
        let row = Row { file: &file, line, columns: &columns, fields };
        if columns.signs.leaves_out((&file, line, &fields))? {
            table.left_out += 1;
            continue;
        }
        let id = row.id()?;
        if table.subjects.last().is_none_or(|s| key(&s.id) != key(id)) {
            if !seen.insert(key(id).to_string()) {
                let message = format!(
                    "subject {} came before, with another in between; sort the table by ID",
                    shown(id)
                );
                return Err(row.refuse("ID", message));
            }
            if let Some(done) = table.subjects.last_mut() {
                finish(done, &file, &columns, how, &mut noted)?;
            }
            table.subjects.push(Subject { id: id.to_string(), ..Subject::default() });
        }
        let (record, time) = row.record(how)?;
        let subject = table.subjects.last_mut().expect("just pushed");
        if subject.records.len() == most_of_one {
            let message = format!(
                "is row {} of subject {}, who may have {most_of_one}; look at him less often",
                most_of_one + 1,
                shown(id)
            );
            return Err(row.refuse("", message));
        }
        if table.has_measured {
            let measured = row.measured(how, record.kind, &mut kind)?;
            table.not_compared += usize::from(measured == row::Measured::NotCompared);
            subject.measured.push(match measured {
                row::Measured::At(value) => value,
                _ => f64::NAN,
            });
        }
        row.carried(how, &mut subject.numbers)?;
        subject.records.push(record);
        subject.lines.push(line as u32);
        subject.times.push(time);
    }
    match table.subjects.last_mut() {
        Some(done) => finish(done, &file, &columns, how, &mut noted)?,
        None => {
            let message = "has no rows; add doses and observations below the header";
            return Err(file.refuse(1, "", message));
        }
    }
    table.idle = columns.idle(&noted, how);
    without(&mut table, how);
    Ok(table)
}

/// Brings the records of a subject to an end: numbers that some of its lines give hold on the others,
/// up to the next that gives one, and before the first. Half a million records take little memory only
/// without the room that a growing list keeps.
fn finish(
    subject: &mut Subject,
    file: &csv_file::CsvFile,
    columns: &Columns,
    how: &Reading,
    noted: &mut [Noted],
) -> Result<(), StudyError> {
    let width = columns.carried.len();
    let mut held = std::mem::take(&mut subject.numbers);
    for c in 0..width {
        let mut last = f64::NAN;
        let mut carry = |value: &mut f64| {
            if value.is_nan() {
                *value = last;
            }
            last = *value;
        };
        held.iter_mut().skip(c).step_by(width).for_each(&mut carry);
        held.iter_mut().skip(c).step_by(width).rev().for_each(&mut carry);
    }
    subject.says_what_arrives = held.get(..width).is_some_and(|row| columns.says_what_arrives(row));
    let (mut doses, end) = (0.0, subject.records.last().map_or(0.0, |last| last.time));
    for r in 0..subject.records.len() {
        let line = subject.lines[r] as usize;
        let of_row = &held[r * width..(r + 1) * width];
        columns.deliver(&mut subject.records[r], of_row);
        columns.note(&subject.records[r], of_row, noted);
        if let Some((column, message)) = subject.records[r].problem() {
            return Err(columns.problem(file, line, column, &message, &subject.records[r]));
        }
        subject.numbers.extend(columns.numbers(file, line, of_row, how)?);
        doses += schedule::most_doses(&subject.records[r], end - subject.records[r].time);
        if doses > MOST_DOSES {
            let message = format!(
                "gives subject {} more than {MOST_DOSES} doses in all; give fewer, or write them as \
                 an infusion",
                shown(&subject.id)
            );
            return Err(file.refuse(line, "ADDL", message));
        }
    }
    subject.numbers.shrink_to_fit();
    subject.records.shrink_to_fit();
    subject.lines.shrink_to_fit();
    subject.times.shrink_to_fit();
    subject.measured.shrink_to_fit();
    Ok(())
}

/// Finds the subjects who have no number of their own where others do.
fn without(table: &mut EventTable, how: &Reading) {
    for (place, number) in how.numbers.iter().enumerate().filter(|(_, n)| n.optional) {
        let lacks = |s: &&Subject| s.values(0)[place].is_nan();
        let count = table.subjects.iter().filter(lacks).count();
        if count > 0 && count < table.subjects.len() {
            let one = table.subjects.iter().find(lacks).expect("counted").id.clone();
            table.without.insert(number.name, (count, one));
        }
    }
    let lacks = |s: &&Subject| !s.says_what_arrives;
    let count = table.subjects.iter().filter(lacks).count();
    if count > 0 && count < table.subjects.len() {
        let one = table.subjects.iter().find(lacks).expect("counted").id.clone();
        table.without.insert("F1", (count, one));
    }
}

#[cfg(test)]
mod tests {
    use crate::event_table::key;

    #[test]
    fn a_subject_is_a_text() {
        assert_eq!(key("1"), key("1.0"));
        assert_eq!(key("1"), key("1."));
        assert_eq!(key("0"), key("0.00"));
        for (a, b) in [
            ("1012003400050006001", "1012003400050006002"),
            ("001017", "1017"),
            ("01.0", "1"),
            ("1E05", "100000"),
            ("1e3", "1E3"),
            ("1.5", "1"),
            ("+1", "1"),
            ("A.0", "A"),
        ] {
            assert_ne!(key(a), key(b), "{a} {b}");
        }
    }
}
