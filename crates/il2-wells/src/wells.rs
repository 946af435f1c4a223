//! Runs the wells of a curve.

use il2::culture::{Numbers, Prepared, Well};
use il2_answer::answer::status;
use il2_engine::LaneFailure;
use il2_study::Study;
use std::collections::BTreeMap;

/// Responses of one readout by dose, the baseline first.
#[derive(Clone, Default)]
pub(crate) struct Responses {
    /// Values by `[dose][time]`; NaN after a simulation failed.
    pub values: Vec<f64>,
    pub times: usize,
    /// Simulations that failed, by dose, and why.
    pub failures: BTreeMap<usize, LaneFailure>,
}

impl Responses {
    /// Responses at one time, by dose.
    pub fn at(&self, time: usize) -> impl Iterator<Item = f64> {
        self.values.iter().skip(time).step_by(self.times).copied()
    }

    /// `ok`, or why the simulation of a dose failed.
    pub fn status(&self, dose: usize) -> String {
        status(self.failures.get(&dose))
    }
}

/// Runs the wells of a curve, the baseline first.
pub(crate) fn curve_lanes(
    prepared: &Prepared,
    study: &Study,
    wells: &[Well],
    readout: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Responses {
    curves(prepared, &[prepared.numbers()], study, (wells, readout), progress).remove(0)
}

/// Runs the same wells with several sets of numbers as one ensemble; returns a curve for each set.
pub(crate) fn curves(
    prepared: &Prepared,
    numbers: &[Numbers],
    study: &Study,
    (wells, readout): (&[Well], usize),
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Responses> {
    let (count, times) = (wells.len(), wells.first().map_or(0, |well| well.times.len()));
    let empty = Responses { times, ..Responses::default() };
    let mut all = vec![empty; numbers.len()];
    let mut done = 0;
    let of = |index: usize| (&numbers[index / count], &wells[index % count]);
    prepared.read_all(numbers.len() * count, of, readout, study.tolerance, |read| {
        let (curve, well) = (&mut all[done / count], done % count);
        curve.values.extend(read.values);
        curve.values.resize((well + 1) * times, f64::NAN);
        curve.failures.extend(read.failure.map(|why| (well, why)));
        done += 1;
        if done.is_multiple_of(count) {
            progress(count);
        }
    });
    all
}
