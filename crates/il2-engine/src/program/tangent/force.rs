//! The direct effects of parameters, without those through the sensitivities of the state: on flows
//! and, multiplied by the increments, on the derivatives of flows.

use super::block::Own;
use super::flow::{Flow, Flows};
use super::rows::{Rows, total};
use crate::list::code::{Code, NONE, Slot, Terms};
use crate::program::graph::Node;
use crate::program::lower::{Lowering, Region};
use crate::program::stages;
use std::collections::BTreeMap;

/// Forces of all parameters.
#[derive(Default)]
pub struct Forces {
    rows: Vec<Force>,
}

/// What a parameter adds by itself to a flow: the derivative of the rate, minus the derivatives of
/// the flow's derivatives, each with the species by whose increment it is multiplied.
struct Force {
    rate: Option<Slot>,
    entries: Vec<(Slot, usize)>,
}

impl Forces {
    /// Number of forces.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Adds to `own` the forces of a parameter that changes values of parameters by these amounts.
    pub fn add(
        &mut self,
        flows: &Flows,
        (totals, own): (&[Node], &mut Own),
        (stage, start): (&mut Rows, &mut Rows),
        lowering: &mut Lowering,
    ) {
        let mut push = |parts: &Itself, to: &mut Vec<_>, place: usize, lowering: &mut Lowering| {
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
                to.push((place, self.rows.len()));
                self.rows.push(Force { rate, entries });
            }
        };
        for (s, flow) in flows.own.iter().enumerate() {
            let mut parts = Itself::default();
            parts.of(flow, totals, lowering);
            // A factor may depend on the parameter, too, for example through the volume that
            // molecules enter.
            for shared in &flows.shared {
                for &(_, factor) in shared.moves.iter().filter(|(to, _)| *to == s) {
                    let factor = total(factor, totals, lowering);
                    parts.times(factor, &shared.flow, lowering);
                }
            }
            push(&parts, &mut own.forces, s, lowering);
        }
        for (f, shared) in flows.shared.iter().enumerate() {
            let mut parts = Itself::default();
            parts.of(&shared.flow, totals, lowering);
            push(&parts, &mut own.flow_forces, f, lowering);
        }
    }

    /// Computes the forces at a stage.
    pub fn list(&self, size: usize, stage: usize, code: &mut Code) {
        for (row, Force { rate, entries }) in self.rows.iter().enumerate() {
            let increment = |c: usize| stages::increment(size, stage, c);
            let terms = Terms {
                plus: rate.iter().copied().collect(),
                minus_products: entries.iter().map(|&(n, c)| (n, increment(c))).collect(),
                ..Terms::default()
            };
            code.push_sum(Region::OwnForce.slot(stage * self.count() + row), &terms, NONE);
        }
    }
}

/// The direct effect of a parameter on a flow and on its derivatives with respect to species, as
/// sums.
#[derive(Default)]
struct Itself {
    rate: Vec<(f64, Node)>,
    derivatives: BTreeMap<usize, Vec<(f64, Node)>>,
}

impl Itself {
    /// Adds the effect on a flow.
    fn of(&mut self, flow: &Flow, totals: &[Node], lowering: &mut Lowering) {
        self.rate.push((1.0, total(flow.rate, totals, lowering)));
        for &(species, node) in &flow.derivatives {
            let node = total(node, totals, lowering);
            self.derivatives.entry(species).or_default().push((1.0, node));
        }
    }

    /// Adds a flow times the derivative of its factor with respect to the parameter.
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
