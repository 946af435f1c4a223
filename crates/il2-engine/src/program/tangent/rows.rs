//! Rows that the lists for sensitivities fill, and derivatives with respect to a parameter
//! including all indirect dependences.

use crate::list::code::Slot;
use crate::program::graph::{Level, Node, Variable};
use crate::program::lower::{Lowering, Region};
use std::collections::HashMap;

/// Rows that a list fills with nodes that depend on the state, each node once.
pub struct Rows {
    region: Region,
    /// The nodes, each with its row.
    pub roots: Vec<(Node, Slot)>,
    /// The position of each node.
    pub places: HashMap<Node, usize>,
}

impl Rows {
    /// Without any rows yet.
    pub fn new(region: Region) -> Self {
        Self { region, roots: vec![], places: HashMap::new() }
    }

    /// Position of a node among the rows.
    pub fn place(&mut self, node: Node) -> usize {
        *self.places.entry(node).or_insert_with(|| {
            self.roots.push((node, self.region.slot(self.roots.len())));
            self.roots.len() - 1
        })
    }

    /// The row of a node in this list, or its existing row if it does not depend on the state.
    pub fn slot(&mut self, node: Node, lowering: &mut Lowering) -> Slot {
        if lowering.graph.level(node) < Level::State {
            return lowering.constant(node).expect("reads no state");
        }
        self.region.slot(self.place(node))
    }
}

/// Derivative of a node with respect to the chosen parameter, including all indirect dependences.
pub fn total(node: Node, totals: &[Node], lowering: &mut Lowering) -> Node {
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
