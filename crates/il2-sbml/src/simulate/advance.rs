//! Integrates from one stop to the next.

use super::crossing::{next_clocked, triggers};
use super::machine::{Fired, Machine};
use super::run::{Jump, Run};
use crate::error::SbmlError;
use il2_engine::lane::{LaneFailure, found};
use il2_engine::{Change, Ensemble, Event, Lane};

/// Largest number of stops of one run.
const MOST_STOPS: usize = 200_000;
/// Times shorter than this fraction of a run are not resolved.
pub(super) const NO_TIME: f64 = 1e-15;

impl Machine<'_> {
    pub fn run(&mut self, run: &Run) -> Result<(), SbmlError> {
        let end = self.end;
        let mut doses: Vec<_> = run.doses.iter().filter(|d| d.time <= end).collect();
        doses.sort_by(|a, b| a.time.total_cmp(&b.time));
        let (mut doses, mut outputs) = (doses.into_iter().peekable(), &run.times[..]);
        let mut stops = 0;
        loop {
            let (before, events) =
                ((self.state.clone(), self.parameters.clone()), self.found.events.len());
            let mut dosed = false;
            while let Some(dose) = doses.next_if(|d| d.time <= self.time) {
                let value = self.value(&self.network.symbols[&dose.to].value);
                self.set(&dose.to, value + dose.amount);
                self.refresh(&[]);
                dosed = true;
            }
            self.happen()?;
            self.end_equalities()?;
            if dosed || self.found.events.len() > events {
                self.note_jump(&before);
            }
            while let Some((&first, rest)) = outputs.split_first()
                && first <= self.time
            {
                self.record(first);
                outputs = rest;
            }
            if outputs.is_empty() {
                return Ok(());
            }
            if self.leave_thresholds() {
                let before = (self.state.clone(), self.parameters.clone());
                let events = self.found.events.len();
                self.happen()?;
                if self.found.events.len() > events {
                    self.note_jump(&before);
                }
            }
            stops += 1;
            if stops > MOST_STOPS {
                let what = format!(
                    "had to stop {stops} times at events or branches before time {}; check the \
                     model for an event that triggers itself",
                    self.time
                );
                return Err(SbmlError::new("simulation", what));
            }
            let mut until = doses.peek().map_or(end, |d| d.time.min(end));
            until = self.pending.iter().map(|p| p.due).fold(until, f64::min);
            outputs = self.advance(until, outputs)?;
        }
    }

    /// Integrates to `until` or to the first change of a mode; returns the remaining outputs.
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
        self.note_size();
        let watch = triggers(self);
        let watched: Vec<_> = watch.iter().map(|w| &w.trigger.watch).collect();
        let parameters = self.parameters_from_now(&watched);
        // The engine looks for crossings where it stops, among other times.
        let at = (&self.state[..], &self.parameters[..]);
        let mut looks = self.inputs.stops((self.time, until), self.end, at);
        looks.iter_mut().for_each(|t| *t -= self.time);
        if !watch.is_empty() {
            looks.extend(&times);
        }
        looks.sort_by(f64::total_cmp);
        let lane = Lane {
            parameters,
            initial: self.state.clone(),
            events: looks.iter().map(|&t| Event::new(t, Change::Nothing)).collect(),
            triggers: watch.iter().map(|w| w.trigger.clone()).collect(),
            times,
            ..Lane::default()
        };
        let from = self.time;
        let sizes = self.sizes.as_deref();
        let ensemble = Ensemble { sizes, ..Ensemble::new(self.program, self.tolerance()) };
        let (trajectory, failure) = found(ensemble.run_all(&[lane]).remove(0));
        let mut states = trajectory.states.into_iter();
        let stopped = trajectory.recorded.into_iter().next();
        let mut left = outputs;
        for &t in &outputs[..inside] {
            let Some(state) = states.next() else { break };
            (self.state, self.time) = (state, t);
            self.record(t);
            left = &left[1..];
        }
        if let Some(failure) = failure {
            return Err(SbmlError::new("simulation", told(&failure, from)));
        }
        let fired: Vec<Fired> = match (stopped, trajectory.crossings.first()) {
            (Some(state), Some(&(which, after))) => {
                self.state = state;
                self.time = (from + after).min(until);
                // Others may cross at the same time, written in another way: x > 2 and 2 x > 4.
                let slopes = self.slopes();
                let too = watch.iter().enumerate().filter(|(k, other)| {
                    *k == which
                        || other.fired.mode != watch[which].fired.mode
                            && self.ahead(&other.trigger.watch, &slopes) > 0.0
                });
                too.map(|(_, watch)| watch.fired).collect()
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

    /// Records which values differ from those for the previous state and parameters.
    fn note_jump(&mut self, (state, parameters): &(Vec<f64>, Vec<f64>)) {
        let jumped = self.network.symbols.iter().filter_map(|(id, symbol)| {
            let was = symbol.value.value(state, parameters, self.time);
            let is = symbol.value.value(&self.state, &self.parameters, self.time);
            (was != is && !(was.is_nan() && is.is_nan())).then(|| (id.clone(), (was, is)))
        });
        let values = jumped.collect();
        self.found.jumps.push(Jump { time: self.time, values });
    }

    fn record(&mut self, time: f64) {
        self.note_seen();
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

/// Why an integration failed, with the time of the model.
fn told(failure: &LaneFailure, from: f64) -> String {
    match failure {
        LaneFailure::StepTooSmall { time, species, .. } => format!(
            "the time step became too small at time {}, where \"{species}\" changes fastest",
            from + time
        ),
        LaneFailure::TooManySteps { time, steps } => {
            format!(
                "the next output time was not reached within {steps} steps; the simulation stopped \
                 at time {}",
                from + time
            )
        }
        other => other.to_string(),
    }
}
