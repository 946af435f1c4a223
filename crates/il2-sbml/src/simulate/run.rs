//! A requested run of a model, and its result.

use crate::error::SbmlError;
use il2_engine::Tolerance;
use std::collections::BTreeMap;

/// A requested run. Times are in the unit of the model.
#[derive(Clone, Debug)]
pub struct Run {
    /// Output times, in increasing order and not negative.
    pub times: Vec<f64>,
    /// Initial values that differ, by id; `reaction.parameter` for a local one. They replace those
    /// of the model and its initial assignments.
    pub changes: BTreeMap<String, f64>,
    /// Doses.
    pub doses: Vec<Dose>,
    /// Accuracy of every step; the absolute tolerance is relative to the largest value of a state so
    /// far if that is below one, and for states that remain much smaller than others to their own
    /// largest value.
    pub tolerance: Tolerance,
}

/// An amount that is added at a time, before events at that time.
#[derive(Clone, Debug, PartialEq)]
pub struct Dose {
    /// Time of the dose.
    pub time: f64,
    /// Id of the quantity to which it is added.
    pub to: String,
    /// Amount, in the unit that the id has in formulas.
    pub amount: f64,
}

impl Default for Run {
    fn default() -> Self {
        let tolerance = Tolerance { relative: 1e-9, absolute: 1e-12, ..Tolerance::default() };
        Self { times: vec![], changes: BTreeMap::new(), doses: vec![], tolerance }
    }
}

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Output times.
    pub times: Vec<f64>,
    /// Values by id, as formulas see them.
    pub values: BTreeMap<String, Vec<f64>>,
    /// Amounts and concentrations of species.
    pub species: BTreeMap<String, (Vec<f64>, Vec<f64>)>,
    /// Events that were executed, with their times.
    pub events: Vec<(f64, String)>,
    /// Values that jumped at doses or events.
    pub jumps: Vec<Jump>,
}

/// A run that could not be completed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{error}")]
pub struct Stopped {
    /// Why.
    pub error: SbmlError,
    /// The course up to there; it has fewer output times than were requested.
    pub found: Box<Found>,
}

impl From<Stopped> for SbmlError {
    fn from(stopped: Stopped) -> Self {
        stopped.error
    }
}

/// Values that jumped at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Jump {
    /// Time of the jump.
    pub time: f64,
    /// Values before and after the jump, by id.
    pub values: BTreeMap<String, (f64, f64)>,
}

impl Found {
    /// The values of an id.
    pub fn of(&self, id: &str) -> Option<&[f64]> {
        self.values.get(id).map(Vec::as_slice)
    }
}
