//! Many lanes of one program: fast, in order, and the same bytes however they are spread.

pub mod group;
pub mod seat;
pub mod step;

use crate::lane::{Lane, LaneFailure, Tolerance, Trajectory};
use crate::native;
use crate::program::Program;
use group::Group;
use std::ops::Range;

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
}

impl Ensemble<'_> {
    /// Runs lanes on this thread in one group `W` wide and gives each answer as it comes.
    pub fn run_group<const W: usize>(
        &self,
        lanes: Range<usize>,
        make: impl Fn(usize) -> Lane,
        mut answer: impl FnMut(usize, Result<Trajectory, LaneFailure>),
    ) {
        let mut group: Group<W> = Group::new(self.program, self.tolerance);
        let mut queue = lanes.map(|index| (index, make(index)));
        let mut answer = |(index, result)| answer(index, result);
        loop {
            group.fill(|| queue.next(), &mut answer);
            if group.is_empty() {
                return;
            }
            group.advance(&mut answer);
        }
    }

    /// As [`Ensemble::run_group`] with the width that suits the program.
    pub fn run_here(
        &self,
        lanes: Range<usize>,
        make: impl Fn(usize) -> Lane,
        answer: impl FnMut(usize, Result<Trajectory, LaneFailure>),
    ) {
        if self.program.is_native() {
            self.run_group::<{ native::WIDTH }>(lanes, make, answer);
        } else {
            self.run_group::<INTERPRETED_WIDTH>(lanes, make, answer);
        }
    }
}
