//! The list of a stage: sums over earlier stages, flows, and the solve, for a block of parameters.

use super::block::BLOCK;
use super::flow::{Flow, Flows};
use crate::list::code::{Code, NONE, Slot, Terms};
use crate::program::graph::Node;
use crate::program::lower::{Lowering, Region, assign_temporaries};
use crate::program::stages;
use crate::rodas5p::A;
use std::collections::HashMap;

/// What a stage multiplies sensitivities with.
pub struct Stages<'a> {
    /// Number of species.
    pub size: usize,
    /// What moves the species.
    pub flows: Flows,
    /// Places of derivatives of flows among the rows that every stage keeps.
    pub kept: HashMap<Node, usize>,
    /// Places of those that change along the sensitivities of the start, among the changes.
    pub changed: HashMap<Node, usize>,
    /// Rows that one evaluation at a stage writes.
    pub stage_rows: usize,
    /// Whether a law reads time.
    pub reads_time: bool,
    /// Solves in the rows of the slope.
    pub solve: &'a Code,
}

impl Stages<'_> {
    /// The list of a stage for `width` parameters: first all sums over earlier stages, whose weights
    /// then stay in registers, then the flows, one by one for all parameters, then the solve.
    pub fn list(&self, stage: usize, width: usize, lowering: &mut Lowering) -> Code {
        let mut code = Code::default();
        self.earlier_stages(stage, width, lowering, &mut code);
        self.flows(stage, width, lowering, &mut code);
        let solves = (0..width).map(|b| {
            let mut solve = self.solve.clone();
            solve.rename(|slot| match Region::of(slot) {
                (region, s) if region == Region::Slope as usize => self.tangent(stage, b, s),
                _ => slot,
            });
            solve
        });
        code.interleave(&solves.collect::<Vec<_>>());
        assign_temporaries(&mut code);
        code
    }

    /// Every species, and for each every parameter of the block.
    fn rows(&self, width: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..self.size).flat_map(move |s| (0..width).map(move |b| (s, b)))
    }

    fn tangent(&self, stage: usize, b: usize, s: usize) -> Slot {
        Region::Tangents.slot((stage * BLOCK + b) * self.size + s)
    }

    /// Rows of forces of one parameter: those of the species, then those of shared flows.
    pub fn force_places(&self) -> usize {
        self.size + self.flows.shared.len()
    }

    fn force(&self, b: usize, place: usize) -> Slot {
        Region::Force.slot(b * self.force_places() + place)
    }

    fn direction(&self, b: usize, s: usize) -> Slot {
        Region::Direction.slot(b * self.size + s)
    }

    /// Sensitivities of the state of the stage, and what earlier stages add to the right-hand sides.
    fn earlier_stages(&self, stage: usize, width: usize, lowering: &mut Lowering, code: &mut Code) {
        let part = stages::time_part(stage, self.reads_time, lowering, code);
        for (s, b) in self.rows(width) {
            let direction = self.direction(b, s);
            let tangent = |stage: usize| self.tangent(stage, b, s);
            let terms = match A.get(stage) {
                Some(row) => Terms {
                    plus: vec![Region::Second.slot(b * self.size + s)],
                    minus_products: (0..stage)
                        .map(|j| (lowering.number(row[j]), tangent(j)))
                        .collect(),
                    ..Terms::default()
                },
                None => Terms {
                    plus: vec![direction],
                    minus: vec![tangent(stage - 1)],
                    ..Terms::default()
                },
            };
            code.push_sum(direction, &terms, NONE);
            let weight = |j: usize| Region::Weights.slot(stages::weight(stage, j));
            let time_force = Region::TimeForce.slot(b * self.size + s);
            let terms = Terms {
                plus: vec![self.force(b, s)],
                plus_products: part.iter().map(|&part| (part, time_force)).collect(),
                minus_products: (0..stage).map(|j| (weight(j), tangent(j))).collect(),
                ..Terms::default()
            };
            code.push_sum(tangent(stage), &terms, NONE);
        }
    }

    /// What all flows add to the right-hand sides.
    fn flows(&self, stage: usize, width: usize, lowering: &mut Lowering, code: &mut Code) {
        // The first temporary is the time part's.
        let flow_row = |f: usize, b: usize| Region::Temporary.slot(1 + f * BLOCK + b);
        for (s, b) in self.rows(width) {
            let shared = || self.flows.shared.iter().enumerate();
            // A shared flow is worked out before the first species that it moves, for all
            // parameters at once.
            for (f, shared) in shared().filter(|(_, shared)| b == 0 && shared.moves[0].0 == s) {
                for b in 0..width {
                    let mut terms = self.products(&shared.flow, stage, b, lowering);
                    terms.plus.push(self.force(b, self.size + f));
                    code.push_sum(flow_row(f, b), &terms, NONE);
                }
            }
            let mut terms = self.products(&self.flows.own[s], stage, b, lowering);
            terms.plus.push(self.tangent(stage, b, s));
            for (f, shared) in shared() {
                for &(_, factor) in shared.moves.iter().filter(|(to, _)| *to == s) {
                    match lowering.graph.as_number(factor) {
                        Some(1.0) => terms.plus.push(flow_row(f, b)),
                        Some(-1.0) => terms.minus.push(flow_row(f, b)),
                        _ => {
                            let factor = lowering.constant(factor).expect("reads no state");
                            terms.plus_products.push((factor, flow_row(f, b)));
                        }
                    }
                }
            }
            code.push_sum(self.tangent(stage, b, s), &terms, NONE);
        }
    }

    /// A flow along the sensitivity of the stage, less what the change of its derivatives along the
    /// sensitivity of the start does to the increments.
    fn products(&self, flow: &Flow, stage: usize, b: usize, lowering: &mut Lowering) -> Terms {
        let mut terms = Terms::default();
        for &(species, node) in &flow.derivatives {
            let derivative = match self.kept.get(&node) {
                Some(place) => {
                    Region::AtStage.slot(self.stage_rows + stage * self.kept.len() + place)
                }
                None => lowering.constant(node).expect("reads no state"),
            };
            terms.plus_products.push((derivative, self.direction(b, species)));
            if let Some(row) = self.changed.get(&node) {
                let change = Region::Change.slot(b * self.changed.len() + row);
                terms.minus_products.push((change, stages::increment(self.size, stage, species)));
            }
        }
        terms
    }
}
