//! Lists for forward sensitivities: the step of the method differentiated by parameters.
//!
//! With increments `M U_s = r_s`, `M = J(y) - rate I`, the derivative by a parameter is
//! `M V_s = dr_s - dM U_s`: the same factors serve, and what is found is the exact derivative of the
//! numbers that the step gave (steps held fixed), of the same order as they are. `dM` holds the
//! second derivatives of the laws along the sensitivity of the state, once a step.
//!
//! `dr_s` holds the Jacobian at each stage, times the sensitivity of its state. What a shared flow
//! contributes is worked out once and added to all species that it moves, so that where the network
//! rests, totals that never change get nothing to the last digit.

mod block;
mod flow;
mod stage;

use super::graph::{Level, Node, Variable};
use super::lower::{Lowering, Region};
use super::stages;
use crate::id::ParameterId;
use crate::list::code::{Code, NONE, Slot, Terms};
use crate::network::{Network, ParameterValue};
use crate::rodas5p::STAGES;
pub use block::{BLOCK, Block, Own, widths};
use flow::{Flow, Flows};
use stage::Stages;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Lists of one program for its chosen parameters, before they are placed.
pub struct Drafts {
    /// At a stage: derivatives of the flows that depend on the state, and those of the slopes by
    /// every parameter itself.
    pub at_stage: Code,
    /// At the start: second derivatives by the state, and of Jacobian and slope by time by every
    /// parameter itself.
    pub at_start: Code,
    /// Per stage: what every parameter by itself adds to the right-hand sides.
    pub forces: Vec<Code>,
    /// For blocks of [`BLOCK`] parameters and for what is left over.
    pub blocks: Vec<Block<Code>>,
    /// Per parameter: which rows are its own.
    pub own: Vec<Own>,
    /// How many rows the regions hold.
    pub sizes: Sizes,
}

/// How many rows the regions hold.
pub struct Sizes {
    /// Forces of all parameters at one stage.
    pub forces: usize,
    /// Places of the forces of one parameter: species, then shared flows.
    pub places: usize,
    /// Derivatives of flows that change along the sensitivities of the state.
    pub changes: usize,
    /// Derivatives of flows that depend on the state; every stage keeps them.
    pub kept: usize,
    /// What one evaluation at a stage writes: those, and what the forces are made of.
    pub stage: usize,
    /// What is worked out at the start.
    pub start: usize,
}

/// What the main lists were made from.
pub struct Source<'a> {
    /// The network.
    pub network: &'a Network,
    /// Slope of every species.
    pub slopes: &'a [Node],
    /// Slope of every slope by time; empty where no law reads time.
    pub time_slopes: &'a [Node],
}

/// Derivative of every parameter value by one given parameter, through those worked out from it.
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

/// Derivative of a node by the chosen parameter, all dependences counted.
fn total(node: Node, totals: &[Node], lowering: &mut Lowering) -> Node {
    let graph = &mut lowering.graph;
    let read: Vec<usize> = graph
        .reads(node)
        .iter()
        .filter_map(|v| if let Variable::Parameter(p) = v { Some(*p as usize) } else { None })
        .collect();
    let terms: Vec<_> =
        read.into_iter().filter(|&p| graph.as_number(totals[p]) != Some(0.0)).collect();
    let terms: Vec<_> = terms
        .into_iter()
        .map(|p| {
            let part = graph.derivative(node, Variable::Parameter(p as u32));
            (1.0, graph.product(&[part, totals[p]]))
        })
        .collect();
    graph.sum(&terms)
}

/// Rows that a list fills: nodes that depend on the state, each once.
struct Rows {
    region: Region,
    roots: Vec<(Node, Slot)>,
    places: HashMap<Node, usize>,
}

impl Rows {
    fn new(region: Region) -> Self {
        Self { region, roots: vec![], places: HashMap::new() }
    }

    /// Place of a node among the rows.
    fn place(&mut self, node: Node) -> usize {
        *self.places.entry(node).or_insert_with(|| {
            self.roots.push((node, self.region.slot(self.roots.len())));
            self.roots.len() - 1
        })
    }

    /// The row of a node: here, or where it stands already because it does not depend on the state.
    fn slot(&mut self, node: Node, lowering: &mut Lowering) -> Slot {
        if lowering.graph.level(node) < Level::State {
            return lowering.constant(node).expect("reads no state");
        }
        self.region.slot(self.place(node))
    }
}

/// Derivatives of a node by every species that it reads, each with its row.
fn gradient(node: Node, rows: &mut Rows, lowering: &mut Lowering) -> Vec<(Slot, Slot)> {
    let gradient = lowering.graph.gradient(node);
    let row = |(s, part)| (rows.slot(part, lowering), Region::Second.slot(s));
    gradient.into_iter().map(row).collect()
}

/// Makes the lists. `solve` is the list that solves in the rows of the slope.
pub fn lists(source: &Source, by: &[ParameterId], solve: &Code, lowering: &mut Lowering) -> Drafts {
    let size = source.slopes.len();
    let mut stage = Rows::new(Region::AtStage);
    let mut start = Rows::new(Region::AtStart);
    // Derivatives of flows come first among the rows of a stage: they alone are kept.
    let flows = Flows::new(source.network, source.slopes, lowering);
    let mut changes: Vec<(Node, Vec<(Slot, Slot)>)> = vec![];
    let all = || flows.shared.iter().map(|shared| &shared.flow).chain(&flows.own);
    for &(_, node) in all().flat_map(|flow| &flow.derivatives) {
        if lowering.graph.level(node) < Level::State || stage.places.contains_key(&node) {
            continue;
        }
        stage.place(node);
        let pairs = gradient(node, &mut start, lowering);
        if !pairs.is_empty() {
            changes.push((node, pairs));
        }
    }
    let kept = stage.places.clone();
    let time_pairs: Vec<_> =
        source.time_slopes.iter().map(|&node| gradient(node, &mut start, lowering)).collect();

    // What parameters do by themselves: to flows and, times the increments, to their derivatives.
    let mut own = vec![Own::default(); by.len()];
    let mut forces: Vec<Force> = vec![];
    for (own, &by) in own.iter_mut().zip(by) {
        let totals = totals(source.network, by, lowering);
        let mut push = |place: usize, parts: &Itself, lowering: &mut Lowering| {
            let rate = lowering.graph.sum(&parts.rate);
            let rate = (!lowering.graph.is_zero(rate)).then(|| stage.slot(rate, lowering));
            let mut entries = vec![];
            for (&species, terms) in &parts.derivatives {
                let node = lowering.graph.sum(terms);
                if !lowering.graph.is_zero(node) {
                    entries.push((start.slot(node, lowering), species));
                }
            }
            if rate.is_some() || !entries.is_empty() {
                own.forces.push((place, forces.len()));
                forces.push(Force { rate, entries });
            }
        };
        for (s, flow) in flows.own.iter().enumerate() {
            let mut parts = Itself::default();
            parts.of(flow, &totals, lowering);
            // A factor may depend on the parameter, too: the volume that molecules enter.
            for shared in &flows.shared {
                for &(_, factor) in shared.moves.iter().filter(|(to, _)| *to == s) {
                    let factor = total(factor, &totals, lowering);
                    parts.times(factor, &shared.flow, lowering);
                }
            }
            push(s, &parts, lowering);
        }
        for (f, shared) in flows.shared.iter().enumerate() {
            let mut parts = Itself::default();
            parts.of(&shared.flow, &totals, lowering);
            push(size + f, &parts, lowering);
        }
        for (s, &slope) in source.time_slopes.iter().enumerate() {
            let node = total(slope, &totals, lowering);
            if !lowering.graph.is_zero(node) {
                own.time_forces.push((s, start.place(node)));
            }
        }
    }
    let own_forces = |stage: usize| {
        let mut code = Code::default();
        for (row, Force { rate, entries }) in forces.iter().enumerate() {
            let increment = |c: usize| stages::increment(size, stage, c);
            let terms = Terms {
                plus: rate.iter().copied().collect(),
                minus_products: entries.iter().map(|&(n, c)| (n, increment(c))).collect(),
                ..Terms::default()
            };
            code.push_sum(Region::OwnForce.slot(stage * forces.len() + row), &terms, NONE);
        }
        code
    };

    let stages = Stages {
        size,
        flows,
        kept,
        changed: changes.iter().enumerate().map(|(row, &(node, _))| (node, row)).collect(),
        stage_rows: stage.roots.len(),
        reads_time: !source.time_slopes.is_empty(),
        solve,
    };
    let mut block = |width: usize| {
        let (mut change, mut time_change) = (Code::default(), Code::default());
        for (row, (_, pairs)) in changes.iter().enumerate() {
            for b in 0..width {
                let terms = Terms { plus_products: of_block(pairs, b, size), ..Terms::default() };
                change.push_sum(Region::Change.slot(b * changes.len() + row), &terms, NONE);
            }
        }
        for (s, pairs) in time_pairs.iter().enumerate() {
            for b in 0..width {
                let row = Region::TimeForce.slot(b * size + s);
                let plus_products = of_block(pairs, b, size);
                let terms = Terms { plus: vec![row], plus_products, ..Terms::default() };
                time_change.push_sum(row, &terms, NONE);
            }
        }
        let stages = (0..STAGES).map(|s| stages.list(s, width, lowering)).collect();
        Block { width, change, time_change, stages }
    };
    let different: BTreeSet<usize> = widths(by.len()).collect();
    let blocks = different.into_iter().map(&mut block).collect();
    Drafts {
        at_stage: lowering.list(&stage.roots),
        at_start: lowering.list(&start.roots),
        forces: (0..STAGES).map(own_forces).collect(),
        blocks,
        own,
        sizes: Sizes {
            forces: forces.len(),
            places: stages.force_places(),
            changes: changes.len(),
            kept: stages.kept.len(),
            stage: stage.roots.len(),
            start: start.roots.len(),
        },
    }
}

/// Products with sensitivities of the first parameter of a block, for another of the block.
fn of_block(pairs: &[(Slot, Slot)], b: usize, size: usize) -> Vec<(Slot, Slot)> {
    pairs.iter().map(|&(row, second)| (row, second + (b * size) as Slot)).collect()
}

/// What a parameter by itself does to a flow and to its derivatives by species, as sums.
#[derive(Default)]
struct Itself {
    rate: Vec<(f64, Node)>,
    derivatives: BTreeMap<usize, Vec<(f64, Node)>>,
}

impl Itself {
    /// Adds what it does to a flow.
    fn of(&mut self, flow: &Flow, totals: &[Node], lowering: &mut Lowering) {
        self.rate.push((1.0, total(flow.rate, totals, lowering)));
        for &(species, node) in &flow.derivatives {
            let node = total(node, totals, lowering);
            self.derivatives.entry(species).or_default().push((1.0, node));
        }
    }

    /// Adds a flow times what the parameter does to its factor.
    fn times(&mut self, factor: Node, flow: &Flow, lowering: &mut Lowering) {
        let graph = &mut lowering.graph;
        if graph.is_zero(factor) {
            return;
        }
        self.rate.push((1.0, graph.product(&[factor, flow.rate])));
        for &(species, node) in &flow.derivatives {
            let node = graph.product(&[factor, node]);
            self.derivatives.entry(species).or_default().push((1.0, node));
        }
    }
}

/// What a parameter by itself adds to a flow: the derivative of its rate, less those of its
/// derivatives, each with the column of the increment that it meets.
struct Force {
    rate: Option<Slot>,
    entries: Vec<(Slot, usize)>,
}
