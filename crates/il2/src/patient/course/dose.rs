//! Doses as numbers of the model modify them, and how they change along each direction.

use super::held::Doses;
use super::number::{NoCourse, Number};
use crate::treatment::record::{Rate, Record};

/// How the doses of a record change along each direction.
#[derive(Clone, Debug)]
pub struct DoseBy {
    /// Delay.
    pub lag: Vec<f64>,
    /// Amount that arrives, relative to it.
    pub part: Vec<f64>,
    /// Rate of an infusion, relative to it.
    pub rate: Vec<f64>,
    /// Its duration.
    pub duration: Vec<f64>,
}

/// Whether the duration of a record's infusion is modelled and in no column of the table.
fn lacks_duration(record: &Record) -> bool {
    record.rate == Rate::ModelledDuration && record.delivery.duration.is_nan()
}

fn lacks_rate(record: &Record) -> bool {
    record.rate == Rate::Modelled && record.delivery.rate.is_nan()
}

/// The record with the delay, fraction, duration and rate of the model.
pub fn delivered(written: &Record, doses: &Doses) -> Result<Record, NoCourse> {
    let mut record = written.clone();
    if record.compartment != 0 || !record.gives() {
        return Ok(record);
    }
    let delivery = &mut record.delivery;
    if let Some(lag) = &doses.lag {
        delivery.lag = lag.value;
    }
    if let Some(part) = &doses.bioavailability {
        delivery.bioavailability = part.value;
    }
    if let Some(duration) = doses.duration.as_ref().filter(|_| lacks_duration(written)) {
        delivery.duration = duration.value;
    }
    if let Some(rate) = doses.rate.as_ref().filter(|_| lacks_rate(written)) {
        delivery.rate = rate.value;
    }
    // A search may ask for numbers that no table may have, or for more infusions at once than fit into memory.
    match record.problem() {
        None => Ok(record),
        Some(_) => Err(NoCourse::NoNumber),
    }
}

impl DoseBy {
    /// Of a record as written and as delivered.
    pub fn of(written: &Record, delivered: &Record, doses: &Doses, directions: usize) -> Self {
        let none = || vec![0.0; directions];
        let mut by = Self { lag: none(), part: none(), rate: none(), duration: none() };
        if written.compartment != 0 {
            return by;
        }
        let absolute =
            |number: &Option<Number>| number.as_ref().map_or_else(none, |n| n.by.clone());
        let relative = |number: &Option<Number>| {
            let of = |n: &Number| n.by.iter().map(|b| b / n.value).collect();
            number.as_ref().map_or_else(none, of)
        };
        by.lag = absolute(&doses.lag);
        by.part = relative(&doses.bioavailability);
        let Some(duration) = delivered.duration() else { return by };
        match written.rate {
            Rate::ModelledDuration => {
                if lacks_duration(written) {
                    by.duration = absolute(&doses.duration);
                }
                let ends = by.duration.iter().map(|d| d / duration);
                by.rate = by.part.iter().zip(ends).map(|(part, long)| part - long).collect();
            }
            Rate::AtOnce | Rate::Given(_) | Rate::Modelled => {
                if lacks_rate(written) {
                    by.rate = relative(&doses.rate);
                }
                let pairs = by.part.iter().zip(&by.rate);
                by.duration = pairs.map(|(part, rate)| duration * (part - rate)).collect();
            }
        }
        by
    }
}
