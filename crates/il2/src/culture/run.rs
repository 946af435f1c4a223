//! From a setup to simulations: a model is prepared once, and then run well by well.

use crate::culture::medium;
use crate::culture::prepared::{Prepared, Ran, Resolved, Solver};
use crate::culture::rest;
use crate::culture::setup::{ModelKind, Setup};
use crate::culture::well::Well;
use crate::receptor::{ModelError, ReceptorModel};
use il2_engine::ensemble::Answer;
use il2_engine::program::shared::shared;
use il2_engine::{Ensemble, Lane, LaneFailure, Tolerance};
use std::sync::atomic::{AtomicUsize, Ordering};

impl Setup {
    /// Builds the network, applies the study's numbers, and checks everything. The result contains
    /// the setup, so that it need not be prepared again to be inspected.
    pub fn prepare(self) -> Result<Prepared, ModelError> {
        PREPARED.fetch_add(1, Ordering::Relaxed);
        let this = self.with_fitted_numbers();
        this.prepare_network()
    }

    fn prepare_network(self) -> Result<Prepared, ModelError> {
        if self.model.kind == ModelKind::PolyvalentEquilibrium {
            return self.prepare_equilibrium();
        }
        let model = self.network()?;
        let totals = model.check()?;
        let given = self.overrides(&model)?;
        let n = &model.network;
        let values = n.parameter_values(&given);
        let set = |i: usize| given.iter().any(|(p, _)| p.0 == i);
        let parameters = (0..values.len())
            .map(|i| Resolved {
                name: n.parameters[i].name.clone(),
                value: values[i],
                dimension: n.parameters[i].dimension,
                overridden: set(i),
            })
            .collect();
        let species = n.species.iter().map(|s| (s.name.clone(), s.dimension));
        let observables = n.observables.iter().map(|o| (o.name.clone(), o.dimension));
        Ok(Prepared {
            setup: self,
            readouts: species.chain(observables).collect(),
            parameters,
            totals: totals.iter().map(|t| t.describe(n)).collect(),
            solver: Solver::Network { program: shared(n), model: Box::new(model), values },
        })
    }
}

/// Number of setups prepared by this process so far; a test checks that none is prepared twice.
pub static PREPARED: AtomicUsize = AtomicUsize::new(0);

impl Prepared {
    /// The network and the values of its parameters (base units); none if the model is solved
    /// without a network.
    pub fn network(&self) -> Option<(&ReceptorModel, &[f64])> {
        match &self.solver {
            Solver::Network { model, values, .. } => Some((model, values)),
            Solver::Equilibrium { .. } => None,
        }
    }

    /// Index of a readout in every row of [`Prepared::run`].
    pub fn readout(&self, name: &str) -> Option<usize> {
        self.readouts.iter().position(|(n, _)| n == name)
    }

    /// Runs one well; `rows[time][readout]` in base units.
    pub fn run(&self, well: &Well, tolerance: Tolerance) -> Result<Vec<Vec<f64>>, LaneFailure> {
        let ran = self.run_all(std::slice::from_ref(well), tolerance).remove(0);
        ran.failure.map_or(Ok(ran.rows), Err)
    }

    /// Runs wells side by side on this thread; the results of one well do not depend on the others.
    pub fn run_all(&self, wells: &[Well], tolerance: Tolerance) -> Vec<Ran> {
        match &self.solver {
            Solver::Network { model, program, values } => {
                let ensemble = Ensemble::new(program, tolerance);
                let lanes: Vec<Lane> = wells.iter().map(|w| lane(model, values, w)).collect();
                let answers = ensemble.run_all(&lanes).into_iter().zip(wells);
                let ran = |(answer, well): (Answer, &Well)| {
                    let (found, failure) = il2_engine::lane::found(answer);
                    Ran { rows: observe(model, values, &well.times, found.states), failure }
                };
                answers.map(ran).collect()
            }
            Solver::Equilibrium { problem, label } => {
                wells.iter().map(|well| rest::at_equilibrium(problem, label, well)).collect()
            }
        }
    }
}

/// The lane of a well; `values` are the parameters of the model's network, in base units.
pub fn lane(model: &ReceptorModel, values: &[f64], well: &Well) -> Lane {
    let mut initial = model.network.initial_state(values);
    let (start, events) = medium::course(model, well);
    start.into_iter().for_each(|(species, level)| initial[species.0] = level);
    let lead = well.lead();
    let (parameters, times) = (values.to_vec(), well.times.iter().map(|t| t + lead).collect());
    Lane { parameters, initial, events, times, ..Lane::default() }
}

/// Species, then observables, at these times, up to the last time with a state.
pub(super) fn observe(
    model: &ReceptorModel,
    values: &[f64],
    times: &[f64],
    states: Vec<Vec<f64>>,
) -> Vec<Vec<f64>> {
    let row = |(state, &time): (Vec<f64>, &f64)| {
        let seen = model.network.observables.iter().map(|o| o.value.value(&state, values, time));
        let seen: Vec<f64> = seen.collect();
        [state, seen].concat()
    };
    states.into_iter().zip(times).map(row).collect()
}
