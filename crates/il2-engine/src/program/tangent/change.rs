//! Derivatives of those flows whose derivatives depend on the state, and how they change within a
//! step; the same for all parameters.

use super::rows::Rows;
use crate::list::code::{Code, NONE, Slot, Terms};
use crate::program::graph::Node;
use crate::program::lower::{Lowering, Region};
use crate::program::stages;
use crate::rodas5p::{LINEAR, STAGES};
use std::collections::HashMap;

/// These derivatives and the positions of their rows.
pub struct Derivatives {
    /// Index of each derivative.
    places: HashMap<Node, usize>,
    /// For each, its own derivatives with respect to species at the start.
    gradients: Vec<Vec<(Slot, usize)>>,
    /// Number of rows that one evaluation at a stage writes: those of the derivatives, then others.
    stage_rows: usize,
}

/// The only earlier stage on which the state of a stage depends, and its weight; `None` if there is
/// not exactly one.
pub fn only_earlier(stage: usize) -> Option<(usize, f64)> {
    let mut all = LINEAR.moved[stage].iter().copied().enumerate().filter(|(_, w)| *w != 0.0);
    all.next().filter(|_| all.next().is_none())
}

impl Derivatives {
    /// The derivatives that come first among the rows of a stage.
    pub fn new(stage: &Rows, gradients: Vec<Vec<(Slot, usize)>>, stage_rows: usize) -> Self {
        let of = |(place, &(node, _)): (usize, &(Node, Slot))| (node, place);
        let places = stage.roots.iter().take(gradients.len()).enumerate().map(of).collect();
        Self { places, gradients, stage_rows }
    }

    /// Number of derivatives.
    pub fn count(&self) -> usize {
        self.gradients.len()
    }

    /// Number of rows for the derivatives of all stages together.
    pub fn rows(&self) -> usize {
        self.stage_rows + (1 + 2 * STAGES) * self.count()
    }

    /// Index of a node, if it is one of the derivatives.
    pub fn place(&self, node: Node) -> Option<usize> {
        self.places.get(&node).copied()
    }

    /// The row of a derivative at the start of the step.
    pub fn start(&self, place: usize) -> Slot {
        Region::AtStage.slot(self.stage_rows + place)
    }

    /// At a stage: the row that is multiplied by the sensitivity at the start.
    pub fn along_start(&self, stage: usize, place: usize) -> Slot {
        self.start((1 + 2 * stage) * self.count() + place)
    }

    /// At a stage: the row that is multiplied by the change of the sensitivity up to the stage, and
    /// subtracted.
    pub fn along_moved(&self, stage: usize, place: usize) -> Slot {
        self.start((2 + 2 * stage) * self.count() + place)
    }

    /// Computes the derivatives that a stage needs; the derivatives at its state are in the first
    /// rows.
    pub fn list(&self, size: usize, stage: usize, lowering: &mut Lowering, code: &mut Code) {
        for (place, gradient) in self.gradients.iter().enumerate() {
            let (start, to) = (self.start(place), self.along_start(stage, place));
            let here = Region::AtStage.slot(place);
            let mut terms = Terms::default();
            if stage == 0 {
                let here = Terms { plus: vec![here], ..Terms::default() };
                code.push_sum(start, &here, NONE);
            } else {
                let change = self.along_moved(stage, place);
                let since = Terms { plus: vec![here], minus: vec![start], ..Terms::default() };
                code.push_sum(change, &since, NONE);
                terms.plus.push(change);
            }
            let increment = |&(row, species)| (row, stages::increment(size, stage, species));
            terms.minus_products = gradient.iter().map(increment).collect();
            code.push_sum(to, &terms, NONE);
            // If there is only one earlier stage, its weight is applied here, once for all
            // parameters.
            if let Some((_, weight)) = only_earlier(stage).filter(|(_, weight)| *weight != 1.0) {
                let change = self.along_moved(stage, place);
                let terms = Terms {
                    plus_products: vec![(lowering.number(weight), change)],
                    ..Terms::default()
                };
                code.push_sum(change, &terms, NONE);
            }
        }
    }
}
