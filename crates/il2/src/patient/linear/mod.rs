//! The plain pharmacokinetic models once more, in closed form and with derivatives, for fits, which run them
//! very many times.
//!
//! Between events such a model is linear, so that the state moves by the exponential of a small matrix
//! (`step`); at an event it jumps. Derivatives are taken along directions: each says how fast every number of
//! the model changes along it. A test compares all of it with [`crate::patient::compartments`], which integrates.

mod flows;
mod number;
mod step;
#[cfg(test)]
mod tests;

use crate::patient::compartments::Structure;
use crate::treatment::record::{Rate, Record, Steady};
use crate::treatment::schedule::{Cycle, Happening, Timed, schedule};
use flows::Flows;
use il2_engine::linear::Lu;
use std::rc::Rc;
use step::{Rates, Steps};

pub use number::{NoCourse, Number};

/// How a compartment modifies the doses into it, where the model says so and not the table.
#[derive(Clone, Debug, Default)]
pub struct Doses {
    /// Delay (min).
    pub lag: Option<Number>,
    /// Fraction that arrives.
    pub bioavailability: Option<Number>,
    /// Duration of a dose for which no rate is given (min): zero-order absorption.
    pub duration: Option<Number>,
}

/// Numbers that hold up to a record.
#[derive(Clone, Debug)]
pub struct Held {
    /// Those of [`Structure::parameters`].
    pub numbers: Vec<Number>,
    /// For doses of this record into the compartment that takes doses first.
    pub doses: Doses,
}

/// Levels at records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The concentration at every record, after it.
    pub levels: Vec<f64>,
    /// `by[record][direction]`.
    pub by: Vec<Vec<f64>>,
}

/// An infusion that runs.
struct Running {
    until: f64,
    compartment: usize,
    rate: f64,
    rate_by: Vec<f64>,
    until_by: Vec<f64>,
}

/// A state and its derivatives along the directions.
struct State {
    amounts: Vec<f64>,
    by: Vec<Vec<f64>>,
}

/// Runs one subject; `held` has the numbers of each record.
pub fn course(
    structure: Structure,
    records: &[Record],
    held: &[Held],
    directions: usize,
) -> Result<Course, NoCourse> {
    let mut delivered = records.to_vec();
    for (record, held) in delivered.iter_mut().zip(held) {
        deliver(record, &held.doses)?;
    }
    let happenings = schedule(&delivered).map_err(|_| NoCourse::NoNumber)?;
    let mut run = Run::new(structure, &delivered, held, directions)?;
    for Timed { time, what, record, .. } in &happenings {
        run.until(*time)?;
        run.happens(what, *record)?;
    }
    Ok(run.found)
}

fn deliver(record: &mut Record, doses: &Doses) -> Result<(), NoCourse> {
    if record.compartment != 0 || !record.gives() {
        return Ok(());
    }
    let own = [&doses.lag, &doses.bioavailability, &doses.duration];
    if own.iter().copied().flatten().any(|n| !n.value.is_finite() || n.value < 0.0) {
        return Err(NoCourse::NoNumber);
    }
    if let Some(lag) = &doses.lag {
        record.delivery.lag = lag.value;
    }
    if let Some(part) = &doses.bioavailability {
        record.delivery.bioavailability = part.value;
    }
    let takes_time = matches!(record.rate, Rate::AtOnce | Rate::ModelledDuration);
    let duration = doses.duration.as_ref().filter(|_| takes_time);
    if let Some(duration) = duration {
        record.rate = Rate::ModelledDuration;
        record.delivery.duration = duration.value;
    }
    let moved = doses.lag.is_some()
        || duration.is_some()
        || (doses.bioavailability.is_some() && !takes_time);
    if record.steady != Steady::No && moved {
        return Err(NoCourse::Unsupported);
    }
    Ok(())
}

struct Run<'a> {
    structure: Structure,
    flows: Flows,
    records: &'a [Record],
    held: &'a [Held],
    directions: usize,
    state: State,
    running: Vec<Running>,
    now: f64,
    /// Record whose numbers hold.
    numbers: usize,
    rates: Rc<Rates>,
    steps: Steps,
    found: Course,
}

impl<'a> Run<'a> {
    fn new(
        structure: Structure,
        records: &'a [Record],
        held: &'a [Held],
        directions: usize,
    ) -> Result<Self, NoCourse> {
        let flows = Flows::of(structure);
        let n = structure.compartments().len();
        let first = held.first().ok_or(NoCourse::NoNumber)?;
        let rates = Rc::new(flows.rates(&first.numbers)?);
        Ok(Self {
            structure,
            flows,
            records,
            held,
            directions,
            state: State { amounts: vec![0.0; n], by: vec![vec![0.0; n]; directions] },
            running: vec![],
            now: 0.0,
            numbers: 0,
            rates,
            steps: Steps::default(),
            found: Course::default(),
        })
    }

    /// Moves the state to a time, through the ends of infusions on the way.
    fn until(&mut self, time: f64) -> Result<(), NoCourse> {
        loop {
            let ends = self.running.iter().map(|r| r.until).fold(f64::INFINITY, f64::min);
            let next = ends.min(time);
            self.advance(next - self.now);
            self.now = self.now.max(next);
            if ends > time {
                return Ok(());
            }
            let ended = self.running.iter().position(|r| r.until == ends).expect("one ends");
            let ended = self.running.remove(ended);
            // An infusion that ends later has given more.
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

    fn happens(&mut self, what: &Happening, record: usize) -> Result<(), NoCourse> {
        match what {
            Happening::Give { compartment, amount } => {
                let (lag, part, _) = self.dose_by(record);
                let flow = self.rates.times(&unit(*compartment, self.state.amounts.len()));
                self.state.amounts[*compartment] += amount;
                for d in 0..self.directions {
                    self.state.by[d][*compartment] += amount * part[d];
                    // A dose that is given later has flowed for less time.
                    let later = amount * lag[d];
                    self.state.by[d].iter_mut().zip(&flow).for_each(|(b, f)| *b -= later * f);
                }
            }
            Happening::Infuse { compartment, rate, duration } => {
                self.infuse(record, *compartment, *rate, *duration);
            }
            Happening::Reset => {
                self.state.amounts.fill(0.0);
                self.state.by.iter_mut().for_each(|by| by.fill(0.0));
                self.running.clear();
            }
            Happening::Saturate(cycle) => self.saturate(cycle)?,
            Happening::Parameters(next) => {
                if self.held[*next].numbers != self.held[self.numbers].numbers {
                    self.rates = Rc::new(self.flows.rates(&self.held[*next].numbers)?);
                }
                self.numbers = *next;
            }
            Happening::Look(record) => self.look(*record),
        }
        Ok(())
    }

    /// How delay, relative amount and duration of a record's doses change along each direction.
    fn dose_by(&self, record: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let none = || vec![0.0; self.directions];
        if self.records[record].compartment != 0 {
            return (none(), none(), none());
        }
        let doses = &self.held[record].doses;
        let by = |number: &Option<Number>| number.as_ref().map_or_else(none, |n| n.by.clone());
        let relative = |n: &Number| n.by.iter().map(|b| b / n.value).collect();
        let part = doses.bioavailability.as_ref().map_or_else(none, relative);
        (by(&doses.lag), part, by(&doses.duration))
    }

    fn infuse(&mut self, record: usize, compartment: usize, rate: f64, duration: f64) {
        let (lag, part, long) = self.dose_by(record);
        let fixed_rate = matches!(self.records[record].rate, Rate::Given(_) | Rate::Modelled);
        let (mut rate_by, mut until_by) = (vec![], vec![]);
        for d in 0..self.directions {
            // Begins later.
            self.state.by[d][compartment] -= rate * lag[d];
            if fixed_rate {
                rate_by.push(0.0);
                until_by.push(lag[d] + duration * part[d]);
            } else {
                rate_by.push(rate * (part[d] - long[d] / duration));
                until_by.push(lag[d] + long[d]);
            }
        }
        let until = self.now + duration;
        self.running.push(Running { until, compartment, rate, rate_by, until_by });
    }

    fn look(&mut self, record: usize) {
        let numbers = &self.held[record].numbers;
        let volume = &numbers[self.flows.volume];
        let central = self.structure.central();
        let level = self.state.amounts[central] / volume.value;
        let by = self.state.by.iter().zip(&volume.by);
        let by = by.map(|(by, volume_by)| (by[central] - level * volume_by) / volume.value);
        self.found.levels.push(level);
        self.found.by.push(by.collect());
    }

    /// The steady state of repeated doses: a cycle maps a state to `M state + b`.
    fn saturate(&mut self, cycle: &Cycle) -> Result<(), NoCourse> {
        let n = self.state.amounts.len();
        let numbers = &self.held[cycle.record].numbers;
        let rates = match self.held[cycle.record].numbers == self.held[self.numbers].numbers {
            true => self.rates.clone(),
            false => Rc::new(self.flows.rates(numbers)?),
        };
        let (_, part, _) = self.dose_by(cycle.record);
        // Pieces of a cycle up to a time: with the infusion, then without.
        let pieces = |steps: &mut Steps, until: f64| -> Vec<(Rc<step::Step>, f64)> {
            let split = cycle.duration.min(until);
            let mut all = vec![];
            for (over, rate) in
                [(split, cycle.steady_rate + cycle.rate), (until - split, cycle.steady_rate)]
            {
                if over > 0.0 {
                    all.push((steps.of(&rates, over, &[cycle.compartment]), rate));
                }
            }
            all
        };
        let run = |pieces: &[(Rc<step::Step>, f64)], state: &mut State, feeds: bool| {
            for (step, rate) in pieces {
                let rate = if feeds { *rate } else { 0.0 };
                let moved = step.moved(&state.amounts, &[rate]);
                for d in 0..self.directions {
                    let mut by = step.moved(&state.by[d], &[rate * part[d]]);
                    for (p, number) in numbers.iter().enumerate().filter(|(_, n)| n.by[d] != 0.0) {
                        let through = step.moved_by(p, &state.amounts, &[rate]);
                        by.iter_mut().zip(through).for_each(|(b, t)| *b += t * number.by[d]);
                    }
                    state.by[d] = by;
                }
                state.amounts = moved;
            }
        };
        let whole = pieces(&mut self.steps, cycle.interval);
        let given = |state: &mut State| {
            state.amounts[cycle.compartment] += cycle.amount;
            for d in 0..self.directions {
                state.by[d][cycle.compartment] += cycle.amount * part[d];
            }
        };
        let empty = || State { amounts: vec![0.0; n], by: vec![vec![0.0; n]; self.directions] };
        let mut fed = empty();
        given(&mut fed);
        run(&whole, &mut fed, true);
        let mut matrix = vec![0.0; n * n];
        for c in 0..n {
            let mut alone = empty();
            alone.amounts[c] = 1.0;
            run(&whole, &mut alone, false);
            for r in 0..n {
                matrix[r * n + c] = f64::from(u8::from(r == c)) - alone.amounts[r];
            }
        }
        let solver = Lu::new(n, matrix).ok_or(NoCourse::Endless)?;
        let mut steady = State { amounts: solver.solve(&fed.amounts), by: vec![] };
        if steady.amounts.iter().any(|x| !x.is_finite() || *x < -1e-6 * cycle.amount.max(1.0)) {
            return Err(NoCourse::Endless);
        }
        // Differentiated: the state after a cycle that starts here, held fixed, and the same solution.
        steady.by = vec![vec![0.0; n]; self.directions];
        let mut once = State { amounts: steady.amounts.clone(), by: steady.by.clone() };
        given(&mut once);
        run(&whole, &mut once, true);
        steady.by = once.by.iter().map(|by| solver.solve(by)).collect();
        given(&mut steady);
        let rest = pieces(&mut self.steps, cycle.phase);
        run(&rest, &mut steady, true);
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
