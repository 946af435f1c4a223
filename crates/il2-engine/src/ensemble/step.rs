//! One step of Rodas5P for all lanes of a group at once, each lane with its own time and step.

use super::work::{Work, largest};
use crate::lane::Tolerance;
use crate::list::interpret::Row;
use crate::program::Program;
use crate::rodas5p::{DENSE, GAMMA, NODES, STAGES};

/// How a step went, lane by lane.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<const W: usize> {
    /// Largest error of a species in units of its tolerance; a step is accepted if it is at most 1.
    pub error: [f64; W],
    /// Largest fall below zero of a species that is not signed, in units of its tolerance.
    pub below_zero: [f64; W],
    /// Residual of the first linear solve, as the error it may cause, in units of the tolerance.
    pub residual: [f64; W],
}

/// How a step of one lane went; see [`Verdict`].
#[derive(Clone, Copy, Debug)]
pub struct LaneVerdict {
    /// Largest error in units of its tolerance.
    pub error: f64,
    /// Largest fall below zero in units of its tolerance.
    pub below_zero: f64,
    /// Error that the first linear solve may cause, in units of the tolerance.
    pub residual: f64,
}

impl<const W: usize> Verdict<W> {
    /// The verdict on one lane.
    pub fn lane(&self, place: usize) -> LaneVerdict {
        LaneVerdict {
            error: self.error[place],
            below_zero: self.below_zero[place],
            residual: self.residual[place],
        }
    }
}

impl<const W: usize> Work<W> {
    /// One step of every lane from `time` by `step`; the state at its end is in `end`.
    #[inline(always)]
    pub fn step(
        &mut self,
        program: &Program,
        time: &[f64; W],
        step: &[f64; W],
        tolerance: &Tolerance,
    ) -> Verdict<W> {
        let n = program.size();
        let layout = &program.layout;
        let inverse: [f64; W] = std::array::from_fn(|l| 1.0 / step[l]);
        self.rows[layout.time] = Row(*time);
        self.rows[layout.step] = Row(*step);
        self.rows[layout.inverse] = Row(inverse);
        self.rows[layout.rate] = Row(std::array::from_fn(|l| inverse[l] / GAMMA));
        self.rows.copy_within(layout.start.clone(), layout.state.start);
        program.matrix.run(&mut self.rows);
        program.weights.run(&mut self.rows);
        for stage in 0..STAGES {
            program.states[stage].run(&mut self.rows);
            if !layout.time_slope.is_empty() {
                self.rows[layout.time] =
                    Row(std::array::from_fn(|l| NODES[stage].mul_add(step[l], time[l])));
            }
            program.slope.run(&mut self.rows);
            program.right_hand_sides[stage].run(&mut self.rows);
            if stage == 0 {
                self.rows.copy_within(layout.slope.clone(), layout.first.start);
            }
            program.solve.run(&mut self.rows);
            self.rows.copy_within(layout.slope.clone(), layout.stages.start + stage * n);
        }
        program.residual.run(&mut self.rows);
        self.finish(program, step, tolerance)
    }

    /// State at the end, error, fall below zero and residual.
    #[inline(always)]
    fn finish(&mut self, program: &Program, step: &[f64; W], tolerance: &Tolerance) -> Verdict<W> {
        let n = program.size();
        let layout = &program.layout;
        let rows = |range: &std::ops::Range<usize>| &self.rows[range.clone()];
        let (start, last) = (rows(&layout.start), rows(&layout.state));
        let stages = rows(&layout.stages);
        let mut error = [0.0_f64; W];
        let mut below_zero = [0.0_f64; W];
        let mut residual = [0.0_f64; W];
        let shrink: [f64; W] = std::array::from_fn(|l| step[l] * GAMMA);
        let left_over = rows(&layout.first);
        // Rows are copied in and out whole: only so does the compiler keep lanes in one register.
        for i in 0..n {
            let (start, before) = (start[i].0, last[i].0);
            let change = stages[(STAGES - 1) * n + i].0;
            let missing = left_over[i].0;
            let end: [f64; W] = std::array::from_fn(|l| before[l] - change[l]);
            let scale: [f64; W] = std::array::from_fn(|l| {
                let (a, b) = (start[l].abs(), end[l].abs());
                1.0 / tolerance.relative.mul_add(if a > b { a } else { b }, tolerance.absolute)
            });
            self.end[i].0 = end;
            largest(&mut error, &std::array::from_fn(|l| change[l].abs() * scale[l]));
            largest(
                &mut residual,
                &std::array::from_fn(|l| (missing[l] * shrink[l]).abs() * scale[l]),
            );
            if !program.signed[i] {
                largest(&mut below_zero, &std::array::from_fn(|l| -end[l] * scale[l]));
            }
        }
        Verdict { error, below_zero, residual }
    }

    /// Makes the polynomial of the dense output of the step just taken.
    #[inline(always)]
    pub fn make_dense(&mut self, program: &Program) {
        let n = program.size();
        let stages = &self.rows[program.layout.stages.clone()];
        for (weights, dense) in DENSE.iter().zip(self.dense.chunks_exact_mut(n.max(1))) {
            for i in 0..n {
                let mut total = [0.0; W];
                for (stage, weight) in weights.iter().enumerate() {
                    let row = stages[stage * n + i].0;
                    (0..W).for_each(|l| total[l] = (-weight).mul_add(row[l], total[l]));
                }
                dense[i].0 = total;
            }
        }
    }
}
