//! A setup (a model with its numbers, ligands, a cell and a medium) and the network built from it.

use crate::cell::Cell;
use crate::ligand::{Ligand, PrivateChain, SHARED_CHAINS};
use crate::parameter::{Parameters, in_place_of, required};
use crate::receptor::fallon2000::Encoding;
use crate::receptor::gamma_chain::{FusionScaling, Options};
use crate::receptor::{self, ChainSupply, Medium, ModelError, ReceptorModel, polyvalent};
use il2_engine::network::{Limits, ParameterValue};
use il2_engine::words::{closest, some_of};
use il2_engine::{Dimension, ParameterId};

/// The equations of the model.
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
    /// Whether the model includes its own cell.
    pub fn brings_its_cell(self) -> bool {
        matches!(self, ModelKind::Fallon2000(_))
    }
}

/// A model of STAT5 downstream of the receptor, with its numbers.
#[derive(Clone, Debug)]
pub struct Stat5 {
    /// The equations of the model.
    pub kind: Stat5Kind,
    /// Numbers of the equations.
    pub parameters: Parameters,
}

/// The equations that follow the receptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stat5Kind {
    /// [`receptor::stat5`].
    Desensitising,
    /// [`receptor::stat5_gcsolver`].
    GcsolverJl,
}

/// A model with the numbers from the library or the study.
#[derive(Clone, Debug)]
pub struct Model {
    /// Name by which it was chosen.
    pub name: String,
    /// The equations of the model.
    pub kind: ModelKind,
    /// Its numbers by name.
    pub parameters: Parameters,
    /// Numbers of ligands and cells that were fitted together with those of the model and replace
    /// the usual ones, by the names of a posterior: `il2.gamma_chain.alpha_beta_ratio`,
    /// `yt1.synthesis.il2r_alpha`.
    pub fitted_with: Parameters,
    /// The STAT5 model, if one follows the receptor.
    pub stat5: Option<Stat5>,
    /// Numbers set by the study: name of a network parameter, and quantity as text.
    pub overrides: Vec<(String, String)>,
}

/// A model, ligands, a cell and a medium.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Model with its numbers.
    pub model: Model,
    /// Ligands in the medium, one or more.
    pub ligands: Vec<Ligand>,
    /// The cell, unless the model includes its own.
    pub cell: Option<Cell>,
    /// The medium, which may be depleted of ligand.
    pub medium: Medium,
}

impl Setup {
    pub(super) fn cell(&self) -> Result<&Cell, ModelError> {
        self.cell.as_ref().ok_or_else(|| {
            ModelError::Combination(format!("model {} needs a cell; name a cell", self.model.name))
        })
    }

    pub(super) fn supply(&self) -> Result<Vec<(String, ChainSupply)>, ModelError> {
        self.cell()?.chains()
    }

    pub(super) fn one_ligand(&self) -> Result<&Ligand, ModelError> {
        match self.ligands.as_slice() {
            [one] => Ok(one),
            several => Err(ModelError::Combination(format!(
                "model {} accepts one ligand, but {} were given; use model gamma-chain for several \
                 ligands",
                self.model.name,
                several.len()
            ))),
        }
    }

    /// Rejects a ligand on a cell whose chains for its signal were never counted: it would have no
    /// effect, without any message.
    fn counted(&self, ligand: &Ligand, supply: &[(String, ChainSupply)]) -> Result<(), ModelError> {
        let [beta, gamma] = SHARED_CHAINS;
        let own = ligand.private_chain;
        let first = if own.shares_beta() { beta } else { own.name() };
        let unknown = |chain: &&str| !supply.iter().any(|(name, _)| name == chain);
        let targets = own == PrivateChain::Antigen;
        let mut needed =
            [first, gamma].into_iter().filter(|c| ligand.joins_gamma_c || (targets && *c == first));
        let Some(chain) = needed.find(unknown).filter(|_| !ligand.is_soluble_chain) else {
            return Ok(());
        };
        let cell = &self.cell()?.label;
        let (table, unit) = match supply.first() {
            Some((_, ChainSupply::Synthesis(_))) => ("synthesis", "/cell/min"),
            _ => ("receptors", "/cell"),
        };
        Err(ModelError::Combination(format!(
            "cell {cell} has no number of {chain}, which ligand {} binds; give it under \
             [cells.{cell}.{table}], for example {chain} = \"1000 {unit}\", or \"0 {unit}\" if the \
             cell lacks the chain",
            ligand.label
        )))
    }

    /// Rejects a medium that can be depleted for models with a constant medium, which would ignore
    /// the depletion.
    fn refuse_culture(&self, remedy: &str) -> Result<(), ModelError> {
        match self.medium {
            Medium::Constant => Ok(()),
            Medium::Gradual => Err(ModelError::Combination(format!(
                "model {} does not support gradual changes of the medium; leave out ramp",
                self.model.name
            ))),
            Medium::Depleted { .. } => Err(ModelError::Combination(format!(
                "model {} does not use [culture]; {remedy}",
                self.model.name
            ))),
        }
    }

    /// Other models would treat a masked form as one that is never unmasked.
    pub(super) fn refuse_masked(&self) -> Result<(), ModelError> {
        let gamma_chain = matches!(self.model.kind, ModelKind::GammaChain(_));
        let Some(masked) = self.ligands.iter().find(|l| l.releases.is_some()) else {
            return Ok(());
        };
        let (label, model) = (&masked.label, &self.model.name);
        match (gamma_chain, self.medium) {
            (false, _) => Err(ModelError::Combination(format!(
                "ligand {label} releases another ligand in the medium, which model {model} does \
                 not support; use model gamma-chain, or leave out releases"
            ))),
            (true, Medium::Gradual) => Err(ModelError::Combination(format!(
                "ligand {label} releases another ligand in the medium, so the medium before a \
                 gradual change is not known; leave out ramp"
            ))),
            (true, _) => Ok(()),
        }
    }

    /// Fallon's constants belong to one ligand, so that an affinity set by the study would be
    /// ignored.
    fn refuse_affinities(&self) -> Result<(), ModelError> {
        let ligand = self.one_ligand()?;
        let set = ligand.parameters.iter().find(|(name, p)| {
            p.how == crate::parameter::How::Study && !name.starts_with("fallon2000.")
        });
        match set {
            None => Ok(()),
            Some((name, _)) => Err(ModelError::Combination(format!(
                "model {} does not use {name} of ligand {}, because it has a single lumped \
                 receptor; set k_on_surface or k_off_surface among the parameters of the model, or \
                 use model gamma-chain",
                self.model.name, ligand.label
            ))),
        }
    }

    /// The network of the setup, before the study's overrides and before any check.
    pub fn network(&self) -> Result<ReceptorModel, ModelError> {
        let owner = format!("model {}", self.model.name);
        let numbers = &self.model.parameters;
        let gamma_chain = matches!(self.model.kind, ModelKind::GammaChain(_));
        if let Some(dissolved) = self.ligands.iter().find(|l| l.is_soluble_chain && !gamma_chain) {
            return Err(ModelError::Combination(format!(
                "ligand {} is a soluble chain in the medium, which model {} does not support; use \
                 model gamma-chain, or leave it out",
                dissolved.label, self.model.name
            )));
        }
        self.refuse_masked()?;
        let model = match self.model.kind {
            ModelKind::GammaChain(scaling) => {
                let options = Options { scaling, set: &self.model.overrides };
                let supply = self.supply()?;
                let arms = self.ligands.iter().flat_map(|ligand| ligand.arms());
                arms.into_iter().try_for_each(|(arm, _)| self.counted(arm, &supply))?;
                receptor::gamma_chain::model(
                    numbers,
                    &owner,
                    &self.ligands,
                    &supply,
                    self.medium,
                    options,
                )?
            }
            ModelKind::Polyvalent => {
                polyvalent::model(numbers, &owner, &self.ligands, &self.supply()?, self.medium)?
            }
            ModelKind::Fallon2000(encoding) => {
                self.refuse_culture(
                    "leave it out and set the parameter cell_density_start of the model",
                )?;
                self.refuse_affinities()?;
                receptor::fallon2000::model(numbers, &owner, self.one_ligand()?, encoding)?
            }
            ModelKind::Effect => {
                self.refuse_culture("leave it out, because this model has no uptake")?;
                let cell = self.cell()?;
                let effect = cell.effect.as_ref().ok_or_else(|| {
                    ModelError::Combination(format!(
                        "cell {} has no effect table; model effect describes only cells whose \
                         receptor chains have not been counted",
                        cell.label
                    ))
                })?;
                let ligand = &self.one_ligand()?.label;
                receptor::effect::model(&effect.parameters, &effect.direction, &cell.label, ligand)?
            }
            ModelKind::PolyvalentEquilibrium => {
                return Err(ModelError::Combination(format!(
                    "model {} is solved directly for its equilibrium and has no network; use \
                     polyvalent",
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
        match stat5.kind {
            Stat5Kind::Desensitising => receptor::stat5::add(model, &stat5.parameters),
            Stat5Kind::GcsolverJl => {
                receptor::stat5_gcsolver::add(model, &stat5.parameters, self.stat5_total()?)
            }
        }
    }

    /// The cell's STAT5 in the units of gcSolver.jl.
    fn stat5_total(&self) -> Result<f64, ModelError> {
        let cell = self.cell()?;
        let owner = format!("cell {}", cell.label);
        let total = required(&cell.parameters, &owner, "stat5.total", Dimension::DIMENSIONLESS);
        total.map_err(|missing| {
            ModelError::Combination(format!(
                "{missing}; STAT5 totals are known for treg, cd4_effector, cd8 and nk; stat5 = \
                 true needs no total"
            ))
        })
    }

    /// The numbers that the study sets in this network, checked.
    pub fn overrides(&self, model: &ReceptorModel) -> Result<Vec<(ParameterId, f64)>, ModelError> {
        let n = &model.network;
        let mut given = vec![];
        for (name, text) in &self.model.overrides {
            let Some(id) = n.parameter_named(name) else {
                // A ligand that is not in this network may be in another of the same study.
                let elsewhere = name.split_once('.').is_some_and(|(prefix, _)| {
                    prefix != "stat5" && !model.medium.iter().any(|(label, _)| label == prefix)
                });
                if elsewhere {
                    continue;
                }
                return Err(unknown_parameter(name, n.parameters.iter().map(|p| p.name.as_str())));
            };
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

/// Error for a name that a study sets but this model does not have.
pub(super) fn unknown_parameter<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> ModelError {
    let near = closest(name, known.clone());
    let hint = match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!("it has {}", some_of(name, known)),
    };
    ModelError::Parameter(name.into(), format!("this model has no such parameter; {hint}"))
}

/// A number from a study that replaces that of the model.
pub(super) fn override_value(
    name: &str,
    text: &str,
    dimension: Dimension,
    limits: Limits,
    usual: Option<f64>,
) -> Result<f64, ModelError> {
    let value = in_place_of(usual, None, text, dimension, limits);
    let value = value.map_err(|what| ModelError::Parameter(name.into(), what.0))?;
    Ok(value)
}
