//! Rows of the stages of a Rosenbrock step, and the lists that they need in addition to those of the network.

use super::lower::{Lowering, RATE, Region, STEP};
use super::sparse::Entries;
use crate::list::code::{Code, Instruction, NONE, Slot, Terms};
use crate::rodas5p::{STAGES, TIME_WEIGHTS};

/// The row of a species' increment in a stage.
pub fn increment(size: usize, stage: usize, species: usize) -> Slot {
    Region::Stages.slot(stage * size + species)
}

/// Index of a weight of the method among the rows of weights.
pub fn weight(stage: usize, earlier: usize) -> usize {
    stage * (stage - 1) / 2 + earlier
}

/// Number of rows of weights.
pub const WEIGHTS: usize = STAGES * (STAGES - 1) / 2;

/// The residual of the first solve: its right-hand side minus the matrix times its solution, in the
/// rows that contained the right-hand side.
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

/// The row of the step times the weight of the slope's time derivative in a stage, if the stage has
/// such a weight.
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
