//! Times with an event or censored, and the number at risk.

use super::error::{StatisticsError, within};

/// How long a subject was followed, and whether the event then happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FollowUp {
    /// Time from entry, at least 0.
    pub time: f64,
    /// True for an event, false where follow-up ended without it (censored). `CNSR` of a CDISC table is the
    /// reverse.
    pub event: bool,
}

/// One time at which follow-up ended for somebody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tally {
    pub time: f64,
    /// Followed up to this time or longer: who is censored at the time of an event counts as at risk.
    pub at_risk: usize,
    pub events: usize,
    pub censored: usize,
}

/// Refuses an empty sample and invalid times.
pub(super) fn check(records: &[FollowUp]) -> Result<(), StatisticsError> {
    if records.is_empty() {
        return Err(StatisticsError::Empty { what: "the sample".into() });
    }
    for (row, record) in records.iter().enumerate() {
        within("the time", row, record.time, "a finite number of at least 0", |t| t >= 0.0)?;
    }
    Ok(())
}

/// Refuses a sample without events, too.
pub(super) fn check_events(records: &[FollowUp]) -> Result<(), StatisticsError> {
    check(records)?;
    match records.iter().any(|record| record.event) {
        true => Ok(()),
        false => Err(StatisticsError::NoEvents { what: "the sample".into() }),
    }
}

/// Counts at each time, which increase.
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

/// The last of the steps, in order of time, that is not later; none before the first.
pub(super) fn step_at<T>(steps: &[T], time: f64, time_of: impl Fn(&T) -> f64) -> Option<&T> {
    steps.partition_point(|step| time_of(step) <= time).checked_sub(1).map(|i| &steps[i])
}
