//! A running model: state, parameters and time.

use super::inputs::Inputs;
use super::run::{Found, Run};
use crate::error::SbmlError;
use crate::evaluate::Start;
use crate::model::Model;
use crate::network::modes::ModeKind;
use crate::network::{Place, SbmlNetwork};
use il2_engine::{Expression, ParameterId, Program, Tolerance};
use std::collections::BTreeSet;

/// An event that has fired but has not yet been executed.
pub(super) struct Pending {
    pub event: usize,
    pub due: f64,
    /// The values that it will set, if they were computed when it fired.
    pub values: Option<Vec<f64>>,
}

/// A moment, as a fraction of the run.
const MOMENT: f64 = 1e-11;

/// States that have been zero so far and would grow to less than this have no size yet.
const LEAST_GROWTH: f64 = 1e-30;
/// States that remain this much smaller than others have an absolute tolerance of their own...
const MUCH_SMALLER: f64 = 1e-3;
/// ... unless they are so small that its products would not be normal numbers.
const LEAST_SIZE: f64 = 1e-200;

/// A mode that changes at a stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fired {
    pub mode: usize,
    pub becomes: f64,
    /// The sign of its expression afterwards, if it has just been zero; otherwise zero.
    pub side: f64,
}

/// A running model.
pub(super) struct Machine<'a> {
    pub network: &'a SbmlNetwork,
    pub program: &'a Program,
    pub tolerance: Tolerance,
    /// The end of the run.
    pub end: f64,
    pub state: Vec<f64>,
    /// Parameters as in the laws of the network, except that the start of the integration is set to
    /// zero, so that `time` is the time of the model.
    pub parameters: Vec<f64>,
    pub time: f64,
    /// The largest value of a state so far, or, if all states were zero, what they grow to.
    pub largest: f64,
    /// The largest value of each state so far.
    seen: Vec<f64>,
    /// Sizes of the states if they are known, to which the absolute tolerance is relative.
    pub sizes: Option<Vec<f64>>,
    pub inputs: Inputs,
    /// The last value of the expression of each mode.
    watched: Vec<f64>,
    /// For modes that are one where an expression is zero: the sign of the expression since it was
    /// last zero. An integration may end slightly before the zero, where the value has the sign
    /// that it is about to lose. Zero if nothing is known.
    pub side: Vec<f64>,
    /// Whether each trigger is true.
    pub on: Vec<bool>,
    pub pending: Vec<Pending>,
    /// State of the generator that orders events of equal priority.
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
            largest: 0.0,
            seen: vec![0.0; network.network.species.len()],
            sizes: None,
            inputs: Inputs::of(&network.network),
            watched: vec![f64::NAN; network.modes.len()],
            side: vec![0.0; network.modes.len()],
            on: network.events.iter().map(|e| e.initial).collect(),
            pending: vec![],
            drawn: 0,
            found: Found::default(),
        };
        machine.check(run)?;
        machine.begin(model, run)?;
        machine.refresh(&[]);
        Ok(machine)
    }

    fn check(&self, run: &Run) -> Result<(), SbmlError> {
        let wrong = |what: String| Err(SbmlError::new("simulation", what));
        let times = || run.times.iter().copied();
        if let Some(t) = times().find(|t| !(t.is_finite() && *t >= 0.0)) {
            return wrong(format!(
                "{t} is not a possible output time; use a finite number, zero or more"
            ));
        }
        if run.times.windows(2).any(|w| w[1] < w[0]) {
            return wrong("the output times are not in increasing order".into());
        }
        for dose in &run.doses {
            let place = self.network.symbols.get(&dose.to).and_then(|s| s.place.as_ref());
            if place.is_none() {
                let to = crate::words::short(&dose.to);
                return wrong(format!(
                    "a dose goes into \"{to}\", which is not a species, compartment or parameter \
                     of the model that can be set"
                ));
            }
            if !(dose.time >= 0.0 && dose.time.is_finite() && dose.amount.is_finite()) {
                return wrong(format!(
                    "a dose of {} at time {} is not possible; use finite numbers, and a time of \
                     zero or more",
                    dose.amount, dose.time
                ));
            }
        }
        for (id, value) in &run.changes {
            let place = self.network.symbols.get(id).and_then(|s| s.place.as_ref());
            if place.is_none() && self.network.network.parameter_named(id).is_none() {
                let id = crate::words::short(id);
                return wrong(format!(
                    "\"{id}\" is not a species, compartment or parameter of the model that can be \
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
            // A value that the file does not give is zero, whereas an assigned one may be NaN.
            let assigned = model.initial_assignments.iter().any(|a| a.target == *id);
            let value = match start.value(id)? {
                value if value.is_nan() && !assigned => 0.0,
                value => value,
            };
            match place {
                Place::Parameter(p) => self.parameters[p.0] = value,
                Place::State(s, factor) => states.push((id, *s, factor, value)),
            }
        }
        for (name, &value) in &run.changes {
            if let Some(p) = self.network.network.parameter_named(name) {
                self.parameters[p.0] = value;
            }
        }
        // This is repeated, because sizes may themselves be states or depend on comparisons of states.
        for _ in 0..3 {
            self.refresh(&[]);
            for (_, s, factor, value) in &states {
                let factor = self.value(factor);
                self.state[s.0] = value * factor;
            }
        }
        for (id, s, ..) in &states {
            if !self.state[s.0].is_finite() {
                let what = format!(
                    "has the initial value {}, which is not a finite number",
                    self.state[s.0]
                );
                return Err(SbmlError::new(format!("\"{id}\""), what));
            }
        }
        Ok(())
    }

    /// Parameters for an integration from now on that watches for these crossings. The engine accepts
    /// finite numbers only; others are replaced if no law reads them.
    pub fn parameters_from_now(&self, watched: &[&Expression]) -> Vec<f64> {
        let mut parameters = self.parameters.clone();
        parameters[self.network.start.0] = self.time;
        if parameters.iter().all(|value| value.is_finite()) {
            return parameters;
        }
        let network = &self.network.network;
        let laws = network.reactions.iter().map(|r| network.law(r).parameters());
        let scales = network.species.iter().map(|s| s.scale.parameters());
        let watched = watched.iter().map(|watched| watched.parameters());
        let read: BTreeSet<_> = laws.chain(scales).chain(watched).flatten().collect();
        for (k, value) in parameters.iter_mut().enumerate() {
            if !value.is_finite() && !read.contains(&ParameterId(k)) {
                *value = 0.0;
            }
        }
        parameters
    }

    /// The rates of change of all states now.
    pub fn slopes(&self) -> Vec<f64> {
        let network = &self.network.network;
        let mut slopes = vec![0.0; self.state.len()];
        for reaction in &network.reactions {
            let rate = self.value(&network.law(reaction));
            let taken = reaction.reactants.iter().map(|&(s, n)| (s, -f64::from(n)));
            let made = reaction.products.iter().map(|&(s, n)| (s, f64::from(n)));
            taken.chain(made).for_each(|(s, n)| slopes[s.0] += n * rate);
        }
        for (slope, species) in slopes.iter_mut().zip(&network.species) {
            *slope *= self.value(&species.scale);
        }
        slopes
    }

    /// Notes the size of the states, on which the absolute tolerance depends: in a file in moles, a few
    /// picomoles must not count as zero. States that have all been zero so far have the size to
    /// which their rates let them grow.
    pub fn note_size(&mut self) {
        self.note_seen();
        let size = |all: &[f64]| all.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        self.largest = self.largest.max(size(&self.state));
        if self.largest == 0.0 {
            let grows = size(&self.slopes()) * (self.end - self.time);
            // An input that has not begun yet says nothing about what a state grows to.
            self.largest = if grows > LEAST_GROWTH { grows } else { 0.0 };
        }
    }

    pub fn note_seen(&mut self) {
        for (most, x) in self.seen.iter_mut().zip(&self.state) {
            *most = most.max(x.abs());
        }
    }

    /// The size of all states together, at most one.
    fn size(&self) -> f64 {
        if self.largest > 0.0 { self.largest.min(1.0) } else { 1.0 }
    }

    /// The sizes of all states, if some were much smaller than the size used in this run.
    pub fn smaller_sizes(&self) -> Option<Vec<f64>> {
        let used = self.size();
        let is_small = |seen: f64| seen > LEAST_SIZE && seen < MUCH_SMALLER * used;
        self.seen.iter().any(|seen| is_small(*seen)).then(|| {
            self.seen.iter().map(|&seen| if is_small(seen) { seen } else { used }).collect()
        })
    }

    /// The tolerance of the next integration.
    pub fn tolerance(&self) -> Tolerance {
        let size = if self.sizes.is_some() { 1.0 } else { self.size() };
        Tolerance { absolute: self.tolerance.absolute * size, ..self.tolerance }
    }

    /// The value that an expression has a moment later: its rounding is small, but so is the
    /// moment.
    pub fn ahead(&self, of: &il2_engine::Expression, slopes: &[f64]) -> f64 {
        let moment = MOMENT * self.end;
        let state: Vec<f64> =
            self.state.iter().zip(slopes).map(|(x, slope)| x + moment * slope).collect();
        of.value(&state, &self.parameters, self.time + moment)
    }

    /// The value of an expression now.
    pub fn value(&self, of: &il2_engine::Expression) -> f64 {
        of.value(&self.state, &self.parameters, self.time)
    }

    /// Updates every mode whose expression jumped; modes that fired keep their new value.
    pub fn refresh(&mut self, fired: &[usize]) {
        for (k, mode) in self.network.modes.iter().enumerate() {
            let value = self.value(mode.kind.of());
            if value.to_bits() != self.watched[k].to_bits() && !fired.contains(&k) {
                self.parameters[mode.parameter.0] = mode.kind.at(value);
                self.side[k] = 0.0;
            }
            self.watched[k] = value;
        }
    }

    /// After an integration: values have changed, but nothing has jumped.
    fn moved(&mut self) {
        for (k, mode) in self.network.modes.iter().enumerate() {
            self.watched[k] = mode.kind.of().value(&self.state, &self.parameters, self.time);
        }
    }

    /// Sets modes to their values at the end of an integration.
    pub fn land(&mut self, fired: &[Fired]) {
        self.moved();
        for fired in fired {
            self.parameters[self.network.modes[fired.mode].parameter.0] = fired.becomes;
            self.side[fired.mode] = fired.side;
        }
        let modes: Vec<usize> = fired.iter().map(|fired| fired.mode).collect();
        self.refresh(&modes);
    }

    /// Changes the modes whose expression is exactly at its threshold and about to leave it: `x >
    /// 0` becomes true at the moment when x grows from zero. Returns whether any changed. Changes
    /// of expressions of time alone are found in [`super::crossing`].
    pub fn leave_thresholds(&mut self) -> bool {
        let at_threshold = |k: &usize| {
            let mode = &self.network.modes[*k];
            match &mode.kind {
                ModeKind::Positive(of) | ModeKind::Zero(of) => {
                    !mode.clocked && self.value(of) == 0.0
                }
                ModeKind::Floor(_) | ModeKind::Factorial(_) => false,
            }
        };
        let modes: Vec<usize> = (0..self.network.modes.len()).filter(at_threshold).collect();
        if modes.is_empty() {
            return false;
        }
        let slopes = self.slopes();
        let mut changed = false;
        for k in modes {
            let mode = &self.network.modes[k];
            let ahead = self.ahead(mode.kind.of(), &slopes);
            if ahead == 0.0 || !ahead.is_finite() {
                continue;
            }
            let becomes = mode.kind.at(ahead);
            let number = &mut self.parameters[mode.parameter.0];
            changed |= *number != becomes;
            *number = becomes;
            if matches!(mode.kind, ModeKind::Zero(_)) {
                self.side[k] = ahead.signum();
            }
        }
        if changed {
            self.refresh(&[]);
        }
        changed
    }
}
