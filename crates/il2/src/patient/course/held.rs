//! Input of a course for each record, and its results.

use super::number::Number;

/// How a compartment modifies the doses that enter it, if the model specifies this in place of the
/// table.
#[derive(Clone, Debug, Default)]
pub struct Doses {
    /// Delay (min).
    pub lag: Option<Number>,
    /// Fraction that arrives.
    pub bioavailability: Option<Number>,
    /// Duration of an infusion whose duration is modelled (RATE -2) and not given by the record
    /// (min): zero-order absorption.
    pub duration: Option<Number>,
    /// Rate of an infusion whose rate is modelled (RATE -1) and not given by the record (amount/min).
    pub rate: Option<Number>,
}

/// Numbers that apply up to a record.
#[derive(Clone, Debug)]
pub struct Held {
    /// The numbers of the model, in its own order.
    pub numbers: Vec<Number>,
    /// How doses of this record are modified in the default dosing compartment.
    pub doses: Doses,
}

/// Levels and effects at records, after each of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The concentration at every record.
    pub levels: Vec<f64>,
    /// Derivatives of the levels, `by[record][direction]`.
    pub by: Vec<Vec<f64>>,
    /// The effect at every record; empty for a model without one.
    pub effects: Vec<f64>,
    /// Derivatives of the effects, in the same order as those of the levels.
    pub effects_by: Vec<Vec<f64>>,
}
