//! The columns of an event table, and how they change a record.

use crate::csv_file::{CsvFile, missing};
use crate::error::StudyError;
use crate::event_table::meaning::TableMeaning;
use crate::headings::{self, Sign, Signs};
use il2::patient::compartments::Named;
use il2::treatment::record::{Rate, Record};
use il2_engine::words::{shown, some_of};

/// Columns from which a record is built; the others are flags, numbers of the model, or not read.
pub const RESERVED: [&str; 9] = ["ID", "TIME", "EVID", "AMT", "CMT", "RATE", "SS", "II", "ADDL"];

/// Every column that has a meaning for a model.
pub fn known(how: &TableMeaning) -> Vec<String> {
    let numbered = (1..=how.compartments.len())
        .flat_map(|n| ["ALAG", "F", "D", "R"].map(|word| format!("{word}{n}")));
    let parameters = how.numbers.iter().map(|p| p.columns[0].to_string());
    let signs = ["DV", "MDV", "CENS", "LLOQ", "EXCLUDE", "TINF", "ROUTE"].map(str::to_string);
    let reserved = RESERVED.iter().map(|r| (*r).to_string());
    reserved.chain(signs).chain(parameters).chain(numbered).collect()
}

/// A number that also applies to lines of the subject that leave it empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Carried {
    Parameter(usize),
    Covariate(usize),
    Lag(usize),
    Bioavailability(usize),
    Duration(usize),
    RateOf(usize),
}

/// State of a column that is carried from line to line: whether it changes any dose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Noted {
    /// The column has a value that would change a dose.
    pub speaks: bool,
    /// A dose goes into the compartment of the column.
    pub acts: bool,
}

/// Index of each column.
#[derive(Clone, Debug)]
pub struct Columns {
    pub(super) reserved: [Option<usize>; RESERVED.len()],
    /// Columns that change what a row means.
    pub signs: Signs,
    /// Values that are carried from line to line, and their columns.
    pub carried: Vec<(Carried, usize)>,
    pub(super) names: Vec<String>,
    /// Factor for rates and times.
    pub(super) hour: f64,
    pub(super) gram: f64,
}

impl Columns {
    pub fn reserved(&self, name: &str) -> Option<usize> {
        let place = RESERVED.iter().position(|r| *r == name).expect("a reserved name");
        self.reserved[place]
    }

    /// Whether each column is read.
    pub fn read(&self) -> Vec<bool> {
        let carried = |c: usize| self.carried.iter().any(|(_, place)| *place == c);
        let read = |c: usize| self.reserved.contains(&Some(c)) || self.signs.has(c) || carried(c);
        (0..self.names.len()).map(read).collect()
    }

    /// Whether these numbers give the bioavailability of doses into the first compartment.
    pub fn says_what_arrives(&self, of_row: &[f64]) -> bool {
        self.place(Carried::Bioavailability(0)).is_some_and(|p| !of_row[p].is_nan())
    }

    /// Notes which columns that are numbered by compartment act on a dose, and which would change one.
    pub fn note(&self, record: &Record, of_row: &[f64], noted: &mut [Noted]) {
        let here = record.compartment;
        for (((what, _), &value), noted) in self.carried.iter().zip(of_row).zip(noted) {
            let usual = if matches!(what, Carried::Bioavailability(_)) { 1.0 } else { 0.0 };
            noted.speaks |= !value.is_nan() && value != usual;
            noted.acts |= match *what {
                Carried::Parameter(_) | Carried::Covariate(_) => true,
                Carried::Lag(c) | Carried::Bioavailability(c) => c == here && record.gives(),
                Carried::Duration(c) => c == here && record.rate == Rate::ModelledDuration,
                Carried::RateOf(c) => c == here && record.rate == Rate::Modelled,
            };
        }
    }

    /// The columns that have values but change no dose, with the reason.
    pub fn idle(&self, noted: &[Noted], how: &TableMeaning) -> Vec<String> {
        let idle = |((what, column), noted): (&(Carried, usize), &Noted)| {
            let (c, rate) = match *what {
                Carried::Parameter(_) | Carried::Covariate(_) => return None,
                Carried::Lag(c) | Carried::Bioavailability(c) => (c, ""),
                Carried::Duration(c) => (c, " with RATE -2"),
                Carried::RateOf(c) => (c, " with RATE -1"),
            };
            let (name, place) = (shown(&self.names[*column]), how.compartments[c]);
            let said = format!("column {name} has no effect: no dose{rate} goes into {place}");
            (noted.speaks && !noted.acts).then_some(said)
        };
        self.carried.iter().zip(noted).filter_map(idle).collect()
    }

    fn place(&self, what: Carried) -> Option<usize> {
        self.carried.iter().position(|(other, _)| *other == what)
    }

    /// Applies the columns of its compartment to a record.
    pub fn deliver(&self, record: &mut Record, of_row: &[f64]) {
        let c = record.compartment;
        let get = |what: Carried| self.place(what).map(|p| of_row[p]).filter(|v| !v.is_nan());
        let d = &mut record.delivery;
        d.lag = get(Carried::Lag(c)).map_or(0.0, |v| v * self.hour);
        d.bioavailability = get(Carried::Bioavailability(c)).unwrap_or(1.0);
        d.rate = get(Carried::RateOf(c)).map_or(f64::NAN, |v| v * self.gram / self.hour);
        // A duration in the row itself is already in the record.
        if d.duration.is_nan() {
            d.duration = get(Carried::Duration(c)).map_or(f64::NAN, |v| v * self.hour);
        }
    }

    /// Numbers of the model that apply up to a row.
    pub fn numbers(
        &self,
        file: &CsvFile,
        line: usize,
        of_row: &[f64],
        how: &TableMeaning,
    ) -> Result<Vec<f64>, StudyError> {
        let number = |(place, p): (usize, &Named)| {
            let own = self.place(Carried::Parameter(place));
            let value = own.map_or(f64::NAN, |c| of_row[c]);
            if !value.is_nan() {
                return Ok(value);
            }
            match how.given.get(p.name) {
                Some(&value) => Ok(value),
                None if p.optional => Ok(f64::NAN),
                None => {
                    let column = own.map_or(p.columns[0], |c| &self.names[self.carried[c].1]);
                    let message = format!(
                        "gives no {0}; add the column {1}, or set {0} in the parameters of the \
                         assay",
                        p.name, p.columns[0]
                    );
                    Err(file.refuse(line, column, message))
                }
            }
        };
        how.numbers.iter().enumerate().map(number).collect()
    }

    /// Covariates that apply up to a row.
    pub fn covariates(
        &self,
        file: &CsvFile,
        line: usize,
        of_row: &[f64],
        how: &TableMeaning,
    ) -> Result<Vec<f64>, StudyError> {
        let covariate = |(place, name): (usize, &String)| {
            let own = self.place(Carried::Covariate(place)).expect("found with the header");
            match of_row[own].is_nan() {
                false => Ok(of_row[own]),
                true => {
                    let message = "is empty on every line of this subject, but a formula of the \
                                   study uses it; give it on at least one line";
                    Err(file.refuse(line, name, message))
                }
            }
        };
        how.covariates.iter().enumerate().map(covariate).collect()
    }

    /// The error for a column that a row needs and the header does not have.
    pub(super) fn lacks(
        &self,
        file: &CsvFile,
        line: usize,
        column: &str,
        how: &TableMeaning,
    ) -> StudyError {
        let (needs, add) = match column {
            "II" => ("specifies repeated doses", "add II"),
            "ADDL" => (
                "gives a time between doses (II)",
                "add ADDL or SS, remove II if there is one dose",
            ),
            _ => ("gives a dose", "add AMT"),
        };
        let known = known(how);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let not_read = headings::not_read(file, &self.read(), &known);
        let not_read = match not_read.is_empty() {
            true => String::new(),
            false => {
                format!("; il2 does not read {}", some_of("", not_read.iter().map(String::as_str)))
            }
        };
        let message = format!(
            "is missing, but line {line} {needs}{not_read}; {add}, or give this name to the column \
             that contains it"
        );
        file.refuse(1, column, message)
    }

    /// Whether a record gives a time between doses that nothing repeats, because the table has no
    /// column that could.
    pub(super) fn repeats_nothing(&self, record: &Record) -> bool {
        let none = |name: &str| self.reserved(name).is_none();
        record.gives() && record.interval > 0.0 && none("ADDL") && none("SS")
    }

    /// What is wrong with a record, and the field that shows it.
    pub fn problem(
        &self,
        file: &CsvFile,
        line: usize,
        (column, message): (&str, &str),
        record: &Record,
        how: &TableMeaning,
    ) -> StudyError {
        if message.starts_with("is 0") && self.reserved(column).is_none() {
            return self.lacks(file, line, column, how);
        }
        // Without amounts, no row is a dose: the missing column is the mistake.
        if message.starts_with("is in a row without a dose") && self.reserved("AMT").is_none() {
            return self.lacks(file, line, "AMT", how);
        }
        let carried = |what| self.place(what).map(|p| self.carried[p].1);
        let place = match column {
            "ALAG" => carried(Carried::Lag(record.compartment)),
            "F" => carried(Carried::Bioavailability(record.compartment)),
            "RATE" if self.reserved("RATE").is_none() => self.signs.place(Sign::Duration),
            name => self.reserved(name),
        };
        let name = place.map_or(column, |c| self.names[c].as_str());
        let found = match column {
            "TIME" => Some(record.time / self.hour),
            "AMT" => Some(record.amount / self.gram),
            "II" => Some(record.interval / self.hour),
            "ALAG" => Some(record.delivery.lag / self.hour),
            "F" => Some(record.delivery.bioavailability),
            "RATE" => match record.rate {
                Rate::Given(rate) => Some(rate * self.hour / self.gram),
                _ => None,
            },
            _ => None,
        };
        let row = file.rows().find(|(of_row, _)| *of_row == line);
        let written = place.zip(row).map(|(c, (_, fields))| fields[c].to_string());
        let Some(found) = found.filter(|_| message.starts_with("is not a")) else {
            let empty = written.is_some_and(|text| missing(&text));
            let message = match message.strip_prefix("is 0") {
                Some(rest) if empty => format!("is missing{rest}"),
                _ => message.to_string(),
            };
            return file.refuse(line, name, message);
        };
        // The value from another line, with six digits, which hide the rounding error of the
        // conversion.
        let carried = || format!("{found:.5e}").parse::<f64>().expect("a number").to_string();
        let written = written.filter(|text| !missing(text)).unwrap_or_else(carried);
        let written = shown(&written);
        match found.is_finite() {
            true => file.refuse(line, name, format!("{written} {message}")),
            false => {
                let message = format!("{written} is too large; use a smaller number");
                file.refuse(line, name, message)
            }
        }
    }
}
