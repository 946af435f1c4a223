//! One lane on its way: where it stands, what it waits for, what it has found.

use crate::lane::{Change, Lane, LaneFailure, Tolerance, Trajectory};
use crate::program::Program;

/// Steps that pass wanted times are shortened to this part: the fifth power of it is a tenth.
const DENSE_PART: f64 = 0.63;

/// A lane that occupies a place of a group.
pub struct Seat {
    /// Which lane of the ensemble.
    pub index: usize,
    /// What it was asked to do.
    pub lane: Lane,
    /// What it has found so far.
    pub found: Trajectory,
    /// Where it stands (min).
    pub time: f64,
    /// Step to try next (min); the slope decides where there is none yet.
    pub step: Option<f64>,
    /// Last accepted step of this stretch and the growth that its error allowed.
    pub previous: Option<(f64, f64)>,
    /// First accepted step after the last event: the next event will want about the same.
    pub first_step: Option<f64>,
    /// Whether no step since the last event had an error that says something.
    pub fresh: bool,
    /// Whether the last attempt was refused.
    pub refused: bool,
    next_event: usize,
    next_output: usize,
}

/// What becomes of a seat once its events and outputs at the present time are done.
pub enum Outlook {
    /// It has to be integrated to this time (min).
    Until(f64),
    /// Everything wanted was found.
    Done,
}

impl Seat {
    /// Seats a lane, or says why it cannot be run.
    pub fn new(
        index: usize,
        lane: Lane,
        program: &Program,
        tolerance: &Tolerance,
    ) -> Result<Self, (Lane, LaneFailure)> {
        match check(program, &lane, tolerance) {
            Err(failure) => Err((lane, failure)),
            Ok(()) => Ok(Self {
                index,
                lane,
                found: Trajectory::default(),
                time: 0.0,
                step: None,
                previous: None,
                first_step: None,
                fresh: true,
                refused: false,
                next_event: 0,
                next_output: 0,
            }),
        }
    }

    /// Records outputs and applies events that are due at the present time, outputs first.
    /// `state` and `parameters` are the lane's own; returns whether parameters changed.
    pub fn settle(
        &mut self,
        program: &Program,
        state: &mut [f64],
        parameters: &mut [f64],
    ) -> (Outlook, bool) {
        while self.next_wanted().is_some_and(|t| t <= self.time) {
            self.record(program, state.to_vec());
        }
        let (mut moved, mut reset) = (false, false);
        while let Some(event) = self.lane.events.get(self.next_event)
            && event.time <= self.time
        {
            match event.change {
                Change::Set(species, value) => state[species.0] = value,
                Change::Add(species, value) => state[species.0] += value,
                Change::SetParameter(parameter, value) => {
                    parameters[parameter.0] = value;
                    reset = true;
                }
            }
            moved = true;
            self.next_event += 1;
        }
        if moved {
            self.fresh = true;
            self.previous = None;
            self.step = self.first_step.or(self.step);
        }
        let Some(&end) = self.lane.times.last().filter(|_| self.next_wanted().is_some()) else {
            return (Outlook::Done, reset);
        };
        let event = self.lane.events.get(self.next_event).map_or(end, |event| event.time);
        (Outlook::Until(event.min(end)), reset)
    }

    /// The step to try and the time at its end; the stretch lasts until `until`.
    ///
    /// The dense output has order four and errs several times more than the step itself. So a step
    /// that would pass one wanted time ends on it, and one that would pass several is shortened
    /// until the error of the dense output is below that of the step.
    pub fn next_step(&self, until: f64) -> (f64, f64) {
        let left = until - self.time;
        let mut wanted = self.step.expect("guessed before");
        let mut ahead = self.lane.times[self.next_output..].iter().map(|t| t - self.time);
        if let Some(first) = ahead.next().filter(|&t| t < wanted && t < left) {
            if ahead.next().is_some_and(|t| t < DENSE_PART * wanted) {
                wanted *= DENSE_PART;
            } else {
                return (first, self.lane.times[self.next_output]);
            }
        }
        // Neither a sliver at the end nor a step just short of it.
        if wanted >= left * (1.0 - 1e-10) {
            (left, until)
        } else if wanted > 0.5 * left {
            (0.5 * left, self.time + 0.5 * left)
        } else {
            (wanted, self.time + wanted)
        }
    }

    /// The next time at which the state is wanted.
    pub fn next_wanted(&self) -> Option<f64> {
        self.lane.times.get(self.next_output).copied()
    }

    /// Records a state for the next wanted time.
    pub fn record(&mut self, program: &Program, mut state: Vec<f64>) {
        // What lies below zero by less than the tolerance is nothing.
        for (value, signed) in state.iter_mut().zip(&program.signed) {
            if *value < 0.0 && !signed {
                *value = 0.0;
            }
        }
        self.found.states.push(state);
        self.next_output += 1;
    }
}

fn check(program: &Program, lane: &Lane, tolerance: &Tolerance) -> Result<(), LaneFailure> {
    tolerance.check()?;
    lane.check(&program.parameter_names, &program.species_names)
}
