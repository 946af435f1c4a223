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
use std::collections::BTreeMap;

/// Lists of one program for its chosen parameters, before they are placed.
pub struct Drafts {
    /// Jacobian entries that depend on the state, at a stage.
    pub stage_jacobian: Code,
    /// Per parameter: derivative of the iteration matrix.
    pub changes: Vec<Code>,
    /// Per parameter: derivative of the slope by the parameter itself.
    pub forces: Vec<Code>,
    /// Per parameter: the same of the slope by time; empty where no law reads time.
    pub time_forces: Vec<Code>,
    /// Per stage: sensitivity of the stage state.
    pub directions: Vec<Code>,
    /// Per stage: right-hand side.
    pub right_hand_sides: Vec<Code>,
    /// Rows of each region: force, change, Jacobian of one stage.
    pub sizes: [usize; 3],
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

/// Derivative of a node along the second direction, the sensitivity of the state.
fn along(node: Node, lowering: &mut Lowering) -> Node {
    let graph = &mut lowering.graph;
    let read: Vec<u32> = graph
        .reads(node)
        .iter()
        .filter_map(|v| if let Variable::Species(s) = v { Some(*s) } else { None })
        .collect();
    let terms: Vec<_> = read
        .into_iter()
        .map(|s| {
            let part = graph.derivative(node, Variable::Species(s));
            let direction = graph.variable(Variable::Second(s));
            (1.0, graph.product(&[part, direction]))
        })
        .collect();
    graph.sum(&terms)
}

/// Makes the lists.
pub fn lists(source: &Source, by: &[ParameterId], lowering: &mut Lowering) -> Drafts {
    let size = source.slopes.len();
    // Jacobian at the stages: entries that do not depend on the state stand elsewhere already.
    let mut stage_roots = vec![];
    let mut stage_places: BTreeMap<(usize, usize), Result<usize, Slot>> = BTreeMap::new();
    for (&at, &node) in source.jacobian {
        if lowering.graph.level(node) < Level::State {
            stage_places.insert(at, Err(lowering.constant(node).expect("reads no state")));
        } else {
            stage_places.insert(at, Ok(stage_roots.len()));
            stage_roots.push((node, Region::StageJacobian.slot(stage_roots.len())));
        }
    }
    let stage_entries = stage_roots.len();
    let all_totals: Vec<Vec<Node>> =
        by.iter().map(|&p| totals(source.network, p, lowering)).collect();

    // Every list writes every row that any of them needs.
    let mut forces: Vec<Vec<Node>> = vec![];
    let mut changes: Vec<Vec<Node>> = vec![];
    for totals in &all_totals {
        forces.push(source.slopes.iter().map(|&n| total(n, totals, lowering)).collect());
        let change = |&node: &Node, lowering: &mut Lowering| {
            let (a, b) = (along(node, lowering), total(node, totals, lowering));
            lowering.graph.sum(&[(1.0, a), (1.0, b)])
        };
        changes.push(source.jacobian.values().map(|n| change(n, lowering)).collect());
    }
    let used = |all: &[Vec<Node>], k: usize, lowering: &Lowering| {
        all.iter().any(|nodes| !lowering.graph.is_zero(nodes[k]))
    };
    let force_rows: Vec<usize> = (0..size).filter(|&s| used(&forces, s, lowering)).collect();
    let change_entries: Vec<usize> =
        (0..source.jacobian.len()).filter(|&k| used(&changes, k, lowering)).collect();
    let list = |nodes: &[Node], wanted: &[usize], region: Region, lowering: &mut Lowering| {
        let roots: Vec<_> =
            wanted.iter().enumerate().map(|(row, &k)| (nodes[k], region.slot(row))).collect();
        lowering.list(&roots)
    };
    let rows: Vec<usize> = (0..source.time_slopes.len()).collect();
    let time_force = |totals: &Vec<Node>, lowering: &mut Lowering| {
        let one = |&node: &Node| {
            let (a, b) = (along(node, lowering), total(node, totals, lowering));
            lowering.graph.sum(&[(1.0, a), (1.0, b)])
        };
        let nodes: Vec<Node> = source.time_slopes.iter().map(one).collect();
        list(&nodes, &rows, Region::TimeForce, lowering)
    };
    let time_forces = all_totals.iter().map(|t| time_force(t, lowering)).collect();
    let force_lists =
        forces.iter().map(|f| list(f, &force_rows, Region::Force, lowering)).collect();
    let change_lists =
        changes.iter().map(|c| list(c, &change_entries, Region::Change, lowering)).collect();

    let keys: Vec<(usize, usize)> = source.jacobian.keys().copied().collect();
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
            for (&(_, column), place) in stage_places.range((s, 0)..(s + 1, 0)) {
                let entry = match place {
                    Ok(k) => Region::StageJacobian.slot((stage + 1) * stage_entries + k),
                    Err(slot) => *slot,
                };
                terms.plus_products.push((entry, Region::Direction.slot(column)));
            }
            for (row, &k) in change_entries.iter().enumerate() {
                if keys[k].0 == s {
                    let increment = stages::increment(size, stage, keys[k].1);
                    terms.minus_products.push((Region::Change.slot(row), increment));
                }
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
        stage_jacobian: lowering.list(&stage_roots),
        changes: change_lists,
        forces: force_lists,
        time_forces,
        directions: (0..STAGES).map(|stage| direction(size, stage, lowering)).collect(),
        right_hand_sides,
        sizes: [force_rows.len(), change_entries.len(), stage_entries],
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
