//! The reference solver: slow and simple, the standard against which every faster one is tested.
//!
//! It uses dense matrices, runs one lane at a time, and evaluates every rate law from its
//! expression tree. [`radau`] is the three-stage Radau IIA method of order five, stiffly accurate
//! and error-controlled; [`steady`] finds the steady state of a lane; [`system`] gives both the
//! right-hand side and its exact Jacobian.

pub mod radau;
pub mod steady;
pub mod system;

use crate::course::{Course, Outlook};
use crate::lane::{Lane, LaneFailure, Tolerance, Trajectory};
use system::System;

/// Advances one lane through its events to its last output time.
pub fn simulate(
    system: &System,
    lane: &Lane,
    tolerance: Tolerance,
) -> Result<Trajectory, LaneFailure> {
    tolerance.check()?;
    lane.check(&system.parameter_names, &system.species_names)?;
    if !lane.triggers.is_empty() || !lane.surveys.is_empty() {
        return Err(LaneFailure::Triggers);
    }
    let mut state = lane.initial.clone();
    let mut parameters = lane.parameters.clone();
    let mut course = Course::new(lane.clone());
    loop {
        let (outlook, _) = course.settle(&mut state, &mut parameters);
        let Outlook::Until(pause) = outlook else { return Ok(course.found) };
        // Between two changes the method passes through all outputs without a restart.
        let mut stops: Vec<f64> =
            course.wanted().iter().copied().take_while(|&t| t < pause).collect();
        stops.push(pause);
        let span = (course.time, state.as_slice());
        let counters = &mut course.found;
        let mut states = radau::integrate(system, &parameters, tolerance, span, &stops, counters)?;
        state = states.pop().expect("one state a stop");
        states.into_iter().for_each(|state| course.record(state));
        course.time = pause;
    }
}
