//! Columns of a table of measurements, and the content of their fields.

use crate::csv_file::{self, CsvFile, Fields};
use crate::error::StudyError;
use crate::headings::Signs;
use crate::study::Study;
use crate::study::fitting::MeasuredPart;
use crate::values;
use il2::quantity::{Quantity, unit_meant};
use il2_engine::Dimension;
use il2_engine::words::{closest, shown};
use indexmap::IndexMap;

/// Meanings that a column may have.
pub const MEANINGS: [&str; 12] = [
    "ligand", "cell", "dose", "from", "time", "regimen", "readout", "reduce", "value", "sd", "low",
    "high",
];
/// Index of `value` in [`MEANINGS`].
pub const VALUE: usize = 8;
/// Columns that a table may lack.
const MAY_BE_MISSING: [&str; 5] = ["from", "value", "sd", "low", "high"];
/// The word that marks rows to be ignored.
const LEAVE_OUT: &str = "leave out";

/// Reads the rows of a table of measurements.
pub struct MeasurementReader<'a> {
    pub study: &'a Study,
    /// Key path of the part of the study that names the table.
    pub at: &'a str,
    pub part: &'a MeasuredPart,
    pub file: &'a CsvFile,
    /// Whether the model defines its own cell, so that no column names one.
    pub own_cell: bool,
    /// The unit of the column sd in units of the value.
    pub unit_of_sd: f64,
    /// Index of the column of each meaning, in the order of [`MEANINGS`].
    pub places: Vec<Option<usize>>,
    /// Columns that change what a row means.
    pub signs: Signs,
    /// EVID and AMT, in tables that also contain doses.
    pub events: [Option<usize>; 2],
}

impl MeasurementReader<'_> {
    pub fn column(&self, meaning: &str) -> Option<usize> {
        self.places[MEANINGS.iter().position(|m| *m == meaning).expect("a meaning")]
    }

    pub fn refuse(&self, line: usize, meaning: &str, message: &str) -> StudyError {
        let name = self.column(meaning).map_or(meaning, |c| &self.file.header[c]);
        self.file.refuse(line, name, message)
    }

    /// The entry of the study that a word of a column means; none if the row is left out. Without
    /// the column, all rows belong to the only entry of the study.
    pub fn word<'a>(
        &self,
        line: usize,
        fields: &Fields,
        meaning: &str,
        stands_for: &IndexMap<String, String>,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Option<String>, StudyError> {
        let Some(column) = self.column(meaning) else {
            let all: Vec<&str> = known.collect();
            if let [one] = all.as_slice() {
                return Ok(Some((*one).to_string()));
            }
            let remedy = format!("name the column in the study as {}.columns.{meaning}", self.at);
            let message = format!("is missing; {}", self.file.lacking(&remedy));
            return Err(self.file.refuse(1, meaning, message));
        };
        let word = &fields[column];
        let name = stands_for.get(word).map_or(word, String::as_str);
        if name == LEAVE_OUT {
            return Ok(None);
        }
        if known.clone().any(|k| k == name) {
            return Ok(Some(name.to_string()));
        }
        let hint = match closest(name, known.clone()) {
            Some(near) => format!("did you mean {near}? "),
            None => format!("the study has {}. ", known.collect::<Vec<_>>().join(", ")),
        };
        let message = format!(
            "\"{}\" is not a {meaning} of the study; {hint}Specify what it stands for, or \
             \"{LEAVE_OUT}\", in {}.{meaning}s",
            shown(name),
            self.at
        );
        Err(self.refuse(line, meaning, &message))
    }

    pub fn number(
        &self,
        line: usize,
        fields: &Fields,
        meaning: &str,
    ) -> Result<Option<f64>, StudyError> {
        let Some(column) = self.column(meaning) else {
            if MAY_BE_MISSING.contains(&meaning) {
                return Ok(None);
            }
            let remedy = format!("name the column in the study as {}.columns.{meaning}", self.at);
            let message = format!("is missing; {}", self.file.lacking(&remedy));
            return Err(self.file.refuse(1, meaning, message));
        };
        csv_file::number(&fields[column]).map_err(|m| self.refuse(line, meaning, &m))
    }

    /// A unit in base units.
    pub fn unit(&self, meaning: &str, needed: Option<Dimension>) -> Result<f64, StudyError> {
        let at = format!("{}.units.{meaning}", self.at);
        let Some(text) = self.part.units.get(meaning) else {
            return Err(StudyError::at(at, "is missing; give the unit of the column"));
        };
        match needed {
            Some(needed) => values::unit(&at, text, needed),
            None => {
                let unit = Quantity::parse(&format!("1 {text}"));
                Ok(unit.map_err(|e| StudyError::at(&at, e.0))?.value)
            }
        }
    }

    /// A concentration in the unit of the table, converted to pM by the ligand's preparation.
    pub fn dose(&self, line: usize, ligand: &str, number: f64) -> Result<f64, StudyError> {
        let at = format!("{}.units.dose", self.at);
        let Some(unit) = self.part.units.get("dose") else {
            return Err(StudyError::at(at, "is missing; give the unit of the column"));
        };
        let preparation = self.study.ligands[ligand].preparation();
        let one = preparation.concentration(&format!("1 {unit}"));
        let one = one.map_err(|e| {
            let needed = Dimension::CONCENTRATION;
            let message = match unit_meant(unit, needed) {
                Some(_) => values::not_a_unit(unit, needed),
                None => e.0,
            };
            StudyError::at(at, message)
        });
        let dose = number * one?;
        match dose.is_finite() {
            true => Ok(dose),
            false => Err(self.refuse(line, "dose", "is too large; use a smaller value")),
        }
    }
}
