//! What a course needs for each record, and what it gives.

use super::number::Number;

/// How a compartment modifies the doses into it, where the model says so and not the table.
#[derive(Clone, Debug, Default)]
pub struct Doses {
    /// Delay (min).
    pub lag: Option<Number>,
    /// Fraction that arrives.
    pub bioavailability: Option<Number>,
    /// Duration of an infusion whose duration is modelled (RATE -2) and not given by the record (min): zero-order
    /// absorption.
    pub duration: Option<Number>,
    /// Rate of an infusion whose rate is modelled (RATE -1) and not given by the record (amount/min).
    pub rate: Option<Number>,
}

/// Numbers that hold up to a record.
#[derive(Clone, Debug)]
pub struct Held {
    /// Those that the model has, in its own order.
    pub numbers: Vec<Number>,
    /// For doses of this record into the compartment that takes doses first.
    pub doses: Doses,
}

/// What there is at records, after each of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The concentration at every record.
    pub levels: Vec<f64>,
    /// `by[record][direction]`.
    pub by: Vec<Vec<f64>>,
    /// The effect at every record; empty for a model without one.
    pub effects: Vec<f64>,
    /// Its derivatives, as those of levels.
    pub effects_by: Vec<Vec<f64>>,
}
