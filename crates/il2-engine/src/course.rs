//! A running lane: its results so far and its next events. Both the fast and the reference
//! integrator use it, so that events have the same meaning in both.

use crate::id::{ParameterId, SpeciesId};
use crate::lane::{Change, Decision, Lane, Moment, Trajectory};

/// A running lane.
#[derive(Debug)]
pub struct Course {
    /// Its task.
    pub lane: Lane,
    /// Its results so far.
    pub found: Trajectory,
    /// Its time (min).
    pub time: f64,
    next_event: usize,
    next_output: usize,
    /// Parameter, rate and end time (min) of each running infusion.
    infusions: Vec<(ParameterId, f64, f64)>,
    /// The controller has cancelled all events that need a decision.
    stopped: bool,
    /// A change has ended the lane.
    ended: bool,
}

/// What the lane needs once everything due now has been done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outlook {
    /// The lane has to be integrated to this time (min).
    Until(f64),
    /// All outputs are recorded.
    Done,
}

/// What changed while due events were processed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The state or a parameter jumped.
    pub any: bool,
    /// A parameter jumped.
    pub parameters: bool,
    /// Species that were set to a value, and so no longer depend on earlier values.
    pub set: Vec<SpeciesId>,
}

impl Course {
    /// A lane at its start.
    pub fn new(lane: Lane) -> Self {
        Self {
            lane,
            found: Trajectory::default(),
            time: 0.0,
            next_event: 0,
            next_output: 0,
            infusions: vec![],
            stopped: false,
            ended: false,
        }
    }

    /// Output times that are still to come.
    pub fn wanted(&self) -> &[f64] {
        &self.lane.times[self.next_output..]
    }

    /// Records the state for the next output time.
    pub fn record(&mut self, state: Vec<f64>) {
        self.found.states.push(state);
        self.next_output += 1;
    }

    /// Records outputs and applies changes that are due, outputs first.
    pub fn settle(&mut self, state: &mut [f64], parameters: &mut [f64]) -> (Outlook, Changes) {
        while self.wanted().first().is_some_and(|&t| t <= self.time) {
            self.record(state.to_vec());
        }
        let mut changes = Changes::default();
        let before = self.infusions.len();
        let ended: Vec<ParameterId> = self
            .infusions
            .extract_if(.., |(_, _, end)| *end <= self.time)
            .map(|(parameter, _, _)| parameter)
            .collect();
        ended.into_iter().for_each(|parameter| self.set_infused(parameter, parameters));
        if self.infusions.len() < before {
            changes = Changes { any: true, parameters: true, set: vec![] };
        }
        while !self.ended
            && let Some(event) = self.lane.events.get(self.next_event)
            && event.time <= self.time
        {
            let (change, asks) = (event.change, event.asks);
            if !asks || self.decide(state, parameters) == Decision::Give {
                self.apply(change, state, parameters, &mut changes);
            }
            self.next_event += 1;
        }
        (self.outlook(), changes)
    }

    fn decide(&mut self, state: &[f64], parameters: &[f64]) -> Decision {
        let event = self.next_event;
        let moment = Moment { time: self.time, state, parameters, event };
        let decision = match &mut self.lane.controller {
            _ if self.stopped => Decision::Stop,
            Some(controller) => (controller.decide)(&moment, &mut controller.memory),
            None => Decision::Give,
        };
        self.stopped |= decision == Decision::Stop;
        self.found.decisions.push((event, decision));
        decision
    }

    /// Applies a change to the lane's own state and parameters.
    pub fn apply(
        &mut self,
        change: Change,
        state: &mut [f64],
        parameters: &mut [f64],
        changes: &mut Changes,
    ) {
        match change {
            Change::Nothing => return,
            Change::Record => return self.found.recorded.push(state.to_vec()),
            Change::Stop => {
                self.ended = true;
                return self.found.recorded.push(state.to_vec());
            }
            Change::Set(species, value) => {
                state[species.0] = value;
                changes.set.push(species);
            }
            Change::Add(species, value) => state[species.0] += value,
            Change::Multiply(species, factor) => state[species.0] *= factor,
            Change::SetParameter(parameter, value) => {
                self.lane.parameters[parameter.0] = value;
                self.set_infused(parameter, parameters);
                changes.parameters = true;
            }
            // The infusion is shorter than the resolution of time, so nothing remains to be run.
            Change::Infuse { duration, .. } if self.time + duration <= self.time => return,
            Change::Infuse { parameter, rate, duration } => {
                self.infusions.push((parameter, rate, self.time + duration));
                self.set_infused(parameter, parameters);
                changes.parameters = true;
            }
        }
        changes.any = true;
    }

    /// The lane's own value plus all running infusions, summed afresh so that an infusion that has
    /// ended leaves no rounding error.
    fn set_infused(&self, parameter: ParameterId, parameters: &mut [f64]) {
        let running = self.infusions.iter().filter(|(p, _, _)| *p == parameter);
        let infused: f64 = running.map(|(_, rate, _)| rate).sum();
        parameters[parameter.0] = self.lane.parameters[parameter.0] + infused;
    }

    /// When the next change is due, or when the last output is wanted.
    pub fn outlook(&self) -> Outlook {
        if self.ended || self.wanted().is_empty() {
            return Outlook::Done;
        }
        let end = self.lane.times[self.lane.times.len() - 1];
        let event = self.lane.events.get(self.next_event).map_or(end, |event| event.time);
        let infusions = self.infusions.iter().map(|(_, _, end)| *end);
        Outlook::Until(infusions.fold(end.min(event), f64::min))
    }
}

/// Sets negative values to zero for species that cannot be negative.
pub fn at_least_zero(state: &mut [f64], signed: &[bool]) {
    for (value, signed) in state.iter_mut().zip(signed) {
        if *value < 0.0 && !signed {
            *value = 0.0;
        }
    }
}
