//! Lists for forward sensitivities: the step of the method differentiated with respect to parameters.
//!
//! The increments solve `M U_s = r_s` with `M = J(y) - rate I`, so the derivative with respect to a
//! parameter is `M V_s = dr_s - dM U_s`. The same factors are used, and the result is the exact
//! derivative of the computed step (with its length fixed), of the same order as the step itself.
//! `dM` contains the second derivatives of the laws along the sensitivity `S` of the state at the
//! start.
//!
//! `dr_s` contains the Jacobian at the stage times `S - D_s`, where `D_s`, the change of the
//! sensitivity, is a sum of earlier `V`. The product `J D_s` is left to the solve: the right-hand
//! side for `M (V_s + D_s)` contains the Jacobian at the start times `S`, which is the same at
//! every stage, and otherwise only changes of the Jacobian. Flows that are linear in the state,
//! which are most flows of a network, then cost nothing at a stage
//! ([`rodas5p::LINEAR`](crate::rodas5p::LINEAR) has the sums, `change` the changes). The solve
//! could also take over `J S`, which would be simpler. If a network is at rest, however, its last
//! pivot is the remainder of a cancellation, which would appear as a sensitivity of totals that
//! never change.
//!
//! The whole contribution of a shared flow is computed once and added to all species that it
//! changes, so that in a network at rest the sensitivities of conserved totals are exactly zero.

mod block;
mod change;
mod flow;
mod force;
mod rows;
mod stage;

use super::graph::{Level, Node, Variable};
use super::lower::{Lowering, Region};
use crate::id::ParameterId;
use crate::list::code::{Code, NONE, Slot, Terms};
use crate::network::{Network, ParameterValue};
use crate::rodas5p::STAGES;
pub use block::{BLOCK, Block, Own, widths};
use change::Derivatives;
use flow::Flows;
use force::Forces;
use rows::{Rows, total};
use stage::Stages;
use std::collections::BTreeSet;

/// Lists of one program for its chosen parameters, before their rows have offsets.
pub struct Drafts {
    /// At a stage: derivatives of the flows that depend on the state, and direct derivatives of the
    /// slopes with respect to every parameter.
    pub at_stage: Code,
    /// At the start: second derivatives with respect to the state, and direct derivatives of the
    /// Jacobian and of the slope by time with respect to every parameter.
    pub at_start: Code,
    /// One list per stage: how the derivatives of flows have changed, and what every parameter adds
    /// by itself to the right-hand sides.
    pub shared: Vec<Code>,
    /// Lists for blocks of [`BLOCK`] parameters and for the remaining ones.
    pub blocks: Vec<Block<Code>>,
    /// Rows that belong to each parameter alone.
    pub own: Vec<Own>,
    /// Number of rows in each region.
    pub sizes: Sizes,
}

/// Number of rows in each region.
pub struct Sizes {
    /// Forces of all parameters at one stage.
    pub forces: usize,
    /// Shared flows.
    pub flows: usize,
    /// Rows computed at a stage, and rows kept for all stages.
    pub stage: usize,
    /// Rows computed at the start.
    pub start: usize,
}

/// What the main lists were made from.
pub struct Source<'a> {
    /// The network.
    pub network: &'a Network,
    /// Slope of every species.
    pub slopes: &'a [Node],
    /// Time derivative of every slope; empty if no law reads time.
    pub time_slopes: &'a [Node],
}

/// Derivative of every parameter value with respect to one given parameter, including the values
/// derived from it.
fn totals(network: &Network, by: ParameterId, lowering: &mut Lowering) -> Vec<Node> {
    let graph = &mut lowering.graph;
    let mut totals: Vec<Node> = vec![];
    for (i, parameter) in network.parameters.iter().enumerate() {
        let total = match &parameter.value {
            _ if i == by.0 => graph.number(1.0),
            ParameterValue::Given(_) => graph.number(0.0),
            ParameterValue::Derived(law) => {
                let node = graph.law(law);
                let terms: Vec<_> = (0..i)
                    .map(|j| {
                        let part = graph.derivative(node, Variable::Parameter(j as u32));
                        (1.0, graph.product(&[part, totals[j]]))
                    })
                    .collect();
                graph.sum(&terms)
            }
        };
        totals.push(total);
    }
    totals
}

/// Derivatives of a node with respect to every species that it reads, each with its row.
fn gradient(node: Node, rows: &mut Rows, lowering: &mut Lowering) -> Vec<(Slot, usize)> {
    let gradient = lowering.graph.gradient(node);
    gradient.into_iter().map(|(s, part)| (rows.slot(part, lowering), s)).collect()
}

/// Makes the lists; `solve` is the list that solves in the slope rows.
pub fn lists(source: &Source, by: &[ParameterId], solve: &Code, lowering: &mut Lowering) -> Drafts {
    let size = source.slopes.len();
    let mut stage = Rows::new(Region::AtStage);
    let mut start = Rows::new(Region::AtStart);
    let flows = Flows::new(source.network, source.slopes, lowering);
    let mut gradients = vec![];
    let all = || flows.shared.iter().map(|shared| &shared.flow).chain(&flows.own);
    for &(_, node) in all().flat_map(|flow| &flow.derivatives) {
        if lowering.graph.level(node) == Level::State && !stage.places.contains_key(&node) {
            stage.place(node);
            gradients.push(gradient(node, &mut start, lowering));
        }
    }
    let time_pairs: Vec<_> =
        source.time_slopes.iter().map(|&node| gradient(node, &mut start, lowering)).collect();

    let mut forces = Forces::default();
    let mut own = vec![Own::default(); by.len()];
    for (own, &by) in own.iter_mut().zip(by) {
        let totals = totals(source.network, by, lowering);
        forces.add(&flows, (&totals, own), (&mut stage, &mut start), lowering);
        for (s, &slope) in source.time_slopes.iter().enumerate() {
            let node = total(slope, &totals, lowering);
            if !lowering.graph.is_zero(node) {
                own.time_forces.push((s, start.place(node)));
            }
        }
    }

    let derivatives = Derivatives::new(&stage, gradients, stage.roots.len());
    let shared = (0..STAGES).map(|s| {
        let mut code = Code::default();
        derivatives.list(size, s, lowering, &mut code);
        forces.list(size, s, &mut code);
        code
    });
    let shared = shared.collect();
    let sizes = Sizes {
        forces: forces.count(),
        flows: flows.shared.len(),
        stage: derivatives.rows(),
        start: start.roots.len(),
    };
    let stages = Stages { size, flows, derivatives, solve };
    let mut block = |width: usize| {
        let mut time_change = Code::default();
        for (s, pairs) in time_pairs.iter().enumerate() {
            for b in 0..width {
                let row = Region::TimeForce.slot(b * size + s);
                let second = |&(row, s): &(Slot, usize)| (row, Region::Second.slot(b * size + s));
                let plus_products = pairs.iter().map(second).collect();
                let terms = Terms { plus: vec![row], plus_products, ..Terms::default() };
                time_change.push_sum(row, &terms, NONE);
            }
        }
        let start = stages.start(width, lowering);
        let flows = (0..STAGES).map(|s| stages.flows(s, width, lowering)).collect();
        Block { width, start, time_change, flows, solve: stages.solve(width) }
    };
    let different: BTreeSet<usize> = widths(by.len()).collect();
    let blocks = different.into_iter().map(&mut block).collect();
    Drafts {
        at_stage: lowering.list(&stage.roots),
        at_start: lowering.list(&start.roots),
        shared,
        blocks,
        own,
        sizes,
    }
}
