//! One lane in a group: its course and its step control.

use crate::course::Course;
use crate::program::Reads;
use std::sync::Arc;

/// Factor by which a step that passes several output times is shortened; its fifth power is a
/// tenth.
const DENSE_PART: f64 = 0.63;
/// A step that would end this close to the end of its interval is made to end there.
const ALMOST: f64 = 1.0 - 1e-10;

/// A lane in one position of a group.
pub struct Seat {
    /// Which lane of the ensemble.
    pub index: usize,
    /// Its results and its next events.
    pub course: Course,
    /// End of the present interval (min), where a change or the last output is due.
    pub until: f64,
    /// Step to try next (min); if there is none yet, the slope decides.
    pub step: Option<f64>,
    /// Last accepted step of this interval, and the growth that its error allowed.
    pub previous: Option<(f64, f64)>,
    /// First step after the last change whose error was large enough to guide step control: after
    /// the next change, about the same step will be needed.
    pub first_step: Option<f64>,
    /// Whether every step since the last change had an error too small to guide step control.
    pub fresh: bool,
    /// Whether the last attempt was rejected.
    pub refused: bool,
    /// The trigger that fires at the end of the next step.
    pub landing: Option<Landing>,
    /// Steps must end at the output times, because sensitivities have no dense output.
    pub lands_on_outputs: bool,
    /// Steps, including rejected ones, since the last event or output.
    pub attempts: usize,
    /// State of each survey.
    pub watched: Vec<Watched>,
    /// Whether the state has jumped since the followed laws were last evaluated at the start of the
    /// step.
    pub has_jumped: bool,
    /// Whether each trigger was above zero at the end of the last step. A trigger that fired counts
    /// as having crossed, even if the step ended just before zero.
    pub above: Vec<bool>,
}

/// A trigger that fires at the end of the next step.
#[derive(Clone, Copy, Debug)]
pub struct Landing {
    /// Index of the trigger in the lane.
    pub trigger: usize,
    /// When (min).
    pub time: f64,
    /// Whether the trigger is above zero after the crossing.
    pub above: bool,
}

/// The law of a survey, and its last value.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Index of the law among those that the program follows, if it is one of them.
    pub law: Option<usize>,
    /// What the law reads.
    pub reads: Arc<Reads>,
    /// Value of a law that the program does not follow, at the lane's present time, after the events
    /// of that time.
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
            has_jumped: false,
            above: vec![],
        }
    }

    /// Discards the step history after a jump, except for the step used after the last jump.
    pub fn begin_anew(&mut self) {
        self.fresh = true;
        self.previous = None;
        self.step = self.first_step.or(self.step);
    }

    /// The step to try and the time at its end.
    ///
    /// The dense output is of order four, and its error is several times that of the step itself. A
    /// step that would pass one output time therefore ends there, and a step that would pass
    /// several is shortened until the error of the dense output is below that of the step.
    pub fn next_step(&self) -> (f64, f64) {
        let time = self.course.time;
        let left = self.until - time;
        let mut wanted = self.step.expect("guessed before");
        if let Some(landing) = self.landing.filter(|landing| landing.time - time <= wanted) {
            return (landing.time - time, landing.time);
        }
        // Times are compared as the step will round them: an output time just before the end of the
        // step counts as passed.
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
        // Avoids a tiny last step, and a step that ends just before the end of the interval.
        if wanted >= left * ALMOST {
            (left, self.until)
        } else if wanted > 0.5 * left {
            (0.5 * left, time + 0.5 * left)
        } else {
            (wanted, time + wanted)
        }
    }
}
