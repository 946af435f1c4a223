//! What each column of an event table means, by its own name or the one that the study gives it.

use crate::csv_file::{CsvFile, missing};
use crate::error::StudyError;
use crate::event_table::Reading;
use crate::event_table::places::Destinations;
use crate::headings::{Sign, Signs};
use il2::patient::compartments::Named;
use il2::treatment::record::{Rate, Record};
use il2_engine::words::shown;

/// Columns that records are made of; the rest are signs, numbers of the model, or not read.
pub const RESERVED: [&str; 9] = ["ID", "TIME", "EVID", "AMT", "CMT", "RATE", "SS", "II", "ADDL"];

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning {
    Reserved(usize),
    Sign(Sign),
    Carried(Carried),
    /// Counts a compartment of which nothing says what it is.
    Counted(Of, usize),
    Nothing,
}

/// What a column that counts compartments says of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Of {
    Lag,
    Bioavailability,
    Duration,
    Rate,
}

impl Of {
    fn of(self, compartment: usize) -> Carried {
        match self {
            Of::Lag => Carried::Lag(compartment),
            Of::Bioavailability => Carried::Bioavailability(compartment),
            Of::Duration => Carried::Duration(compartment),
            Of::Rate => Carried::RateOf(compartment),
        }
    }
}

/// What holds on the lines of a subject that do not say it, too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Carried {
    Parameter(usize),
    Lag(usize),
    Bioavailability(usize),
    Duration(usize),
    RateOf(usize),
}

/// What a column that is carried from line to line was found to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Noted {
    /// It says something that would change a dose.
    pub speaks: bool,
    /// A dose goes where it acts.
    pub acts: bool,
}

/// Where everything stands.
#[derive(Clone, Debug)]
pub struct Columns {
    reserved: [Option<usize>; RESERVED.len()],
    /// Columns that change what a row means.
    pub signs: Signs,
    /// What is carried from line to line, and its columns.
    pub carried: Vec<(Carried, usize)>,
    names: Vec<String>,
    /// Factors of rates and times.
    hour: f64,
    gram: f64,
}

impl Columns {
    pub fn find(file: &CsvFile, how: &Reading) -> Result<Self, StudyError> {
        let mut stands_for: Vec<Option<&str>> = vec![None; file.header.len()];
        for (column, other) in how.columns {
            let place = file.column(column, "columns")?;
            if meaning(other, how) == Meaning::Nothing {
                let message = format!(
                    "stands for \"{}\", which is no column of this model; use {}",
                    shown(other),
                    known(how).join(", ")
                );
                return Err(file.refuse(1, column, message));
            }
            stands_for[place] = Some(other);
        }
        let mut found: Vec<Meaning> = vec![];
        for (name, other) in file.header.iter().zip(&stands_for) {
            let meaning = meaning(other.unwrap_or(name), how);
            let same = found.iter().position(|m| *m == meaning);
            if let Some(same) = same.filter(|_| meaning != Meaning::Nothing) {
                return Err(file.twice(same, found.len()));
            }
            found.push(meaning);
        }
        let date = |name: &&String| {
            ["DATE", "DAT1", "DAT2", "DAT3"].iter().any(|d| name.eq_ignore_ascii_case(d))
        };
        if let Some(name) = file.header.iter().find(date) {
            let message = "holds calendar days, which are not read; write TIME since the start, and \
                           remove it";
            return Err(file.refuse(1, name, message));
        }
        let mut columns = Columns {
            reserved: [None; RESERVED.len()],
            signs: Signs::default(),
            carried: vec![],
            names: file.header.clone(),
            hour: how.factors.time,
            gram: how.factors.amount,
        };
        let mut counted = vec![];
        for (place, meaning) in found.into_iter().enumerate() {
            match meaning {
                Meaning::Counted(of, number) => counted.push((of, number, place)),
                Meaning::Reserved(r) => columns.reserved[r] = Some(place),
                Meaning::Sign(sign) => columns.signs.set(sign, place),
                Meaning::Carried(carried) => columns.carried.push((carried, place)),
                Meaning::Nothing => {}
            }
        }
        if columns.reserved("TIME").is_none() {
            let message = format!("is missing; the header has {}", file.header.join(", "));
            return Err(file.refuse(1, "TIME", message));
        }
        columns.tell(file, how, &counted)?;
        Ok(columns)
    }

    /// What columns count of which nothing says what it is: where all doses go into one compartment, it is
    /// that one.
    fn tell(
        &mut self,
        file: &CsvFile,
        how: &Reading,
        counted: &[(Of, usize, usize)],
    ) -> Result<(), StudyError> {
        let Some(&(_, first, place)) = counted.first() else { return Ok(()) };
        let said = Destinations::of(file, self, how);
        let into = said.only().filter(|c| how.told.values().all(|told| told != c));
        if let Some(compartment) = into.filter(|_| counted.iter().all(|(_, n, _)| *n == first)) {
            let all = counted.iter().map(|(of, _, place)| (of.of(compartment), *place));
            self.carried.extend(all);
            return Ok(());
        }
        let numbers = counted.iter().map(|(_, number, _)| number.to_string());
        let untold: Vec<String> = said.untold.iter().cloned().chain(numbers).collect();
        let message = format!(
            "counts compartments, and nothing says what {first} is; say it in the study: {}",
            how.offer(untold, 0)
        );
        Err(file.refuse(1, &file.header[place], message))
    }

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

    /// Whether a row of these numbers says which part of a dose into the first compartment arrives.
    pub fn says_what_arrives(&self, of_row: &[f64]) -> bool {
        self.place(Carried::Bioavailability(0)).is_some_and(|p| !of_row[p].is_nan())
    }

    /// Takes note of which columns that count compartments act on a dose, and which would change one.
    pub fn note(&self, record: &Record, of_row: &[f64], noted: &mut [Noted]) {
        let here = record.compartment;
        for (((what, _), &value), noted) in self.carried.iter().zip(of_row).zip(noted) {
            let usual = if matches!(what, Carried::Bioavailability(_)) { 1.0 } else { 0.0 };
            noted.speaks |= !value.is_nan() && value != usual;
            noted.acts |= match *what {
                Carried::Parameter(_) => true,
                Carried::Lag(c) | Carried::Bioavailability(c) => c == here && record.gives(),
                Carried::Duration(c) => c == here && record.rate == Rate::ModelledDuration,
                Carried::RateOf(c) => c == here && record.rate == Rate::Modelled,
            };
        }
    }

    /// The columns that change no dose, though they say something, and why.
    pub fn idle(&self, noted: &[Noted], how: &Reading) -> Vec<String> {
        let idle = |((what, column), noted): (&(Carried, usize), &Noted)| {
            let (c, rate) = match *what {
                Carried::Parameter(_) => return None,
                Carried::Lag(c) | Carried::Bioavailability(c) => (c, ""),
                Carried::Duration(c) => (c, " with RATE -2"),
                Carried::RateOf(c) => (c, " with RATE -1"),
            };
            let (name, place) = (shown(&self.names[*column]), how.compartments[c]);
            let said = format!("column {name} acts on no dose: none{rate} goes into {place}");
            (noted.speaks && !noted.acts).then_some(said)
        };
        self.carried.iter().zip(noted).filter_map(idle).collect()
    }

    fn place(&self, what: Carried) -> Option<usize> {
        self.carried.iter().position(|(other, _)| *other == what)
    }

    /// Gives a record what its compartment does to it.
    pub fn deliver(&self, record: &mut Record, of_row: &[f64]) {
        let c = record.compartment;
        let get = |what: Carried| self.place(what).map(|p| of_row[p]).filter(|v| !v.is_nan());
        let d = &mut record.delivery;
        d.lag = get(Carried::Lag(c)).map_or(0.0, |v| v * self.hour);
        d.bioavailability = get(Carried::Bioavailability(c)).unwrap_or(1.0);
        d.rate = get(Carried::RateOf(c)).map_or(f64::NAN, |v| v * self.gram / self.hour);
        // What the row itself says of its duration is there already.
        if d.duration.is_nan() {
            d.duration = get(Carried::Duration(c)).map_or(f64::NAN, |v| v * self.hour);
        }
    }

    /// Numbers of the model that hold up to a row.
    pub fn numbers(
        &self,
        file: &CsvFile,
        line: usize,
        of_row: &[f64],
        how: &Reading,
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
                        "gives no {0}; add the column {1}, or {0} to the parameters of the assay",
                        p.name, p.columns[0]
                    );
                    Err(file.refuse(line, column, message))
                }
            }
        };
        how.numbers.iter().enumerate().map(number).collect()
    }

    /// What is wrong with a record, beside the field that says it.
    pub fn problem(
        &self,
        file: &CsvFile,
        line: usize,
        column: &str,
        message: &str,
        record: &Record,
    ) -> StudyError {
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
        let Some(found) = found.filter(|_| message.starts_with("is no ")) else {
            return file.refuse(line, name, message);
        };
        let row = file.rows().find(|(of_row, _)| *of_row == line);
        let written = place.zip(row).map(|(c, (_, fields))| fields[c].to_string());
        // What another line wrote: six digits, without the last bit that conversion may turn.
        let carried = || format!("{found:.5e}").parse::<f64>().expect("a number").to_string();
        let written = written.filter(|text| !missing(text)).unwrap_or_else(carried);
        let written = shown(&written);
        match found.is_finite() {
            true => file.refuse(line, name, format!("{written} {message}")),
            false => {
                let message =
                    format!("{written} is too large to be counted; write a smaller number");
                file.refuse(line, name, message)
            }
        }
    }
}

fn meaning(heading: &str, how: &Reading) -> Meaning {
    let name = heading.to_ascii_uppercase();
    if let Some(place) = RESERVED.iter().position(|r| *r == name) {
        return Meaning::Reserved(place);
    }
    if let Some(place) = how.numbers.iter().position(|p| names(p).any(|n| n == name)) {
        return Meaning::Carried(Carried::Parameter(place));
    }
    if let Some(sign) = Sign::of(heading) {
        return Meaning::Sign(sign);
    }
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (word, number) = name.split_at(name.len() - digits);
    let of = match word {
        "ALAG" | "LAG" => Of::Lag,
        "F" => Of::Bioavailability,
        "D" => Of::Duration,
        "R" => Of::Rate,
        _ => return Meaning::Nothing,
    };
    let Ok(number) = number.parse::<usize>() else { return Meaning::Nothing };
    if let Some(&place) = how.told.get(&number.to_string()) {
        return Meaning::Carried(of.of(place));
    }
    if how.must_be_told && (1..=9).contains(&number) {
        return Meaning::Counted(of, number);
    }
    let place = (1..=how.compartments.len()).contains(&number) && how.told.is_empty();
    if place { Meaning::Carried(of.of(number - 1)) } else { Meaning::Nothing }
}

fn names(p: &Named) -> impl Iterator<Item = String> {
    p.columns.iter().map(|c| (*c).to_string()).chain([p.name.to_ascii_uppercase()])
}

/// Every column that means something for a model.
pub fn known(how: &Reading) -> Vec<String> {
    let numbered = (1..=how.compartments.len())
        .flat_map(|n| ["ALAG", "F", "D", "R"].map(|word| format!("{word}{n}")));
    let parameters = how.numbers.iter().map(|p| p.columns[0].to_string());
    let signs = ["DV", "MDV", "CENS", "LLOQ", "EXCLUDE", "TINF", "ROUTE"].map(str::to_string);
    let reserved = RESERVED.iter().map(|r| (*r).to_string());
    reserved.chain(signs).chain(parameters).chain(numbered).collect()
}
