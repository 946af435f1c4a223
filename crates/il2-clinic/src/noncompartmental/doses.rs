//! The doses and samples of a subject, in order.

use crate::noncompartmental::plan::{Plan, Route};
use il2::treatment::schedule::{DoseEvent, schedule};

/// A dose of a subject, or several at one time.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// Time since the first record (min).
    pub time: f64,
    /// Amount in base units; NaN for a constant infusion.
    pub amount: f64,
    /// Whether it is an intravenous bolus.
    pub bolus: bool,
    /// Duration of an infusion (min); NaN if doses at one time have several.
    pub duration: Option<f64>,
    /// What the record says about doses before it.
    pub before: Before,
    /// Number of resets (EVID 3 or 4) before it.
    pub period: usize,
    /// Number of resets and of steady states that replace everything before it.
    pub series: usize,
    /// Place among all events of the subject, of which those at the same time are in order.
    pub order: usize,
}

/// What the record of a dose says about doses before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Before {
    /// Nothing.
    Unsaid,
    /// The same dose at this interval (min), since long ago (SS 1).
    Every(f64),
    /// The same, and other doses as well (SS 2).
    EveryAndOthers(f64),
    /// A constant infusion, which stops.
    Constant,
}

/// A row that may have a measurement.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Time since the first record (min).
    pub time: f64,
    /// Place among all events of the subject.
    pub order: usize,
    /// Index of the record.
    pub record: usize,
    /// Number of resets before it.
    pub period: usize,
}

/// Doses and rows of a subject.
pub fn doses(plan: &Plan, subject: usize) -> (Vec<Given>, Vec<Look>) {
    let of = &plan.table.subjects[subject];
    let events = schedule(&of.records).expect("checked in the plan");
    let (mut all, mut looks): (Vec<Given>, Vec<Look>) = (vec![], vec![]);
    let (mut period, mut series) = (0, 0);
    let mut saturated: Option<(usize, Before)> = None;
    for (order, timed) in events.iter().enumerate() {
        let time = timed.time;
        let interval = of.records[timed.record].interval;
        let (amount, duration) = match &timed.what {
            DoseEvent::Reset => {
                period += 1;
                series += 1;
                continue;
            }
            DoseEvent::Look(record) => {
                looks.push(Look { time, order, record: *record, period });
                continue;
            }
            // The row's own dose follows, except that a constant infusion has none.
            DoseEvent::Saturate(cycle) => {
                series += usize::from(!cycle.adds);
                let before = match (of.records[timed.record].is_constant(), cycle.adds) {
                    (true, _) => Before::Constant,
                    (false, false) => Before::Every(interval),
                    (false, true) => Before::EveryAndOthers(interval),
                };
                saturated = Some((timed.record, before));
                if before != Before::Constant {
                    continue;
                }
                (f64::NAN, None)
            }
            DoseEvent::Give { amount, .. } => (*amount, None),
            DoseEvent::Infuse { rate, duration, running: false, .. } => {
                (rate * duration, Some(*duration))
            }
            // Infusions that began before the record belong to earlier doses.
            _ => continue,
        };
        let own = saturated.take_if(|(record, _)| *record == timed.record);
        let before = own.map_or(Before::Unsaid, |(_, before)| before);
        let bolus =
            plan.route == Route::Intravenous && matches!(timed.what, DoseEvent::Give { .. });
        match all.last_mut() {
            Some(last) if last.time == time && last.series == series => {
                last.amount += amount;
                last.bolus |= bolus;
                last.order = order;
                last.duration = if last.duration == duration { duration } else { Some(f64::NAN) };
                if last.before != before {
                    last.before = match (last.before, before) {
                        (Before::Constant, _) | (_, Before::Constant) => Before::Constant,
                        _ => Before::EveryAndOthers(interval),
                    };
                }
            }
            _ => all.push(Given { time, amount, bolus, duration, before, period, series, order }),
        }
    }
    (all, looks)
}

/// Time from a dose to the next (min): at steady state that of the record, after the last dose of a
/// series that before it.
pub fn interval(doses: &[Given], d: usize) -> Option<f64> {
    let own = &doses[d];
    let next = doses.get(d + 1).filter(|next| next.period == own.period);
    let gap = next.map(|next| next.time - own.time);
    let every = |of: &Given| match of.before {
        Before::Every(interval) => Some(interval),
        _ => None,
    };
    if let Some(every) = every(own) {
        return Some(gap.map_or(every, |gap| gap.min(every)));
    }
    match next.zip(gap) {
        Some((next, gap)) if next.series == own.series => Some(gap),
        // Doses at steady state follow, of which the table has none between these two.
        Some((next, gap)) => every(next).map(|every| gap.min(every)),
        None => before(doses, d).map(|before| own.time - before.time),
    }
}

/// The dose before, unless a reset or a steady state removed what it left.
pub fn before(doses: &[Given], d: usize) -> Option<&Given> {
    d.checked_sub(1).map(|b| &doses[b]).filter(|before| before.series == doses[d].series)
}
