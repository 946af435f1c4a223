//! The sums of a Rosenbrock step as lists: stage states and what earlier stages add to a right-hand
//! side.
//!
//! The elimination works on `J - rate I`, so increments stand with the opposite sign: what the
//! method adds is subtracted here.

use super::lower::{INVERSE, Lowering, RATE, Region, STEP};
use super::sparse::Entries;
use crate::list::code::{Code, Instruction, NONE, Slot, Terms};
use crate::rodas5p::{A, C, STAGES, TIME_WEIGHTS};

/// The row of a species' increment in a stage.
pub fn increment(size: usize, stage: usize, species: usize) -> Slot {
    Region::Stages.slot(stage * size + species)
}

/// Place of a weight of the method among the rows of weights.
pub fn weight(stage: usize, earlier: usize) -> usize {
    stage * (stage - 1) / 2 + earlier
}

/// Number of rows of weights.
pub const WEIGHTS: usize = STAGES * (STAGES - 1) / 2;

/// Once a step: the weights of the right-hand sides divided by the step.
pub fn weights(lowering: &mut Lowering) -> Code {
    let mut code = Code::default();
    for stage in 1..STAGES {
        for earlier in 0..stage {
            let to = Region::Weights.slot(weight(stage, earlier));
            let (a, b) = (lowering.number(C[stage][earlier]), Region::Clock.slot(INVERSE));
            code.instructions.push(Instruction::Product { to, a, b });
        }
    }
    code
}

/// The state of a stage after the first.
pub fn state(size: usize, stage: usize, lowering: &mut Lowering) -> Code {
    let mut code = Code::default();
    for s in 0..size {
        let to = Region::State.slot(s);
        let terms = match A.get(stage) {
            Some(row) => Terms {
                plus: vec![Region::Start.slot(s)],
                minus_products: (0..stage)
                    .map(|j| (lowering.number(row[j]), increment(size, j, s)))
                    .collect(),
                ..Terms::default()
            },
            // Stages seven and eight go on from the stage before them.
            None => Terms {
                plus: vec![to],
                minus: vec![increment(size, stage - 1, s)],
                ..Terms::default()
            },
        };
        code.push_sum(to, &terms, NONE);
    }
    code
}

/// What the first solve leaves over: its right-hand side less the matrix times its solution, in the
/// rows that held the right-hand side.
pub fn residual(size: usize, entries: &Entries) -> Code {
    let mut code = Code::default();
    for s in 0..size {
        let to = Region::First.slot(s);
        let terms = Terms {
            plus: vec![to],
            plus_products: vec![(Region::Clock.slot(RATE), increment(size, 0, s))],
            minus_products: entries
                .range((s, 0)..(s + 1, 0))
                .map(|(&(_, column), &entry)| (entry, increment(size, 0, column)))
                .collect(),
            ..Terms::default()
        };
        code.push_sum(to, &terms, NONE);
    }
    code
}

/// The row of the step times the weight that the slope by time has in a stage, if it has one.
pub fn time_part(
    stage: usize,
    reads_time: bool,
    lowering: &mut Lowering,
    code: &mut Code,
) -> Option<Slot> {
    if !reads_time || TIME_WEIGHTS[stage] == 0.0 {
        return None;
    }
    let to = Region::Temporary.slot(0);
    let (a, b) = (lowering.number(TIME_WEIGHTS[stage]), Region::Clock.slot(STEP));
    code.instructions.push(Instruction::Product { to, a, b });
    Some(to)
}

/// What earlier stages and the slope by time add to the right-hand side of a stage.
pub fn right_hand_side(
    size: usize,
    stage: usize,
    reads_time: bool,
    lowering: &mut Lowering,
) -> Code {
    let mut code = Code::default();
    let part = time_part(stage, reads_time, lowering, &mut code);
    for s in 0..size {
        let to = Region::Slope.slot(s);
        let mut terms = Terms { plus: vec![to], ..Terms::default() };
        if let Some(part) = part {
            terms.plus_products.push((part, Region::TimeSlope.slot(s)));
        }
        terms.minus_products = (0..stage)
            .map(|j| (Region::Weights.slot(weight(stage, j)), increment(size, j, s)))
            .collect();
        if part.is_some() || stage > 0 {
            code.push_sum(to, &terms, NONE);
        }
    }
    code
}
