//! What happens when: records with their repetitions, delays, resets and steady states worked out.
//!
//! The traps are NONMEM's and meant: bioavailability scales the duration where a rate is given and the
//! rate where a duration is; a dose of a row acts before what follows it in the file at the same time,
//! a repeated or delayed dose before every row of its time; a row's parameters hold over the interval
//! that ends with it.

use crate::treatment::record::{Kind, Rate, Record, Steady};

/// Something that happens.
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
    },
    /// Every compartment is as at the start.
    Reset,
    /// The state becomes, or gains, that of doses since ever.
    Saturate(Box<Cycle>),
    /// From here on the parameters of this record hold.
    Parameters(usize),
    /// The state is looked at, for this record.
    Look(usize),
}

/// What has been repeated for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// Record whose parameters it runs on.
    pub record: usize,
    /// Whether it is added to what is there.
    pub adds: bool,
    /// Compartment, from 0.
    pub compartment: usize,
    /// Amount at the start of each cycle.
    pub amount: f64,
    /// Rate that flows all the time (amount/min).
    pub steady_rate: f64,
    /// Rate that flows on top of it from the start of each cycle (amount/min).
    pub rate: f64,
    /// How long (min), shorter than the cycle.
    pub duration: f64,
    /// Length of the cycle (min).
    pub interval: f64,
    /// Time since the start of the last cycle at which the state is taken (min); at 0 what is given at
    /// its start is there.
    pub phase: f64,
}

/// A happening and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// Since the first record (min), never falling back.
    pub time: f64,
    /// What.
    pub what: Happening,
    /// Record that brought it about.
    pub record: usize,
    /// At one time: doses of earlier records first, then the records as they stand.
    order: usize,
}

/// A dose as it goes in.
#[derive(Clone, Copy, Debug)]
enum Input {
    AtOnce(f64),
    Over { rate: f64, duration: f64 },
}

/// How a dose goes in: what arrives, at once or how fast and for how long.
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

/// Time of each record since the first (min), never falling back: a reset whose time falls back begins
/// at once.
///
/// # Errors
/// The place of a record whose time falls back without a reset.
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

/// Works out what happens for the records of one subject, in their order. Records must be without
/// [`Record::problem`].
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

/// How many doses and pieces of infusions a record brings about at most, where the table ends so long
/// after it (min): what a schedule of them takes room for.
pub fn most_doses(record: &Record, end: f64) -> f64 {
    if !record.gives() {
        return 0.0;
    }
    let often = |time: f64| if record.interval > 0.0 { time / record.interval } else { 0.0 };
    let flowing =
        if record.steady == Steady::No { 0.0 } else { often(record.duration().unwrap_or(0.0)) };
    // A reset may have set the table's time back.
    let seen = if end >= 0.0 { often(end) } else { f64::INFINITY };
    1.0 + f64::from(record.additional).min(seen) + flowing
}

fn begins_anew(record: &Record) -> bool {
    matches!(record.kind, Kind::Reset | Kind::ResetAndDose)
}

/// A reset calls off what has not happened yet and ends what is flowing.
fn call_off(all: &mut Vec<Timed>, time: f64) {
    all.retain(|t| t.time <= time);
    for timed in all {
        if let Happening::Infuse { duration, .. } = &mut timed.what {
            *duration = duration.min(time - timed.time);
        }
    }
}

/// The doses of a record: those since ever, its own, and those after it.
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
        // What comes after the last record is seen by nobody.
        if time + delay > end {
            break;
        }
        // Only the row's own dose, without delay, happens in the order of the file.
        let order = if delay == 0.0 { order } else { 0 };
        let what = match input {
            Input::AtOnce(amount) => Happening::Give { compartment, amount },
            Input::Over { rate, duration } => Happening::Infuse { compartment, rate, duration },
        };
        all.push(Timed { time: time + delay, what, record: i, order });
    }
}

/// The state of doses since ever, `phase` after the last of them, and what of their infusions still
/// flows. A dose that is delayed by more than its interval would have others on their way; NONMEM has
/// none, but takes the state right at the start of the cycle, and lets its infusions flow as long as if
/// it had been taken before (a test holds what NONMEM 7.6 printed).
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
            // Infusions longer than the interval overlap: so many flow all the time.
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
            let what = Happening::Infuse { compartment, rate, duration: left };
            all.push(Timed { time, what, record: i, order });
            left -= interval;
        }
    }
}
