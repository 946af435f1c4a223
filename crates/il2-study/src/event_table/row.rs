//! A row of an event table: what is given, where it is given, and what was measured.

use crate::csv_file::{self, CsvFile, Fields, missing};
use crate::error::StudyError;
use crate::event_table::columns::{Carried, Columns};
use crate::event_table::meaning::TableMeaning;
use crate::event_table::words::place_named;
use crate::headings::Sign;
use crate::limits;
use il2::treatment::record::{Delivery, Kind, Rate, Record, Steady};
use il2_engine::math;
use il2_engine::words::shown;
use il2_inference::bound::Bound;

/// Largest number of doses from one row; more is a mistake.
const MOST_ADDITIONAL: f64 = 100_000.0;
/// RATE and the duration of an infusion may differ by rounding to three digits.
const ROUNDED: f64 = 5e-3;

pub struct Row<'a> {
    pub file: &'a CsvFile,
    pub line: usize,
    pub columns: &'a Columns,
    pub fields: Fields<'a>,
}

/// What was measured at a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    Nothing,
    /// Something other than a single concentration, or a value excluded by the row.
    NotCompared,
    At(f64),
    /// The limit of quantification itself, without a mark that the value is beyond it.
    AtLimit(f64),
    /// A limit that the value lies beyond.
    Beyond(f64, Bound),
}

impl Row<'_> {
    pub fn refuse(&self, column: &str, message: impl Into<String>) -> StudyError {
        self.file.refuse(self.line, column, message)
    }

    pub(super) fn refuse_at(&self, place: usize, message: impl Into<String>) -> StudyError {
        self.refuse(&self.file.header[place], message)
    }

    /// The value in a reserved column, if there is one.
    pub(super) fn text(&self, reserved: &str) -> Option<&str> {
        let text = self.columns.reserved(reserved).map(|c| &self.fields[c]);
        text.filter(|text| !missing(text))
    }

    /// The subject; 1 if there is no column for it.
    pub fn id(&self) -> Result<&str, StudyError> {
        match self.columns.reserved("ID") {
            None => Ok("1"),
            Some(_) => self
                .text("ID")
                .ok_or_else(|| self.refuse("ID", "is empty; every row needs a subject")),
        }
    }

    fn field(&self, column: usize) -> Result<Option<f64>, StudyError> {
        csv_file::number(&self.fields[column]).map_err(|message| self.refuse_at(column, message))
    }

    fn reserved(&self, name: &str) -> Result<Option<f64>, StudyError> {
        self.columns.reserved(name).map_or(Ok(None), |c| self.field(c))
    }

    fn sign(&self) -> (&CsvFile, usize, &Fields<'_>) {
        (self.file, self.line, &self.fields)
    }

    /// A whole number of a reserved column, up to a limit.
    fn whole(&self, name: &str, most: f64, allowed: &str) -> Result<u32, StudyError> {
        let value = self.reserved(name)?.unwrap_or(0.0);
        if value.fract() != 0.0 || !(0.0..=most).contains(&value) {
            return Err(self.refuse(name, format!("{value} is not allowed; use {allowed}")));
        }
        Ok(value as u32)
    }

    /// The kind of record.
    pub fn kind(&self) -> Result<Kind, StudyError> {
        let amount = self.reserved("AMT")?.unwrap_or(0.0);
        let rate = self.reserved("RATE")?.unwrap_or(0.0);
        Ok(match self.text("EVID") {
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
        })
    }

    /// The record before the columns of its compartment are applied, and its TIME as written.
    pub fn record(&self, how: &TableMeaning) -> Result<(Record, f64), StudyError> {
        let (hour, gram) = (how.factors.time, how.factors.amount);
        // Every row needs a time, so the remedy is simply a number.
        let time = self.reserved("TIME").map_err(|e| StudyError {
            message: e.message.replace("give a number, or . if there is none", "give a number"),
            ..e
        })?;
        let time = time.ok_or_else(|| self.refuse("TIME", "is empty; every row needs a time"))?;
        let amount = self.reserved("AMT")?.unwrap_or(0.0);
        let rate = self.reserved("RATE")?.unwrap_or(0.0);
        let kind = self.kind()?;
        let gives = matches!(kind, Kind::Dose | Kind::ResetAndDose);
        let compartment = self.compartment(how, kind, gives)?;
        let steady = match self.whole(
            "SS",
            3.0,
            "0, 1 or 3 (to replace the current state) or 2 (to add to it)",
        )? {
            0 => Steady::No,
            2 => Steady::Adds,
            // 3 differs from 1 only in where NONMEM's search for the steady state begins.
            _ => Steady::Replaces,
        };
        let additional = self.whole(
            "ADDL",
            MOST_ADDITIONAL,
            "a whole number of doses after the first, 0 to 100000",
        )?;
        let (rate, duration) = match self.duration(how, gives, amount, rate)? {
            Some(duration) => (Rate::ModelledDuration, duration * hour),
            None => {
                let rate = match rate {
                    0.0 => Rate::AtOnce,
                    -1.0 => Rate::Modelled,
                    -2.0 => Rate::ModelledDuration,
                    above => Rate::Given(above * gram / hour),
                };
                (rate, f64::NAN)
            }
        };
        let record = Record {
            time: time * hour,
            kind,
            amount: amount * gram,
            compartment,
            rate,
            steady,
            interval: self.reserved("II")?.unwrap_or(0.0) * hour,
            additional,
            delivery: Delivery { duration, ..Delivery::default() },
        };
        Ok((record, time))
    }

    /// Duration of the row's own infusion in the table's unit, if a column gives it, as for a dose
    /// with a modelled duration. If there is also a rate, both must agree, and the rate is used.
    fn duration(
        &self,
        how: &TableMeaning,
        gives: bool,
        amount: f64,
        rate: f64,
    ) -> Result<Option<f64>, StudyError> {
        let Some(column) = self.columns.signs.place(Sign::Duration).filter(|_| gives) else {
            return Ok(None);
        };
        let Some(duration) = self.field(column)?.filter(|d| *d != 0.0) else { return Ok(None) };
        let refuse = |message: String| Err(self.refuse_at(column, message));
        if duration < 0.0 {
            let message = format!("{duration} is not a duration; use a number of zero or more");
            return refuse(message);
        }
        if amount == 0.0 && self.columns.reserved("AMT").is_none() {
            return Err(self.columns.lacks(self.file, self.line, "AMT", how));
        }
        if amount == 0.0 {
            let message = "is above 0, but AMT is 0, so nothing is given; give the amount, or RATE \
                           and SS 1 for a constant infusion";
            return refuse(message.into());
        }
        if rate > 0.0 {
            let by_rate = amount / rate;
            if (by_rate / duration - 1.0).abs() > ROUNDED {
                let message = format!(
                    "is {duration}, but AMT divided by RATE is {by_rate}; keep one of the two, or \
                     make them agree"
                );
                return refuse(message);
            }
            return Ok(None);
        }
        if rate != 0.0 && rate != -2.0 {
            let message = format!(
                "is {duration}, but RATE is {rate}; leave RATE empty, or use -2 for a duration"
            );
            return refuse(message);
        }
        for (what, place) in &self.columns.carried {
            let given = match what {
                Carried::Duration(_) => self.field(*place)?,
                _ => None,
            };
            if let Some(given) = given.filter(|d| (d / duration - 1.0).abs() > ROUNDED) {
                let message = format!(
                    "is {duration}, but {} is {given}; keep one of the two",
                    self.file.header[*place]
                );
                return refuse(message);
            }
        }
        Ok(Some(duration))
    }

    /// Values carried from line to line, as written on this line, in base units; NaN where the line
    /// has none.
    pub fn carried(&self, how: &TableMeaning, into: &mut Vec<f64>) -> Result<(), StudyError> {
        for (what, column) in &self.columns.carried {
            let Some(value) = self.field(*column)? else {
                into.push(f64::NAN);
                continue;
            };
            let Carried::Parameter(place) = what else {
                into.push(value);
                continue;
            };
            let p = &how.numbers[*place];
            let powers = (
                math::whole_power(how.factors.volume, i32::from(p.dimension.length) / 3),
                math::whole_power(how.factors.time, i32::from(p.dimension.time)),
            );
            let converted = value * powers.0 * powers.1;
            if !p.limits().allow(converted) {
                let message =
                    format!("{value} is not a possible {}; use {}", p.name, p.limits().words());
                return Err(self.refuse_at(*column, message));
            }
            into.push(converted);
        }
        Ok(())
    }

    /// The measurement of the row, in the table's unit; `of` is the quantity measured in earlier
    /// rows, if a column names it.
    pub fn measured(
        &self,
        how: &TableMeaning,
        kind: Kind,
        of: &mut Option<String>,
    ) -> Result<Measured, StudyError> {
        let signs = &self.columns.signs;
        let Some(column) = signs.place(Sign::Measured) else { return Ok(Measured::Nothing) };
        // 100 and 101 are NONMEM's 0 and 1 for steps other than the fit.
        let absent =
            signs.flag(self.sign(), Sign::Missing, &[0.0, 1.0, 100.0, 101.0])? % 100.0 != 0.0;
        let censored = signs.flag(self.sign(), Sign::Censored, &[0.0, 1.0, -1.0])? != 0.0
            || signs.flag(self.sign(), Sign::Below, &[0.0, 1.0])? != 0.0
            || signs.flag(self.sign(), Sign::Above, &[0.0, 1.0])? != 0.0;
        let text = &self.fields[column];
        if missing(text) {
            return Ok(Measured::Nothing);
        }
        if kind != Kind::Observation {
            // Most tables contain 0 where nothing was measured.
            let nothing = absent || csv_file::number(text).is_ok_and(|v| v == Some(0.0));
            return Ok(if nothing { Measured::Nothing } else { Measured::NotCompared });
        }
        if absent || (!how.limits && (censored || limits::beyond_a_limit(text).is_some())) {
            return Ok(Measured::NotCompared);
        }
        let limited = match how.limits {
            true => {
                let refuse = |message: &str| self.refuse_at(column, message);
                limits::limited(signs, self.sign(), (text, self.usual_limit(how)?), &refuse)?
            }
            false => None,
        };
        let value = match limited {
            Some((limit, _)) => limit,
            None => self.field(column)?.expect("not missing"),
        };
        let least = signs.number(self.sign(), Sign::LowerLimit)?.unwrap_or(0.0);
        let most = signs.number(self.sign(), Sign::UpperLimit)?.unwrap_or(f64::INFINITY);
        let central = how.compartments.iter().position(|c| ["central", "plasma"].contains(c));
        let elsewhere = match self.columns.reserved("CMT").map(|c| (c, &self.fields[c])) {
            Some((c, text)) if !missing(text) => {
                let place = self.place(how, c, (kind, false))?;
                let named = place.or_else(|| place_named(text, how.compartments));
                match (named, text.parse::<f64>()) {
                    (Some(place), _) => Some(place) != central,
                    // 0 is the usual compartment. In a compartment model the number after the last
                    // is NONMEM's output (urine). For a patient, compartment numbers other than 1
                    // may mean anything if the study does not explain them.
                    (None, Ok(number)) => number > if how.must_be_told { 1.0 } else { 0.0 },
                    (None, Err(_)) => false,
                }
            }
            _ => false,
        };
        let outside = value <= 0.0 || value < least || value > most;
        // If DVID says what was measured, the compartment adds no information.
        if (elsewhere && how.kinds.is_empty()) || (outside && !how.limits) {
            return Ok(Measured::NotCompared);
        }
        let kind = signs.text(&self.fields, Sign::Kind).filter(|_| how.kinds.is_empty());
        if let Some(text) = kind {
            let first = of.get_or_insert_with(|| text.to_string());
            if first != text {
                let place = signs.place(Sign::Kind).expect("it says something");
                let message = format!(
                    "specifies {} here and {} in another row, but DV is compared only with the \
                     concentration; set MDV to 1 in rows of other quantities, and remove the \
                     column (a population fit can take all: add observed.{} and observed.{})",
                    shown(text),
                    shown(first),
                    shown(text),
                    shown(first)
                );
                return Err(self.refuse_at(place, message));
            }
        }
        Ok(match limited {
            Some((limit, bound)) => Measured::Beyond(limit, bound),
            None if how.limits && self.is_limit(how, value)? => Measured::AtLimit(value),
            None => Measured::At(value),
        })
    }

    /// Whether a value equals a limit of quantification of its row, in a table that marks no value
    /// as beyond a limit by a column.
    fn is_limit(&self, how: &TableMeaning, value: f64) -> Result<bool, StudyError> {
        let marks = [Sign::Censored, Sign::Below, Sign::Above];
        if marks.into_iter().any(|mark| self.columns.signs.place(mark).is_some()) {
            return Ok(false);
        }
        let own = |sign| self.columns.signs.number(self.sign(), sign);
        let lower = match own(Sign::LowerLimit)? {
            None => self.usual_limit(how)?,
            own => own,
        };
        Ok(lower == Some(value) || own(Sign::UpperLimit)? == Some(value))
    }

    /// The lower limit of quantification that the study gives for what was measured at the row.
    fn usual_limit(&self, how: &TableMeaning) -> Result<Option<f64>, StudyError> {
        if how.lower_limits.iter().all(|limit| limit.is_nan()) {
            return Ok(None);
        }
        let kind = if how.kinds.is_empty() { 0 } else { self.kind_of(how)? };
        Ok(Some(how.lower_limits[kind]).filter(|limit| !limit.is_nan()))
    }

    /// Which of several quantities was measured at the row.
    pub fn kind_of(&self, how: &TableMeaning) -> Result<usize, StudyError> {
        let Some(column) = self.columns.signs.place(Sign::Kind) else {
            if how.kinds.len() == 1 {
                return Ok(0);
            }
            let message = format!(
                "is missing, but {}.observed needs it to distinguish {} quantities; the header has \
                 {}",
                how.at,
                how.kinds.len(),
                self.file.header.join(", ")
            );
            return Err(self.file.refuse(1, "DVID", message));
        };
        let text = self.columns.signs.text(&self.fields, Sign::Kind).unwrap_or("");
        let number = |text: &str| text.parse::<f64>().ok();
        let same =
            |kind: &String| kind == text || number(kind).is_some_and(|k| Some(k) == number(text));
        how.kinds.iter().position(same).ok_or_else(|| {
            let found = match text.is_empty() {
                true => "is empty, but DV is not".to_string(),
                false => format!("is \"{}\", which the study does not define", shown(text)),
            };
            let message = format!(
                "{found}; use one of {}, add {}.observed.{} to the study, or set MDV to 1 on this \
                 line",
                how.kinds.join(", "),
                how.at,
                if text.is_empty() { "NAME" } else { text }
            );
            self.refuse_at(column, message)
        })
    }
}
