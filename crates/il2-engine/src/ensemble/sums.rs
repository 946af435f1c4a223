//! The sums of a step over its earlier stages: what they add to right-hand sides and to the state of the
//! next one.
//!
//! Loops over the species rather than lists: written out for every stage and species they would be half of
//! all machine code of a network, more than the cache for instructions holds beside the rest of it.
//!
//! The elimination works on `J - rate I`, so increments stand with the opposite sign: what the method adds
//! is subtracted here.

use crate::list::row::{Row, each};
use crate::program::Layout;
use crate::program::stages::weight;
use crate::rodas5p::{A, C, STAGES, TIME_WEIGHTS};

/// Once a step: the weights of the right-hand sides divided by the step.
#[inline(always)]
pub fn weights<const W: usize>(rows: &mut [Row<W>], layout: &Layout, inverse: &Row<W>) {
    let rows = &mut rows[layout.weights.clone()];
    for stage in 1..STAGES {
        for earlier in 0..stage {
            rows[weight(stage, earlier)] = each(|l| C[stage][earlier] * inverse[l]);
        }
    }
}

/// Adds to the slope what earlier stages and the slope by time add to the right-hand side of a stage; that
/// of the first is kept, for the residual of its solve.
#[inline(always)]
pub fn right_hand_side<const W: usize>(
    rows: &mut [Row<W>],
    layout: &Layout,
    stage: usize,
    step: &Row<W>,
) {
    if !layout.time_slope.is_empty() && TIME_WEIGHTS[stage] != 0.0 {
        let part: Row<W> = each(|l| TIME_WEIGHTS[stage] * step[l]);
        for i in 0..layout.slope.len() {
            let by_time = rows[layout.time_slope.start + i];
            let slope = rows[layout.slope.start + i];
            rows[layout.slope.start + i] = each(|l| part[l].mul_add(by_time[l], slope[l]));
        }
    }
    match stage {
        0 => rows.copy_within(layout.slope.clone(), layout.first.start),
        1 => add_earlier::<1, W>(rows, layout),
        2 => add_earlier::<2, W>(rows, layout),
        3 => add_earlier::<3, W>(rows, layout),
        4 => add_earlier::<4, W>(rows, layout),
        5 => add_earlier::<5, W>(rows, layout),
        6 => add_earlier::<6, W>(rows, layout),
        _ => add_earlier::<7, W>(rows, layout),
    }
}

/// What the stages before this one add to its right-hand side. The stage is known to the compiler, so that
/// its weights stay in registers.
#[inline(always)]
fn add_earlier<const STAGE: usize, const W: usize>(rows: &mut [Row<W>], layout: &Layout) {
    let n = layout.slope.len();
    let (low, high) = rows.split_at_mut(layout.start.start);
    let weights = &high[layout.weights.start - layout.start.start + weight(STAGE, 0)..][..STAGE];
    let weights: [Row<W>; STAGE] = weights.try_into().expect("as many");
    let increments = &high[layout.stages.start - layout.start.start..];
    let mut of = [&increments[..n]; STAGE];
    for j in 0..STAGE {
        of[j] = &increments[j * n..][..n];
    }
    let slope = &mut low[layout.slope.clone()][..n];
    for i in 0..n {
        let mut total = slope[i];
        for j in 0..STAGE {
            let (weight, x) = (&weights[j], &of[j][i]);
            for l in 0..W {
                total[l] = (-weight[l]).mul_add(x[l], total[l]);
            }
        }
        slope[i] = total;
    }
}

/// Keeps the solution of a stage as its increment and works out the state of the next stage.
#[inline(always)]
pub fn next_state<const W: usize>(rows: &mut [Row<W>], layout: &Layout, stage: usize) {
    match stage {
        0 => from_start::<0, W>(rows, layout),
        1 => from_start::<1, W>(rows, layout),
        2 => from_start::<2, W>(rows, layout),
        3 => from_start::<3, W>(rows, layout),
        4 => from_start::<4, W>(rows, layout),
        // Stages seven and eight go on from the stage before them.
        _ => {
            let n = layout.slope.len();
            for i in 0..n {
                let x = rows[layout.slope.start + i];
                rows[layout.stages.start + stage * n + i] = x;
                let state = rows[layout.state.start + i];
                rows[layout.state.start + i] = each(|l| state[l] - x[l]);
            }
        }
    }
}

/// As [`next_state`], for stages that go on from the start of the step.
#[inline(always)]
fn from_start<const STAGE: usize, const W: usize>(rows: &mut [Row<W>], layout: &Layout) {
    let n = layout.slope.len();
    let (low, high) = rows.split_at_mut(layout.start.start);
    let (start, high) = high.split_at_mut(n);
    let stages = layout.stages.start - layout.start.start - n;
    let (earlier, own) = high[stages..].split_at_mut(STAGE * n);
    let own = &mut own[..n];
    let mut of = [&start[..0]; STAGE];
    for j in 0..STAGE {
        of[j] = &earlier[j * n..][..n];
    }
    let (state, slope) = low.split_at_mut(layout.slope.start);
    let (state, slope) = (&mut state[layout.state.clone()][..n], &slope[..n]);
    let weights = &A[STAGE + 1];
    for i in 0..n {
        let x = slope[i];
        own[i] = x;
        let mut total = start[i];
        for j in 0..STAGE {
            let x = &of[j][i];
            for l in 0..W {
                total[l] = (-weights[j]).mul_add(x[l], total[l]);
            }
        }
        state[i] = each(|l| (-weights[STAGE]).mul_add(x[l], total[l]));
    }
}

/// The state of a stage from the increments before it, those of all stages being known; to be called for
/// one stage after the other.
#[inline(always)]
pub fn state<const W: usize>(rows: &mut [Row<W>], layout: &Layout, stage: usize) {
    let n = layout.slope.len();
    for i in 0..n {
        let increment = |j: usize| layout.stages.start + j * n + i;
        let mut total = rows[layout.start.start + i];
        match A.get(stage) {
            Some(weights) => {
                for j in 0..stage {
                    let x = &rows[increment(j)];
                    for l in 0..W {
                        total[l] = (-weights[j]).mul_add(x[l], total[l]);
                    }
                }
            }
            None => {
                let (before, x) = (rows[layout.state.start + i], &rows[increment(stage - 1)]);
                total = each(|l| before[l] - x[l]);
            }
        }
        rows[layout.state.start + i] = total;
    }
}
