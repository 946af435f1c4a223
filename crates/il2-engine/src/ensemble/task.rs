//! Tasks of a group, computed with the widest registers of the processor.

use super::step::Verdict;
use super::work::{Work, largest};
use crate::lane::Tolerance;
use crate::list::interpret::Row;
use crate::list::native::memory::{Wide, widest};
use crate::program::Program;

/// A task of a group, for all lanes at once.
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
    widest(Performed { work, program, task })
}

struct Performed<'a, const W: usize> {
    work: &'a mut Work<W>,
    program: &'a Program,
    task: Task<W>,
}

impl<const W: usize> Wide for Performed<'_, W> {
    type Given = Verdict<W>;

    #[inline(always)]
    fn run(self) -> Verdict<W> {
        let Performed { work, program, task } = self;
        match task {
            Task::Prologue => program.prologue.run(&mut work.rows),
            Task::Slope(time) => {
                work.rows.copy_within(program.layout.start.clone(), program.layout.state.start);
                work.rows[program.layout.time] = Row(time);
                program.slope.run(&mut work.rows);
            }
            Task::Step(time, step, tolerance) => {
                let mut verdict = work.step(program, &time, &step, &tolerance);
                if program.tangent.is_some() {
                    let error = work.differentiate(program, &time, &step, &tolerance);
                    largest(&mut verdict.error, &error);
                }
                return verdict;
            }
            Task::Dense => work.make_dense(program),
        }
        Verdict { error: [0.0; W], below_zero: [0.0; W], residual: [0.0; W] }
    }
}
