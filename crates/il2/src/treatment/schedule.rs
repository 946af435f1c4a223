//! Expands records to events: repetitions, delays, resets and steady states.
//!
//! The rules are those of NONMEM. Bioavailability scales the duration if a rate is given, and the
//! rate if a duration is given. A row's own dose acts before later rows of the file at the same
//! time, and a repeated or delayed dose before every row at its time. A row's parameters apply to
//! the interval that ends with the row.

use crate::treatment::record::{Kind, Rate, Record, Steady};

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub enum DoseEvent {
    /// A bolus into a compartment.
    Give {
        /// Index of the compartment, from 0.
        compartment: usize,
        /// Amount in the unit of the model.
        amount: f64,
    },
    /// An infusion into a compartment.
    Infuse {
        /// Index of the compartment, from 0.
        compartment: usize,
        /// Rate in amount per minute.
        rate: f64,
        /// Duration (min).
        duration: f64,
        /// Whether it is the rest of an infusion that, at steady state, began before its record.
        running: bool,
    },
    /// All compartments are reset to their initial state.
    Reset,
    /// The steady state replaces the state or is added to it.
    Saturate(Box<Cycle>),
    /// The parameters of this record apply from here on.
    Parameters(usize),
    /// The observation of this record.
    Look(usize),
}

/// A dose that is repeated to steady state.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// Record whose parameters are used.
    pub record: usize,
    /// Whether the steady state is added to the present state.
    pub adds: bool,
    /// Index of the compartment, from 0.
    pub compartment: usize,
    /// Amount at the start of each cycle.
    pub amount: f64,
    /// Constant rate (amount/min).
    pub steady_rate: f64,
    /// Additional rate from the start of each cycle (amount/min).
    pub rate: f64,
    /// Duration of the additional rate (min), shorter than the cycle.
    pub duration: f64,
    /// Length of the cycle (min).
    pub interval: f64,
    /// Time since the start of the last cycle at which the state is taken (min); at 0 the dose at
    /// the start of the cycle is included.
    pub phase: f64,
}

/// An event and its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// Time since the first record (min), never decreasing.
    pub time: f64,
    /// The event.
    pub what: DoseEvent,
    /// Index of the record that caused it.
    pub record: usize,
    /// Order at the same time: doses of earlier records first, then the records in their order.
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

/// Time of each record since the first (min), never decreasing: a reset with an earlier TIME
/// happens immediately.
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

/// Expands the records of one subject into events, in order. No record may have a
/// [`Record::problem`].
///
/// # Errors
/// As for [`elapsed`].
pub fn schedule(records: &[Record]) -> Result<Vec<Timed>, usize> {
    let mut all: Vec<Timed> = vec![];
    let times = elapsed(records)?;
    let last = times.last().copied().unwrap_or(0.0);
    for (i, record) in records.iter().enumerate() {
        let (time, order) = (times[i], i + 1);
        if record.resets() {
            call_off(&mut all, time);
        }
        let own = |what: DoseEvent| Timed { time, what, record: i, order };
        if begins_anew(record) {
            all.push(own(DoseEvent::Reset));
        }
        if record.gives() {
            give(&mut all, record, i, (time, order), last);
        }
        all.push(own(DoseEvent::Look(i)));
        if times.get(i + 1).is_some_and(|&next| next > time) {
            all.push(own(DoseEvent::Parameters(i + 1)));
        }
    }
    all.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.order.cmp(&b.order)));
    Ok(all)
}

/// Upper limit on the number of doses and infusions that a record causes until the end of the
/// table, which is this long after it (min); it determines the memory that a schedule needs.
pub fn most_doses(record: &Record, end: f64) -> f64 {
    if !record.gives() {
        return 0.0;
    }
    let often = |time: f64| if record.interval > 0.0 { time / record.interval } else { 0.0 };
    let flowing =
        if record.steady == Steady::No { 0.0 } else { often(record.duration().unwrap_or(0.0)) };
    // A reset may have moved TIME back.
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
        if let DoseEvent::Infuse { duration, .. } = &mut timed.what {
            *duration = duration.min(time - timed.time);
        }
    }
}

/// Adds the doses of a record: those before it to reach steady state, its own, and those after it.
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
        all.push(Timed { time, what: DoseEvent::Saturate(Box::new(cycle)), record: i, order });
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
        // Only the row's own dose, without delay, follows the order of the file.
        let order = if delay == 0.0 { order } else { 0 };
        let what = match input {
            Input::AtOnce(amount) => DoseEvent::Give { compartment, amount },
            Input::Over { rate, duration } => {
                DoseEvent::Infuse { compartment, rate, duration, running: false }
            }
        };
        all.push(Timed { time: time + delay, what, record: i, order });
    }
}

/// The steady state, `phase` after the last dose, and its infusions that are still in progress. If
/// the delay is longer than the interval, other doses would be pending. NONMEM ignores them, but
/// takes the state at the start of the cycle, and continues infusions as if it had been taken
/// before (a test contains the output of NONMEM 7.6).
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
            // Infusions longer than the interval overlap, and this many are always in progress.
            let whole = (duration / interval).floor();
            cycle.steady_rate = whole * rate;
            cycle.rate = rate;
            cycle.duration = duration - whole * interval;
        }
    }
    all.push(Timed { time, what: DoseEvent::Saturate(Box::new(cycle)), record: i, order });
    if let Input::Over { rate, duration } = input {
        let mut left = duration - phase;
        while left > 0.0 {
            let what = DoseEvent::Infuse { compartment, rate, duration: left, running: true };
            all.push(Timed { time, what, record: i, order });
            left -= interval;
        }
    }
}
