//! Replaces numbers of a prepared model. The draws behind an interval differ from the model only in
//! values, so their wells are lanes of its one network, which is neither checked nor compiled
//! again.

use crate::culture::prepared::{Prepared, Solver};
use crate::culture::rest;
use crate::culture::run::lane;
use crate::culture::setup::Setup;
use crate::culture::well::Well;
use crate::receptor::ModelError;
use crate::receptor::equilibrium::Problem;
use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::network::{Network, Parameter, ParameterId, ParameterValue};
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
    /// Values by time, in base units, up to the time to which the well was solved.
    pub values: Vec<f64>,
    /// Why the simulation ended before the last time, if it did.
    pub failure: Option<LaneFailure>,
}

/// Where the numbers of the network of a setup come from.
struct Copied<'a> {
    network: &'a Network,
    from: Vec<(ParameterId, Place)>,
    /// Numbers that the study sets.
    set: Vec<(ParameterId, f64)>,
}

/// A number of a setup: its index among those of the model, of STAT5, of a ligand or of the cell.
enum Place {
    Model(usize),
    Stat5(usize),
    Ligand(usize, usize),
    Chain(usize),
    /// A value that is the same in every setup.
    Value(f64),
}

impl Copied<'_> {
    fn numbers(&self, setup: &Setup) -> Numbers {
        let value = |(_, number): (&String, &crate::parameter::Parameter)| number.value;
        let at = |place: &Place| match *place {
            Place::Model(at) => setup.model.parameters.get_index(at).map(value),
            Place::Stat5(at) => {
                setup.model.stat5.as_ref().and_then(|s| s.parameters.get_index(at)).map(value)
            }
            Place::Ligand(ligand, at) => setup.ligands[ligand].parameters.get_index(at).map(value),
            Place::Chain(at) => setup
                .cell
                .as_ref()
                .and_then(|c| c.numbers()?.get_index(at))
                .map(|(_, number)| if number.absent { 0.0 } else { number.value }),
            Place::Value(value) => Some(value),
        };
        let given = self.from.iter().map(|(id, place)| (*id, at(place).unwrap_or(f64::NAN)));
        let given: Vec<(ParameterId, f64)> = given.chain(self.set.iter().copied()).collect();
        Numbers(Of::Network(self.network.parameter_values(&given)))
    }
}

impl Prepared {
    /// The numbers of the prepared model itself.
    pub fn numbers(&self) -> Numbers {
        Numbers(match &self.solver {
            Solver::Network { values, .. } => Of::Network(values.clone()),
            Solver::Equilibrium { problem, .. } => Of::Equilibrium(problem.clone()),
        })
    }

    /// The numbers of setups that differ from the prepared one only in values.
    pub fn numbers_of(
        &self,
        setups: impl IntoIterator<Item = Setup>,
    ) -> Result<Vec<Numbers>, ModelError> {
        let mut setups = setups.into_iter();
        let Some(first) = setups.next() else { return Ok(vec![]) };
        let mut all = vec![self.built(&first)?];
        // Building a network takes longer than running some of its wells.
        let copied = self.copied(&first, &all[0]);
        for setup in setups {
            all.push(match &copied {
                Some(copied) => copied.numbers(&setup),
                None => self.built(&setup)?,
            });
        }
        Ok(all)
    }

    /// The numbers of the network of a setup.
    fn built(&self, setup: &Setup) -> Result<Numbers, ModelError> {
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

    /// Which numbers of a setup its network contains unchanged, by their names; none unless these
    /// determine all values of `built`, the network of a setup with other numbers.
    fn copied(&self, setup: &Setup, built: &Numbers) -> Option<Copied<'_>> {
        let (Solver::Network { model, values, .. }, Of::Network(wanted)) = (&self.solver, &built.0)
        else {
            return None;
        };
        let set = self.setup.overrides(model).ok()?;
        let parameters = model.network.parameters.iter().enumerate();
        let given = parameters.filter(|(_, p)| matches!(p.value, ParameterValue::Given(_)));
        let from =
            |(i, p): (usize, &Parameter)| (ParameterId(i), self.place_of(&p.name, values[i]));
        let copied = Copied { network: &model.network, from: given.map(from).collect(), set };
        let Of::Network(found) = copied.numbers(setup).0 else { return None };
        let same = found.iter().zip(wanted).all(|(a, b)| a.to_bits() == b.to_bits());
        same.then_some(copied)
    }

    /// The number of the setup to which a number of the network corresponds, by its name.
    fn place_of(&self, name: &str, value: f64) -> Place {
        let Setup { model, ligands, cell, .. } = &self.setup;
        if let Some(at) = model.parameters.get_index_of(name) {
            return Place::Model(at);
        }
        let stat5 = model.stat5.as_ref().zip(name.strip_prefix("stat5."));
        if let Some(at) = stat5.and_then(|(stat5, own)| stat5.parameters.get_index_of(own)) {
            return Place::Stat5(at);
        }
        for (ligand, of) in ligands.iter().enumerate() {
            let own = name.strip_prefix(of.label.as_str()).and_then(|rest| rest.strip_prefix('.'));
            if let Some(at) = own.and_then(|own| of.parameters.get_index_of(own)) {
                return Place::Ligand(ligand, at);
            }
        }
        let chain = name.strip_suffix("_number").or(name.strip_suffix("_synthesis"));
        let at = chain.zip(cell.as_ref()).and_then(|(c, cell)| cell.numbers()?.get_index_of(c));
        at.map_or(Place::Value(value), Place::Chain)
    }

    /// Reads one readout of `count` wells side by side on this thread; `of` gives the numbers and
    /// the well of each, and `take` receives the results in order. The result of one well does not
    /// depend on the others.
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
