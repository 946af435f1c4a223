//! What a group is asked to work out, with the widest registers that the processor has.

use super::step::Verdict;
use super::work::{Work, largest};
use crate::lane::Tolerance;
use crate::list::interpret::Row;
use crate::list::native::memory::widest;
use crate::program::Program;

/// What a group is asked to work out, all lanes at once.
#[derive(Clone, Copy, Debug)]
pub enum Task<const W: usize> {
    /// What depends on parameters only.
    Prologue,
    /// The slope at the present state and these times, into the workspace.
    Slope([f64; W]),
    /// A step from these times by these lengths.
    Step([f64; W], [f64; W], Tolerance),
    /// The polynomial of the dense output of the last step.
    Dense,
}

/// Performs a task; only a step has a verdict.
pub fn perform<const W: usize>(work: &mut Work<W>, program: &Program, task: Task<W>) -> Verdict<W> {
    widest(|| work.perform(program, task))
}

impl<const W: usize> Work<W> {
    /// Compiled for each width of registers, so inlined with all that it calls.
    #[inline(always)]
    fn perform(&mut self, program: &Program, task: Task<W>) -> Verdict<W> {
        match task {
            Task::Prologue => program.prologue.run(&mut self.rows),
            Task::Slope(time) => {
                self.rows.copy_within(program.layout.start.clone(), program.layout.state.start);
                self.rows[program.layout.time] = Row(time);
                program.slope.run(&mut self.rows);
            }
            Task::Step(time, step, tolerance) => {
                let mut verdict = self.step(program, &time, &step, &tolerance);
                if program.tangent.is_some() {
                    let error = self.differentiate(program, &time, &step, &tolerance);
                    largest(&mut verdict.error, &error);
                }
                return verdict;
            }
            Task::Dense => self.make_dense(program),
        }
        Verdict { error: [0.0; W], below_zero: [0.0; W], residual: [0.0; W] }
    }
}
