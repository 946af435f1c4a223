//! Lists for a block of parameters: the start, the flows of a stage, and the solve.

use super::block::BLOCK;
use super::change::{Derivatives, only_earlier};
use super::flow::{Flow, Flows, Shared};
use crate::list::code::{Code, NONE, Slot, Terms};
use crate::program::graph::Node;
use crate::program::lower::{Lowering, Region, assign_temporaries};
use std::collections::BTreeSet;

/// The quantities by which a stage multiplies sensitivities.
pub struct Stages<'a> {
    /// Number of species.
    pub size: usize,
    /// The flows that change the species.
    pub flows: Flows,
    /// Derivatives of flows that depend on the state.
    pub derivatives: Derivatives,
    /// The list that solves in the slope rows.
    pub solve: &'a Code,
}

impl Stages<'_> {
    /// The list of the start for `width` parameters: flows along the sensitivities.
    pub fn start(&self, width: usize, lowering: &mut Lowering) -> Code {
        let mut code = Code::default();
        let products = |flow: &Flow, b: usize, lowering: &mut Lowering| {
            let product = |&(species, node)| {
                let derivative = match self.derivatives.place(node) {
                    Some(place) => self.derivatives.start(place),
                    None => lowering.constant(node).expect("reads no state"),
                };
                (derivative, self.second(b, species))
            };
            let plus_products = flow.derivatives.iter().map(product).collect();
            Terms { plus_products, ..Terms::default() }
        };
        let flows = self.flows.shared.len();
        for (f, shared) in self.flows.shared.iter().enumerate() {
            for b in 0..width {
                let terms = products(&shared.flow, b, lowering);
                code.push_sum(Region::StartFlow.slot(b * flows + f), &terms, NONE);
            }
        }
        for (s, flow) in self.flows.own.iter().enumerate() {
            for b in 0..width {
                let terms = products(flow, b, lowering);
                code.push_sum(Region::StartSlope.slot(b * self.size + s), &terms, NONE);
            }
        }
        code
    }

    /// The list of a stage for `width` parameters: adds the shared flows and the changes of the
    /// others to the right-hand sides.
    pub fn flows(&self, stage: usize, width: usize, lowering: &mut Lowering) -> Code {
        let (mut code, mut done) = (Code::default(), BTreeSet::new());
        let flows = self.flows.shared.len();
        let flow_row = |f: usize, b: usize| Region::Temporary.slot(f * BLOCK + b);
        for s in 0..self.size {
            let moving: Vec<_> = self.shared_by(s).collect();
            // A shared flow is computed before the first species that it changes, for all
            // parameters at once.
            for &(f, _) in moving.iter().filter(|&&(f, _)| done.insert(f)) {
                for b in 0..width {
                    let mut terms = self.changes(&self.flows.shared[f].flow, stage, b);
                    terms.plus.push(Region::FlowForce.slot(b * flows + f));
                    code.push_sum(flow_row(f, b), &terms, NONE);
                }
            }
            for b in 0..width {
                let mut terms = self.changes(&self.flows.own[s], stage, b);
                for &(f, factor) in &moving {
                    match lowering.graph.as_number(factor) {
                        Some(1.0) => terms.plus.push(flow_row(f, b)),
                        Some(-1.0) => terms.minus.push(flow_row(f, b)),
                        _ => {
                            let factor = lowering.constant(factor).expect("reads no state");
                            terms.plus_products.push((factor, flow_row(f, b)));
                        }
                    }
                }
                if !terms.is_empty() {
                    terms.plus.insert(0, self.slope(b, s));
                    code.push_sum(self.slope(b, s), &terms, NONE);
                }
            }
        }
        assign_temporaries(&mut code);
        code
    }

    /// The list that solves for `width` parameters, in place.
    pub fn solve(&self, width: usize) -> Code {
        let all = (0..width).map(|b| {
            let mut solve = self.solve.clone();
            solve.rename(|slot| match Region::of(slot) {
                (region, s) if region == Region::Slope as usize => self.slope(b, s),
                _ => slot,
            });
            solve
        });
        let mut code = Code::default();
        code.interleave(&all.collect::<Vec<_>>());
        code
    }

    fn slope(&self, b: usize, s: usize) -> Slot {
        Region::TangentSlope.slot(b * self.size + s)
    }

    fn second(&self, b: usize, s: usize) -> Slot {
        Region::Second.slot(b * self.size + s)
    }

    /// Change of the sensitivity of a species until a stage; if the derivatives include the weight
    /// of the only earlier stage, the solution of that stage.
    fn moved(&self, stage: usize, b: usize, s: usize) -> Slot {
        match only_earlier(stage) {
            Some((earlier, _)) => Region::Tangents.slot((earlier * BLOCK + b) * self.size + s),
            None => Region::Moved.slot(b * self.size + s),
        }
    }

    /// A flow at a stage, minus its value at the start and its change predicted by the Jacobian of
    /// the step.
    fn changes(&self, flow: &Flow, stage: usize, b: usize) -> Terms {
        let mut terms = Terms::default();
        for &(species, node) in &flow.derivatives {
            let Some(place) = self.derivatives.place(node) else { continue };
            let along = self.derivatives.along_start(stage, place);
            terms.plus_products.push((along, self.second(b, species)));
            if stage > 0 {
                let along = self.derivatives.along_moved(stage, place);
                terms.minus_products.push((along, self.moved(stage, b, species)));
            }
        }
        terms
    }

    /// Shared flows that change a species, each with its factor.
    fn shared_by(&self, s: usize) -> impl Iterator<Item = (usize, Node)> {
        let all = self.flows.shared.iter().enumerate();
        let factor = move |(f, shared): (usize, &Shared)| {
            shared.moves.iter().find(|(to, _)| *to == s).map(|&(_, factor)| (f, factor))
        };
        all.filter_map(factor)
    }
}
