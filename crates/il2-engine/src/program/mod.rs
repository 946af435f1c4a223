//! A network flattened once into lists of operations ([`crate::list`]) that share one workspace.
//!
//! Reading order: [`graph`] holds the laws and their exact derivatives, [`lower`] makes lists of them,
//! [`sparse`] adds the elimination, [`stages`] where the stages stand, [`tangent`] the sensitivities;
//! `build` puts all of it together in its [`places`], and [`shared`] keeps what was made. [`readouts`] are lists of their own:
//! what is asked of the states once they are known.

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
use crate::id::ParameterId;
use crate::list::List;
use crate::list::row::Rows;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A network as lists of operations. Made once, read by every thread.
#[derive(Debug)]
pub struct Program {
    /// In the order of the state.
    pub species_names: Vec<String>,
    /// In the order of the parameters.
    pub parameter_names: Vec<String>,
    /// Species that may go below zero.
    pub signed: Vec<bool>,
    /// Species that are at rest when the network is: something depends on them, or they are part of a
    /// conserved total. Any other may grow without limit while everything else is at rest.
    pub rests: Vec<bool>,
    /// Offsets of everything in the workspace.
    pub layout: Layout,
    /// Once a lane: what depends on parameters only.
    pub prologue: List,
    /// Slope of the state and what earlier stages add to it ([`Layout::earlier`]).
    pub slope: List,
    /// Jacobian, slope by time and factors of `J - rate I`.
    pub matrix: List,
    /// Solves in the slope rows with those factors.
    pub solve: List,
    /// The residual of the first solve.
    pub residual: List,
    /// Entries of the Jacobian: row, column, and the workspace row of its value once `matrix` has run.
    pub jacobian: Vec<(usize, usize, usize)>,
    /// Lists for sensitivities, where they were asked for.
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
    /// Works them out from state, parameters and time.
    pub list: List,
    /// Species that they read.
    pub species: Vec<usize>,
    /// Where each result stands.
    pub results: Vec<usize>,
}

/// Lists for the sensitivities of the state to parameters; see [`tangent`].
#[derive(Debug)]
pub struct Tangent {
    /// The parameters.
    pub by: Vec<ParameterId>,
    /// Whether a parameter of the network is worked out from others.
    pub derived: Vec<bool>,
    /// Whether others are worked out from it.
    pub feeds: Vec<bool>,
    /// At a stage: derivatives of the flows, and of the slopes by every parameter itself.
    pub at_stage: List,
    /// At the start: second derivatives, and of Jacobian and slope by time by every parameter.
    pub at_start: List,
    /// Per stage, once `at_stage` has run there: how the derivatives of flows have changed, and what every
    /// parameter by itself adds to the right-hand sides.
    pub shared: Vec<List>,
    /// For the parameters block by block.
    pub blocks: Vec<tangent::Block<List>>,
    /// Per parameter: which rows are its own.
    pub own: Vec<tangent::Own>,
    /// Rows into which `at_start` writes.
    pub start_rows: Range<usize>,
    /// What every parameter by itself adds, one stage after the other.
    pub own_force_rows: Range<usize>,
    /// Shared flows at the start along the sensitivities of a block.
    pub start_flow_rows: Range<usize>,
    /// Those and what parameters by themselves do to them.
    pub flow_force_rows: Range<usize>,
    /// The rest of the slopes at the start along the sensitivities of a block.
    pub start_slope_rows: Range<usize>,
    /// Right-hand sides of a block, then solutions.
    pub slope_rows: Range<usize>,
    /// What the sensitivities of a block have moved at a stage.
    pub moved_rows: Range<usize>,
    /// Weights of earlier stages divided by the step.
    pub weight_rows: Range<usize>,
    /// Derivatives of the slopes by time by the parameters of a block.
    pub time_force_rows: Range<usize>,
    /// Solutions of a block, one stage after the other.
    pub tangent_rows: Range<usize>,
}

/// Places of rows in the workspace.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Parameters of the lanes.
    pub parameters: Range<usize>,
    /// Time (min).
    pub time: usize,
    /// One over (step times gamma).
    pub rate: usize,
    /// Step (min).
    pub step: usize,
    /// One over the step.
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
    /// Slope of the slope by time; empty where no law reads time.
    pub time_slope: Range<usize>,
    /// Weights of the right-hand sides divided by the step.
    pub weights: Range<usize>,
    /// First right-hand side of the step, then the residual of its solve.
    pub first: Range<usize>,
    /// Sensitivities of the state at the start of the step, of a block of parameters.
    pub second: Range<usize>,
    /// All rows.
    pub rows: usize,
}

impl Program {
    /// Number of species.
    pub fn size(&self) -> usize {
        self.species_names.len()
    }

    /// A workspace whose numbers are in place; everything else is zero.
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

    /// How many lanes side by side machine code runs; `None` where the interpreter runs this program.
    pub fn native_lanes(&self) -> Option<usize> {
        self.slope.native_lanes()
    }

    /// How many operations the lists hold: slope, matrix with factors, solve.
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
