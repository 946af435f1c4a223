//! One lane in a group: its course and its step control.

use crate::course::Course;
use crate::id::{ParameterId, SpeciesId};

/// Factor by which a step that passes several output times is shortened: its fifth power is a tenth.
const DENSE_PART: f64 = 0.63;
/// A step that would end this near the end of its stretch ends there.
const ALMOST: f64 = 1.0 - 1e-10;

/// A lane in one position of a group.
pub struct Seat {
    /// Which lane of the ensemble.
    pub index: usize,
    /// Its results and its next events.
    pub course: Course,
    /// End of the present stretch (min): a change is due, or the last output.
    pub until: f64,
    /// Step to try next (min); the slope decides where there is none yet.
    pub step: Option<f64>,
    /// Last accepted step of this stretch and the growth that its error allowed.
    pub previous: Option<(f64, f64)>,
    /// First step after the last change whose error was large enough to guide step control: the next change will
    /// need about the same.
    pub first_step: Option<f64>,
    /// Whether every step since the last change had an error too small to guide step control.
    pub fresh: bool,
    /// Whether the last attempt was rejected.
    pub refused: bool,
    /// The trigger that fires at the end of the next step.
    pub landing: Option<Landing>,
    /// Steps must end at the times of outputs: sensitivities have no dense output.
    pub lands_on_outputs: bool,
    /// Steps, rejected ones included, since the last event or output.
    pub attempts: usize,
    /// State of the surveys.
    pub watched: Vec<Watched>,
    /// On which side of zero each trigger is at the end of the last step. A trigger that fired counts as having
    /// crossed, even if the step ended just before zero.
    pub above: Vec<bool>,
}

/// A trigger that fires at the end of the next step.
#[derive(Clone, Copy, Debug)]
pub struct Landing {
    /// Which trigger of the lane.
    pub trigger: usize,
    /// When (min).
    pub time: f64,
    /// Whether it is above zero after that.
    pub above: bool,
}

/// The law of a survey, and its last value.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its index among the laws that the program follows, if it is one of them.
    pub law: Option<usize>,
    /// Species.
    pub species: Vec<SpeciesId>,
    /// Parameters.
    pub parameters: Vec<ParameterId>,
    /// Value at the lane's present time, after the events of that time.
    pub here: f64,
}

impl Seat {
    /// A lane at its start.
    pub fn new(index: usize, course: Course) -> Self {
        Self {
            index,
            course,
            until: 0.0,
            step: None,
            previous: None,
            first_step: None,
            fresh: true,
            refused: false,
            landing: None,
            lands_on_outputs: false,
            attempts: 0,
            watched: vec![],
            above: vec![],
        }
    }

    /// After a jump the step history is discarded, except for the step used after the last jump.
    pub fn begin_anew(&mut self) {
        self.fresh = true;
        self.previous = None;
        self.step = self.first_step.or(self.step);
    }

    /// The step to try and the time at its end.
    ///
    /// The dense output has order four and errs several times more than the step itself. So a step
    /// that would pass one wanted time ends on it, and one that would pass several is shortened
    /// until the error of the dense output is below that of the step.
    pub fn next_step(&self) -> (f64, f64) {
        let time = self.course.time;
        let left = self.until - time;
        let mut wanted = self.step.expect("guessed before");
        if let Some(landing) = self.landing.filter(|landing| landing.time - time <= wanted) {
            return (landing.time - time, landing.time);
        }
        // Times are compared as the step will round them: an output a hair before its end is passed.
        let mut ahead = self.course.wanted().iter();
        let reach = if wanted >= left * ALMOST { self.until } else { time + wanted };
        if let Some(&first) = ahead.next().filter(|&&t| t < reach) {
            let passes = ahead.next().is_some_and(|t| t - time < DENSE_PART * wanted);
            if passes && !self.lands_on_outputs {
                wanted *= DENSE_PART;
            } else {
                return (first - time, first);
            }
        }
        // Avoids a tiny last step, and a step that ends just short of the end.
        if wanted >= left * ALMOST {
            (left, self.until)
        } else if wanted > 0.5 * left {
            (0.5 * left, time + 0.5 * left)
        } else {
            (wanted, time + wanted)
        }
    }
}
