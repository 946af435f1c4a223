//! Sensitivities of all lanes of a group, a step at a time, with the factors of the step.

use super::sums;
use super::work::{Work, largest};
use crate::lane::Tolerance;
use crate::list::row::each;
use crate::program::tangent::{BLOCK, widths};
use crate::program::{Program, Tangent};
use crate::rodas5p::{NODES, STAGES};

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
        let layout = &program.layout;
        let at = |stage: usize| each(|l| NODES[stage].mul_add(step[l], time[l]));
        let kept = lists.stage_rows.end - STAGES * lists.kept;
        let scratch = lists.stage_rows.start..lists.stage_rows.start + lists.kept;
        self.rows.copy_within(layout.start.clone(), layout.state.start);
        self.rows[layout.time] = at(0);
        lists.at_start.run(&mut self.rows);
        for stage in 0..STAGES {
            sums::state(&mut self.rows, layout, stage);
            self.rows[layout.time] = at(stage);
            lists.at_stage.run(&mut self.rows);
            self.rows.copy_within(scratch.clone(), kept + stage * lists.kept);
            lists.forces[stage].run(&mut self.rows);
        }
        let mut first = 0;
        for width in widths(lists.by.len()) {
            self.differentiate_by(program, lists, (first, width), tolerance, &mut error);
            first += width;
        }
        error
    }

    /// Differentiates by the parameters of a block: its first and how many.
    #[inline(always)]
    fn differentiate_by(
        &mut self,
        program: &Program,
        lists: &Tangent,
        (first, width): (usize, usize),
        tolerance: &Tolerance,
        error: &mut [f64; W],
    ) {
        let (n, layout) = (program.size(), &program.layout);
        let block = lists.blocks.iter().find(|b| b.width == width).expect("lists for every width");
        let rows = &mut self.rows;
        rows[layout.second.start..layout.second.start + width * n]
            .copy_from_slice(&self.tangents.start[first * n..(first + width) * n]);
        block.change.run(rows);
        rows[lists.time_force_rows.clone()].fill([0.0; W]);
        rows[lists.force_rows.clone()].fill([0.0; W]);
        let own = || lists.own[first..first + width].iter().enumerate();
        for (b, own) in own() {
            for &(species, from) in &own.time_forces {
                rows[lists.time_force_rows.start + b * n + species] =
                    rows[lists.start_rows.start + from];
            }
        }
        block.time_change.run(rows);
        let forces = lists.own_force_rows.len() / STAGES;
        for stage in 0..STAGES {
            for (b, own) in own() {
                for &(place, from) in &own.forces {
                    rows[lists.force_rows.start + b * lists.force_places + place] =
                        rows[lists.own_force_rows.start + stage * forces + from];
                }
            }
            block.stages[stage].run(rows);
        }
        for b in 0..width {
            self.finish_tangent(program, lists, (first, b), tolerance, error);
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
        // The last stage is the estimate of the error here too. A sensitivity may err ten times as
        // much as the state, for a change of the parameter by its own size: its error does not feed
        // back into the state, but a step across a kink must not go unseen.
        let value = self.rows[layout.parameters.start + lists.by[first + b].0];
        for (i, k) in own.enumerate() {
            let direction = self.rows[layout.direction.start + b * n + i];
            let last = self.rows[lists.tangent_rows.start + ((STAGES - 1) * BLOCK + b) * n + i];
            let (start, state) = (self.tangents.start[k], self.end[i]);
            let (mut end, mut scaled) = ([0.0; W], [0.0; W]);
            // A plain loop: closures of this size are not inlined, and then not vectorised either.
            for l in 0..W {
                end[l] = direction[l] - last[l];
                // A parameter that is off has no size: its sensitivity is held to its own.
                let size = if value[l] == 0.0 { 1.0 } else { value[l].abs() };
                let (a, b) = (start[l].abs(), end[l].abs());
                let here = size * (if a > b { a } else { b }) + state[l].abs();
                let allowed = tolerance.relative * here + tolerance.absolute;
                scaled[l] = 0.1 * size * last[l].abs() / allowed;
            }
            self.tangents.end[k] = end;
            largest(error, &scaled);
        }
    }
}
