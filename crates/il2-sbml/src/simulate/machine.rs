//! A model on its way: state, parameters and time.

use super::crossing::{next_clocked, triggers};
use super::happen::Pending;
use super::{Found, Run};
use crate::error::SbmlError;
use crate::evaluate::Start;
use crate::model::Model;
use crate::network::{Place, SbmlNetwork};
use il2_engine::ensemble::Answer;
use il2_engine::lane::{LaneFailure, found};
use il2_engine::{Change, Ensemble, Event, Lane, Program, Tolerance};

/// Most stops of one run.
const MOST_STOPS: usize = 200_000;
/// Nothing moves in less than this part of a run.
const NO_TIME: f64 = 1e-15;

pub(super) struct Machine<'a> {
    pub network: &'a SbmlNetwork,
    program: &'a Program,
    tolerance: Tolerance,
    /// The end of the run.
    end: f64,
    pub state: Vec<f64>,
    /// As laws of the network see them, but that the lane begins at zero: so `time` is the time of the model.
    pub parameters: Vec<f64>,
    pub time: f64,
    /// What each mode looked at when it was last looked at.
    watched: Vec<f64>,
    /// Whether each trigger holds.
    pub on: Vec<bool>,
    pub pending: Vec<Pending>,
    /// State of the generator that orders events of one priority.
    pub drawn: u64,
    pub found: Found,
}

impl<'a> Machine<'a> {
    pub fn new(
        model: &'a Model,
        network: &'a SbmlNetwork,
        program: &'a Program,
        run: &Run,
    ) -> Result<Self, SbmlError> {
        let mut machine = Self {
            network,
            program,
            tolerance: run.tolerance,
            end: run.times.last().copied().unwrap_or(0.0),
            state: vec![0.0; network.network.species.len()],
            parameters: network.network.parameter_values(&[]),
            time: 0.0,
            watched: vec![f64::NAN; network.modes.len()],
            on: network.events.iter().map(|e| e.initial).collect(),
            pending: vec![],
            drawn: 0,
            found: Found::default(),
        };
        machine.check(run)?;
        machine.begin(model, run)?;
        // Amounts of a few picomoles that a file gives in moles are not below what counts as nothing.
        let largest = machine.state.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        if largest > 0.0 && largest < 1.0 {
            machine.tolerance.absolute *= largest;
        }
        machine.refresh(&[]);
        Ok(machine)
    }

    fn check(&self, run: &Run) -> Result<(), SbmlError> {
        let wrong = |what: String| Err(SbmlError::new("what is run", what));
        let times = || run.times.iter().copied();
        if let Some(t) = times().find(|t| !(t.is_finite() && *t >= 0.0)) {
            return wrong(format!("time {t}; a time is a finite number, zero or more"));
        }
        if run.times.windows(2).any(|w| w[1] < w[0]) {
            return wrong("output times are not in order".into());
        }
        for dose in &run.doses {
            let place = self.network.symbols.get(&dose.to).and_then(|s| s.place.as_ref());
            if place.is_none() {
                let to = crate::words::short(&dose.to);
                return wrong(format!(
                    "a dose into \"{to}\", which is not a species, compartment or parameter of the \
                     model that may be set"
                ));
            }
            if !(dose.time >= 0.0 && dose.time.is_finite() && dose.amount.is_finite()) {
                return wrong(format!("a dose of {} at time {}", dose.amount, dose.time));
            }
        }
        for (id, value) in &run.changes {
            let place = self.network.symbols.get(id).and_then(|s| s.place.as_ref());
            if place.is_none() && self.network.network.parameter_named(id).is_none() {
                let id = crate::words::short(id);
                return wrong(format!(
                    "\"{id}\" is not a species, compartment or parameter of the model that may be \
                     set"
                ));
            }
            if !value.is_finite() {
                return wrong(format!("{id} = {value}, which is not a finite number"));
            }
        }
        Ok(())
    }

    fn begin(&mut self, model: &Model, run: &Run) -> Result<(), SbmlError> {
        let mut start = Start::new(model, &run.changes);
        let mut states = vec![];
        for (id, symbol) in &self.network.symbols {
            let Some(place) = &symbol.place else { continue };
            let value = start.value(id)?;
            match place {
                Place::Parameter(p) => {
                    self.parameters[p.0] = if value.is_nan() { 0.0 } else { value }
                }
                Place::State(s, factor) => states.push((id, *s, factor, value)),
            }
        }
        for (name, &value) in &run.changes {
            if let Some(p) = self.network.network.parameter_named(name) {
                self.parameters[p.0] = value;
            }
        }
        // A start that the file leaves open is nothing. Twice: sizes may be states themselves.
        for _ in 0..2 {
            for (_, s, factor, value) in &states {
                let factor = self.value(factor);
                self.state[s.0] = if value.is_nan() { 0.0 } else { value * factor };
            }
        }
        for (id, s, ..) in &states {
            if !self.state[s.0].is_finite() {
                let what = format!("starts with {}, which is not a finite number", self.state[s.0]);
                return Err(SbmlError::new(format!("\"{id}\""), what));
            }
        }
        Ok(())
    }

    /// The value of an expression now.
    pub fn value(&self, of: &il2_engine::Expression) -> f64 {
        of.value(&self.state, &self.parameters, self.time)
    }

    /// Looks at every mode whose object jumped; those that fired keep what they became.
    pub fn refresh(&mut self, fired: &[usize]) {
        for (k, mode) in self.network.modes.iter().enumerate() {
            let value = self.value(mode.kind.of());
            if value.to_bits() != self.watched[k].to_bits() && !fired.contains(&k) {
                self.parameters[mode.parameter.0] = mode.kind.at(value);
            }
            self.watched[k] = value;
        }
    }

    /// After a lane: nothing jumped, though everything moved.
    fn moved(&mut self) {
        for (k, mode) in self.network.modes.iter().enumerate() {
            self.watched[k] = mode.kind.of().value(&self.state, &self.parameters, self.time);
        }
    }

    pub fn run(mut self, run: &Run) -> Result<Found, SbmlError> {
        let end = self.end;
        let mut doses: Vec<_> = run.doses.iter().filter(|d| d.time <= end).collect();
        doses.sort_by(|a, b| a.time.total_cmp(&b.time));
        let (mut doses, mut outputs) = (doses.into_iter().peekable(), &run.times[..]);
        let mut stops = 0;
        loop {
            while let Some(dose) = doses.next_if(|d| d.time <= self.time) {
                let value = self.value(&self.network.symbols[&dose.to].value);
                self.set(&dose.to, value + dose.amount);
                self.refresh(&[]);
            }
            self.happen()?;
            while let Some((&first, rest)) = outputs.split_first()
                && first <= self.time
            {
                self.record(first);
                outputs = rest;
            }
            if outputs.is_empty() {
                return Ok(self.found);
            }
            stops += 1;
            if stops > MOST_STOPS {
                let what = format!("stopped {stops} times by {}, at events or branches", self.time);
                return Err(SbmlError::new("simulation", what));
            }
            let mut until = doses.peek().map_or(end, |d| d.time.min(end));
            until = self.pending.iter().map(|p| p.due).fold(until, f64::min);
            outputs = self.advance(until, outputs)?;
        }
    }

    /// One lane, to `until` or to the first mode that changes; returns the outputs that are left.
    fn advance<'t>(&mut self, until: f64, outputs: &'t [f64]) -> Result<&'t [f64], SbmlError> {
        let (until, clocked) = next_clocked(self, until);
        if until - self.time <= NO_TIME * self.end {
            self.time = until;
            self.land(&clocked);
            return Ok(outputs);
        }
        let inside = outputs.iter().take_while(|&&t| t < until).count();
        let mut times: Vec<f64> = outputs[..inside].iter().map(|t| t - self.time).collect();
        times.push(until - self.time);
        let watch = triggers(self);
        let mut parameters = self.parameters.clone();
        parameters[self.network.start.0] = self.time;
        let looks = if watch.is_empty() { &[] } else { &times[..] };
        let lane = Lane {
            parameters,
            initial: self.state.clone(),
            events: looks.iter().map(|&t| Event::new(t, Change::Nothing)).collect(),
            triggers: watch.iter().map(|w| w.trigger.clone()).collect(),
            times,
            ..Lane::default()
        };
        let from = self.time;
        let answer: Answer = Ensemble::new(self.program, self.tolerance).run_all(&[lane]).remove(0);
        let (trajectory, failure) = found(answer);
        if let Some(failure) = failure {
            return Err(SbmlError::new("simulation", told(&failure, from)));
        }
        let mut states = trajectory.states.into_iter();
        let stopped = trajectory.recorded.into_iter().next();
        let mut left = outputs;
        for &t in &outputs[..inside] {
            let Some(state) = states.next() else { break };
            (self.state, self.time) = (state, t);
            self.record(t);
            left = &left[1..];
        }
        let fired: Vec<(usize, f64)> = match (stopped, trajectory.crossings.first()) {
            (Some(state), Some(&(which, after))) => {
                self.state = state;
                self.time = (from + after).min(until);
                vec![(watch[which].mode, watch[which].becomes)]
            }
            _ => {
                self.state = states.next().expect("the last output of a lane");
                self.time = until;
                clocked
            }
        };
        self.land(&fired);
        Ok(left)
    }

    /// Modes are as they are where a lane has ended.
    fn land(&mut self, fired: &[(usize, f64)]) {
        self.moved();
        for &(mode, becomes) in fired {
            self.parameters[self.network.modes[mode].parameter.0] = becomes;
        }
        let modes: Vec<usize> = fired.iter().map(|(mode, _)| *mode).collect();
        self.refresh(&modes);
    }

    fn record(&mut self, time: f64) {
        self.found.times.push(time);
        for (id, symbol) in &self.network.symbols {
            let value = symbol.value.value(&self.state, &self.parameters, self.time);
            self.found.values.entry(id.clone()).or_default().push(value);
            if let Some((amount, concentration)) = &symbol.species {
                let amount = amount.value(&self.state, &self.parameters, self.time);
                let concentration = concentration.value(&self.state, &self.parameters, self.time);
                let both = self.found.species.entry(id.clone()).or_default();
                both.0.push(amount);
                both.1.push(concentration);
            }
        }
    }
}

/// Why a lane failed, in the model's own time.
fn told(failure: &LaneFailure, from: f64) -> String {
    match failure {
        LaneFailure::StepTooSmall { time, species, .. } => format!(
            "the step became too small at time {}; \"{species}\" changes fastest there",
            from + time
        ),
        LaneFailure::TooManySteps { time, steps } => {
            format!("no output was reached within {steps} steps; it stands at time {}", from + time)
        }
        other => other.to_string(),
    }
}
