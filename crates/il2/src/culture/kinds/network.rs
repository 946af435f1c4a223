//! Kinds of cells in one medium: builds one network from their setups.

use crate::culture::kinds::behaviour::Behaviour;
use crate::culture::kinds::laws::{self, Common, held_of};
use crate::culture::kinds::near::{self, Diffusion};
use crate::culture::kinds::parts::{Free, Held, PreparedKind};
use crate::culture::kinds::pooled::{Pool, Pooling, pool};
use crate::culture::kinds::sources::{self, Tagged};
use crate::culture::setup::{ModelKind, Setup};
use crate::culture::single_cells;
use crate::receptor::{Medium, ModelError, ReceptorModel};
use il2_engine::program::shared::shared;
use il2_engine::{Dimension, Event, Expression, Limits, Network, ParameterId, Program, SpeciesId};
use std::sync::Arc;

/// A kind of cell.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Name of the kind, which must be unique.
    pub name: String,
    /// Model, ligands of the medium, and cell; the medium of this setup is not used.
    pub setup: Setup,
    /// For each cell that represents a part of the population, how far it is above the medians of
    /// the chains that vary ([`single_cells::cells`]); empty for a single cell at the medians.
    pub spread: Vec<Vec<f64>>,
    /// Cells per litre at the start.
    pub cell_density: f64,
    /// What the cells do in addition to binding ligand.
    pub behaviour: Behaviour,
}

/// Kinds of cells that share a medium.
#[derive(Clone, Debug, Default)]
pub struct Culture {
    /// The kinds; their order has no effect.
    pub kinds: Vec<Kind>,
    /// Ligands that are lost in the medium itself, by label, with the rate (1/min).
    pub lost: Vec<(String, f64)>,
    /// How ligands move between cells; none if the medium is well mixed.
    pub diffusion: Option<Diffusion>,
    /// The density of all cells (per litre) at which none of them divides any more; none if
    /// crowding has no effect.
    pub carries: Option<f64>,
    /// Whether secreted molecules are followed by the kind that secreted them
    /// ([`PreparedCulture::tagged`]), which about doubles the network for each such kind.
    pub sources: bool,
    /// Whether Hill coefficients of 1 may be changed in the network, as a fit does; this is slower.
    pub steepness_varies: bool,
}

/// A culture that is ready to simulate wells.
#[derive(Clone, Debug)]
pub struct PreparedCulture {
    /// Names and dimensions of the readouts: species, then observables.
    pub readouts: Vec<(String, Dimension)>,
    /// The kinds that have cells, by name.
    pub kinds: Vec<PreparedKind>,
    /// Ligands by label, with the species that are free in the medium, all species of the medium
    /// that contain the ligand, and the amount lost there.
    pub ligands: Vec<Free>,
    /// Molecules followed by their source, if [`Culture::sources`] asks for it.
    pub tagged: Vec<Tagged>,
    pub(super) model: ReceptorModel,
    pub(super) program: Arc<Program>,
    /// Numbers that the study sets; the others are derived from them.
    pub(super) given: Vec<(ParameterId, f64)>,
    pub(super) values: Vec<f64>,
    pub(super) events: Vec<Event>,
}

impl Culture {
    /// Builds the network, applies the study's numbers, and checks everything.
    pub fn prepare(&self) -> Result<PreparedCulture, ModelError> {
        self.with_program(None)
    }

    /// Prepares a culture that differs from a prepared one only in values, as a draw for an
    /// interval does; the program of that culture is used, because compiling takes longest.
    ///
    /// # Panics
    /// If the culture has another structure.
    pub fn prepare_like(&self, other: &PreparedCulture) -> Result<PreparedCulture, ModelError> {
        let made = self.with_program(Some(&other.program))?;
        let names = |of: &PreparedCulture| {
            of.model.network.parameters.iter().map(|p| p.name.clone()).collect::<Vec<_>>()
        };
        assert!(made.readouts == other.readouts && names(&made) == names(other));
        Ok(made)
    }

    fn with_program(&self, program: Option<&Arc<Program>>) -> Result<PreparedCulture, ModelError> {
        // Sorted by name, so that their order does not change any sum; a kind without cells is left
        // out.
        let mut kinds: Vec<&Kind> = self.kinds.iter().filter(|k| k.cell_density > 0.0).collect();
        kinds.sort_by(|a, b| a.name.cmp(&b.name));
        if kinds.is_empty() {
            let message = "the culture has no cells; give at least one kind a cell density above 0";
            return Err(ModelError::Combination(message.into()));
        }
        let mut n = Network::default();
        let (mut medium, mut labels) = (vec![], vec![]);
        let (mut given, mut events, mut pools) = (vec![], vec![], vec![]);
        let members: Vec<(&Kind, String, Setup, f64)> =
            kinds.iter().flat_map(|kind| kind.members()).collect();
        for (kind, own, setup, cells) in &members {
            let (one, set) = one_cell(setup, *cells)?;
            let behaviour = &kind.behaviour;
            let pooling = Pooling { grows: behaviour.grows(), spares: behaviour.spares_ligand };
            let pool = pool(&mut n, &mut medium, (own, &kind.name), &one, pooling);
            if !kind.behaviour.grows() {
                let cells = pool.cells.clone();
                n.add_observable(pool.name("cells"), Dimension::CELL_DENSITY, cells);
            }
            given.extend(set.into_iter().map(|(p, value)| (pool.parameters[p.0], value)));
            if labels.is_empty() {
                labels = one
                    .medium
                    .iter()
                    .map(|(label, s)| (label.clone(), pool.species[s.0]))
                    .collect();
            }
            pools.push((pool, one));
        }
        let room = self.carries.map(|carries| room(&mut n, &pools, carries));
        let common = Common { room, steepness_varies: self.steepness_varies };
        for ((kind, ..), (pool, one)) in members.iter().zip(&pools) {
            let among = (pool, pools.as_slice());
            events.extend(laws::add(&mut n, &medium, among, (one, &kind.behaviour), &common)?);
        }
        for kind in kinds.iter().filter(|kind| !kind.spread.is_empty()) {
            let own = pools.iter().filter(|(pool, _)| pool.kind == kind.name);
            observe_together(&mut n, &kind.name, &own.collect::<Vec<_>>());
        }
        let mut ligands: Vec<Free> = vec![];
        for (label, free) in &labels {
            let lost = self.lost.iter().find(|(lost, _)| lost == label);
            let lost = lost.map(|(_, rate)| lose(&mut n, label, *free, *rate));
            // A complex with a soluble chain is named after both molecules.
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
        if let Some(diffusion) = &self.diffusion {
            if medium.len() > labels.len() {
                let message = "diffusion of ligand that is bound to a soluble chain is not \
                               simulated; leave out diffusion or the chain";
                return Err(ModelError::Combination(message.into()));
            }
            near::add(&mut n, &pools, &labels, diffusion);
        }
        let kinds: Vec<PreparedKind> =
            kinds.iter().map(|kind| kind_of(&n, kind, &pools, &ligands)).collect();
        let tagged = match self.sources {
            true => sources::add(&mut n, &kinds, &ligands)?,
            false => vec![],
        };
        let model = ReceptorModel::new(n, labels);
        model.check()?;
        let n = &model.network;
        let species = n.species.iter().map(|s| (s.name.clone(), s.dimension));
        let observables = n.observables.iter().map(|o| (o.name.clone(), o.dimension));
        Ok(PreparedCulture {
            readouts: species.chain(observables).collect(),
            kinds,
            ligands,
            tagged,
            program: program.map_or_else(|| shared(n), Arc::clone),
            values: n.parameter_values(&given),
            given,
            events,
            model,
        })
    }
}

/// The factor by which crowding slows division: one in an empty well, zero if the cells of all
/// kinds together have this density.
fn room(n: &mut Network, pools: &[(Pool, ReceptorModel)], carries: f64) -> Expression {
    let most = n.add_parameter("carrying_density", Dimension::CELL_DENSITY, carries);
    n.limit(most, Limits::Positive);
    let cells = pools.iter().map(|(pool, _)| pool.cells.clone());
    let all = cells.fold(Expression::Number(0.0), |sum, cells| sum + cells);
    let room = Expression::Number(1.0) - all / most.into();
    // A well that is seeded above this density would otherwise lose cells without a death.
    Expression::Maximum(Box::new(room), Box::new(Expression::Number(0.0)))
}

/// Adds the loss of a ligand in the medium.
fn lose(n: &mut Network, label: &str, free: SpeciesId, rate: f64) -> SpeciesId {
    let k = n.add_parameter(format!("{label}.loss_in_medium"), Dimension::RATE, rate);
    n.limit(k, Limits::NotNegative);
    let lost = n.add_species(format!("{label}_lost"), Dimension::CONCENTRATION);
    n.add_reaction(format!("{label}_lost_in_medium"), &[free], &[lost], Expression::from(k));
    lost
}

/// Readouts of a kind as means over its cells, and their sum.
fn observe_together(n: &mut Network, kind: &str, own: &[&(Pool, ReceptorModel)]) {
    let name = |what: &str| format!("{kind}.{what}");
    let cells = |(pool, _): &&(Pool, ReceptorModel)| pool.cells.clone();
    let all = own.iter().map(cells).fold(Expression::Number(0.0), |sum, cells| sum + cells);
    n.add_observable(name("cells"), Dimension::CELL_DENSITY, all.clone());
    let mut mean = |what: &str, dimension: Dimension, of: &dyn Fn(&Pool) -> Expression| {
        let sum = own
            .iter()
            .fold(Expression::Number(0.0), |sum, (pool, _)| sum + pool.cells.clone() * of(pool));
        n.add_observable(name(what), dimension, sum / all.clone());
    };
    let one = &own[0].1.network;
    let free =
        |species: &&(usize, &il2_engine::network::Species)| !species.1.name.ends_with("_medium");
    for (i, species) in one.species.iter().enumerate().filter(|s| free(&s)) {
        mean(&species.name, species.dimension, &|pool| pool.law(&SpeciesId(i).into()));
    }
    for observable in &one.observables {
        mean(&observable.name, observable.dimension, &|pool| pool.law(&observable.value));
    }
    let divisions: Vec<Option<SpeciesId>> =
        own.iter().map(|(pool, _)| n.species_named(&pool.name("divisions"))).collect();
    if let Some(divisions) = divisions.into_iter().collect::<Option<Vec<_>>>() {
        let sum = own.iter().zip(divisions).fold(Expression::Number(0.0), |sum, ((pool, _), g)| {
            sum + pool.cells.clone() * g.into()
        });
        n.add_observable(name("divisions"), Dimension::DIMENSIONLESS, sum / all);
    }
}

fn kind_of(
    n: &Network,
    kind: &Kind,
    pools: &[(Pool, ReceptorModel)],
    ligands: &[Free],
) -> PreparedKind {
    let own: Vec<&(Pool, ReceptorModel)> =
        pools.iter().filter(|(pool, _)| pool.kind == kind.name).collect();
    // Ligand bound by cells that spare ligand is not taken from the culture.
    let takes = !kind.behaviour.spares_ligand;
    let held = |ligand: &Free| {
        let label = &ligand.label;
        let gone = [format!("{label}_degraded_of_all"), format!("{label}_in_dead_cells")];
        let mut all = Held { held: vec![], gone: vec![], made: vec![] };
        for (pool, one) in &own {
            let named = |name: &String| n.species_named(&pool.name(name));
            if takes {
                all.held.extend(held_of(one, label).into_iter().map(|s| pool.species[s.0]));
                all.gone.extend(gone.iter().filter_map(named));
            }
            all.made.extend(named(&format!("{label}_made")));
        }
        all
    };
    let density = |(pool, _): &&(Pool, ReceptorModel)| {
        n.parameter_named(&pool.name("cell_density")).expect("all cells have one")
    };
    PreparedKind {
        name: kind.name.clone(),
        members: own.iter().map(|(pool, _)| pool.own.clone()).collect(),
        densities: own.iter().map(density).collect(),
        holds: ligands.iter().map(held).collect(),
    }
}

impl Kind {
    /// The cells that represent a kind: their names, setups, and numbers per litre.
    fn members(&self) -> Vec<(&Kind, String, Setup, f64)> {
        if self.spread.is_empty() {
            return vec![(self, self.name.clone(), self.setup.clone(), self.cell_density)];
        }
        let part = self.cell_density / self.spread.len() as f64;
        let member = |(i, above): (usize, &Vec<f64>)| {
            let setup = single_cells::with_cell(&self.setup, above);
            (self, format!("{}#{}", self.name, i + 1), setup, part)
        };
        self.spread.iter().enumerate().map(member).collect()
    }
}

/// The network of one cell at this cell density, and the numbers that the study sets in it.
fn one_cell(
    setup: &Setup,
    cell_density: f64,
) -> Result<(ReceptorModel, Vec<(ParameterId, f64)>), ModelError> {
    let setup = setup.clone().with_fitted_numbers();
    match setup.model.kind {
        ModelKind::GammaChain(_) | ModelKind::Polyvalent => {}
        ModelKind::PolyvalentEquilibrium | ModelKind::Fallon2000(_) | ModelKind::Effect => {
            return Err(ModelError::Combination(format!(
                "model {} cannot simulate cells that share a medium; use gamma-chain or polyvalent",
                setup.model.name
            )));
        }
    }
    let setup = Setup { medium: Medium::Depleted { cell_density }, ..setup };
    let one = setup.network()?;
    let given = setup.overrides(&one)?;
    Ok((one, given))
}
