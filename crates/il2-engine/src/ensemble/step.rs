//! One step of Rodas5P for all lanes of a group at once, each lane with its own time and step.

use super::control::inverse_fifth_roots;
use super::sums;
use super::verdict::Verdict;
use super::work::{Work, largest};
use crate::lane::Tolerance;
use crate::list::row::each;
use crate::program::Program;
use crate::rodas5p::{DENSE, GAMMA, NODES, STAGES};
use std::ops::Range;

impl<const W: usize> Work<W> {
    /// One step of every lane from `time` by `step`; writes the state after the step to `end`.
    #[inline(always)]
    pub fn step(
        &mut self,
        program: &Program,
        time: &[f64; W],
        step: &[f64; W],
        tolerance: &Tolerance,
    ) -> Verdict<W> {
        let layout = &program.layout;
        let rows = &mut *self.rows;
        let inverse = each(|l| 1.0 / step[l]);
        rows[layout.time] = *time;
        rows[layout.step] = *step;
        rows[layout.inverse] = inverse;
        rows[layout.rate] = each(|l| inverse[l] / GAMMA);
        rows.copy_within(layout.start.clone(), layout.state.start);
        program.matrix.run(rows);
        sums::weights(rows, layout, &inverse);
        sums::begin(rows, layout, step);
        for stage in 0..STAGES {
            if !layout.time_slope.is_empty() {
                rows[layout.time] = each(|l| NODES[stage].mul_add(step[l], time[l]));
            }
            program.slope.run(rows);
            if stage == 0 {
                rows.copy_within(layout.slope.clone(), layout.first.start);
            }
            program.solve.run(rows);
            if stage + 1 < STAGES {
                sums::next(rows, layout, stage, step);
            }
        }
        program.residual.run(rows);
        let mut verdict = self.finish(program, step, tolerance);
        if program.tangent.is_some() {
            self.differentiate(program, time, step, tolerance, &mut verdict.error);
        }
        verdict.growth = inverse_fifth_roots(&each(|l| verdict.error[l].max(1e-10)));
        verdict
    }

    /// Computes the last increment, the state at the end, the error, the fall below zero and the
    /// residual.
    #[inline(always)]
    fn finish(&mut self, program: &Program, step: &[f64; W], tolerance: &Tolerance) -> Verdict<W> {
        let n = program.size();
        let layout = &program.layout;
        let mut error = [0.0_f64; W];
        let mut below_zero = [0.0_f64; W];
        let mut residual = [0.0_f64; W];
        let shrink: [f64; W] = each(|l| step[l] * GAMMA);
        let (low, high) = self.rows.split_at_mut(layout.start.start);
        let at = |range: &Range<usize>| range.start - layout.start.start;
        let (start, stages, left_over) = (at(&layout.start), at(&layout.stages), at(&layout.first));
        let (last, slope) = (&low[layout.state.clone()], &low[layout.slope.clone()]);
        let (before_last, from_last) = high.split_at_mut(stages + (STAGES - 1) * n);
        let start = &before_last[start..][..n];
        let (increment, after) = from_last.split_at_mut(n);
        let left_over = &after[left_over - stages - STAGES * n..][..n];
        let ends = &mut self.end[..n];
        let absolutes = &self.absolute[..n];
        // Rows are copied in and out whole, because only then does the compiler keep lanes in one
        // register.
        for i in 0..n {
            let (start, before, change) = (start[i], last[i], slope[i]);
            let missing = left_over[i];
            let absolute = absolutes[i];
            increment[i] = change;
            let end: [f64; W] = each(|l| before[l] - change[l]);
            let scale: [f64; W] = each(|l| {
                let (a, b) = (start[l].abs(), end[l].abs());
                1.0 / tolerance.relative.mul_add(if a > b { a } else { b }, absolute)
            });
            ends[i] = end;
            largest(&mut error, &each(|l| change[l].abs() * scale[l]));
            largest(&mut residual, &each(|l| (missing[l] * shrink[l]).abs() * scale[l]));
            if !program.signed[i] {
                largest(&mut below_zero, &each(|l| -end[l] * scale[l]));
            }
        }
        Verdict { error, growth: [0.0; W], below_zero, residual }
    }

    /// Computes the polynomial of the dense output for the step just taken.
    #[inline(always)]
    pub fn make_dense(&mut self, program: &Program) {
        let n = program.size();
        let stages = &self.rows[program.layout.stages.clone()];
        let (a, rest) = self.dense.split_at_mut(n);
        let (b, c) = rest.split_at_mut(n);
        for i in 0..n {
            let (mut first, mut second, mut third) = ([0.0; W], [0.0; W], [0.0; W]);
            for stage in 0..STAGES {
                let row = stages[stage * n + i];
                first = each(|l| (-DENSE[0][stage]).mul_add(row[l], first[l]));
                second = each(|l| (-DENSE[1][stage]).mul_add(row[l], second[l]));
                third = each(|l| (-DENSE[2][stage]).mul_add(row[l], third[l]));
            }
            (a[i], b[i], c[i]) = (first, second, third);
        }
    }
}
