//! What each column of an event table means, by its own name or by the name that the study gives
//! it.

use crate::csv_file::CsvFile;
use crate::error::StudyError;
use crate::event_table::columns::{Carried, Columns, RESERVED, known};
use crate::event_table::meaning::TableMeaning;
use crate::event_table::places::Destinations;
use crate::headings::{Sign, Signs};
use il2::patient::compartments::Named;
use il2_engine::words::shown;

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Reserved(usize),
    Sign(Sign),
    Carried(Carried),
    /// A column numbered by a compartment that is not identified.
    Counted(Of, usize),
    Nothing,
}

/// What a column says about the compartment that numbers it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Of {
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

impl Columns {
    pub fn find(file: &CsvFile, how: &TableMeaning) -> Result<Self, StudyError> {
        let mut stands_for: Vec<Option<&str>> = vec![None; file.header.len()];
        for (column, other) in how.columns {
            let place = file.column(column, "columns")?;
            if meaning(other, how) == Meaning::Nothing {
                let message = format!(
                    "stands for \"{}\", which is not a column of this model; use {}",
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
            let message = "contains calendar dates, which il2 does not read; give the time since \
                           the start as TIME and remove this column";
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
                Meaning::Carried(carried) => {
                    columns.carried.push((carried, place));
                    // A formula may use a column that the model reads as well, such as WT.
                    if let Carried::Covariate(c) = carried {
                        let name = how.covariates[c].to_ascii_uppercase();
                        let own = how.numbers.iter().position(|p| names(p).any(|n| n == name));
                        columns.carried.extend(own.map(|p| (Carried::Parameter(p), place)));
                    }
                }
                Meaning::Nothing => {}
            }
        }
        for (what, place) in &columns.carried {
            let of = &how.of_doses;
            let (given, says) = match what {
                Carried::Lag(0) => (of.lag, "delay"),
                Carried::Bioavailability(0) => (of.bioavailability, "bioavailability"),
                Carried::Duration(0) => (of.duration, "duration"),
                Carried::RateOf(0) => (of.rate, "rate"),
                _ => continue,
            };
            if !given.is_nan() {
                let message = format!(
                    "gives the {says} of doses into {}, which {}.parameters also gives; keep one \
                     of the two",
                    how.compartments[0], how.at
                );
                return Err(file.refuse(1, &file.header[*place], message));
            }
        }
        for (place, name) in how.covariates.iter().enumerate() {
            let read = columns.carried.iter().any(|(what, _)| *what == Carried::Covariate(place));
            if !read {
                let message = format!("is missing, but {} uses it; {}", how.at, file.lacking(""));
                return Err(file.refuse(1, name, message));
            }
        }
        if columns.reserved("TIME").is_none() {
            return Err(file.refuse(1, "TIME", format!("is missing; {}", file.lacking(""))));
        }
        columns.tell(file, how, &counted)?;
        Ok(columns)
    }

    /// Compartment numbers that are not identified: if all doses go into one compartment, that
    /// compartment is meant.
    fn tell(
        &mut self,
        file: &CsvFile,
        how: &TableMeaning,
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
            "refers to a compartment by number, but compartment {first} is not defined; define it \
             in the study: {}",
            how.offer(untold, 0)
        );
        Err(file.refuse(1, &file.header[place], message))
    }
}

fn meaning(heading: &str, how: &TableMeaning) -> Meaning {
    let name = heading.to_ascii_uppercase();
    if let Some(place) = RESERVED.iter().position(|r| *r == name) {
        return Meaning::Reserved(place);
    }
    if let Some(place) = how.covariates.iter().position(|c| c.eq_ignore_ascii_case(heading)) {
        return Meaning::Carried(Carried::Covariate(place));
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
