//! Sensitivities of all lanes of a group, computed step by step with the matrix factors of the
//! step.
//!
//! As in [`sums`], sums over earlier stages are loops over species and parameters, not lists:
//! written out, they would be most of the machine code, more than the instruction cache holds.

use super::sums;
use super::work::Work;
use crate::lane::Tolerance;
use crate::list::row::{Row, each};
use crate::program::stages::weight;
use crate::program::tangent::{BLOCK, widths};
use crate::program::{Program, Tangent};
use crate::rodas5p::{A, LINEAR, NODES, STAGES, TIME_WEIGHTS};

impl<const W: usize> Work<W> {
    /// Differentiates the step of length `step` that was just taken from `time`. `error` is the
    /// largest error of the step in units of its tolerance; it is replaced by the largest error of
    /// the sensitivities if that is larger.
    #[inline(always)]
    pub fn differentiate(
        &mut self,
        program: &Program,
        time: &[f64; W],
        step: &[f64; W],
        tolerance: &Tolerance,
        error: &mut [f64; W],
    ) {
        let Some(lists) = &program.tangent else { return };
        let layout = &program.layout;
        let at = |stage: usize| each(|l| NODES[stage].mul_add(step[l], time[l]));
        self.rows.copy_within(layout.start.clone(), layout.state.start);
        self.rows[layout.time] = at(0);
        lists.at_start.run(&mut self.rows);
        let rate = self.rows[layout.rate];
        for stage in 0..STAGES {
            for earlier in 0..stage {
                let row = lists.weight_rows.start + weight(stage, earlier);
                self.rows[row] = each(|l| LINEAR.weights[stage][earlier] * rate[l]);
            }
            sums::state(&mut self.rows, layout, stage);
            self.rows[layout.time] = at(stage);
            lists.at_stage.run(&mut self.rows);
            lists.shared[stage].run(&mut self.rows);
        }
        let mut first = 0;
        for width in widths(lists.by.len()) {
            self.differentiate_by(program, lists, (first, width), step);
            for b in 0..width {
                self.finish_tangent(program, lists, (first, b), tolerance, error);
            }
            first += width;
        }
    }

    /// Differentiates with respect to the parameters of a block, given by its first parameter and
    /// their number.
    #[inline(always)]
    fn differentiate_by(
        &mut self,
        program: &Program,
        lists: &Tangent,
        (first, width): (usize, usize),
        step: &[f64; W],
    ) {
        let (n, layout) = (program.size(), &program.layout);
        let block = lists.blocks.iter().find(|b| b.width == width).expect("lists for every width");
        let rows = &mut *self.rows;
        rows[layout.second.start..layout.second.start + width * n]
            .copy_from_slice(&self.tangents.start[first * n..(first + width) * n]);
        block.start.run(rows);
        let own = || lists.own[first..first + width].iter().enumerate();
        if !lists.time_force_rows.is_empty() {
            rows[lists.time_force_rows.clone()].fill([0.0; W]);
            for (b, own) in own() {
                for &(species, from) in &own.time_forces {
                    rows[lists.time_force_rows.start + b * n + species] =
                        rows[lists.start_rows.start + from];
                }
            }
            block.time_change.run(rows);
        }
        let (start_flows, flow_forces) = (lists.start_flow_rows.start, lists.flow_force_rows.start);
        rows.copy_within(lists.start_flow_rows.clone(), flow_forces);
        let (forces, flows) =
            (lists.own_force_rows.len() / STAGES, lists.start_flow_rows.len() / BLOCK);
        for stage in 0..STAGES {
            next(rows, lists, stage, width * n);
            by_time(rows, lists, stage, width * n, step);
            let of_stage = lists.own_force_rows.start + stage * forces;
            for (b, own) in own() {
                let mut add = |start: usize, to: usize, from: usize| {
                    let (start, force) = (rows[start], rows[of_stage + from]);
                    rows[to] = each(|l| start[l] + force[l]);
                };
                for &(flow, from) in &own.flow_forces {
                    let place = b * flows + flow;
                    add(start_flows + place, flow_forces + place, from);
                }
                for &(species, from) in &own.forces {
                    let place = lists.slope_rows.start + b * n + species;
                    add(place, place, from);
                }
            }
            block.flows[stage].run(rows);
            block.solve.run(rows);
        }
    }

    /// Sensitivities at the end of the step and their error, for one parameter of a block.
    #[inline(always)]
    fn finish_tangent(
        &mut self,
        program: &Program,
        lists: &Tangent,
        (first, b): (usize, usize),
        tolerance: &Tolerance,
        error: &mut [f64; W],
    ) {
        let (n, layout) = (program.size(), &program.layout);
        let own = (first + b) * n..(first + b + 1) * n;
        // The last stage is the error estimate here too. A sensitivity, multiplied by the size of
        // its parameter, may err ten times as much as the state: its error does not feed back into
        // the state, but a step across a kink must not go unnoticed.
        let value = self.rows[layout.parameters.start + lists.by[first + b].0];
        // A parameter that is zero has no size, so the error of its sensitivity is compared with
        // the sensitivity itself.
        let size: Row<W> = each(|l| if value[l] == 0.0 { 1.0 } else { value[l].abs() });
        let before_last = lists.tangent_rows.start + ((STAGES - 2) * BLOCK + b) * n;
        let befores = &self.rows[before_last..][..n];
        let lasts = &self.rows[lists.slope_rows.start + b * n..][..n];
        let (starts, ends) = (&self.tangents.start[own.clone()], &mut self.tangents.end[own]);
        let (states, absolutes) = (&self.end[..n], &self.absolute[..n]);
        for i in 0..n {
            let (start, before, last, state) = (starts[i], befores[i], lasts[i], states[i]);
            let (mut end, mut missed, mut allowed) = ([0.0; W], [0.0; W], [0.0; W]);
            let mut more = false;
            // A plain loop: closures of this size are not inlined, and then are not vectorised
            // either.
            for l in 0..W {
                // Each of the last stages starts from the one before it, so the last has moved to
                // the end of the step.
                end[l] = start[l] - last[l];
                let (a, b) = (start[l].abs(), end[l].abs());
                let here = size[l] * (if a > b { a } else { b }) + state[l].abs();
                allowed[l] = tolerance.relative * here + absolutes[i];
                missed[l] = 0.1 * size[l] * (last[l] - before[l]).abs();
                let within = missed[l] <= error[l] * allowed[l];
                more |= !within;
            }
            ends[i] = end;
            // Few errors are the largest so far, and dividing all of them would take a tenth of the
            // time of a sensitivity.
            if more {
                for l in 0..W {
                    // A NaN compares as not within the tolerance, and is kept.
                    let within = missed[l] <= error[l] * allowed[l];
                    if !within && !error[l].is_nan() {
                        error[l] = missed[l] / allowed[l];
                    }
                }
            }
        }
    }
}

/// Keeps the solution of the stage before, and begins the right-hand sides of a stage for `count`
/// rows: what the start and earlier stages add, and how far the sensitivities have moved.
#[inline(always)]
fn next<const W: usize>(rows: &mut [Row<W>], lists: &Tangent, stage: usize, count: usize) {
    match stage {
        0 => {
            let (from, to) = (lists.start_slope_rows.start, lists.slope_rows.start);
            rows.copy_within(from..from + count, to);
        }
        1 => go_on::<0, 1, W>(rows, lists, count),
        2 => go_on::<1, 2, W>(rows, lists, count),
        3 => go_on::<2, 3, W>(rows, lists, count),
        4 => go_on::<3, 4, W>(rows, lists, count),
        5 => go_on::<4, 5, W>(rows, lists, count),
        6 => go_on::<5, 6, W>(rows, lists, count),
        _ => go_on::<6, 7, W>(rows, lists, count),
    }
}

/// The same as [`next`]. The stage is a compile-time constant, so that weights stay in registers
/// and every solution is read once for both sums.
#[inline(always)]
fn go_on<const BEFORE: usize, const STAGE: usize, const W: usize>(
    rows: &mut [Row<W>],
    lists: &Tangent,
    count: usize,
) {
    let mut weights = [[0.0; W]; STAGE];
    for j in 0..STAGE {
        weights[j] = rows[lists.weight_rows.start + weight(STAGE, j)];
    }
    let most = lists.slope_rows.len();
    let (starts, high) = rows[lists.start_slope_rows.start..].split_at_mut(most);
    let (slopes, high) = high.split_at_mut(most);
    let (moved, high) = high.split_at_mut(most);
    let (before, own) = high.split_at_mut(BEFORE * most);
    let (starts, own) = (&starts[..count], &mut own[..count]);
    let (slopes, moved) = (&mut slopes[..count], &mut moved[..count]);
    let mut of = [&before[..0]; BEFORE];
    for j in 0..BEFORE {
        of[j] = &before[j * most..][..count];
    }
    for i in 0..count {
        let last = slopes[i];
        own[i] = last;
        let (mut slope, mut far) = (starts[i], [0.0; W]);
        for j in 0..BEFORE {
            let x = of[j][i];
            if LINEAR.weights[STAGE][j] != 0.0 {
                slope = each(|l| (-weights[j][l]).mul_add(x[l], slope[l]));
            }
            far = each(|l| LINEAR.moved[STAGE][j].mul_add(x[l], far[l]));
        }
        if LINEAR.weights[STAGE][BEFORE] != 0.0 {
            slope = each(|l| (-weights[BEFORE][l]).mul_add(last[l], slope[l]));
        }
        slopes[i] = slope;
        // With one earlier stage, the solution of that stage is how far the sensitivities have
        // moved.
        if 1 < STAGE && STAGE < A.len() {
            moved[i] = each(|l| LINEAR.moved[STAGE][BEFORE].mul_add(last[l], far[l]));
        }
    }
}

/// What the time derivatives of the slopes add to the right-hand sides of a stage.
#[inline(always)]
fn by_time<const W: usize>(
    rows: &mut [Row<W>],
    lists: &Tangent,
    stage: usize,
    count: usize,
    step: &Row<W>,
) {
    if lists.time_force_rows.is_empty() || TIME_WEIGHTS[stage] == 0.0 {
        return;
    }
    let part: Row<W> = each(|l| TIME_WEIGHTS[stage] * step[l]);
    for i in 0..count {
        let force = rows[lists.time_force_rows.start + i];
        let slope = rows[lists.slope_rows.start + i];
        rows[lists.slope_rows.start + i] = each(|l| part[l].mul_add(force[l], slope[l]));
    }
}
