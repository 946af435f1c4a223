//! The wells of a curve.

use crate::answer::status;
use il2::culture::{Prepared, Well};
use il2_engine::LaneFailure;
use il2_study::Study;
use std::collections::BTreeMap;

/// Responses of one readout over doses, the baseline first.
#[derive(Default)]
pub(crate) struct Responses {
    /// `[dose][time]`, NaN after a simulation failed.
    pub values: Vec<f64>,
    pub times: usize,
    /// Simulations that failed, by dose, and why.
    pub failures: BTreeMap<usize, LaneFailure>,
}

impl Responses {
    /// At one time, dose by dose.
    pub fn at(&self, time: usize) -> impl Iterator<Item = f64> {
        self.values.iter().skip(time).step_by(self.times).copied()
    }

    /// `ok`, or why the simulation of a dose failed.
    pub fn status(&self, dose: usize) -> String {
        status(self.failures.get(&dose))
    }
}

/// Most states kept at once while a curve is solved.
const TIMES_AT_ONCE: usize = 40_000;

/// Runs the wells of a curve, one after the other in `doses`. Whole results have every species at every time,
/// so only a few wells are kept at a time.
pub(crate) fn curve_lanes(
    prepared: &Prepared,
    study: &Study,
    wells: impl Iterator<Item = Well>,
    readout: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Responses {
    let mut wells = wells.peekable();
    let times = wells.peek().map_or(0, |well| well.times.len());
    let mut found = Responses { times, ..Responses::default() };
    while wells.peek().is_some() {
        let some = (TIMES_AT_ONCE / times.max(1)).clamp(1, 1024);
        let some: Vec<Well> = wells.by_ref().take(some).collect();
        for ran in prepared.run_all(&some, study.tolerance) {
            let dose = found.values.len() / times.max(1);
            found.values.extend(ran.rows.iter().map(|row| row[readout]));
            found.values.resize((dose + 1) * times, f64::NAN);
            found.failures.extend(ran.failure.map(|why| (dose, why)));
        }
        progress(some.len());
    }
    found
}
