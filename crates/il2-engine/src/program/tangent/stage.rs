//! The list of a stage: sums over earlier stages, flows, and the solve, for a block of parameters.

use super::BLOCK;
use super::flow::Flow;
use crate::program::code::{Code, NONE, Slot, Terms};
use crate::program::graph::Node;
use crate::program::lower::{Lowering, RATE, Region, assign_temporaries};
use crate::program::stages;
use crate::rodas5p::A;
use std::collections::HashMap;

/// What a stage multiplies sensitivities with.
pub struct Stages<'a> {
    /// Number of species.
    pub size: usize,
    /// Flows that several species share.
    pub shared: Vec<Flow>,
    /// Flows of one species.
    pub own: Vec<Flow>,
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
    /// The list of a stage for `width` parameters: first all sums over earlier stages, whose weights then stay in
    /// registers, then the flows, one by one for all parameters of the block, then the solve.
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
        for (s, b) in self.rows(width) {
            let row = self.tangent(stage, b, s);
            let terms = Terms { plus: vec![row, self.direction(b, s)], ..Terms::default() };
            code.push_sum(row, &terms, NONE);
        }
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

    fn direction(&self, b: usize, s: usize) -> Slot {
        Region::Direction.slot(b * self.size + s)
    }

    /// Sensitivities of the state of the stage, and what they and earlier stages add to the
    /// right-hand sides.
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
            let mut terms = Terms {
                plus: vec![Region::Force.slot(b * self.size + s)],
                plus_products: vec![(Region::Clock.slot(RATE), direction)],
                minus_products: (0..stage).map(|j| (weight(j), tangent(j))).collect(),
                ..Terms::default()
            };
            terms.plus_products.extend(part.map(|part| (part, time_force)));
            code.push_sum(tangent(stage), &terms, NONE);
        }
    }

    /// What the changes of all flows add to the right-hand sides.
    fn flows(&self, stage: usize, width: usize, lowering: &mut Lowering, code: &mut Code) {
        // The first temporary is the time part's.
        let flow_row = |f: usize, b: usize| Region::Temporary.slot(1 + f * BLOCK + b);
        for (s, b) in self.rows(width) {
            let moves_first = |flow: &Flow| flow.moves[0].0 == s;
            let shared = || self.shared.iter().enumerate();
            // A shared flow is worked out before the first species that it moves, for all
            // parameters at once.
            for (f, flow) in shared().filter(|(_, flow)| b == 0 && moves_first(flow)) {
                for b in 0..width {
                    code.push_sum(flow_row(f, b), &self.products(flow, stage, b), NONE);
                }
            }
            let own = self.own.iter().find(|flow| moves_first(flow));
            let mut terms = own.map_or(Terms::default(), |flow| self.products(flow, stage, b));
            terms.plus.push(self.tangent(stage, b, s));
            for (f, flow) in shared() {
                for &(_, factor) in flow.moves.iter().filter(|(to, _)| *to == s) {
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

    /// What the change of a flow's derivatives does: since the start of the step to the
    /// sensitivity of the stage, along that of the start to the increments.
    fn products(&self, flow: &Flow, stage: usize, b: usize) -> Terms {
        let mut terms = Terms::default();
        for &(species, node) in &flow.derivatives {
            // At the first stage nothing has changed yet.
            if stage > 0 {
                let kept = self.stage_rows + stage * self.kept.len() + self.kept[&node];
                let direction = Region::Direction.slot(b * self.size + species);
                terms.plus_products.push((Region::AtStage.slot(kept), direction));
            }
            if let Some(row) = self.changed.get(&node) {
                let change = Region::Change.slot(b * self.changed.len() + row);
                terms.minus_products.push((change, stages::increment(self.size, stage, species)));
            }
        }
        terms
    }
}
