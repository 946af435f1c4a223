//! A model is run: lanes of its network, from one stop to the next.
//!
//! A lane stops where a comparison changes sides (`crossing`), where an event is due, and at doses. There events
//! happen as the specification has it (`happen`), and the next lane begins. Outputs at the time of an event show
//! what is there after it.

mod advance;
mod crossing;
mod happen;
mod machine;
mod run;

use crate::error::SbmlError;
use crate::model::Model;
use crate::network::SbmlNetwork;
use il2_engine::{Backend, Program};
pub use run::{Dose, Found, Jump, Run};

/// A model that is ready to run, any number of times.
pub struct Simulator<'a> {
    model: &'a Model,
    network: &'a SbmlNetwork,
    program: Program,
}

impl<'a> Simulator<'a> {
    /// Makes the program of a network.
    pub fn new(model: &'a Model, network: &'a SbmlNetwork) -> Self {
        Self { model, network, program: Program::new(&network.network, Backend::Fastest) }
    }

    /// Runs the model once.
    pub fn run(&self, run: &Run) -> Result<Found, SbmlError> {
        machine::Machine::new(self.model, self.network, &self.program, run)?.run(run)
    }
}

/// Runs a model once.
pub fn simulate(model: &Model, network: &SbmlNetwork, run: &Run) -> Result<Found, SbmlError> {
    Simulator::new(model, network).run(run)
}
