//! Lists for forward sensitivities: the step of the method differentiated by parameters.
//!
//! With increments `M U_s = r_s`, `M = J(y) - rate I`, the derivative by a parameter is
//! `M V_s = dr_s - dM U_s`: the same factors serve, and what is found is the exact derivative of the
//! numbers that the step gave (steps held fixed), of the same order as they are. `dM` holds the
//! second derivatives of the laws along the sensitivity of the state, once a step; `dr_s` holds the
//! Jacobian at each stage, once a step for all parameters.

use super::code::{Code, NONE, Slot, Terms};
use super::graph::{Level, Node, Variable};
use super::lower::{Lowering, Region};
use super::stages;
use crate::expression::Expression;
use crate::network::{Network, ParameterId, ParameterValue};
use crate::rodas5p::{A, STAGES};
use std::collections::{BTreeMap, HashMap};

/// Lists of one program for its chosen parameters, before they are placed.
pub struct Drafts {
    /// At a stage: Jacobian entries that depend on the state, and the derivatives of the slopes by
    /// every parameter itself.
    pub at_stage: Code,
    /// At the start: second derivatives by the state, and of Jacobian and slope by time by every
    /// parameter itself.
    pub at_start: Code,
    /// Derivative of the iteration matrix along a sensitivity of the state.
    pub change: Code,
    /// Derivative of the slope by time along it; empty where no law reads time.
    pub time_change: Code,
    /// Per stage: sensitivity of the stage state.
    pub directions: Vec<Code>,
    /// Per stage: right-hand side.
    pub right_hand_sides: Vec<Code>,
    /// Per parameter: what goes where among the rows of [`Region::Force`], [`Region::Change`] and
    /// [`Region::TimeForce`].
    pub own: Vec<Own>,
    /// Rows of force, of change, of one stage and of the start.
    pub sizes: [usize; 4],
}

/// Rows that hold what belongs to one parameter: (row among the shared, row among all parameters').
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Into the forces, from the rows of a stage.
    pub forces: Vec<(usize, usize)>,
    /// Into the changes, from the rows of the start.
    pub changes: Vec<(usize, usize)>,
    /// Into the forces by time, from the rows of the start.
    pub time_forces: Vec<(usize, usize)>,
}

/// What the main lists were made from.
pub struct Source<'a> {
    /// The network.
    pub network: &'a Network,
    /// Slope of every species.
    pub slopes: &'a [Node],
    /// Jacobian entries that are not zero.
    pub jacobian: &'a BTreeMap<(usize, usize), Node>,
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

/// How the start values that a network works out depend on parameters: `[parameter][species]`, for
/// [`crate::Lane::initial_sensitivities`].
pub fn initial(network: &Network, by: &[ParameterId], parameters: &[f64]) -> Vec<Vec<f64>> {
    let mut lowering = Lowering::default();
    let of = |&p: &ParameterId| -> Vec<f64> {
        let totals = totals(network, p, &mut lowering);
        let one = |law: &Expression| {
            let start = lowering.graph.law(law);
            let node = total(start, &totals, &mut lowering);
            lowering.graph.value(node, parameters)
        };
        network.species.iter().map(|s| &s.initial).map(one).collect()
    };
    by.iter().map(of).collect()
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
    let species = |v: &Variable| if let Variable::Species(s) = v { Some(*s) } else { None };
    let read: Vec<u32> = lowering.graph.reads(node).iter().filter_map(species).collect();
    let mut pairs = vec![];
    for s in read {
        let part = lowering.graph.derivative(node, Variable::Species(s));
        if !lowering.graph.is_zero(part) {
            pairs.push((rows.slot(part, lowering), Region::Second.slot(s as usize)));
        }
    }
    pairs
}

/// Makes the lists.
pub fn lists(source: &Source, by: &[ParameterId], lowering: &mut Lowering) -> Drafts {
    let size = source.slopes.len();
    let mut stage = Rows::new(Region::AtStage);
    let mut start = Rows::new(Region::AtStart);
    let totals: Vec<Vec<Node>> = by.iter().map(|&p| totals(source.network, p, lowering)).collect();
    let mut own = vec![Own::default(); by.len()];

    // What parameters do by themselves, to slopes, matrix entries and slopes by time. Rows of force
    // and change exist for whatever any parameter or the state moves.
    let mut force_rows: Vec<usize> = vec![];
    let mut entries: Vec<((usize, usize), Terms)> = vec![];
    let mut time_change = Code::default();
    let itself = |node: Node, k: usize, rows: &mut Rows, lowering: &mut Lowering| {
        let node = total(node, &totals[k], lowering);
        (!lowering.graph.is_zero(node)).then(|| rows.place(node))
    };
    for (s, &slope) in source.slopes.iter().enumerate() {
        let places: Vec<_> =
            (0..by.len()).map(|k| itself(slope, k, &mut stage, lowering)).collect();
        if places.iter().any(Option::is_some) {
            let here = places.iter().enumerate().filter_map(|(k, p)| Some((k, (*p)?)));
            here.for_each(|(k, place)| own[k].forces.push((force_rows.len(), place)));
            force_rows.push(s);
        }
    }
    for (&at, &entry) in source.jacobian {
        let pairs = gradient(entry, &mut start, lowering);
        let places: Vec<_> =
            (0..by.len()).map(|k| itself(entry, k, &mut start, lowering)).collect();
        if !pairs.is_empty() || places.iter().any(Option::is_some) {
            let here = places.iter().enumerate().filter_map(|(k, p)| Some((k, (*p)?)));
            here.for_each(|(k, place)| own[k].changes.push((entries.len(), place)));
            let row = Region::Change.slot(entries.len());
            let terms = Terms { plus: vec![row], plus_products: pairs, ..Terms::default() };
            entries.push((at, terms));
        }
    }
    for (s, &slope) in source.time_slopes.iter().enumerate() {
        let pairs = gradient(slope, &mut start, lowering);
        for k in 0..by.len() {
            if let Some(place) = itself(slope, k, &mut start, lowering) {
                own[k].time_forces.push((s, place));
            }
        }
        let row = Region::TimeForce.slot(s);
        let terms = Terms { plus: vec![row], plus_products: pairs, ..Terms::default() };
        time_change.push_sum(row, &terms, NONE);
    }
    let mut change = Code::default();
    for (row, (_, terms)) in entries.iter().enumerate() {
        if !terms.plus_products.is_empty() {
            change.push_sum(Region::Change.slot(row), terms, NONE);
        }
    }
    let jacobian: Vec<((usize, usize), Result<usize, Slot>)> = source
        .jacobian
        .iter()
        .map(|(&at, &node)| {
            let constant = lowering.graph.level(node) < Level::State;
            let place = if constant {
                Err(lowering.constant(node).expect("reads no state"))
            } else {
                Ok(stage.place(node))
            };
            (at, place)
        })
        .collect();

    let block = stage.roots.len();
    let right_hand_side = |stage: usize, lowering: &mut Lowering| {
        let mut code = Code::default();
        let part = stages::time_part(stage, !source.time_slopes.is_empty(), lowering, &mut code);
        for s in 0..size {
            let mut terms = Terms::default();
            if let Some(row) = force_rows.iter().position(|&r| r == s) {
                terms.plus.push(Region::Force.slot(row));
            }
            if let Some(part) = part {
                terms.plus_products.push((part, Region::TimeForce.slot(s)));
            }
            for ((_, column), place) in jacobian.iter().filter(|((row, _), _)| *row == s) {
                let entry = match place {
                    Ok(k) => Region::AtStage.slot((stage + 1) * block + k),
                    Err(slot) => *slot,
                };
                terms.plus_products.push((entry, Region::Direction.slot(*column)));
            }
            for (row, ((_, column), _)) in
                entries.iter().enumerate().filter(|(_, ((i, _), _))| *i == s)
            {
                let increment = stages::increment(size, stage, *column);
                terms.minus_products.push((Region::Change.slot(row), increment));
            }
            for j in 0..stage {
                let weight = Region::Weights.slot(stages::weight(stage, j));
                terms.minus_products.push((weight, Region::Tangents.slot(j * size + s)));
            }
            code.push_sum(Region::Slope.slot(s), &terms, NONE);
        }
        code
    };
    let right_hand_sides = (0..STAGES).map(|stage| right_hand_side(stage, lowering)).collect();
    Drafts {
        at_stage: lowering.list(&stage.roots),
        at_start: lowering.list(&start.roots),
        change,
        time_change,
        directions: (0..STAGES).map(|stage| direction(size, stage, lowering)).collect(),
        right_hand_sides,
        own,
        sizes: [force_rows.len(), entries.len(), block, start.roots.len()],
    }
}

/// Sensitivity of the state of a stage.
fn direction(size: usize, stage: usize, lowering: &mut Lowering) -> Code {
    let mut code = Code::default();
    for s in 0..size {
        let to = Region::Direction.slot(s);
        let terms = match A.get(stage) {
            Some(row) => Terms {
                plus: vec![Region::Second.slot(s)],
                minus_products: (0..stage)
                    .map(|j| (lowering.number(row[j]), Region::Tangents.slot(j * size + s)))
                    .collect(),
                ..Terms::default()
            },
            None => Terms {
                plus: vec![to],
                minus: vec![Region::Tangents.slot((stage - 1) * size + s)],
                ..Terms::default()
            },
        };
        code.push_sum(to, &terms, NONE);
    }
    code
}
