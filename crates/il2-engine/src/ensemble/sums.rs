//! Sums over the earlier stages of a step: what these add to right-hand sides and to the state of
//! the next stage.
//!
//! Loops over the species rather than lists: written out for every stage and species, the sums
//! would be half of all machine code of a network, more than the instruction cache can hold beside
//! the rest.
//!
//! The elimination works on `J - rate I`, so increments have the opposite sign: what the method
//! adds is subtracted here.

use crate::list::row::{Row, each};
use crate::program::Layout;
use crate::program::stages::weight;
use crate::rodas5p::{A, C, STAGES, TIME_WEIGHTS};
use std::ops::Range;

/// Once per step: the weights of the right-hand sides divided by the step length.
#[inline(always)]
pub fn weights<const W: usize>(rows: &mut [Row<W>], layout: &Layout, inverse: &Row<W>) {
    let rows = &mut rows[layout.weights.clone()];
    for stage in 1..STAGES {
        for earlier in 0..stage {
            rows[weight(stage, earlier)] = each(|l| C[stage][earlier] * inverse[l]);
        }
    }
}

/// Called before the first stage; only the time derivative of the slope adds to its right-hand
/// side.
#[inline(always)]
pub fn begin<const W: usize>(rows: &mut [Row<W>], layout: &Layout, step: &Row<W>) {
    for i in layout.earlier.clone() {
        rows[i] = [0.0; W];
    }
    by_time(rows, layout, 0, step);
}

/// What the time derivative of the slope adds to the right-hand side of a stage.
#[inline(always)]
fn by_time<const W: usize>(rows: &mut [Row<W>], layout: &Layout, stage: usize, step: &Row<W>) {
    if layout.time_slope.is_empty() || TIME_WEIGHTS[stage] == 0.0 {
        return;
    }
    let part: Row<W> = each(|l| TIME_WEIGHTS[stage] * step[l]);
    for i in 0..layout.earlier.len() {
        let by_time = rows[layout.time_slope.start + i];
        let total = rows[layout.earlier.start + i];
        rows[layout.earlier.start + i] = each(|l| part[l].mul_add(by_time[l], total[l]));
    }
}

/// Keeps the solution of a stage as its increment, and computes the state of the next stage and
/// what all earlier stages add to its right-hand side.
#[inline(always)]
pub fn next<const W: usize>(rows: &mut [Row<W>], layout: &Layout, stage: usize, step: &Row<W>) {
    match stage {
        0 => go_on::<0, 1, W>(rows, layout),
        1 => go_on::<1, 2, W>(rows, layout),
        2 => go_on::<2, 3, W>(rows, layout),
        3 => go_on::<3, 4, W>(rows, layout),
        4 => go_on::<4, 5, W>(rows, layout),
        5 => go_on::<5, 6, W>(rows, layout),
        _ => go_on::<6, 7, W>(rows, layout),
    }
    by_time(rows, layout, stage + 1, step);
}

/// The same as [`next`]. The stage is a compile-time constant, so that weights stay in registers
/// and every increment is read once for both sums.
#[inline(always)]
fn go_on<const STAGE: usize, const NEXT: usize, const W: usize>(
    rows: &mut [Row<W>],
    layout: &Layout,
) {
    let n = layout.slope.len();
    let (low, high) = rows.split_at_mut(layout.start.start);
    let at = |range: &Range<usize>| range.start - layout.start.start;
    let mut weights = [[0.0; W]; NEXT];
    for j in 0..NEXT {
        weights[j] = high[at(&layout.weights) + weight(NEXT, j)];
    }
    let (start, increments) = high.split_at_mut(at(&layout.stages));
    let (before, own) = increments.split_at_mut(STAGE * n);
    let (start, own) = (&start[..n], &mut own[..n]);
    let mut of = [&before[..0]; STAGE];
    for j in 0..STAGE {
        of[j] = &before[j * n..][..n];
    }
    let (state, low) = low.split_at_mut(layout.slope.start);
    let (slope, earlier) = low.split_at_mut(layout.earlier.start - layout.slope.start);
    let (state, slope) = (&mut state[layout.state.start..][..n], &slope[..n]);
    let earlier = &mut earlier[..n];
    for i in 0..n {
        let x = slope[i];
        own[i] = x;
        // Stages seven and eight start from the state of the stage before them.
        let (mut total, of_start) = match A.get(NEXT) {
            Some(weights) => (start[i], *weights),
            None => (state[i], [0.0; 5]),
        };
        let mut add = [0.0; W];
        for j in 0..STAGE {
            let x = of[j][i];
            if NEXT < A.len() {
                total = each(|l| (-of_start[j]).mul_add(x[l], total[l]));
            }
            add = each(|l| (-weights[j][l]).mul_add(x[l], add[l]));
        }
        state[i] = match A.get(NEXT) {
            Some(weights) => each(|l| (-weights[STAGE]).mul_add(x[l], total[l])),
            None => each(|l| total[l] - x[l]),
        };
        earlier[i] = each(|l| (-weights[STAGE][l]).mul_add(x[l], add[l]));
    }
}

/// The state of a stage from the increments before it, when those of all stages are known; to be
/// called for one stage after the other.
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
