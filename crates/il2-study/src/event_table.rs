//! Event tables: CSV files with NONMEM's columns, read into records or refused with file, row, column
//! and remedy.

use crate::csv_file::{self, CsvFile};
use crate::error::StudyError;
use il2::patient::compartments::Named;
use il2::quantity::shown;
use il2::treatment::record::{Delivery, Kind, Rate, Record, Steady};
use indexmap::IndexMap;
use std::path::Path;

/// More doses than this from one row are a slip of the pen.
const MOST_ADDITIONAL: f64 = 100_000.0;

/// Columns that records are made of; the rest are numbers of the model, or not read.
const RESERVED: [&str; 12] =
    ["ID", "TIME", "EVID", "AMT", "CMT", "RATE", "SS", "II", "ADDL", "MDV", "DV", "C"];

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
#[derive(Clone, Debug)]
pub struct Subject {
    /// As the table names it.
    pub id: String,
    /// In the order of the file, in base units.
    pub records: Vec<Record>,
    /// Numbers of the model by record, in the order of [`Reading::numbers`], base units; not a number
    /// where an optional one is not given.
    pub values: Vec<Vec<f64>>,
    /// Line of each record in the file, from 1.
    pub lines: Vec<usize>,
    /// TIME of each record as written.
    pub times: Vec<f64>,
}

/// A table read.
#[derive(Clone, Debug)]
pub struct EventTable {
    /// In the order of the file.
    pub subjects: Vec<Subject>,
    /// Columns that stand for nothing here.
    pub not_read: Vec<String>,
    /// Rows left out because their column C says so, or because they begin with `#`.
    pub commented: usize,
    /// SHA-256 of the file.
    pub hash: String,
    /// Whether a column says which part of a dose into the first compartment arrives.
    pub says_what_arrives: bool,
}

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Reserved(usize),
    Parameter(usize),
    Lag(usize),
    Bioavailability(usize),
    Duration(usize),
    RateOf(usize),
    Nothing,
}

/// How a table is to be read.
pub struct Reading<'a> {
    /// Compartments of the model in the order of NONMEM's numbers.
    pub compartments: &'static [&'static str],
    /// Numbers of the model that columns may give.
    pub numbers: &'static [Named],
    /// Units.
    pub factors: Factors,
    /// Numbers of the model that hold where no column gives them, base units.
    pub given: &'a IndexMap<&'static str, f64>,
    /// Other names of columns.
    pub columns: &'a IndexMap<String, String>,
}

/// The error for a record whose time falls back.
pub fn falls_back(file: &Path, subject: &Subject, record: usize) -> StudyError {
    let message = format!(
        "{} lies before the row above it; sort the rows of a subject by time, or begin anew with EVID 3 or 4",
        subject.times[record]
    );
    csv_file::at(file, subject.lines[record], "TIME", message)
}

/// Reads an event table.
pub fn read(path: &Path, how: &Reading) -> Result<EventTable, StudyError> {
    let file = csv_file::read(path, "doses and observations")?;
    let meanings = meanings(&file, how)?;
    let mut table = EventTable {
        subjects: vec![],
        not_read: vec![],
        commented: file.commented,
        hash: file.hash.clone(),
        says_what_arrives: meanings.contains(&Meaning::Bioavailability(0)),
    };
    for (name, meaning) in file.header.iter().zip(&meanings) {
        if *meaning == Meaning::Nothing {
            table.not_read.push(name.clone());
        }
    }
    for (line, fields) in &file.rows {
        let row = Row { file: &file, line: *line, meanings: &meanings, fields };
        if row.text("C").is_some_and(|c| c.eq_ignore_ascii_case("c")) {
            table.commented += 1;
            continue;
        }
        // NONMEM's subjects are numbers: 1.0 is 1.
        let id = row.text("ID").unwrap_or("1");
        let id = id.parse::<f64>().map_or(id.to_string(), |number| number.to_string());
        if table.subjects.last().is_none_or(|s| s.id != id) {
            if table.subjects.iter().any(|s| s.id == id) {
                let message = format!(
                    "subject {} came before, with another in between; sort the table by ID",
                    shown(&id)
                );
                return Err(row.refuse("ID", message));
            }
            table.subjects.push(Subject {
                id,
                records: vec![],
                values: vec![],
                lines: vec![],
                times: vec![],
            });
        }
        let (record, time) = row.record(how)?;
        let subject = table.subjects.last_mut().expect("just pushed");
        if let Some((column, message)) = record.problem() {
            return Err(row.problem(column, &message, record.compartment));
        }
        subject.values.push(row.values(how)?);
        subject.records.push(record);
        subject.lines.push(*line);
        subject.times.push(time);
    }
    if table.subjects.is_empty() {
        return Err(file.refuse(1, "", "has no rows; add doses and observations below the header"));
    }
    Ok(table)
}

/// What each column means, by its own name or the one that the study gives it.
fn meanings(file: &CsvFile, how: &Reading) -> Result<Vec<Meaning>, StudyError> {
    for (column, stands_for) in how.columns {
        file.column(column, "columns")?;
        if meaning(stands_for, how) == Meaning::Nothing {
            let message = format!(
                "stands for \"{}\", which is no column of this model; use {}",
                shown(stands_for),
                known(how).join(", ")
            );
            return Err(file.refuse(1, column, message));
        }
    }
    let mut found: Vec<Meaning> = vec![];
    for name in &file.header {
        let other = how.columns.iter().find(|(column, _)| name.eq_ignore_ascii_case(column));
        let meaning = meaning(other.map_or(name.as_str(), |(_, stands_for)| stands_for), how);
        if meaning != Meaning::Nothing && found.contains(&meaning) {
            let message = "says what another column says, too; rename or remove one";
            return Err(file.refuse(1, name, message));
        }
        found.push(meaning);
    }
    let date = |name: &&String| {
        ["DATE", "DAT1", "DAT2", "DAT3"].iter().any(|d| name.eq_ignore_ascii_case(d))
    };
    if let Some(name) = file.header.iter().find(date) {
        let message =
            "holds calendar days, which are not read; write TIME since the start, and remove it";
        return Err(file.refuse(1, name, message));
    }
    if !found.contains(&Meaning::Reserved(1)) {
        let message = format!("is missing; the header has {}", file.header.join(", "));
        return Err(file.refuse(1, "TIME", message));
    }
    Ok(found)
}

fn meaning(name: &str, how: &Reading) -> Meaning {
    let name = name.to_ascii_uppercase();
    if let Some(place) = RESERVED.iter().position(|r| *r == name) {
        return Meaning::Reserved(place);
    }
    if let Some(place) = how.numbers.iter().position(|p| names(p).any(|n| n == name)) {
        return Meaning::Parameter(place);
    }
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (word, number) = name.split_at(name.len() - digits);
    let compartments = how.compartments.len();
    let Some(place) = number.parse::<usize>().ok().filter(|n| (1..=compartments).contains(n))
    else {
        return Meaning::Nothing;
    };
    match word {
        "ALAG" | "LAG" => Meaning::Lag(place - 1),
        "F" => Meaning::Bioavailability(place - 1),
        "D" => Meaning::Duration(place - 1),
        "R" => Meaning::RateOf(place - 1),
        _ => Meaning::Nothing,
    }
}

fn names(p: &Named) -> impl Iterator<Item = String> {
    p.columns.iter().map(|c| (*c).to_string()).chain([p.name.to_ascii_uppercase()])
}

/// Every column that means something for a model.
fn known(how: &Reading) -> Vec<String> {
    let numbered = (1..=how.compartments.len())
        .flat_map(|n| ["ALAG", "F", "D", "R"].map(|word| format!("{word}{n}")));
    let parameters = how.numbers.iter().map(|p| p.columns[0].to_string());
    RESERVED.iter().map(|r| (*r).to_string()).chain(parameters).chain(numbered).collect()
}

/// A row of the table.
struct Row<'a> {
    file: &'a CsvFile,
    line: usize,
    meanings: &'a [Meaning],
    fields: &'a csv::StringRecord,
}

impl Row<'_> {
    fn refuse(&self, column: &str, message: impl Into<String>) -> StudyError {
        self.file.refuse(self.line, column, message)
    }

    /// What is wrong with a record, beside the field that says it.
    fn problem(&self, column: &str, message: &str, compartment: usize) -> StudyError {
        let meaning = match column {
            "ALAG" => Some(Meaning::Lag(compartment)),
            "F" => Some(Meaning::Bioavailability(compartment)),
            name => RESERVED.iter().position(|r| *r == name).map(Meaning::Reserved),
        };
        let place = meaning.and_then(|m| self.meanings.iter().position(|other| *other == m));
        let name = place.map_or(column, |c| self.file.header[c].as_str());
        match place.map(|c| &self.fields[c]).filter(|_| message.starts_with("is no ")) {
            Some(found) => self.refuse(name, format!("{} {message}", shown(found))),
            None => self.refuse(name, message),
        }
    }

    fn text(&self, reserved: &str) -> Option<&str> {
        let place = RESERVED.iter().position(|r| *r == reserved)?;
        let column = self.meanings.iter().position(|m| *m == Meaning::Reserved(place))?;
        Some(&self.fields[column])
    }

    /// A field as a number; none where it is empty or a dot.
    fn field(&self, column: usize) -> Result<Option<f64>, StudyError> {
        let number = csv_file::number(&self.fields[column]);
        number.map_err(|message| self.refuse(&self.file.header[column], message))
    }

    fn of(&self, meaning: Meaning) -> Result<Option<f64>, StudyError> {
        match self.meanings.iter().position(|m| *m == meaning) {
            Some(column) => self.field(column),
            None => Ok(None),
        }
    }

    fn reserved(&self, name: &str) -> Result<f64, StudyError> {
        let place = RESERVED.iter().position(|r| *r == name).expect("a reserved name");
        Ok(self.of(Meaning::Reserved(place))?.unwrap_or(0.0))
    }

    /// A whole number of a reserved column, up to a limit.
    fn whole(&self, name: &str, most: f64, allowed: &str) -> Result<u32, StudyError> {
        let value = self.reserved(name)?;
        if value.fract() != 0.0 || !(0.0..=most).contains(&value) {
            return Err(self.refuse(name, format!("{value} is not allowed; use {allowed}")));
        }
        Ok(value as u32)
    }

    /// The record and its TIME as written.
    fn record(&self, how: &Reading) -> Result<(Record, f64), StudyError> {
        let Factors { time: hour, amount: gram, .. } = how.factors;
        let time = self
            .of(Meaning::Reserved(1))?
            .ok_or_else(|| self.refuse("TIME", "is empty; every row needs a time"))?;
        let (amount, rate) = (self.reserved("AMT")?, self.reserved("RATE")?);
        let kind = match self.text("EVID") {
            Some(_) => match self.whole(
                "EVID",
                4.0,
                "0 (observation), 1 (dose), 2 (other), 3 (reset) or 4 (reset and dose)",
            )? {
                0 => Kind::Observation,
                1 => Kind::Dose,
                2 => Kind::Other,
                3 => Kind::Reset,
                _ => Kind::ResetAndDose,
            },
            None if amount != 0.0 || rate != 0.0 => Kind::Dose,
            None => Kind::Observation,
        };
        let compartments = how.compartments;
        let mut number = self.reserved("CMT")?;
        // What is looked at is the whole state, whatever compartment the row names: often that of
        // NONMEM's output, which stands behind all others.
        if kind == Kind::Observation && number == (compartments.len() + 1) as f64 {
            number = 0.0;
        }
        if number.fract() != 0.0 || !(0.0..=compartments.len() as f64).contains(&number) {
            let names: Vec<String> =
                compartments.iter().enumerate().map(|(i, c)| format!("{} ({c})", i + 1)).collect();
            return Err(self.refuse(
                "CMT",
                format!("{number} is not allowed; use {}, or 0 for the first", names.join(", ")),
            ));
        }
        let compartment = (number as usize).max(1) - 1;
        let steady =
            match self.whole("SS", 3.0, "0, 1 or 3 (replaces what is there) or 2 (adds to it)")? {
                0 => Steady::No,
                2 => Steady::Adds,
                // 3 differs in where NONMEM's search for the steady state begins.
                _ => Steady::Replaces,
            };
        let rate = match rate {
            0.0 => Rate::AtOnce,
            -1.0 => Rate::Modelled,
            -2.0 => Rate::ModelledDuration,
            above => Rate::Given(above * gram / hour),
        };
        let additional = self.whole(
            "ADDL",
            MOST_ADDITIONAL,
            "a whole number of doses after the first, 0 to 100000",
        )?;
        let scaled = |meaning: Meaning, factor: f64, absent: f64| {
            Ok(self.of(meaning)?.map_or(absent, |v| v * factor))
        };
        let record = Record {
            time: time * hour,
            kind,
            amount: amount * gram,
            compartment,
            rate,
            steady,
            interval: self.reserved("II")? * hour,
            additional,
            delivery: Delivery {
                lag: scaled(Meaning::Lag(compartment), hour, 0.0)?,
                bioavailability: scaled(Meaning::Bioavailability(compartment), 1.0, 1.0)?,
                duration: scaled(Meaning::Duration(compartment), hour, f64::NAN)?,
                rate: scaled(Meaning::RateOf(compartment), gram / hour, f64::NAN)?,
            },
        };
        Ok((record, time))
    }

    /// Numbers of the model that hold up to this row.
    fn values(&self, how: &Reading) -> Result<Vec<f64>, StudyError> {
        let value = |(place, p): (usize, &Named)| {
            let column = self.meanings.iter().position(|m| *m == Meaning::Parameter(place));
            let found = column.map(|c| self.field(c)).transpose()?.flatten();
            let powers = (
                how.factors.volume.powi(i32::from(p.dimension.length) / 3),
                how.factors.time.powi(i32::from(p.dimension.time)),
            );
            let value = match (found, how.given.get(p.name)) {
                (Some(v), _) => v * powers.0 * powers.1,
                (None, Some(&v)) => v,
                (None, None) if p.optional => return Ok(f64::NAN),
                (None, None) => {
                    let place = column.map_or(p.columns[0], |c| self.file.header[c].as_str());
                    let message = format!(
                        "gives no {0}; add the column {1}, or {0} to the parameters of the assay",
                        p.name, p.columns[0]
                    );
                    return Err(self.refuse(place, message));
                }
            };
            if !(value > 0.0 && value.is_finite()
                || (value == 0.0 && p.name != "volume" && p.name != "peripheral_volume"))
            {
                let place = column.map_or(p.name, |c| self.file.header[c].as_str());
                return Err(
                    self.refuse(place, format!("{value} is no {}; write a number above 0", p.name))
                );
            }
            Ok(value)
        };
        how.numbers.iter().enumerate().map(value).collect()
    }
}
