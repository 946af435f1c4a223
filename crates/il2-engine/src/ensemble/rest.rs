//! Steady states of lanes, found by integrating until long after the last change.
//!
//! A step of the method is linearly implicit. Once no transient remains to be resolved, the step
//! grows eightfold at a time into a Newton step on the same factors, with the error control as
//! damping. A separate Newton iteration would save few of some hundred steps. It might also leave
//! the basin of attraction of the start, or end in a state in which the network would not stay.

use super::Ensemble;
use crate::lane::{Answer, Change, Event, Lane, LaneFailure, Tolerance};
use crate::math;

/// A steady state, or why none was found.
pub type Rested = Result<Vec<f64>, LaneFailure>;

/// Exponent of the first power of ten of time (min) after which the lane is examined.
const FIRST_DECADE: i32 = -2;
/// Exponent of the last power of ten of time (min) after which the lane is examined.
const LAST_DECADE: i32 = 8;
/// States that differ by less than this fraction agree. At steady state, steps are long compared
/// with the fastest rate, and their rounding makes totals drift.
const AGREE: f64 = 1e-4;

impl Ensemble<'_> {
    /// The steady state of each lane, from its start: parameters and initial state are used;
    /// events, triggers and times are not. A lane that starts within 1e-6 of the border between two
    /// basins of attraction may end in either, or on the border, because a method that damps stiff
    /// modes damps unstable modes, too.
    ///
    /// # Errors
    /// One result per lane; [`LaneFailure::NoSteadyState`] if something still changes after 1e8
    /// min, or a law depends on time.
    pub fn rest(&self, lanes: &[Lane]) -> Vec<Rested> {
        if !self.program.layout.time_slope.is_empty() {
            let why = "a law of the network depends on time".to_string();
            return vec![Err(LaneFailure::NoSteadyState(why)); lanes.len()];
        }
        let decades: Vec<f64> = (FIRST_DECADE..=LAST_DECADE).map(math::power_of_ten).collect();
        let still = |lane: &Lane| Lane {
            parameters: lane.parameters.clone(),
            initial: lane.initial.clone(),
            // Near an unstable point hardly anything moves, and a long first step would miss a
            // growing deviation.
            events: decades.iter().map(|&t| Event::new(t, Change::Nothing)).collect(),
            times: decades.clone(),
            ..Lane::default()
        };
        // A start near an unstable point leaves it only if steps resolve the distance from that
        // point.
        let fine = self.tolerance.relative.min(1e-10);
        let tolerance = Tolerance { relative: fine, ..self.tolerance };
        let followed = Ensemble { tolerance, ..*self };
        let found = followed.run_all(&lanes.iter().map(still).collect::<Vec<Lane>>());
        let answer = |found: Answer| match found.map_err(LaneFailure::from) {
            Ok(found) => self.stands(found.states),
            Err(LaneFailure::TooManySteps { time, steps }) => Err(LaneFailure::NoSteadyState(
                format!("the system was still changing at {time:.3e} min, after {steps} steps"),
            )),
            Err(failure) => Err(failure),
        };
        found.into_iter().map(answer).collect()
    }

    /// The state one decade after the first state with which all later ones agree: by then the
    /// remaining transients have decayed, and the fewest steps have been taken since.
    fn stands(&self, mut states: Vec<Vec<f64>>) -> Rested {
        let last = &states[states.len() - 1];
        let moves = |state: &Vec<f64>| {
            (0..last.len()).find(|&i| {
                let most = AGREE * last[i].abs() + self.tolerance.absolute;
                self.program.rests[i] && (last[i] - state[i]).abs() > most
            })
        };
        let moved = states.iter().rposition(|state| moves(state).is_some());
        let rested = moved.map_or(0, |k| k + 1) + 1;
        match moved {
            Some(k) if rested >= states.len() => {
                let name = moves(&states[k]).map_or("", |i| self.program.species_name(i));
                let after = math::power_of_ten(LAST_DECADE - 1);
                let why = format!("{name} is still changing after {after:e} min");
                Err(LaneFailure::NoSteadyState(why))
            }
            _ => Ok(states.swap_remove(rested)),
        }
    }
}
