//! Draws for intervals of a culture: the same well with other fitted rates and receptor counts.
//! Numbers of secretion, growth and suppression are the same in every draw, because no measured
//! uncertainty of them is known.

use crate::culture::draws::Quantity;
use crate::culture::kind::PlannedKind;
use crate::culture::plan::Plan;
use il2::culture::Well;
use il2::culture::kinds::{Culture, CultureRan, CultureWell, Kind};
use il2::culture::uncertainty::drawn;
use il2_study::study::Study;

/// Largest number of times, besides those of the study, at which draws are read for figures.
const FOR_FIGURES: usize = 60;

/// The courses of all draws of a well.
pub struct Drawn {
    /// Times at which draws are read (min).
    times: Vec<f64>,
    /// Indices of the readouts that are kept, in increasing order.
    kept: Vec<usize>,
    /// The courses, with the kept readouts only.
    all: Vec<CultureRan>,
}

impl Drawn {
    /// Times at which draws are read (min).
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// A number in each draw, in the order of draws; NaN for a draw that failed. Empty at other
    /// times.
    pub fn values(&self, of: Quantity, time: f64) -> Vec<f64> {
        let Some(at) = self.times.iter().position(|t| *t == time) else { return vec![] };
        let read = |ran: &CultureRan| match of {
            Quantity::Readout(place) => {
                let place = self.kept.binary_search(&place).ok();
                place.zip(ran.rows.get(at)).map_or(f64::NAN, |(place, row)| row[place])
            }
            other => ran.balances.get(at).map_or(f64::NAN, |all| other.of_balances(all)),
        };
        self.all.iter().map(read).collect()
    }

    /// Number of draws that were solved up to the last time.
    pub fn solved(&self) -> usize {
        self.all.iter().filter(|ran| ran.failure.is_none()).count()
    }

    /// Number of draws that failed, and why the first did.
    pub fn failed(&self) -> (usize, String) {
        let why = self.all.iter().filter_map(|ran| Some(ran.failure.as_ref()?.to_string()));
        let why: Vec<String> = why.collect();
        (why.len(), why.into_iter().next().unwrap_or_default())
    }
}

/// Runs all draws of a well; none if the study requests no intervals.
pub fn run(
    study: &Study,
    plan: &Plan,
    (times, wanted): (&[f64], &[bool]),
    progress: &(dyn Fn(usize) + Sync),
) -> Option<Drawn> {
    if plan.draws.count == 0 {
        return None;
    }
    let every = times.len().div_ceil(FOR_FIGURES);
    let last = times.len().saturating_sub(1);
    let read = times.iter().zip(wanted).enumerate();
    let read = read.filter(|(i, (_, wanted))| **wanted || i.is_multiple_of(every) || *i == last);
    let times: Vec<f64> = read.map(|(_, (time, _))| *time).collect();
    let kept = kept(plan);
    let well = Well { times: times.clone(), ..plan.well.well.clone() };
    let well = CultureWell { well, ..plan.well.clone() };
    let draws: Vec<u64> = (1..=plan.draws.count as u64).collect();
    let all = study.threads.map(&draws, |draw| {
        let of = |kind: &Kind| {
            let setup = drawn(&kind.setup, &plan.draws.posterior, study.seed, *draw);
            Kind { setup, ..kind.clone() }
        };
        let kinds = plan.described.kinds.iter().map(of).collect();
        let culture = Culture { kinds, ..plan.described.clone() };
        let culture = culture.prepare_like(&plan.culture);
        let culture = culture.expect("a draw changes numbers, not what goes together");
        let mut ran = culture.run_all(std::slice::from_ref(&well), study.tolerance).remove(0);
        for row in &mut ran.rows {
            *row = kept.iter().map(|place| row[*place]).collect();
        }
        progress(1);
        ran
    });
    Some(Drawn { times, kept, all })
}

/// Readouts with intervals: ligands in the medium; signal, CD25, number and divisions of each kind.
fn kept(plan: &Plan) -> Vec<usize> {
    let of_kind = |(kind, _): (&PlannedKind, usize)| {
        let names = [kind.signal.as_str(), "il2r_alpha_surface_total", "cells", "divisions"];
        names.map(|name| plan.culture.readout(&format!("{}.{name}", kind.name)))
    };
    let free = plan.culture.ligands.iter().map(|ligand| ligand.free.0);
    let mut all: Vec<usize> = plan.present().flat_map(of_kind).flatten().chain(free).collect();
    all.sort_unstable();
    all.dedup();
    all
}
