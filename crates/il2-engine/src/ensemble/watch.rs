//! When the laws that surveys follow are evaluated, for all lanes of a group at once.

use super::seat::Seat;
use super::task::{Task, perform};
use super::verdict::Verdict;
use super::work::{Looks, Work};
use crate::program::Program;

/// Adds the laws that the surveys of a lane follow to those that are wanted.
pub fn wants<const W: usize>(looks: &mut Looks<W>, seat: &Seat) {
    for law in seat.watched.iter().filter_map(|watched| watched.law) {
        if !looks.wanted.contains(&law) {
            looks.wanted.push(law);
        }
    }
}

/// Evaluates the laws at the starts of the steps of lanes whose state has jumped.
pub fn starts<const W: usize>(
    work: &mut Work<W>,
    program: &Program,
    seats: &mut [Option<Seat>; W],
    time: &[f64; W],
) {
    let mut lanes = [false; W];
    for (seat, lane) in seats.iter_mut().zip(&mut lanes) {
        let Some(seat) = seat else { continue };
        *lane = std::mem::take(&mut seat.has_jumped) && seat.follows();
    }
    if lanes.contains(&true) {
        perform(work, program, Task::FollowStarts(*time, lanes));
    }
}

/// Evaluates the laws along the step just taken, from `time` to `end`, if a lane has surveys and its
/// step may be accepted.
pub fn steps<const W: usize>(
    work: &mut Work<W>,
    program: &Program,
    seats: &[Option<Seat>; W],
    [time, end, step]: [&[f64; W]; 3],
    verdict: &Verdict<W>,
) {
    let stands = |place: usize| seats[place].as_ref().filter(|_| verdict.error[place] <= 1.0);
    if !(0..W).any(|place| stands(place).is_some_and(Seat::follows)) {
        return;
    }
    perform(work, program, Task::FollowEnds(*time, *step));
    let needs = |place: usize| {
        let along = [time[place], end[place]];
        stands(place).is_some_and(|seat| seat.needs_inner(&work.looks, place, along))
    };
    if (0..W).any(needs) {
        perform(work, program, Task::FollowInner(*time, *step));
    }
}
