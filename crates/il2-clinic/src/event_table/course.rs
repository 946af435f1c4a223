//! The curve of a subject: its times, and its points in chronological order.

use crate::event_table::plan::Plan;
use il2::treatment::schedule::{DoseEvent, elapsed};
use il2_study::event_table::Subject;

/// Times of a subject's curve (min since the first record): evenly spaced times, starts and ends of
/// doses, and records.
pub fn drawn_times(plan: &Plan, subject: usize) -> Vec<f64> {
    const POINTS: usize = 500;
    let last = since_first(&plan.table.subjects[subject]).last().copied().unwrap_or(0.0);
    let turns = plan.dose_events(subject).into_iter().flat_map(|timed| match timed.what {
        DoseEvent::Infuse { duration, .. } => [Some(timed.time), Some(timed.time + duration)],
        // An output at the time of a dose comes before the dose.
        DoseEvent::Give { .. } => [Some(timed.time), Some(timed.time + last * JUST_AFTER)],
        _ => [None; 2],
    });
    let turns: Vec<f64> = turns.flatten().filter(|t| *t < last).collect();
    // A figure cannot show more; if there are very many doses, only some are drawn.
    let every = turns.len().div_ceil(4 * POINTS).max(1);
    let even = (0..POINTS).map(|k| last * k as f64 / POINTS as f64);
    let mut times: Vec<f64> = even.chain(turns.into_iter().step_by(every)).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
}

/// Time after a bolus at which its curve is drawn, as a fraction of the axis: less than the width of a line.
const JUST_AFTER: f64 = 1e-6;

/// A curve with its highest and lowest points added.
pub fn with_turns(mut points: Vec<(f64, f64)>, turns: Option<&[(f64, f64); 2]>) -> Vec<(f64, f64)> {
    // An existing point keeps its place: before the dose at its time, not after the peak.
    let new =
        |turn: &&(f64, f64)| turn.0.is_finite() && turn.1.is_finite() && !points.contains(turn);
    let turns: Vec<(f64, f64)> = turns.into_iter().flatten().filter(new).copied().collect();
    points.extend(turns);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.dedup();
    points
}

/// Time of each record since the first (min).
pub fn since_first(subject: &Subject) -> Vec<f64> {
    elapsed(&subject.records).expect("checked in the plan")
}

/// States at the records and between them, each with the record whose numbers apply and its time on
/// the axis: TIME of the first record plus the time since then, which a reset does not change.
pub fn course<'a>(
    plan: &Plan,
    subject: usize,
    between: &'a [Vec<f64>],
    at_records: &'a [Vec<f64>],
) -> Vec<(f64, usize, &'a Vec<f64>)> {
    let times = drawn_times(plan, subject);
    let subject = &plan.table.subjects[subject];
    let since = since_first(subject);
    let place = |time: f64| since.iter().position(|&r| r >= time).unwrap_or(since.len() - 1);
    let drawn = times.into_iter().zip(between).map(|(time, x)| (time, place(time), x));
    let looked = at_records.iter().enumerate().map(|(r, x)| (since[r], r, x));
    let mut all: Vec<_> = drawn.chain(looked).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let origin = subject.records[0].time;
    all.iter_mut().for_each(|(time, ..)| *time = (*time + origin) / plan.factors.time);
    all
}
