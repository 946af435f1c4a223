//! Tasks of a group, compiled for the widest registers of the processor.

use super::verdict::Verdict;
use super::work::Work;
use crate::lane::Tolerance;
use crate::list::native::memory::{Wide, widest};
use crate::program::Program;

/// A task for all lanes of a group at once.
#[derive(Clone, Copy, Debug)]
pub enum Task<const W: usize> {
    /// Computes the values that depend only on parameters.
    Prologue,
    /// Computes the slope at the present state and these times, into the workspace.
    Slope([f64; W]),
    /// Takes a step from these times by these lengths.
    Step([f64; W], [f64; W], Tolerance),
    /// Computes the polynomial of the dense output of the last step.
    Dense,
    /// Evaluates what surveys follow at these times, at the starts of the steps of these lanes.
    FollowStarts([f64; W], [bool; W]),
    /// Evaluates what surveys follow, at the ends of steps from these times by these lengths.
    FollowEnds([f64; W], [f64; W]),
    /// Evaluates the same at the inner nodes.
    FollowInner([f64; W], [f64; W]),
    /// Moves the lanes whose step was accepted to the end of the step.
    Advance([bool; W]),
}

/// Performs a task; only a step has a verdict.
pub fn perform<const W: usize>(work: &mut Work<W>, program: &Program, task: Task<W>) -> Verdict<W> {
    widest(W, Performed { work, program, task })
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
                work.rows[program.layout.time] = time;
                work.rows[program.layout.earlier.clone()].fill([0.0; W]);
                program.slope.run(&mut work.rows);
            }
            Task::Step(time, step, tolerance) => {
                return work.step(program, &time, &step, &tolerance);
            }
            Task::Dense => work.make_dense(program),
            Task::FollowStarts(time, lanes) => work.follow_starts(program, &time, &lanes),
            Task::FollowEnds(time, step) => work.follow_ends(program, &time, &step),
            Task::FollowInner(time, step) => work.follow_inner(program, &time, &step),
            Task::Advance(stands) => work.advance(program, &stands),
        }
        let none = [0.0; W];
        Verdict { error: none, growth: none, below_zero: none, residual: none }
    }
}
