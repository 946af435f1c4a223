//! An event table read into the records of its subjects, or refused with file, row, column and
//! remedy.

use crate::error::StudyError;
use crate::event_table::columns::{self, Columns, Noted};
use crate::event_table::meaning::TableMeaning;
use crate::event_table::row::{Measured, Row};
use crate::event_table::table::{EventTable, Subject};
use crate::study::Tables;
use crate::{csv_file, headings};
use il2::treatment::schedule;
use il2_engine::words::shown;
use il2_inference::bound::Bound;
use indexmap::IndexMap;
use std::collections::HashSet;

/// Largest number of doses of one subject; more is a mistake, and would not fit into memory.
const MOST_DOSES: f64 = 200_000.0;
/// Largest number of rows of a table: about 200 bytes each while it is read, run and written.
pub const MOST_RECORDS: usize = 500_000;
/// Largest number of rows of one subject, whose states at all rows are kept until the simulation
/// ends.
pub const MOST_OF_ONE: usize = 100_000;
/// The same limit for a whole patient, which has many states.
pub const MOST_OF_ONE_PATIENT: usize = 10_000;

/// Whether two texts name the same subject: they must be equal, except that a whole number may have
/// zeros after a point. Leading zeros, exponents and digits beyond the precision of a number count.
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

/// Reads an event table, given its path relative to the study.
pub fn read(tables: &Tables, name: &str, how: &TableMeaning) -> Result<EventTable, StudyError> {
    let file = tables.read(name, "doses and observations");
    let file = file.map_err(|e| e.named_at(format!("{}.table", how.at)))?;
    let rows = file.rows().count();
    if rows > MOST_RECORDS {
        let message = format!("has {rows} rows; a table may have at most {MOST_RECORDS}: split it");
        return Err(StudyError::of_file(&file.path, message));
    }
    let columns = Columns::find(&file, how)?;
    let known = columns::known(how);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut table = EventTable {
        subjects: vec![],
        not_read: headings::not_read(&file, &columns.read(), &known),
        left_out: file.commented,
        not_compared: 0,
        at_limit: vec![],
        without: IndexMap::new(),
        hash: file.hash.clone(),
        idle: vec![],
        has_subjects: columns.reserved("ID").is_some(),
        has_measured: columns.signs.place(headings::Sign::Measured).is_some(),
    };
    let mut seen: HashSet<String> = HashSet::new();
    let mut kind: Option<String> = None;
    let mut noted = vec![Noted::default(); columns.carried.len()];
    // Only a whole patient needs its compartments explained.
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
                    "subject {} has earlier rows, with another subject in between; sort the \
                     table by ID",
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
                "is row {} of subject {}; at most {most_of_one} rows of one subject are read: use \
                 fewer observations",
                most_of_one + 1,
                shown(id)
            );
            return Err(row.refuse("", message));
        }
        if table.has_measured {
            let measured = row.measured(how, record.kind, &mut kind)?;
            table.not_compared += usize::from(measured == Measured::NotCompared);
            if matches!(measured, Measured::AtLimit(_)) {
                table.at_limit.push(line as u32);
            }
            let (value, bound) = match measured {
                Measured::At(value) | Measured::AtLimit(value) => (value, Bound::None),
                Measured::Beyond(limit, bound) => (limit, bound),
                Measured::Nothing | Measured::NotCompared => (f64::NAN, Bound::None),
            };
            subject.measured.push(value);
            if how.limits {
                subject.bounds.push(bound);
            }
            if !how.kinds.is_empty() {
                subject.kinds.push(if value.is_nan() { 0 } else { row.kind_of(how)? });
            }
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

/// Completes the records of a subject: a number given on some lines also applies to the lines up to
/// the next that gives one, and to those before the first. Lists are shrunk, because half a million
/// records would otherwise take too much memory.
fn finish(
    subject: &mut Subject,
    file: &csv_file::CsvFile,
    columns: &Columns,
    how: &TableMeaning,
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
        let record = how.with_study(&subject.records[r]);
        if let Some((column, message)) = record.problem() {
            let what = (column, message.as_str());
            return Err(columns.problem(file, line, what, &record, how));
        }
        if columns.repeats_nothing(&record) {
            return Err(columns.lacks(file, line, "ADDL", how));
        }
        subject.numbers.extend(columns.numbers(file, line, of_row, how)?);
        subject.covariates.extend(columns.covariates(file, line, of_row, how)?);
        doses += schedule::most_doses(&record, end - record.time);
        if doses > MOST_DOSES {
            let message = format!(
                "gives subject {} more than {MOST_DOSES} doses in total; give fewer doses, or an \
                 infusion instead",
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
    subject.bounds.shrink_to_fit();
    subject.covariates.shrink_to_fit();
    subject.kinds.shrink_to_fit();
    Ok(())
}

/// Finds the subjects that lack a number that others have.
fn without(table: &mut EventTable, how: &TableMeaning) {
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
    use super::key;

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
