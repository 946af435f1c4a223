//! A model that is ready to run, and the results of its wells.

use crate::culture::setup::Setup;
use crate::receptor::ReceptorModel;
use crate::receptor::equilibrium::Problem;
use il2_engine::{Dimension, LaneFailure, Program};
use std::sync::Arc;

/// A parameter of a prepared model, as `il2 check` prints it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Network name.
    pub name: String,
    /// Value in base units.
    pub value: f64,
    /// Dimension of the value.
    pub dimension: Dimension,
    /// Whether the study sets it.
    pub overridden: bool,
}

/// A model that is ready to run wells.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The setup that was prepared.
    pub setup: Setup,
    /// Names and dimensions of the readouts: species, then observables.
    pub readouts: Vec<(String, Dimension)>,
    /// Every parameter with its value.
    pub parameters: Vec<Resolved>,
    /// Conserved totals of the network, as text.
    pub totals: Vec<String>,
    pub(super) solver: Solver,
}

/// The method by which the model is solved.
#[derive(Clone, Debug)]
pub(super) enum Solver {
    Network { model: Box<ReceptorModel>, program: Arc<Program>, values: Vec<f64> },
    Equilibrium { problem: Problem, label: String },
}

/// The results of a well.
#[derive(Clone, Debug)]
pub struct Ran {
    /// `[time][readout]` in base units, up to the time to which it was solved.
    pub rows: Vec<Vec<f64>>,
    /// Why the simulation ended before the last time, if it did.
    pub failure: Option<LaneFailure>,
}
