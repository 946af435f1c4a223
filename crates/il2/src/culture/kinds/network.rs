//! Kinds of cells in one medium: from their setups to one network.

use crate::culture::kinds::behaviour::{self, Behaviour, held_of};
use crate::culture::kinds::pooled::{Pool, pool};
use crate::culture::setup::{ModelKind, Setup};
use crate::receptor::{Medium, ModelError, ReceptorModel};
use il2_engine::program::shared::shared;
use il2_engine::{Dimension, Event, Expression, Limits, Network, ParameterId, Program, SpeciesId};
use std::sync::Arc;

/// Cells of a kind.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name, which no other kind has.
    pub name: String,
    /// Model, ligands of the medium, and cell; its own medium is not read.
    pub setup: Setup,
    /// Cells per litre at the start.
    pub cell_density: f64,
    /// What they do beside binding ligand.
    pub behaviour: Behaviour,
}

/// Kinds of cells that share a medium.
#[derive(Clone, Debug, Default)]
pub struct Culture {
    /// In any order, which changes nothing.
    pub kinds: Vec<Kind>,
    /// Ligands that are lost in the medium itself, by label, and the rate (1/min).
    pub lost: Vec<(String, f64)>,
}

/// A culture ready to run wells.
#[derive(Clone, Debug)]
pub struct PreparedCulture {
    /// Names and dimensions of the readouts: species, then observables.
    pub readouts: Vec<(String, Dimension)>,
    /// The kinds that have cells, by name.
    pub kinds: Vec<PreparedKind>,
    /// Ligands by label: free in the medium, all species of the medium that hold it, and what was lost there.
    pub ligands: Vec<Free>,
    pub(super) model: ReceptorModel,
    pub(super) program: Arc<Program>,
    pub(super) values: Vec<f64>,
    pub(super) events: Vec<Event>,
}

/// A ligand in the medium.
#[derive(Clone, Debug)]
pub struct Free {
    /// Its label.
    pub label: String,
    /// Free molecules.
    pub free: SpeciesId,
    /// Free ones, and those that dissolved chains hold.
    pub in_medium: Vec<SpeciesId>,
    /// Molecules that were lost in the medium, if any are.
    pub lost: Option<SpeciesId>,
}

/// A kind in a prepared culture.
#[derive(Clone, Debug)]
pub struct PreparedKind {
    /// Its name.
    pub name: String,
    /// Parameter of its cells per litre at the start.
    pub density: ParameterId,
    /// For each ligand of the culture, where it is.
    pub holds: Vec<Held>,
}

/// Where a kind has a ligand.
#[derive(Clone, Debug)]
pub struct Held {
    /// States that hold it.
    pub held: Vec<SpeciesId>,
    /// What was degraded, and what dead cells took with them.
    pub gone: Vec<SpeciesId>,
    /// What the kind made of it.
    pub made: Option<SpeciesId>,
}

impl Culture {
    /// Builds the network, applies the study's numbers, and checks everything.
    pub fn prepare(&self) -> Result<PreparedCulture, ModelError> {
        // By name, so that their order changes no sum; a kind without cells takes no part.
        let mut kinds: Vec<&Kind> = self.kinds.iter().filter(|k| k.cell_density > 0.0).collect();
        kinds.sort_by(|a, b| a.name.cmp(&b.name));
        if kinds.is_empty() {
            let message = "the culture has no cells; give at least one kind some";
            return Err(ModelError::Combination(message.into()));
        }
        let mut n = Network::default();
        let (mut medium, mut labels) = (vec![], vec![]);
        let (mut given, mut events, mut pools) = (vec![], vec![], vec![]);
        for kind in kinds {
            let (one, set) = kind.one_cell()?;
            let pool = pool(&mut n, &mut medium, &kind.name, &one, kind.behaviour.grows());
            if !kind.behaviour.grows() {
                let cells = pool.cells.clone();
                n.add_observable(pool.name("cells"), Dimension::CELL_DENSITY, cells);
            }
            given.extend(set.into_iter().map(|(p, value)| (pool.parameters[p.0], value)));
            events.extend(behaviour::add(&mut n, &medium, &pool, &one, &kind.behaviour)?);
            if labels.is_empty() {
                labels = one
                    .medium
                    .iter()
                    .map(|(label, s)| (label.clone(), pool.species[s.0]))
                    .collect();
            }
            pools.push((pool, one));
        }
        let mut ligands: Vec<Free> = vec![];
        for (label, free) in &labels {
            let lost = self.lost.iter().find(|(lost, _)| lost == label);
            let lost = lost.map(|(_, rate)| lose(&mut n, label, *free, *rate));
            // What dissolved chains hold is named after both.
            let holds = |name: &String| {
                let one = |(other, _): &(String, SpeciesId)| {
                    *name == format!("{label}_{other}_medium")
                        || *name == format!("{other}_{label}_medium")
                };
                *name == format!("{label}_medium") || labels.iter().any(one)
            };
            let of = |(name, _): &&(String, SpeciesId)| holds(name);
            let in_medium = medium.iter().filter(of).map(|(_, s)| *s).collect();
            ligands.push(Free { label: label.clone(), free: *free, in_medium, lost });
        }
        let kinds = pools.iter().map(|(pool, one)| kind_of(&n, pool, one, &ligands)).collect();
        let model = ReceptorModel::new(n, labels);
        model.check()?;
        let n = &model.network;
        let species = n.species.iter().map(|s| (s.name.clone(), s.dimension));
        let observables = n.observables.iter().map(|o| (o.name.clone(), o.dimension));
        Ok(PreparedCulture {
            readouts: species.chain(observables).collect(),
            kinds,
            ligands,
            program: shared(n),
            values: n.parameter_values(&given),
            events,
            model,
        })
    }
}

/// Molecules of a ligand are lost in the medium.
fn lose(n: &mut Network, label: &str, free: SpeciesId, rate: f64) -> SpeciesId {
    let k = n.add_parameter(format!("{label}.loss_in_medium"), Dimension::RATE, rate);
    n.limit(k, Limits::NotNegative);
    let lost = n.add_species(format!("{label}_lost"), Dimension::CONCENTRATION);
    n.add_reaction(format!("{label}_lost_in_medium"), &[free], &[lost], Expression::from(k));
    lost
}

fn kind_of(n: &Network, pool: &Pool, one: &ReceptorModel, ligands: &[Free]) -> PreparedKind {
    let own = |name: &str| n.species_named(&pool.name(name));
    let held = |ligand: &Free| {
        let label = &ligand.label;
        let gone = [format!("{label}_degraded_of_all"), format!("{label}_in_dead_cells")];
        Held {
            held: held_of(one, label).into_iter().map(|s| pool.species[s.0]).collect(),
            gone: gone.iter().filter_map(|name| own(name)).collect(),
            made: own(&format!("{label}_made")),
        }
    };
    let density = n.parameter_named(&pool.name("cell_density")).expect("every kind has one");
    PreparedKind { name: pool.kind.clone(), density, holds: ligands.iter().map(held).collect() }
}

impl Kind {
    /// The network of one of its cells, and the numbers that the study sets in it.
    fn one_cell(&self) -> Result<(ReceptorModel, Vec<(ParameterId, f64)>), ModelError> {
        let setup = self.setup.clone().with_fitted_numbers();
        match setup.model.kind {
            ModelKind::GammaChain(_) | ModelKind::Polyvalent => {}
            ModelKind::PolyvalentEquilibrium | ModelKind::Fallon2000(_) | ModelKind::Effect => {
                return Err(ModelError::Combination(format!(
                    "model {} does not follow cells that share a medium; use gamma-chain or polyvalent",
                    setup.model.name
                )));
            }
        }
        let setup = Setup { medium: Medium::Depleted { cell_density: self.cell_density }, ..setup };
        let one = setup.network()?;
        let given = setup.overrides(&one)?;
        Ok((one, given))
    }
}
