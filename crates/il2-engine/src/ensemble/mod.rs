//! Runs many lanes of one program: fast, in order, and with the same bytes however they are
//! distributed over threads.
//!
//! [`work`] holds the rows of a group; [`step`] takes one step of all its lanes ([`sums`] over its
//! stages); [`tangent`] differentiates the step, [`verdict`] judges it, and [`task`] has this code
//! compiled for the processor at hand. [`seat`] is one lane in progress, [`control`] adapts its
//! step, [`survey`] follows observables between outputs ([`follow`] in all lanes at once,
//! [`watch`] when it is needed), and [`triggers`] finds the events that its state causes. [`group`] holds [`lanes`] side by side
//! and replaces those that are done; [`stream`] spreads groups over threads and passes on in order what
//! is [`reduced`] from the answers. [`rest`] finds the steady states of lanes. In a shard,
//! [`known`] says which lanes are run here, and [`bytes`] stores their answers.

pub mod bytes;
pub mod control;
pub mod follow;
pub mod group;
pub mod known;
pub mod lanes;
pub mod reduced;
pub mod rest;
pub mod seat;
pub mod step;
pub mod stream;
pub mod sums;
pub mod survey;
pub mod tangent;
pub mod task;
pub mod triggers;
pub mod verdict;
pub mod watch;
pub mod work;

pub use crate::lane::Answer;
use crate::lane::{Lane, Tolerance};
use crate::list::backend::INTERPRETED_LANES;
use crate::program::Program;
use crate::shard;
use crate::threads::Threads;
pub use reduced::Reduced;
use std::ops::{ControlFlow, Range};

type Make<'a> = &'a (dyn Fn(usize) -> Lane + Sync);
type Reduce<'a, R> = &'a (dyn Fn(usize, Answer) -> Reduced<R> + Sync);

/// How an ensemble is to be run; only the tolerance and the sizes affect results.
#[derive(Clone, Copy, Debug)]
pub struct Ensemble<'a> {
    /// The network of every lane.
    pub program: &'a Program,
    /// Accuracy of every step.
    pub tolerance: Tolerance,
    /// Factor of the absolute tolerance for each species, if it differs: species whose largest values
    /// differ by many orders of magnitude are not equally accurate otherwise.
    pub sizes: work::Sizes<'a>,
    /// Threads to work on.
    pub threads: Threads,
}

impl<'a> Ensemble<'a> {
    /// An ensemble that runs on the calling thread alone, unless `threads` is changed.
    pub fn new(program: &'a Program, tolerance: Tolerance) -> Self {
        Self { program, tolerance, sizes: None, threads: Threads::ONE }
    }

    /// Runs all lanes. `make` gives a lane, `reduce` extracts from its answer what is needed, and
    /// `take` receives this on the calling thread, in the order of the lanes, as soon as it is
    /// ready. `make` and `reduce` are called once per lane, on any thread and in any order, so
    /// their work scales with cores; the work of `take` is done by one thread. The run ends early
    /// when `take` breaks; lanes in progress are abandoned.
    ///
    /// Memory does not grow with the number of lanes: no lane is started while the results that
    /// wait for `take` are large.
    pub fn run<R: Send>(
        &self,
        lanes: Range<usize>,
        make: impl Fn(usize) -> Lane + Sync,
        reduce: impl Fn(usize, Answer) -> Reduced<R> + Sync,
        take: impl FnMut(usize, R) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let width = self.program.native_lanes().unwrap_or(INTERPRETED_LANES);
        let group = || group::widest(self.program, self.tolerance, self.sizes);
        self.run_in(width, &group, lanes, (&make, &reduce), take)
    }

    /// The same as [`Ensemble::run`] with `W` lanes side by side; machine code runs only if `W` is
    /// the width for which it was made.
    pub fn run_wide<const W: usize, R: Send>(
        &self,
        lanes: Range<usize>,
        make: impl Fn(usize) -> Lane + Sync,
        reduce: impl Fn(usize, Answer) -> Reduced<R> + Sync,
        take: impl FnMut(usize, R) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let group = || -> Box<dyn lanes::Lanes> {
            Box::new(group::Group::<W>::new(self.program, self.tolerance, self.sizes))
        };
        self.run_in(W, &group, lanes, (&make, &reduce), take)
    }

    fn run_in<R: Send>(
        &self,
        width: usize,
        group: &(dyn Fn() -> Box<dyn lanes::Lanes + 'a> + Sync),
        lanes: Range<usize>,
        (make, reduce): (Make, Reduce<R>),
        mut take: impl FnMut(usize, R) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let threads = self.threads.at_most(lanes.len().div_ceil(width));
        let known = known::Known::here(self.program, &self.tolerance, self.sizes);
        let work = stream::Work { group, make, reduce, known: known.as_ref() };
        // Work done to make a lane belongs to the lane.
        shard::aside(|| stream::run(lanes, threads, work, &mut take))
    }

    /// Runs a list of lanes and returns their answers in the same order.
    pub fn run_all(&self, lanes: &[Lane]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(lanes.len());
        let _ = self.run(
            0..lanes.len(),
            |index| lanes[index].clone(),
            Reduced::whole,
            |_, answer| {
                answers.push(answer);
                ControlFlow::Continue(())
            },
        );
        answers
    }
}
