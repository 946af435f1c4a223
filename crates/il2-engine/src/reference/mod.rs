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
    check(system, lane, tolerance)?;
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
            &lane.parameters,
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

fn check(system: &System, lane: &Lane, tolerance: Tolerance) -> Result<(), LaneFailure> {
    if !(1e-13..=0.1).contains(&tolerance.relative) {
        return Err(LaneFailure::Tolerance(tolerance.relative));
    }
    let names = system.parameter_names.iter().chain(&system.species_names);
    for (name, &value) in names.zip(lane.parameters.iter().chain(&lane.initial)) {
        if !value.is_finite() {
            return Err(LaneFailure::NotFinite(name.clone(), value));
        }
    }
    for times in [lane.times.clone(), lane.events.iter().map(|e| e.time).collect()] {
        let mut last = 0.0;
        for t in times {
            if !t.is_finite() || t < last {
                return Err(LaneFailure::Times(t));
            }
            last = t;
        }
    }
    Ok(())
}
