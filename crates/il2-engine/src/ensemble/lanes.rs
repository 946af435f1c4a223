//! A group of lanes, however many it holds side by side.
//!
//! This is a trait, so that a crate that runs ensembles does not compile the steps of groups once
//! more for each number of lanes: that took most of the time of compiling such a crate. A virtual
//! call is made once per step of a group.

use super::known::Next;
use crate::lane::Answer;

/// Index of a lane in the ensemble, and its answer.
pub type Answered = (usize, Answer);

/// A group of lanes.
pub trait Lanes {
    /// Whether there are no lanes.
    fn is_empty(&self) -> bool;
    /// Seats lanes until the group is full or `next` has no more. Lanes that need no step, cannot
    /// be run or have a known answer give their result immediately.
    fn fill(
        &mut self,
        next: &mut dyn FnMut() -> Option<(usize, Next)>,
        answer: &mut dyn FnMut(Answered),
    );
    /// One step of every seated lane.
    fn advance(&mut self, answer: &mut dyn FnMut(Answered));
}
