//! The slow, obvious integrator: what everything faster is held to.
//!
//! Dense matrices, one lane at a time, every law read from its tree. [`radau`] is the three-stage
//! Radau IIA method of order five, stiffly accurate and error-controlled; [`steady`] finds where a
//! lane comes to rest; [`system`] gives both the right-hand side and its exact Jacobian.

pub mod linear;
pub mod radau;
pub mod steady;
pub mod system;

use crate::lane::{Change, Lane, LaneFailure, Tolerance, Trajectory};
use system::System;

/// Advances one lane through its events to its last output time.
pub fn simulate(
    system: &System,
    lane: &Lane,
    tolerance: Tolerance,
) -> Result<Trajectory, LaneFailure> {
    tolerance.check()?;
    lane.check(&system.parameter_names, &system.species_names)?;
    let mut parameters = lane.parameters.clone();
    let mut result = Trajectory::default();
    let mut state = lane.initial.clone();
    let mut time = 0.0;
    let mut events = lane.events.iter().peekable();
    let mut outputs = lane.times.iter().copied().peekable();
    let end = lane.times.last().copied().unwrap_or(0.0);
    loop {
        while outputs.next_if(|&wanted| wanted <= time).is_some() {
            result.states.push(state.clone());
        }
        while let Some(event) = events.next_if(|event| event.time <= time) {
            match event.change {
                Change::Set(species, value) => state[species.0] = value,
                Change::Add(species, value) => state[species.0] += value,
                Change::SetParameter(parameter, value) => parameters[parameter.0] = value,
            }
        }
        if outputs.peek().is_none() {
            return Ok(result);
        }
        // Between two events the method runs through all outputs without a restart.
        let pause = events.peek().map_or(end, |event| event.time.min(end));
        let mut stops = vec![];
        while let Some(stop) = outputs.next_if(|&t| t < pause) {
            stops.push(stop);
        }
        stops.push(pause);
        let mut states = radau::integrate(
            system,
            &parameters,
            tolerance,
            (time, &state),
            &stops,
            &mut result,
        )?;
        state = states.pop().expect("one state a stop");
        result.states.append(&mut states);
        time = pause;
    }
}
