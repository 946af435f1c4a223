//! Runs a model by integrating its network from one stop to the next.
//!
//! An integration stops where a comparison changes (`crossing`), where an event is due, and at
//! doses. Events are then executed as specified (`happen`), and the next integration begins.
//! Outputs at the time of an event show the values after it.

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
    /// Compiles the network of a model.
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
