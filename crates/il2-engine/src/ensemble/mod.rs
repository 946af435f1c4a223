//! Many lanes of one program: fast, in order, and the same bytes however they are spread.
//!
//! [`work`] holds the rows of a group, [`step`] takes one step of all its lanes, [`tangent`]
//! differentiates it, and [`task`] has that code compiled for the processor at hand. [`seat`] is one lane
//! on its way, [`control`] what its steps teach, [`survey`] looks between outputs, and [`triggers`] finds
//! what its state brings about. [`group`] holds lanes side by side and replaces those that are done;
//! [`stream`] spreads groups over threads and hands answers on in order. [`rest`] finds where lanes stand
//! still.

pub mod control;
pub mod group;
pub mod rest;
pub mod seat;
pub mod step;
pub mod stream;
pub mod survey;
pub mod tangent;
pub mod task;
pub mod triggers;
pub mod work;

pub use crate::lane::Answer;
use crate::lane::{Lane, Tolerance};
use crate::list::backend::WIDTH;
use crate::program::Program;
use crate::threads::Threads;
use std::ops::{ControlFlow, Range};

/// Lanes side by side when the interpreter runs a program: it spends its time on reading the list,
/// so that more lanes share the reading.
pub const INTERPRETED_WIDTH: usize = 16;

/// How an ensemble is to be run; nothing here changes a result but the tolerance.
#[derive(Clone, Copy, Debug)]
pub struct Ensemble<'a> {
    /// The network of every lane.
    pub program: &'a Program,
    /// Accuracy of every step.
    pub tolerance: Tolerance,
    /// Threads to work on.
    pub threads: Threads,
}

impl<'a> Ensemble<'a> {
    /// An ensemble on the calling thread alone; `threads` says otherwise.
    pub fn new(program: &'a Program, tolerance: Tolerance) -> Self {
        Self { program, tolerance, threads: Threads::ONE }
    }

    /// Runs lanes and hands their answers on in order, on the calling thread, as they become ready.
    /// `make` may be called on any thread and in any order, once a lane. Ends early when `take`
    /// breaks; lanes under way are given up.
    ///
    /// Memory does not grow with the number of lanes: no lane is begun that is far ahead of the
    /// last one taken.
    pub fn run(
        &self,
        lanes: Range<usize>,
        make: impl Fn(usize) -> Lane + Sync,
        take: impl FnMut(usize, Answer) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.program.is_native() {
            self.run_wide::<WIDTH>(lanes, make, take)
        } else {
            self.run_wide::<INTERPRETED_WIDTH>(lanes, make, take)
        }
    }

    /// As [`Ensemble::run`] with `W` lanes side by side; machine code runs only if `W` is its own
    /// width.
    pub fn run_wide<const W: usize>(
        &self,
        lanes: Range<usize>,
        make: impl Fn(usize) -> Lane + Sync,
        take: impl FnMut(usize, Answer) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let threads = self.threads.at_most(lanes.len().div_ceil(W));
        stream::run::<W>((self.program, self.tolerance), lanes, threads, &make, take)
    }

    /// Runs a list of lanes and returns their answers in its order.
    pub fn run_all(&self, lanes: &[Lane]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(lanes.len());
        let _ = self.run(
            0..lanes.len(),
            |index| lanes[index].clone(),
            |_, answer| {
                answers.push(answer);
                ControlFlow::Continue(())
            },
        );
        answers
    }
}
