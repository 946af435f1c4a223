//! Executes events (SBML Level 3 Version 2, section 4.11).

use super::advance::NO_TIME;
use super::machine::{Machine, Pending};
use crate::error::SbmlError;
use crate::network::Place;
use crate::network::modes::ModeKind;

/// Largest number of events at the same time.
const MOST_AT_ONCE: usize = 10_000;
/// Largest number of events that may be pending at the same time.
const MOST_PENDING: usize = 100_000;

impl Machine<'_> {
    /// Executes everything that is due now.
    pub fn happen(&mut self) -> Result<(), SbmlError> {
        let mut count = 0;
        loop {
            self.fire()?;
            let Some(next) = self.next_due() else { break };
            let pending = self.pending.remove(next);
            self.execute(pending)?;
            count += 1;
            if count > MOST_AT_ONCE {
                let what = format!("more than {MOST_AT_ONCE} events occur at time {}", self.time);
                return Err(SbmlError::new("simulation", what));
            }
        }
        Ok(())
    }

    /// Quantities that were equal for an instant no longer are.
    pub fn end_equalities(&mut self) -> Result<(), SbmlError> {
        let mut left = false;
        for k in 0..self.network.modes.len() {
            let mode = &self.network.modes[k];
            if let ModeKind::Zero(of) = &mode.kind {
                let is = mode.kind.at(self.value(of));
                left |= self.parameters[mode.parameter.0] != is;
                self.parameters[mode.parameter.0] = is;
            }
        }
        if left {
            self.refresh(&[]);
            self.fire()?;
        }
        Ok(())
    }

    /// Records which triggers became true or false.
    fn fire(&mut self) -> Result<(), SbmlError> {
        for k in 0..self.network.events.len() {
            let event = &self.network.events[k];
            let holds = event.trigger.holds(&self.parameters);
            if holds && !self.on[k] {
                let delay = self.value(&event.delay);
                if !(delay >= 0.0 && delay.is_finite()) {
                    let what = format!(
                        "its delay is {delay} at time {}; a delay must be finite and not negative",
                        self.time
                    );
                    return Err(SbmlError::new(format!("event \"{}\"", event.id), what));
                }
                let values = event
                    .values_from_trigger
                    .then(|| event.assignments.iter().map(|(_, of)| self.value(of)).collect());
                self.pending.push(Pending { event: k, due: self.time + delay, values });
                if self.pending.len() > MOST_PENDING {
                    let what = format!("more than {MOST_PENDING} events wait for their delay");
                    return Err(SbmlError::new("simulation", what));
                }
            }
            if !holds && !event.persistent {
                self.pending.retain(|p| p.event != k);
            }
            self.on[k] = holds;
        }
        Ok(())
    }

    /// The event that is due now and has the highest priority. Among equal priorities, the event is
    /// drawn at random, as the specification requires, by a generator that gives the same order in
    /// every run. Events without priority are executed in the order of firing.
    fn next_due(&mut self) -> Option<usize> {
        let mut best: Vec<(usize, f64)> = vec![];
        // Times that differ by rounding alone, as 0.1 + 0.2 and 0.3, are the same.
        let now = self.time + NO_TIME * self.end;
        for (k, pending) in self.pending.iter().enumerate().filter(|(_, p)| p.due <= now) {
            let priority = self.network.events[pending.event].priority.as_ref();
            let priority = priority.map_or(f64::NEG_INFINITY, |p| self.value(p));
            match best.first() {
                Some((_, highest)) if priority < *highest => {}
                Some((_, highest)) if priority == *highest => best.push((k, priority)),
                _ => best = vec![(k, priority)],
            }
        }
        let drawn = match best.first()? {
            (_, f64::NEG_INFINITY) => 0,
            _ if best.len() == 1 => 0,
            _ => self.draw() as usize % best.len(),
        };
        Some(best[drawn].0)
    }

    /// Drawn bits (SplitMix64, Steele, Lea and Flood 2014).
    fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.drawn;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) >> 1
    }

    fn execute(&mut self, pending: Pending) -> Result<(), SbmlError> {
        let network = self.network;
        let event = &network.events[pending.event];
        let values = match pending.values {
            Some(values) => values,
            None => event.assignments.iter().map(|(_, of)| self.value(of)).collect(),
        };
        // A parameter may be infinite or undefined, as long as no rate of change reads it.
        let is_state = |id: &str| matches!(network.symbols[id].place, Some(Place::State(..)));
        for ((id, _), &value) in event.assignments.iter().zip(&values) {
            if !value.is_finite() && is_state(id) {
                let what = format!(
                    "sets \"{id}\" to {value} at time {}, which is not a finite number",
                    self.time
                );
                return Err(SbmlError::new(format!("event \"{}\"", event.id), what));
            }
        }
        // All are set at once: a concentration is converted to an amount with the size that its
        // compartment had before the event.
        let ids = event.assignments.iter().map(|(id, _)| id.as_str());
        self.set_all(&ids.zip(values).collect::<Vec<_>>());
        self.found.events.push((self.time, event.id.clone()));
        self.refresh(&[]);
        Ok(())
    }

    /// Sets the quantity of an id to a value.
    pub fn set(&mut self, id: &str, value: f64) {
        self.set_all(&[(id, value)]);
    }

    /// Sets the quantities of ids to values, all at once. Setting the size of a compartment does
    /// not change the amounts in it.
    fn set_all(&mut self, all: &[(&str, f64)]) {
        let sizes = |machine: &Self| -> Vec<f64> {
            machine.network.concentrations.iter().map(|(_, size)| machine.value(size)).collect()
        };
        let before = sizes(self);
        let network = self.network;
        let place = |(id, value): &(&str, f64)| match network.symbols[*id].place.as_ref()? {
            Place::Parameter(p) => Some((Place::Parameter(*p), *value)),
            Place::State(s, factor) => {
                Some((Place::State(*s, factor.clone()), value * self.value(factor)))
            }
        };
        let placed: Vec<_> = all.iter().filter_map(place).collect();
        for (place, value) in placed {
            match place {
                Place::Parameter(p) => self.parameters[p.0] = value,
                Place::State(s, _) => self.state[s.0] = value,
            }
        }
        for ((species, size), before) in self.network.concentrations.iter().zip(before) {
            let after = self.value(size);
            if after != before && after != 0.0 {
                self.state[species.0] *= before / after;
            }
        }
    }
}
