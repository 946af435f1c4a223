//! Cells and ligands in one medium: what is put together, run, and read off.
//!
//! [`Setup`] names a model, ligands, a cell and a medium; [`Prepared`] is the network ready to run;
//! a [`Well`] is one lane of it. [`response`] reads a dose-response curve, [`uncertainty`] draws
//! what the curve's interval is made of.

pub mod response;
mod rest;
pub mod uncertainty;

use crate::cell::Cell;
use crate::ligand::Ligand;
use crate::parameter::{Parameters, in_place_of, required};
use crate::receptor::equilibrium::Problem;
use crate::receptor::fallon2000::Encoding;
use crate::receptor::gamma_chain::FusionScaling;
use crate::receptor::polyvalent;
use crate::receptor::{self, ChainSupply, Medium, ModelError, ReceptorModel};
use il2_engine::network::{Limits, ParameterValue};
use il2_engine::program::shared::shared;
use il2_engine::words::{closest, some_of};
use il2_engine::{
    Change, Dimension, Ensemble, Event, Lane, LaneFailure, ParameterId, Program, Tolerance,
};
use std::sync::Arc;

/// Which equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// [`receptor::gamma_chain`].
    GammaChain(FusionScaling),
    /// [`receptor::polyvalent`].
    Polyvalent,
    /// [`receptor::equilibrium`].
    PolyvalentEquilibrium,
    /// [`receptor::fallon2000`].
    Fallon2000(Encoding),
    /// [`receptor::effect`].
    Effect,
}

impl ModelKind {
    /// Whether the cell is part of the model.
    pub fn brings_its_cell(self) -> bool {
        matches!(self, ModelKind::Fallon2000(_))
    }
}

/// A model with the numbers that the library or study gives it.
#[derive(Clone, Debug)]
pub struct Model {
    /// Name under which it was chosen.
    pub name: String,
    /// Which equations.
    pub kind: ModelKind,
    /// Its numbers by name.
    pub parameters: Parameters,
    /// Numbers of the STAT5 cycle, if that is to run behind the receptor.
    pub stat5: Option<Parameters>,
    /// What the study sets: name of a network parameter, quantity as text.
    pub overrides: Vec<(String, String)>,
}

/// What is put together.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Model with its numbers.
    pub model: Model,
    /// Ligands in the medium, one or more.
    pub ligands: Vec<Ligand>,
    /// The cell, unless the model brings its own.
    pub cell: Option<Cell>,
    /// Whether the medium runs out.
    pub medium: Medium,
}

/// A parameter of a prepared model, as `il2 check` prints it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Network name.
    pub name: String,
    /// Base units.
    pub value: f64,
    /// What it measures.
    pub dimension: Dimension,
    /// Set by the study.
    pub overridden: bool,
}

/// A model ready to run lanes.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Names and dimensions of what a lane reads off: species, then observables.
    pub readouts: Vec<(String, Dimension)>,
    /// Every parameter with its value.
    pub parameters: Vec<Resolved>,
    /// Totals that the network conserves, in words.
    pub totals: Vec<String>,
    solver: Solver,
}

#[derive(Clone, Debug)]
enum Solver {
    Network { model: Box<ReceptorModel>, program: Arc<Program>, values: Vec<f64> },
    Equilibrium { problem: Problem, label: String },
}

/// One lane: doses and times.
#[derive(Clone, Debug, Default)]
pub struct Well {
    /// Ligand by label and its concentration at the start (pM).
    pub doses: Vec<(String, f64)>,
    /// When the medium is replaced by medium without ligand (min), if ever.
    pub wash: Option<f64>,
    /// When the readouts are wanted (min), in order.
    pub times: Vec<f64>,
}

impl Setup {
    /// Builds the network, applies what the study overrides, and checks everything.
    pub fn prepare(&self) -> Result<Prepared, ModelError> {
        if self.model.kind == ModelKind::PolyvalentEquilibrium {
            return self.prepare_equilibrium();
        }
        let model = self.network()?;
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
            readouts: species.chain(observables).collect(),
            parameters,
            totals: model.totals.iter().map(|t| t.describe(n)).collect(),
            solver: Solver::Network { program: shared(n), model: Box::new(model), values },
        })
    }

    fn cell(&self) -> Result<&Cell, ModelError> {
        self.cell.as_ref().ok_or_else(|| {
            ModelError::Combination(format!("model {} needs a cell; name one", self.model.name))
        })
    }

    fn supply(&self) -> Result<Vec<(String, ChainSupply)>, ModelError> {
        self.cell()?.chains().map_err(ModelError::Combination)
    }

    fn one_ligand(&self) -> Result<&Ligand, ModelError> {
        match self.ligands.as_slice() {
            [one] => Ok(one),
            several => Err(ModelError::Combination(format!(
                "model {} takes one ligand at a time and got {}; use model gamma-chain for several at once",
                self.model.name,
                several.len()
            ))),
        }
    }

    /// Models without a medium that runs out must not be given one: it would be ignored.
    fn refuse_culture(&self, remedy: &str) -> Result<(), ModelError> {
        match self.medium {
            Medium::Constant => Ok(()),
            Medium::Depleted { .. } => Err(ModelError::Combination(format!(
                "model {} does not read [culture]; {remedy}",
                self.model.name
            ))),
        }
    }

    /// Fallon's constants are a ligand's own: an affinity set by the study would be ignored.
    fn refuse_affinities(&self) -> Result<(), ModelError> {
        let ligand = self.one_ligand()?;
        let set = ligand.parameters.iter().find(|(name, p)| {
            p.how == crate::parameter::How::Study && !name.starts_with("fallon2000.")
        });
        match set {
            None => Ok(()),
            Some((name, _)) => Err(ModelError::Combination(format!(
                "model {} does not read {name} of ligand {}; it has one lumped receptor: set k_on_surface or k_off_surface among the model's parameters, or use model gamma-chain",
                self.model.name, ligand.label
            ))),
        }
    }

    /// The network of the setup, before the study's overrides.
    pub fn network(&self) -> Result<ReceptorModel, ModelError> {
        let owner = format!("model {}", self.model.name);
        let numbers = &self.model.parameters;
        let model = match self.model.kind {
            ModelKind::GammaChain(scaling) => receptor::gamma_chain::model(
                numbers,
                &owner,
                &self.ligands,
                &self.supply()?,
                self.medium,
                scaling,
            )?,
            ModelKind::Polyvalent => {
                polyvalent::model(numbers, &owner, &self.ligands, &self.supply()?, self.medium)?
            }
            ModelKind::Fallon2000(encoding) => {
                self.refuse_culture("leave it out and set its parameter cell_density_start")?;
                self.refuse_affinities()?;
                receptor::fallon2000::model(numbers, &owner, self.one_ligand()?, encoding)?
            }
            ModelKind::Effect => {
                self.refuse_culture("leave it out: this model knows no uptake")?;
                let cell = self.cell()?;
                let effect = cell.effect.as_ref().ok_or_else(|| {
                    ModelError::Combination(format!(
                        "cell {} has no effect table; model effect describes cells whose chains were never counted",
                        cell.label
                    ))
                })?;
                let ligand = &self.one_ligand()?.label;
                receptor::effect::model(&effect.parameters, &effect.direction, &cell.label, ligand)?
            }
            ModelKind::PolyvalentEquilibrium => {
                return Err(ModelError::Combination(format!(
                    "model {} is an equilibrium, solved at once, and has no network; use polyvalent",
                    self.model.name
                )));
            }
        };
        let Some(stat5) = &self.model.stat5 else { return Ok(model) };
        if model.network.observable_named("signalling_complexes").is_none() {
            return Err(ModelError::Combination(format!(
                "model {} has no signalling complexes for STAT5 to follow; use gamma-chain or polyvalent",
                self.model.name
            )));
        }
        let cell = self.cell()?;
        let total = required(
            &cell.parameters,
            &format!("cell {}", cell.label),
            "stat5.total",
            Dimension::DIMENSIONLESS,
        )
        .map_err(|missing| {
            ModelError::Combination(format!(
                "{missing}; STAT5 totals are known for treg, cd4_effector, cd8 and nk"
            ))
        })?;
        receptor::stat5::add(model, stat5, total)
    }

    /// What the study overrides in this network, checked.
    pub fn overrides(&self, model: &ReceptorModel) -> Result<Vec<(ParameterId, f64)>, ModelError> {
        let n = &model.network;
        let mut given = vec![];
        for (name, text) in &self.model.overrides {
            let Some(id) = n.parameter_named(name) else {
                // A ligand that this network does not hold may be in another of the same study.
                let elsewhere = name.split_once('.').is_some_and(|(prefix, _)| {
                    prefix != "stat5" && !model.medium.iter().any(|(label, _)| label == prefix)
                });
                if elsewhere {
                    continue;
                }
                return Err(unknown_parameter(name, n.parameters.iter().map(|p| p.name.as_str())));
            };
            let last = name.rsplit('.').next().unwrap_or(name);
            if receptor::gamma_chain::CLOSING.contains(&last) {
                let what = "closes a cycle of bonds and follows from the others by detailed balance; set the other dissociation constants of this ligand instead";
                return Err(ModelError::Parameter(name.clone(), what.into()));
            }
            let parameter = &n.parameters[id.0];
            let usual = match parameter.value {
                ParameterValue::Given(usual) => Some(usual),
                ParameterValue::Derived(_) => None,
            };
            let (dimension, limits) = (parameter.dimension, parameter.limits);
            given.push((id, override_value(name, text, dimension, limits, usual)?));
        }
        Ok(given)
    }
}

fn unknown_parameter<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> ModelError {
    let near = closest(name, known.clone());
    let hint = match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!("it has {}", some_of(name, known)),
    };
    ModelError::Parameter(name.into(), format!("this model has no such parameter; {hint}"))
}

/// A number that a study gives in place of the model's.
fn override_value(
    name: &str,
    text: &str,
    dimension: Dimension,
    limits: Limits,
    usual: Option<f64>,
) -> Result<f64, ModelError> {
    let value = in_place_of(usual, None, text, dimension, limits);
    let value = value.map_err(|what| ModelError::Parameter(name.into(), what))?;
    Ok(value)
}

impl Prepared {
    /// Place of a readout in every row of [`Prepared::run`].
    pub fn readout(&self, name: &str) -> Option<usize> {
        self.readouts.iter().position(|(n, _)| n == name)
    }

    /// Runs one lane; `rows[time][readout]` in base units.
    pub fn run(&self, well: &Well, tolerance: Tolerance) -> Result<Vec<Vec<f64>>, LaneFailure> {
        let ran = self.run_all(std::slice::from_ref(well), tolerance).remove(0);
        ran.failure.map_or(Ok(ran.rows), Err)
    }

    /// Runs lanes side by side on this thread; what one gives does not depend on the others.
    pub fn run_all(&self, wells: &[Well], tolerance: Tolerance) -> Vec<Ran> {
        match &self.solver {
            Solver::Network { model, program, values } => {
                let ensemble = Ensemble::new(program, tolerance);
                let lanes: Vec<Lane> = wells.iter().map(|w| lane(model, values, w)).collect();
                let answers = ensemble.run_all(&lanes).into_iter().zip(wells);
                let ran = |(answer, well): (il2_engine::ensemble::Answer, &Well)| {
                    let (states, failure) = match answer {
                        Ok(found) => (found.states, None),
                        Err(stopped) => (stopped.found.states, Some(stopped.why)),
                    };
                    Ran { rows: observe(model, values, well, states), failure }
                };
                answers.map(ran).collect()
            }
            Solver::Equilibrium { problem, label } => {
                wells.iter().map(|well| rest::at_equilibrium(problem, label, well)).collect()
            }
        }
    }
}

/// What a well gave.
#[derive(Clone, Debug)]
pub struct Ran {
    /// `[time][readout]` in base units, as far as it went.
    pub rows: Vec<Vec<f64>>,
    /// Why it ended before the last time, if it did.
    pub failure: Option<LaneFailure>,
}

/// The lane of a well; `values` are those of the model's network, base units.
pub fn lane(model: &ReceptorModel, values: &[f64], well: &Well) -> Lane {
    let mut initial = model.network.initial_state(values);
    for (label, dose) in &well.doses {
        if let Some((_, species)) = model.medium.iter().find(|(l, _)| l == label) {
            initial[species.0] = *dose;
        }
    }
    let events = well.wash.map_or(vec![], |time| {
        let clear = |&(_, s): &(String, _)| Event::new(time, Change::Set(s, 0.0));
        model.medium.iter().map(clear).collect()
    });
    let (parameters, times) = (values.to_vec(), well.times.clone());
    Lane { parameters, initial, events, times, ..Lane::default() }
}

/// Species, then observables, at every time of a well.
fn observe(
    model: &ReceptorModel,
    values: &[f64],
    well: &Well,
    states: Vec<Vec<f64>>,
) -> Vec<Vec<f64>> {
    let row = |(state, &time): (Vec<f64>, &f64)| {
        let seen = model.network.observables.iter().map(|o| o.value.value(&state, values, time));
        let seen: Vec<f64> = seen.collect();
        [state, seen].concat()
    };
    states.into_iter().zip(&well.times).map(row).collect()
}
