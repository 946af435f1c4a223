//! A network, flattened once into lists of operations ([`crate::list`]) that share one workspace.
//!
//! Reading order: [`graph`] holds the laws and their exact derivatives, [`lower`] makes lists from
//! them, [`sparse`] adds the elimination, [`stages`] says where the stages are stored, [`tangent`]
//! adds the sensitivities; `build` assembles all of this in its [`places`], and [`shared`] caches
//! the result. [`readouts`] are separate lists, evaluated when the states are known.

mod build;
pub mod graph;
pub mod lower;
pub mod places;
pub mod readouts;
pub mod shared;
pub mod sparse;
pub mod stages;
pub mod tangent;

use crate::expression::Expression;
use crate::id::{ParameterId, SpeciesId};
use crate::list::List;
use crate::list::row::Rows;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A network as lists of operations. It is built once and read by every thread.
#[derive(Debug)]
pub struct Program {
    /// Names in the order of the state.
    pub species_names: Vec<String>,
    /// Names in the order of the parameters.
    pub parameter_names: Vec<String>,
    /// Species that may be negative.
    pub signed: Vec<bool>,
    /// Species that are at rest when the network is at rest: something depends on them, or they are
    /// part of a conserved total. Any other species may grow without limit while everything else is
    /// at rest.
    pub rests: Vec<bool>,
    /// Offsets of all regions in the workspace.
    pub layout: Layout,
    /// Run once per lane: computes what depends on parameters only.
    pub prologue: List,
    /// Slope of the state plus what earlier stages add to it ([`Layout::earlier`]).
    pub slope: List,
    /// Jacobian, time derivative of the slope, and factors of `J - rate I`.
    pub matrix: List,
    /// Solves in the slope rows with these factors.
    pub solve: List,
    /// The residual of the first solve.
    pub residual: List,
    /// Entries of the Jacobian: row, column, and the workspace row that contains the value once
    /// `matrix` has run.
    pub jacobian: Vec<(usize, usize, usize)>,
    /// Lists for sensitivities, if requested.
    pub tangent: Option<Tangent>,
    /// Laws that surveys follow.
    pub followed: Followed,
    numbers: Vec<f64>,
    fingerprint: OnceLock<[u8; 32]>,
}

/// Laws that surveys follow, as a list over the workspace.
#[derive(Debug)]
pub struct Followed {
    /// The laws.
    pub laws: Vec<Arc<Expression>>,
    /// What each of them reads.
    pub reads: Vec<Arc<Reads>>,
    /// Computes the laws from state, parameters and time.
    pub list: List,
    /// Species that the laws read.
    pub species: Vec<usize>,
    /// The row of each result.
    pub results: Vec<usize>,
}

/// What a law reads.
#[derive(Clone, Debug)]
pub struct Reads {
    /// Its species.
    pub species: Vec<SpeciesId>,
    /// Its parameters.
    pub parameters: Vec<ParameterId>,
}

impl Reads {
    /// What this law reads.
    pub fn of(law: &Expression) -> Self {
        let species = law.species().into_iter().collect();
        Self { species, parameters: law.parameters().into_iter().collect() }
    }
}

/// Lists for the sensitivities of the state to parameters; see [`tangent`].
#[derive(Debug)]
pub struct Tangent {
    /// The parameters.
    pub by: Vec<ParameterId>,
    /// Whether each parameter of the network is derived from others.
    pub derived: Vec<bool>,
    /// Whether other parameters are derived from it.
    pub feeds: Vec<bool>,
    /// At a stage: derivatives of the flows with respect to species, and direct derivatives of the
    /// slopes with respect to every parameter.
    pub at_stage: List,
    /// At the start: second derivatives, and derivatives of the Jacobian and of the slope by time
    /// with respect to every parameter.
    pub at_start: List,
    /// One list per stage, to be run after `at_stage`: how the derivatives of flows have changed,
    /// and what every parameter adds by itself to the right-hand sides.
    pub shared: Vec<List>,
    /// Lists for the parameters, block by block.
    pub blocks: Vec<tangent::Block<List>>,
    /// Rows that belong to each parameter alone.
    pub own: Vec<tangent::Own>,
    /// Rows to which `at_start` writes.
    pub start_rows: Range<usize>,
    /// What every parameter adds by itself, one stage after the other.
    pub own_force_rows: Range<usize>,
    /// Shared flows at the start along the sensitivities of a block.
    pub start_flow_rows: Range<usize>,
    /// Shared flows, plus the direct effects of the parameters on them.
    pub flow_force_rows: Range<usize>,
    /// The remaining slopes at the start along the sensitivities of a block.
    pub start_slope_rows: Range<usize>,
    /// Right-hand sides of a block, then solutions.
    pub slope_rows: Range<usize>,
    /// Changes of the sensitivities of a block until a stage.
    pub moved_rows: Range<usize>,
    /// Weights of earlier stages divided by the step.
    pub weight_rows: Range<usize>,
    /// Derivatives of the slope's time derivative with respect to the parameters of a block.
    pub time_force_rows: Range<usize>,
    /// Solutions for a block, one stage after the other.
    pub tangent_rows: Range<usize>,
}

/// Positions of rows in the workspace.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Parameters of the lanes.
    pub parameters: Range<usize>,
    /// Time (min).
    pub time: usize,
    /// 1 / (step times gamma).
    pub rate: usize,
    /// Step (min).
    pub step: usize,
    /// 1 / step.
    pub inverse: usize,
    /// State at the start of the step.
    pub start: Range<usize>,
    /// Negative increments `-U_i`, one stage after the other.
    pub stages: Range<usize>,
    /// State at which lists are evaluated.
    pub state: Range<usize>,
    /// Slope of the state, right-hand side and solution.
    pub slope: Range<usize>,
    /// What earlier stages add to the slope.
    pub earlier: Range<usize>,
    /// Time derivative of the slope; empty if no law reads time.
    pub time_slope: Range<usize>,
    /// Weights of the right-hand sides divided by the step.
    pub weights: Range<usize>,
    /// First right-hand side of the step, then the residual of the first solve.
    pub first: Range<usize>,
    /// Sensitivities of the state at the start of the step, for a block of parameters.
    pub second: Range<usize>,
    /// Number of all rows.
    pub rows: usize,
}

impl Program {
    /// Number of species.
    pub fn size(&self) -> usize {
        self.species_names.len()
    }

    /// A workspace with the literal numbers filled in; everything else is zero.
    pub fn workspace<const W: usize>(&self) -> Rows<W> {
        let mut rows = Rows::zeros(self.layout.rows);
        for (row, &number) in rows.iter_mut().zip(&self.numbers) {
            *row = [number; W];
        }
        rows
    }

    /// Whether machine code runs this program.
    pub fn is_native(&self) -> bool {
        self.native_lanes().is_some()
    }

    /// Number of lanes side by side that the machine code runs; `None` if the interpreter runs this
    /// program.
    pub fn native_lanes(&self) -> Option<usize> {
        self.slope.native_lanes()
    }

    /// Number of operations in the lists for slope, matrix with factors, and solve.
    pub fn operations(&self) -> [usize; 3] {
        [&self.slope, &self.matrix, &self.solve].map(List::operations)
    }

    /// A checksum of everything that determines the answers of lanes of the program, the same on every
    /// machine.
    pub fn fingerprint(&self) -> &[u8; 32] {
        self.fingerprint.get_or_init(|| {
            let mut hash = Sha256::new();
            hash.update(format!(
                "{:?}",
                (&self.species_names, &self.parameter_names, &self.signed)
            ));
            hash.update(format!("{:?}", (self.prologue.code(), self.slope.code())));
            hash.update(format!("{:?}", (&self.followed.laws, &self.numbers)));
            hash.update(format!("{:?}", self.tangent.as_ref().map(|tangent| &tangent.by)));
            hash.finalize().into()
        })
    }

    /// Name of the species at an index, for messages.
    pub fn species_name(&self, place: usize) -> &str {
        &self.species_names[place]
    }
}
