//! Other numbers in the place of those of a prepared model: the draws behind an interval differ from it in
//! values alone, so that their wells are lanes of its one network, which is neither checked nor compiled again.

use crate::culture::prepared::{Prepared, Solver};
use crate::culture::rest;
use crate::culture::run::lane;
use crate::culture::setup::Setup;
use crate::culture::well::Well;
use crate::receptor::ModelError;
use crate::receptor::equilibrium::Problem;
use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::{Ensemble, LaneFailure, Tolerance};
use std::ops::ControlFlow;

/// A value for every number of a prepared model.
#[derive(Clone, Debug)]
pub struct Numbers(Of);

#[derive(Clone, Debug)]
enum Of {
    Network(Vec<f64>),
    Equilibrium(Problem),
}

/// One readout of a well.
#[derive(Clone, Debug)]
pub struct Read {
    /// By time, in base units, as far as it was solved.
    pub values: Vec<f64>,
    /// Why it ended before the last time, if it did.
    pub failure: Option<LaneFailure>,
}

impl Prepared {
    /// Its own numbers.
    pub fn numbers(&self) -> Numbers {
        Numbers(match &self.solver {
            Solver::Network { values, .. } => Of::Network(values.clone()),
            Solver::Equilibrium { problem, .. } => Of::Equilibrium(problem.clone()),
        })
    }

    /// The numbers of a setup that differs from the one prepared in values alone.
    pub fn numbers_of(&self, setup: &Setup) -> Result<Numbers, ModelError> {
        if let Solver::Equilibrium { .. } = self.solver {
            return Ok(setup.clone().prepare_equilibrium()?.numbers());
        }
        let model = setup.network()?;
        let given = setup.overrides(&model)?;
        let values = model.network.parameter_values(&given);
        debug_assert!(
            self.parameters.iter().map(|p| &p.name).eq(model
                .network
                .parameters
                .iter()
                .map(|p| &p.name)),
            "another structure"
        );
        Ok(Numbers(Of::Network(values)))
    }

    /// Reads one readout of `count` wells side by side on this thread; `of` gives the numbers and the well of
    /// each, and `take` is handed what was read in their order. The result of one does not depend on the others.
    pub fn read_all<'a>(
        &self,
        count: usize,
        of: impl Fn(usize) -> (&'a Numbers, &'a Well) + Sync,
        readout: usize,
        tolerance: Tolerance,
        mut take: impl FnMut(Read),
    ) {
        let (model, program) = match &self.solver {
            Solver::Network { model, program, .. } => (model, program),
            Solver::Equilibrium { label, .. } => {
                for (numbers, well) in (0..count).map(of) {
                    let Of::Equilibrium(problem) = &numbers.0 else {
                        unreachable!("of this model")
                    };
                    let ran = rest::at_equilibrium(problem, label, well);
                    let values = ran.rows.iter().map(|row| row[readout]).collect();
                    take(Read { values, failure: ran.failure });
                }
                return;
            }
        };
        let values = |numbers: &'a Numbers| match &numbers.0 {
            Of::Network(values) => values.as_slice(),
            Of::Equilibrium(_) => unreachable!("numbers of this model"),
        };
        let make = |index: usize| {
            let (numbers, well) = of(index);
            lane(model, values(numbers), well)
        };
        let species = model.network.species.len();
        let reduce = |index: usize, answer: Answer| {
            let (numbers, well) = of(index);
            let (found, failure) = il2_engine::lane::found(answer);
            let read = |(state, time): (&Vec<f64>, &f64)| match readout.checked_sub(species) {
                None => state[readout],
                Some(place) => {
                    model.network.observables[place].value.value(state, values(numbers), *time)
                }
            };
            let values: Vec<f64> = found.states.iter().zip(&well.times).map(read).collect();
            let bytes = size_of_val(values.as_slice());
            Reduced { result: Read { values, failure }, bytes }
        };
        let _ = Ensemble::new(program, tolerance).run(0..count, make, reduce, |_, read| {
            take(read);
            ControlFlow::Continue(())
        });
    }
}
