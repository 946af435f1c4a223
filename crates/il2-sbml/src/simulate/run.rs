//! A requested run of a model, and its result.

use il2_engine::Tolerance;
use std::collections::BTreeMap;

/// A requested run. Times are in the model's unit.
#[derive(Clone, Debug)]
pub struct Run {
    /// Output times, in order, none below zero.
    pub times: Vec<f64>,
    /// Other start values, by id; `reaction.parameter` for a local one. They replace those of the model and its
    /// initial assignments.
    pub changes: BTreeMap<String, f64>,
    /// Doses.
    pub doses: Vec<Dose>,
    /// Accuracy of every step; the absolute one is a part of the largest start value where that is below one.
    pub tolerance: Tolerance,
}

/// Something that is added at a time, before what events do then.
#[derive(Clone, Debug, PartialEq)]
pub struct Dose {
    /// When.
    pub time: f64,
    /// To what, by id.
    pub to: String,
    /// How much, in the unit that the id has in formulas.
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
    /// Which events took place, and when.
    pub events: Vec<(f64, String)>,
    /// What jumped when doses were given or events happened.
    pub jumps: Vec<Jump>,
}

/// Values that jumped at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Jump {
    /// When.
    pub time: f64,
    /// By id, the values before and after.
    pub values: BTreeMap<String, (f64, f64)>,
}

impl Found {
    /// The values of an id.
    pub fn of(&self, id: &str) -> Option<&[f64]> {
        self.values.get(id).map(Vec::as_slice)
    }
}
