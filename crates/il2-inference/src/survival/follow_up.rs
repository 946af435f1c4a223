//! Follow-up times, with an event or censored, and the number at risk.

use super::error::{StatisticsError, within};

/// How long a subject was followed, and whether follow-up ended with the event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FollowUp {
    /// Time from entry, at least 0.
    pub time: f64,
    /// True for an event, false if follow-up ended without it (censored). `CNSR` in a CDISC table
    /// has the opposite meaning.
    pub event: bool,
}

/// A time at which follow-up ended for at least one subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tally {
    pub time: f64,
    /// Number of subjects followed up to this time or longer: a subject censored at the time of an
    /// event counts as at risk.
    pub at_risk: usize,
    pub events: usize,
    pub censored: usize,
}

/// Rejects an empty sample and invalid times.
pub(super) fn check(records: &[FollowUp]) -> Result<(), StatisticsError> {
    if records.is_empty() {
        return Err(StatisticsError::Empty { what: "the sample".into() });
    }
    for (row, record) in records.iter().enumerate() {
        within("the time", row, record.time, "a finite number of at least 0", |t| t >= 0.0)?;
    }
    Ok(())
}

/// In addition rejects a sample without events.
pub(super) fn check_events(records: &[FollowUp]) -> Result<(), StatisticsError> {
    check(records)?;
    match records.iter().any(|record| record.event) {
        true => Ok(()),
        false => Err(StatisticsError::NoEvents { what: "the sample".into() }),
    }
}

/// Counts at each time, in increasing order.
pub(super) fn tally(records: &[FollowUp]) -> Vec<Tally> {
    let mut sorted = records.to_vec();
    sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
    let mut at_risk = sorted.len();
    let tied = sorted.chunk_by(|a, b| a.time == b.time);
    tied.map(|tied| {
        let events = tied.iter().filter(|record| record.event).count();
        let censored = tied.len() - events;
        let here = Tally { time: tied[0].time, at_risk, events, censored };
        at_risk -= tied.len();
        here
    })
    .collect()
}

/// The last step (in order of time) at or before a time; none before the first.
pub(super) fn step_at<T>(steps: &[T], time: f64, time_of: impl Fn(&T) -> f64) -> Option<&T> {
    steps.partition_point(|step| time_of(step) <= time).checked_sub(1).map(|i| &steps[i])
}
