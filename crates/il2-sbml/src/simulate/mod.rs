//! Runs a model by integrating its network from one stop to the next.
//!
//! An integration stops where a comparison changes (`crossing`), where an event is due, and at
//! doses, and often where an input of time changes (`inputs`). Events are then executed as specified (`happen`), and the next integration begins.
//! Outputs at the time of an event show the values after it.

mod advance;
mod crossing;
mod happen;
mod inputs;
mod machine;
mod run;

use crate::model::Model;
use crate::network::SbmlNetwork;
use il2_engine::{Backend, Program};
use machine::Machine;
pub use run::{Dose, Found, Jump, Run, Stopped};

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

    /// Runs the model once; if it cannot be solved, the error contains the course up to there.
    ///
    /// The first run shows how large each state becomes. If some remain small beside others, as
    /// molar concentrations beside a number of cells, the model is run again with an absolute
    /// tolerance of their own for these.
    pub fn run(&self, run: &Run) -> Result<Found, Stopped> {
        let (first, used) = self.run_with(run, None)?;
        let Some(sizes) = used else { return Ok(first) };
        // Differences of large numbers may leave noise that has no accurate digits.
        Ok(self.run_with(run, Some(sizes)).map_or(first, |(finer, _)| finer))
    }

    /// The course and, if they differ much from those used, the sizes of states.
    fn run_with(
        &self,
        run: &Run,
        sizes: Option<Vec<f64>>,
    ) -> Result<(Found, Option<Vec<f64>>), Stopped> {
        let made = Machine::new(self.model, self.network, &self.program, run);
        let mut machine = made.map_err(|error| Stopped { error, found: Box::default() })?;
        machine.sizes = sizes;
        match machine.run(run) {
            Ok(()) => Ok((std::mem::take(&mut machine.found), machine.smaller_sizes())),
            Err(error) => Err(Stopped { error, found: Box::new(machine.found) }),
        }
    }
}

/// Runs a model once.
pub fn simulate(model: &Model, network: &SbmlNetwork, run: &Run) -> Result<Found, Stopped> {
    Simulator::new(model, network).run(run)
}
