//! The events of records: repetitions, delays, resets and steady states expanded.
//!
//! The rules are those of NONMEM: bioavailability scales the duration where a rate is given and the rate
//! where a duration is; a dose of a row acts before what follows it in the file at the same time, a repeated
//! or delayed dose before every row of its time; a row's parameters hold over the interval that ends with it.

use crate::treatment::record::{Kind, Rate, Record, Steady};

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// An amount appears in a compartment.
    Give {
        /// Compartment, from 0.
        compartment: usize,
        /// In the model's amounts.
        amount: f64,
    },
    /// An amount flows into a compartment.
    Infuse {
        /// Compartment, from 0.
        compartment: usize,
        /// Amount per minute.
        rate: f64,
        /// How long (min).
        duration: f64,
        /// Whether it is what is left of an infusion that began before its record, at a steady state.
        running: bool,
    },
    /// All compartments are reset to the start.
    Reset,
    /// The steady state replaces the state or is added to it.
    Saturate(Box<Cycle>),
    /// The parameters of this record hold from here on.
    Parameters(usize),
    /// The observation of this record.
    Look(usize),
}

/// A dose that is repeated to steady state.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// Record whose parameters it runs on.
    pub record: usize,
    /// Whether it is added to the present state.
    pub adds: bool,
    /// Compartment, from 0.
    pub compartment: usize,
    /// Amount at the start of each cycle.
    pub amount: f64,
    /// Constant rate (amount/min).
    pub steady_rate: f64,
    /// Additional rate from the start of each cycle (amount/min).
    pub rate: f64,
    /// How long (min), shorter than the cycle.
    pub duration: f64,
    /// Length of the cycle (min).
    pub interval: f64,
    /// Time since the start of the last cycle at which the state is taken (min); at 0 the dose at its start
    /// is included.
    pub phase: f64,
}

/// An event and its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// Since the first record (min), never decreasing.
    pub time: f64,
    /// What.
    pub what: Happening,
    /// Record that caused it.
    pub record: usize,
    /// At one time: doses of earlier records first, then the records in their order.
    order: usize,
}

/// A dose as it enters a compartment.
#[derive(Clone, Copy, Debug)]
enum Input {
    AtOnce(f64),
    Over { rate: f64, duration: f64 },
}

/// The amount that arrives, as a bolus or with rate and duration.
fn input(record: &Record) -> Input {
    let arrives = record.delivery.bioavailability * record.amount;
    let Some(duration) = record.duration() else { return Input::AtOnce(arrives) };
    let rate = match record.rate {
        Rate::Given(rate) => rate,
        Rate::Modelled => record.delivery.rate,
        Rate::AtOnce | Rate::ModelledDuration => arrives / duration,
    };
    Input::Over { rate, duration }
}

/// Time of each record since the first (min), never decreasing: a reset with an earlier TIME takes place
/// immediately.
///
/// # Errors
/// The index of a record whose time decreases without a reset.
pub fn elapsed(records: &[Record]) -> Result<Vec<f64>, usize> {
    let (mut origin, mut last) = (records.first().map_or(0.0, |first| first.time), 0.0);
    let mut times = vec![];
    for (i, record) in records.iter().enumerate() {
        let mut time = record.time - origin;
        if time < last {
            if !begins_anew(record) {
                return Err(i);
            }
            origin = record.time - last;
            time = last;
        }
        times.push(time);
        last = time;
    }
    Ok(times)
}

/// Expands the records of one subject into events, in order. Records must be without [`Record::problem`].
///
/// # Errors
/// As [`elapsed`].
pub fn schedule(records: &[Record]) -> Result<Vec<Timed>, usize> {
    let mut all: Vec<Timed> = vec![];
    let times = elapsed(records)?;
    let last = times.last().copied().unwrap_or(0.0);
    for (i, record) in records.iter().enumerate() {
        let (time, order) = (times[i], i + 1);
        if record.resets() {
            call_off(&mut all, time);
        }
        let own = |what: Happening| Timed { time, what, record: i, order };
        if begins_anew(record) {
            all.push(own(Happening::Reset));
        }
        if record.gives() {
            give(&mut all, record, i, (time, order), last);
        }
        all.push(own(Happening::Look(i)));
        if times.get(i + 1).is_some_and(|&next| next > time) {
            all.push(own(Happening::Parameters(i + 1)));
        }
    }
    all.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.order.cmp(&b.order)));
    Ok(all)
}

/// Most doses and infusions that a record causes until the end of the table, so long after it (min): the
/// memory that a schedule needs.
pub fn most_doses(record: &Record, end: f64) -> f64 {
    if !record.gives() {
        return 0.0;
    }
    let often = |time: f64| if record.interval > 0.0 { time / record.interval } else { 0.0 };
    let flowing =
        if record.steady == Steady::No { 0.0 } else { often(record.duration().unwrap_or(0.0)) };
    // A reset may have set TIME back.
    let seen = if end >= 0.0 { often(end) } else { f64::INFINITY };
    1.0 + f64::from(record.additional).min(seen) + flowing
}

fn begins_anew(record: &Record) -> bool {
    matches!(record.kind, Kind::Reset | Kind::ResetAndDose)
}

/// A reset cancels pending doses and stops running infusions.
fn call_off(all: &mut Vec<Timed>, time: f64) {
    all.retain(|t| t.time <= time);
    for timed in all {
        if let Happening::Infuse { duration, .. } = &mut timed.what {
            *duration = duration.min(time - timed.time);
        }
    }
}

/// The doses of a record: those before it to steady state, its own, and those after it.
fn give(all: &mut Vec<Timed>, record: &Record, i: usize, (time, order): (f64, usize), end: f64) {
    let compartment = record.compartment;
    let adds = record.steady == Steady::Adds;
    if record.is_constant() {
        let rate = match record.rate {
            Rate::Given(rate) => rate,
            _ => record.delivery.rate,
        };
        let cycle = Cycle {
            record: i,
            adds,
            compartment,
            amount: 0.0,
            steady_rate: rate,
            rate: 0.0,
            duration: 0.0,
            interval: 60.0,
            phase: 0.0,
        };
        all.push(Timed { time, what: Happening::Saturate(Box::new(cycle)), record: i, order });
        return;
    }
    let (input, lag, interval) = (input(record), record.delivery.lag, record.interval);
    if record.steady != Steady::No {
        saturate(all, record, i, (time, order), input, interval - lag);
    }
    for k in 0..=record.additional {
        let delay = lag + f64::from(k) * interval;
        // Doses after the last record are never observed.
        if time + delay > end {
            break;
        }
        // Only the row's own dose, without delay, is in the order of the file.
        let order = if delay == 0.0 { order } else { 0 };
        let what = match input {
            Input::AtOnce(amount) => Happening::Give { compartment, amount },
            Input::Over { rate, duration } => {
                Happening::Infuse { compartment, rate, duration, running: false }
            }
        };
        all.push(Timed { time: time + delay, what, record: i, order });
    }
}

/// The steady state, `phase` after the last dose, and its infusions that are still running. With a delay
/// longer than the interval other doses would be pending; NONMEM has none, but takes the state at the start
/// of the cycle, and lets infusions run as if it had been taken before (a test has the output of NONMEM 7.6).
fn saturate(
    all: &mut Vec<Timed>,
    record: &Record,
    i: usize,
    (time, order): (f64, usize),
    input: Input,
    phase: f64,
) {
    let (compartment, interval) = (record.compartment, record.interval);
    let mut cycle = Cycle {
        record: i,
        adds: record.steady == Steady::Adds,
        compartment,
        amount: 0.0,
        steady_rate: 0.0,
        rate: 0.0,
        duration: 0.0,
        interval,
        phase: phase.max(0.0),
    };
    match input {
        Input::AtOnce(amount) => cycle.amount = amount,
        Input::Over { rate, duration } => {
            // Infusions longer than the interval overlap: this many are always running.
            let whole = (duration / interval).floor();
            cycle.steady_rate = whole * rate;
            cycle.rate = rate;
            cycle.duration = duration - whole * interval;
        }
    }
    all.push(Timed { time, what: Happening::Saturate(Box::new(cycle)), record: i, order });
    if let Input::Over { rate, duration } = input {
        let mut left = duration - phase;
        while left > 0.0 {
            let what = Happening::Infuse { compartment, rate, duration: left, running: true };
            all.push(Timed { time, what, record: i, order });
            left -= interval;
        }
    }
}
