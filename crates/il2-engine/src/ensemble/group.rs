//! A group of lanes that advance side by side, each with its own time, step and error control; a
//! lane that is done makes room for the next at once.

use super::seat::{Outlook, Seat};
use super::step::{Task, Verdict, Work};
use crate::lane::{Lane, LaneFailure, Tolerance, Trajectory};
use crate::native::memory::perform;
use crate::program::Program;

/// Largest growth of a step; after a refusal a step does not grow.
const MOST_GROWTH: f64 = 8.0;
/// Largest shrinkage of a step.
const MOST_SHRINKAGE: f64 = 0.1;
/// Growth that the last error is taken to have allowed at most, where the next error is compared.
const MOST_TREND: f64 = 2.25;
/// Part of the largest step that the error allows.
const SAFETY: f64 = 0.9;
/// A linear solve may err by this part of the tolerance before its step is refused.
const WORST_RESIDUAL: f64 = 0.1;

/// Lanes side by side.
pub struct Group<'a, const W: usize> {
    program: &'a Program,
    tolerance: Tolerance,
    work: Work<W>,
    seats: [Option<Seat>; W],
    until: [f64; W],
    /// Parameters of some lane changed since the prologue ran.
    stale: bool,
}

/// An answer for a lane of the ensemble.
pub type Answer = (usize, Result<Trajectory, LaneFailure>);

impl<'a, const W: usize> Group<'a, W> {
    /// An empty group.
    pub fn new(program: &'a Program, tolerance: Tolerance) -> Self {
        Self {
            program,
            tolerance,
            work: Work::new(program),
            seats: std::array::from_fn(|_| None),
            until: [0.0; W],
            stale: false,
        }
    }

    /// Whether no lane is seated.
    pub fn is_empty(&self) -> bool {
        self.seats.iter().all(Option::is_none)
    }

    /// Seats lanes until the group is full or `next` has none at hand; lanes that need no step or
    /// cannot be run are answered at once.
    pub fn fill(
        &mut self,
        mut next: impl FnMut() -> Option<(usize, Lane)>,
        answer: &mut impl FnMut(Answer),
    ) {
        for place in 0..W {
            while self.seats[place].is_none() {
                let Some((index, lane)) = next() else { return };
                match Seat::new(index, lane, self.program, &self.tolerance) {
                    Ok(seat) => self.seat(place, seat, answer),
                    Err((_, failure)) => answer((index, Err(failure))),
                }
            }
        }
    }

    fn seat(&mut self, place: usize, seat: Seat, answer: &mut impl FnMut(Answer)) {
        let start = self.program.layout.start.clone();
        for (row, &value) in self.work.rows[start].iter_mut().zip(&seat.lane.initial) {
            row.0[place] = value;
        }
        let parameters = self.program.layout.parameters.clone();
        for (row, &value) in self.work.rows[parameters].iter_mut().zip(&seat.lane.parameters) {
            row.0[place] = value;
        }
        self.stale = true;
        self.seats[place] = Some(seat);
        self.settle(place, answer);
    }

    /// Lets a lane record and change what is due now.
    fn settle(&mut self, place: usize, answer: &mut impl FnMut(Answer)) {
        let Some(seat) = &mut self.seats[place] else { return };
        let range = self.program.layout.parameters.clone();
        let start = self.program.layout.start.clone();
        let mut state: Vec<f64> =
            self.work.rows[start.clone()].iter().map(|row| row.0[place]).collect();
        let mut parameters: Vec<f64> =
            self.work.rows[range.clone()].iter().map(|row| row.0[place]).collect();
        let (outlook, reset) = seat.settle(self.program, &mut state, &mut parameters);
        match outlook {
            Outlook::Done => {
                let seat = self.seats[place].take().expect("just settled");
                answer((seat.index, Ok(seat.found)));
            }
            Outlook::Until(time) => {
                self.until[place] = time;
                let rows = self.work.rows[start].iter_mut();
                rows.zip(state).for_each(|(row, v)| row.0[place] = v);
                if reset {
                    let rows = self.work.rows[range].iter_mut();
                    rows.zip(parameters).for_each(|(row, v)| row.0[place] = v);
                    self.stale = true;
                }
            }
        }
    }

    /// One step of every seated lane.
    pub fn advance(&mut self, answer: &mut impl FnMut(Answer)) {
        if self.stale {
            perform(&mut self.work, self.program, Task::Prologue);
            self.stale = false;
        }
        self.guess_first_steps();
        let mut time = [0.0; W];
        let mut step = [1.0; W];
        let mut end = [0.0; W];
        for place in 0..W {
            let Some(seat) = &self.seats[place] else { continue };
            time[place] = seat.time;
            (step[place], end[place]) = seat.next_step(self.until[place]);
        }
        let task = Task::Step(time, step, self.tolerance);
        let verdict = perform(&mut self.work, self.program, task);
        let mut dense = false;
        let mut settled = [false; W];
        for place in 0..W {
            if self.seats[place].is_none() {
                continue;
            }
            match self.judge(place, step[place], &verdict) {
                Ok(true) => {
                    let seat = self.seats[place].as_ref().expect("seated");
                    let wanted = seat.next_wanted().is_some_and(|t| t < end[place]);
                    if wanted && !dense {
                        perform(&mut self.work, self.program, Task::Dense);
                        dense = true;
                    }
                    self.accept(place, time[place], end[place], step[place]);
                    let seat = self.seats[place].as_ref().expect("seated");
                    settled[place] = end[place] >= self.until[place]
                        || seat.next_wanted().is_some_and(|t| t <= end[place]);
                }
                Ok(false) => {}
                Err(failure) => {
                    let seat = self.seats[place].take().expect("seated");
                    answer((seat.index, Err(failure)));
                }
            }
        }
        for place in 0..W {
            if settled[place] {
                self.settle(place, answer);
            }
        }
    }

    /// Whether a lane's step stands; sets the step to try next.
    fn judge(
        &mut self,
        place: usize,
        step: f64,
        verdict: &Verdict<W>,
    ) -> Result<bool, LaneFailure> {
        let most_steps = self.tolerance.most_steps;
        let seat = self.seats[place].as_mut().expect("seated");
        let found = &mut seat.found;
        found.factorisations += 1;
        found.evaluations += crate::rodas5p::STAGES;
        let error = verdict.error[place];
        let safe = verdict.below_zero[place] <= 1.0 && verdict.residual[place] <= WORST_RESIDUAL;
        // The error of a step grows with the fifth power of its length.
        let allowed = SAFETY * libm::pow(error.max(1e-10), -0.2);
        if error <= 1.0 && safe {
            found.steps += 1;
            // What the last two errors say together (Gustafsson 1994): where errors rise, the next
            // step is shorter than the last error alone would have it.
            let trend = seat.previous.map_or(1.0, |(old_step, old_allowed)| {
                step / old_step * (allowed / old_allowed)
            });
            let most = if seat.refused { 1.0 } else { MOST_GROWTH };
            let factor = (allowed * trend.min(1.0)).clamp(0.2, most);
            seat.previous = Some((step, allowed.min(MOST_TREND)));
            // A step cut short by an event says little about the step to come.
            let next = step * factor;
            seat.step = Some(match seat.step {
                Some(wanted) if wanted > step => wanted.max(next),
                _ => next,
            });
            // The first step whose error says something is where the next event can start.
            if seat.fresh && error > 1e-3 {
                seat.fresh = false;
                seat.first_step = Some(step);
            }
            seat.refused = false;
            return Ok(true);
        }
        found.rejected += 1;
        seat.refused = true;
        let factor = if error.is_finite() { allowed.clamp(MOST_SHRINKAGE, 0.9) } else { 0.1 };
        let shorter = step * if safe { factor } else { factor.min(0.5) };
        seat.step = Some(shorter);
        if shorter < 16.0 * f64::EPSILON * seat.time.abs().max(1e-6) || shorter.is_nan() {
            let species = self.fastest(place);
            let seat = self.seats[place].as_ref().expect("seated");
            return Err(LaneFailure::StepTooSmall { time: seat.time, step: shorter, species });
        }
        let found = &seat.found;
        if found.steps + found.rejected >= most_steps {
            let steps = found.steps + found.rejected;
            return Err(LaneFailure::TooManySteps { time: seat.time, steps });
        }
        Ok(false)
    }

    /// Moves a lane to the end of its step, recording what is wanted on the way.
    fn accept(&mut self, place: usize, time: f64, end: f64, step: f64) {
        let seat = self.seats[place].as_mut().expect("seated");
        while let Some(wanted) = seat.next_wanted().filter(|&t| t < end) {
            let state = self.work.at_part(self.program, place, (wanted - time) / step);
            seat.record(self.program, state);
        }
        seat.time = end;
        let start = self.program.layout.start.clone();
        for (start, end) in self.work.rows[start].iter_mut().zip(&self.work.end) {
            start.0[place] = end.0[place];
        }
    }

    /// Steps for lanes that have none: a hundredth of the time in which the slope would move the
    /// state by itself (Hairer, Norsett & Wanner, section II.4, first half).
    fn guess_first_steps(&mut self) {
        if self.seats.iter().flatten().all(|seat| seat.step.is_some()) {
            return;
        }
        let (program, work) = (self.program, &mut self.work);
        let layout = &program.layout;
        let times = std::array::from_fn(|l| self.seats[l].as_ref().map_or(0.0, |s| s.time));
        perform(work, program, Task::Slope(times));
        for place in 0..W {
            let Some(seat) = &mut self.seats[place] else { continue };
            if seat.step.is_some() {
                continue;
            }
            let (mut size, mut speed) = (0.0_f64, 0.0_f64);
            for i in 0..program.size() {
                let (x, f) = (
                    work.rows[layout.start.start + i].0[place],
                    work.rows[layout.slope.start + i].0[place],
                );
                let scale = self.tolerance.relative.mul_add(x.abs(), self.tolerance.absolute);
                size = size.max(x.abs() / scale);
                speed = speed.max(f.abs() / scale);
            }
            let left = self.until[place] - seat.time;
            let guess = if size < 1e-5 || speed < 1e-5 { 1e-6 * left } else { 0.01 * size / speed };
            seat.step = Some(guess.clamp(1e-12 * left, left));
        }
    }

    fn fastest(&self, place: usize) -> String {
        let n = self.program.size();
        let last = (crate::rodas5p::STAGES - 1) * n;
        let change = |i: &usize| {
            let row = |at: usize| self.work.rows[at].0[place].abs();
            let start = row(self.program.layout.start.start + i);
            let scale = self.tolerance.relative.mul_add(start, self.tolerance.absolute);
            row(self.program.layout.stages.start + last + i) / scale
        };
        let fastest = (0..n).max_by(|i, j| change(i).total_cmp(&change(j)));
        fastest.map_or(String::new(), |i| self.program.species_name(i).to_string())
    }
}
