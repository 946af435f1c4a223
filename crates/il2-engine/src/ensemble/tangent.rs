//! Sensitivities of all lanes of a group, a step at a time, with the factors of the step.

use super::step::{Work, largest};
use crate::lane::Tolerance;
use crate::program::interpret::Row;
use crate::program::{Program, Tangent};
use crate::rodas5p::{NODES, STAGES};

/// Sensitivities of a group.
pub struct Tangents<const W: usize> {
    /// At the start of the step: species of the first parameter, of the second, ...
    pub start: Vec<Row<W>>,
    /// At its end.
    pub end: Vec<Row<W>>,
    /// States of the stages.
    stage_states: Vec<Row<W>>,
}

impl<const W: usize> Tangents<W> {
    /// Zero everywhere; empty for a program without lists for sensitivities.
    pub fn new(program: &Program) -> Self {
        let (n, by) = (program.size(), program.tangent.as_ref().map_or(0, |t| t.by.len()));
        let rows = |count: usize| vec![Row::all(0.0); count * n];
        let stages = if by > 0 { STAGES } else { 0 };
        Self { start: rows(by), end: rows(by), stage_states: rows(stages) }
    }
}

impl<const W: usize> Work<W> {
    /// Differentiates the step just taken from `time` by `step`; the largest error of a sensitivity
    /// in units of its tolerance.
    #[inline(always)]
    pub fn differentiate(
        &mut self,
        program: &Program,
        time: &[f64; W],
        step: &[f64; W],
        tolerance: &Tolerance,
    ) -> [f64; W] {
        let mut error = [0.0; W];
        let Some(lists) = &program.tangent else { return error };
        let (n, layout) = (program.size(), &program.layout);
        let at =
            |stage: usize| Row(std::array::from_fn(|l| NODES[stage].mul_add(step[l], time[l])));
        let block = lists.stage_jacobians.len() / (STAGES + 1);
        self.rows.copy_within(layout.start.clone(), layout.state.start);
        for stage in 0..STAGES {
            program.states[stage].run(&mut self.rows);
            self.rows[layout.time] = at(stage);
            lists.stage_jacobian.run(&mut self.rows);
            let scratch = lists.stage_jacobians.start..lists.stage_jacobians.start + block;
            self.rows.copy_within(scratch.clone(), scratch.start + (stage + 1) * block);
            self.tangents.stage_states[stage * n..(stage + 1) * n]
                .copy_from_slice(&self.rows[layout.state.clone()]);
        }
        for parameter in 0..lists.by.len() {
            self.differentiate_by(program, lists, parameter, &at, tolerance, &mut error);
        }
        error
    }

    #[inline(always)]
    fn differentiate_by(
        &mut self,
        program: &Program,
        lists: &Tangent,
        parameter: usize,
        at: &impl Fn(usize) -> Row<W>,
        tolerance: &Tolerance,
        error: &mut [f64; W],
    ) {
        let (n, layout) = (program.size(), &program.layout);
        let own = parameter * n..(parameter + 1) * n;
        self.rows[layout.second.clone()].copy_from_slice(&self.tangents.start[own.clone()]);
        self.rows.copy_within(layout.start.clone(), layout.state.start);
        self.rows[layout.time] = at(0);
        lists.changes[parameter].run(&mut self.rows);
        lists.time_forces[parameter].run(&mut self.rows);
        for stage in 0..STAGES {
            lists.directions[stage].run(&mut self.rows);
            if !lists.forces[parameter].is_empty() {
                let state = &self.tangents.stage_states[stage * n..(stage + 1) * n];
                self.rows[layout.state.clone()].copy_from_slice(state);
                self.rows[layout.time] = at(stage);
                lists.forces[parameter].run(&mut self.rows);
            }
            lists.right_hand_sides[stage].run(&mut self.rows);
            program.solve.run(&mut self.rows);
            self.rows.copy_within(layout.slope.clone(), lists.tangents.start + stage * n);
        }
        // The last stage is the estimate of the error here too. A sensitivity is as accurate as the
        // state, both taken for a change of the parameter by its own size.
        let value = self.rows[layout.parameters.start + lists.by[parameter].0].0;
        for (i, k) in own.enumerate() {
            let direction = self.rows[layout.direction.start + i].0;
            let last = self.rows[lists.tangents.start + (STAGES - 1) * n + i].0;
            let (start, state) = (self.tangents.start[k].0, self.end[i].0);
            let end: [f64; W] = std::array::from_fn(|l| direction[l] - last[l]);
            self.tangents.end[k].0 = end;
            let scaled: [f64; W] = std::array::from_fn(|l| {
                let size = value[l].abs();
                let (a, b) = (start[l].abs(), end[l].abs());
                let here = size.mul_add(if a > b { a } else { b }, state[l].abs());
                size * last[l].abs() / tolerance.relative.mul_add(here, tolerance.absolute)
            });
            largest(error, &scaled);
        }
    }
}
