//! The course of one subject, computed from event to event.

use super::dose::{DoseBy, delivered};
use super::field::{Curves, Field, Transit};
use super::flows::Flows;
use super::held::{Course, Held};
use super::integrate::integrate;
use super::model::Model;
use super::number::NoCourse;
use super::state::State;
use super::steady::steady;
use super::step::{Rates, Steps};
use crate::treatment::record::Record;
use crate::treatment::schedule::{Cycle, DoseEvent, Timed, schedule};
use std::rc::Rc;

/// An infusion in progress.
struct Running {
    until: f64,
    compartment: usize,
    rate: f64,
    rate_by: Vec<f64>,
    until_by: Vec<f64>,
}

/// Computes the course of one subject; `held` contains the numbers of each record.
pub fn course(
    model: &Model,
    records: &[Record],
    held: &[Held],
    directions: usize,
) -> Result<Course, NoCourse> {
    let pairs = records.iter().zip(held);
    let all: Result<Vec<Record>, NoCourse> =
        pairs.map(|(record, held)| delivered(record, &held.doses)).collect();
    let all = all?;
    let dose_events = schedule(&all).map_err(|_| NoCourse::NoNumber)?;
    let mut run = Run::new(model, (records, &all), held, directions)?;
    for Timed { time, what, record, .. } in &dose_events {
        run.until(*time)?;
        run.happens(what, *record)?;
    }
    Ok(run.found)
}

struct Run<'a> {
    model: &'a Model,
    flows: Flows,
    curves: Curves,
    /// As the table has them, and as they are given.
    written: &'a [Record],
    delivered: &'a [Record],
    held: &'a [Held],
    directions: usize,
    state: State,
    running: Vec<Running>,
    transits: Vec<Transit>,
    /// Total amount given, to which errors are compared, and the length of the last step.
    given: f64,
    step: f64,
    now: f64,
    /// The record whose numbers apply.
    numbers: usize,
    rates: Rc<Rates>,
    steps: Steps,
    found: Course,
}

impl<'a> Run<'a> {
    fn new(
        model: &'a Model,
        (written, delivered): (&'a [Record], &'a [Record]),
        held: &'a [Held],
        directions: usize,
    ) -> Result<Self, NoCourse> {
        let flows = Flows::of(model.structure);
        let curves = Curves::of(model, &flows);
        let first = held.first().ok_or(NoCourse::NoNumber)?;
        let rates = Rc::new(flows.rates(&first.numbers)?);
        curves.check(&first.numbers)?;
        let mut run = Self {
            model,
            flows,
            curves,
            written,
            delivered,
            held,
            directions,
            state: State { amounts: vec![], by: vec![] },
            running: vec![],
            transits: vec![],
            given: 0.0,
            step: f64::INFINITY,
            now: 0.0,
            numbers: 0,
            rates,
            steps: Steps::default(),
            found: Course::default(),
        };
        run.rest();
        Ok(run)
    }

    /// Sets the state without drug, in which an effect is at its baseline.
    fn rest(&mut self) {
        let n = self.model.structure.compartments().len();
        let mut state = State { amounts: vec![0.0; n], by: vec![vec![0.0; n]; self.directions] };
        if let [.., Some(baseline)] = self.model.places() {
            let baseline = &self.held[self.numbers].numbers[baseline];
            state.amounts.push(baseline.value);
            state.by.iter_mut().zip(&baseline.by).for_each(|(by, of)| by.push(*of));
        }
        self.state = state;
        self.running.clear();
        self.transits.clear();
    }

    /// Advances the state to a time, with stops at the ends of infusions.
    fn until(&mut self, time: f64) -> Result<(), NoCourse> {
        loop {
            let ends = self.running.iter().map(|r| r.until).fold(f64::INFINITY, f64::min);
            let next = ends.min(time);
            match self.model.is_linear() {
                true => self.advance(next - self.now),
                false => self.integrate(next)?,
            }
            self.now = self.now.max(next);
            if ends > time {
                return Ok(());
            }
            let ended = self.running.iter().position(|r| r.until == ends).expect("one ends");
            let ended = self.running.remove(ended);
            // An infusion that ends later has delivered more.
            for (by, until_by) in self.state.by.iter_mut().zip(&ended.until_by) {
                by[ended.compartment] += ended.rate * until_by;
            }
        }
    }

    fn advance(&mut self, over: f64) {
        if over <= 0.0 {
            return;
        }
        let mut inputs: Vec<usize> = self.running.iter().map(|r| r.compartment).collect();
        inputs.sort_unstable();
        inputs.dedup();
        let step = self.steps.of(&self.rates, over, &inputs);
        let flow = |of: &dyn Fn(&Running) -> f64| -> Vec<f64> {
            let into = |c: &usize| {
                self.running.iter().filter(|r| r.compartment == *c).map(of).sum::<f64>()
            };
            inputs.iter().map(into).collect()
        };
        let flows = flow(&|r| r.rate);
        let moved = step.moved(&self.state.amounts, &flows);
        let numbers = &self.held[self.numbers].numbers;
        for d in 0..self.directions {
            let flows_by = flow(&|r| r.rate_by[d]);
            let mut by = step.moved(&self.state.by[d], &flows_by);
            for (p, number) in numbers.iter().enumerate().filter(|(_, n)| n.by[d] != 0.0) {
                let through = step.moved_by(p, &self.state.amounts, &flows);
                by.iter_mut().zip(through).for_each(|(b, t)| *b += t * number.by[d]);
            }
            self.state.by[d] = by;
        }
        self.state.amounts = moved;
    }

    /// Everything that changes the state now.
    fn field(&self) -> Field<'_> {
        let inputs = self.running.iter().map(|r| (r.compartment, r.rate, r.rate_by.as_slice()));
        Field::new(
            (&self.curves, &self.rates),
            &self.held[self.numbers].numbers,
            (inputs.collect(), &self.transits),
            self.directions,
        )
    }

    fn integrate(&mut self, until: f64) -> Result<(), NoCourse> {
        if until <= self.now {
            return Ok(());
        }
        let now = self.now;
        self.transits.retain(|t| t.ends() > now);
        let mut state = self.state.whole();
        let size = self.state.amounts.len();
        let mut scale = vec![if self.given > 0.0 { self.given } else { 1.0 }; size];
        if self.model.effect.is_some() {
            scale[size - 1] = self.state.amounts[size - 1].abs();
        }
        let mut step = self.step;
        integrate(&self.field(), (now, until), &mut state, &scale, &mut step)?;
        self.step = step;
        self.state = State::of(&state, size);
        Ok(())
    }

    /// Difference that an amount in a compartment makes to the rate of change of the state.
    fn flow(&self, compartment: usize, amount: f64) -> Vec<f64> {
        let n = self.state.amounts.len();
        if self.model.is_linear() {
            let flow = self.rates.times(&unit(compartment, n));
            return flow.into_iter().map(|f| amount * f).collect();
        }
        let field = self.field();
        let at = |with: f64| {
            let mut state = self.state.whole();
            state[compartment] += with;
            let mut change = vec![0.0; state.len()];
            field.at(self.now, &state, &mut change);
            change
        };
        at(amount).iter().zip(&at(0.0)).take(n).map(|(with, without)| with - without).collect()
    }

    fn give(&mut self, record: usize, compartment: usize, amount: f64) -> Result<(), NoCourse> {
        let DoseBy { lag, part, .. } = self.dose_by(record);
        self.given += amount;
        if let [_, Some(chain), _] = self.model.places()
            && compartment == 0
        {
            let [count, time] = [chain, chain + 1].map(|p| &self.held[record].numbers[p]);
            let dose = Transit::new((self.now, lag), (amount, part), count, time)?;
            self.transits.push(dose);
            return Ok(());
        }
        let flow = self.flow(compartment, amount);
        self.state.amounts[compartment] += amount;
        for d in 0..self.directions {
            self.state.by[d][compartment] += amount * part[d];
            // A dose that is given later has had less time to flow.
            self.state.by[d].iter_mut().zip(&flow).for_each(|(b, f)| *b -= lag[d] * f);
        }
        Ok(())
    }

    fn happens(&mut self, what: &DoseEvent, record: usize) -> Result<(), NoCourse> {
        match what {
            DoseEvent::Give { compartment, amount } => self.give(record, *compartment, *amount)?,
            DoseEvent::Infuse { compartment, rate, duration, running } => {
                self.infuse(record, *compartment, (*rate, *duration), *running);
            }
            DoseEvent::Reset => self.rest(),
            DoseEvent::Saturate(cycle) => self.saturate(cycle)?,
            DoseEvent::Parameters(next) => {
                if self.held[*next].numbers != self.held[self.numbers].numbers {
                    self.rates = Rc::new(self.flows.rates(&self.held[*next].numbers)?);
                    self.curves.check(&self.held[*next].numbers)?;
                }
                self.numbers = *next;
            }
            DoseEvent::Look(record) => self.look(*record),
        }
        Ok(())
    }

    /// Derivatives of the doses of a record along each direction.
    fn dose_by(&self, record: usize) -> DoseBy {
        let (written, delivered) = (&self.written[record], &self.delivered[record]);
        DoseBy::of(written, delivered, &self.held[record].doses, self.directions)
    }

    /// An infusion, which `running` says to have begun before, at a steady state.
    fn infuse(
        &mut self,
        record: usize,
        compartment: usize,
        (rate, duration): (f64, f64),
        running: bool,
    ) {
        let by = self.dose_by(record);
        let (mut rate_by, mut until_by) = (vec![], vec![]);
        for d in 0..self.directions {
            if !running {
                // The infusion begins later.
                self.state.by[d][compartment] -= rate * by.lag[d];
            }
            rate_by.push(rate * by.rate[d]);
            until_by.push(by.lag[d] + by.duration[d]);
        }
        self.given += rate * duration;
        let until = self.now + duration;
        self.running.push(Running { until, compartment, rate, rate_by, until_by });
    }

    fn look(&mut self, record: usize) {
        let numbers = &self.held[record].numbers;
        let volume = &numbers[self.flows.volume];
        let central = self.model.structure.central();
        let level = self.state.amounts[central] / volume.value;
        let by = self.state.by.iter().zip(&volume.by);
        let by = by.map(|(by, volume_by)| (by[central] - level * volume_by) / volume.value);
        self.found.levels.push(level);
        self.found.by.push(by.collect());
        if self.model.effect.is_some() {
            let place = self.state.amounts.len() - 1;
            self.found.effects.push(self.state.amounts[place]);
            self.found.effects_by.push(self.state.by.iter().map(|by| by[place]).collect());
        }
    }

    /// Sets the steady state of repeated doses.
    fn saturate(&mut self, cycle: &Cycle) -> Result<(), NoCourse> {
        if !self.model.is_linear() {
            return Err(NoCourse::NoSteadyState);
        }
        let numbers = &self.held[cycle.record].numbers;
        let rates = match *numbers == self.held[self.numbers].numbers {
            true => self.rates.clone(),
            false => Rc::new(self.flows.rates(numbers)?),
        };
        let by = self.dose_by(cycle.record);
        let steady = steady(cycle, (&rates, &mut self.steps), numbers, &by)?;
        if !cycle.adds {
            self.state = steady;
            return Ok(());
        }
        let add = |a: &mut Vec<f64>, b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.state.amounts, &steady.amounts);
        self.state.by.iter_mut().zip(&steady.by).for_each(|(a, b)| add(a, b));
        Ok(())
    }
}

fn unit(place: usize, n: usize) -> Vec<f64> {
    (0..n).map(|i| f64::from(u8::from(i == place))).collect()
}
