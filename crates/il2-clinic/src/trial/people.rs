//! Patients who enter a trial: those whose disease progresses without treatment. A patient whose
//! tumour shrinks spontaneously would not be given a drug to shrink it. Candidates are followed for a
//! time of the library with usual scans, whatever the trial's: who enters must not depend on how
//! long the trial lasts, or how often it scans.

use crate::trial::plan::Plan;
use il2::tumour::course::Given;
use il2::tumour::host::Host;
use il2_engine::Ensemble;
use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::lane::found;
use il2_study::study::Study;
use std::ops::ControlFlow;

/// Number of candidates that are examined together.
const TOGETHER: usize = 1_024;
/// Largest number of candidates examined for each patient wanted; if more would be needed, almost no
/// candidate enters.
const MOST_CANDIDATES: usize = 50;
/// Largest number of candidates without the required markers for each one with them. Markers that
/// follow one number in opposite directions may exclude each other.
const MOST_WITHOUT_MARKER: u64 = 2_000;

/// Patients who enter, and the numbers of candidates.
#[derive(Clone, Debug, Default)]
pub struct Entered {
    /// Numbers of the patients who enter.
    pub people: Vec<u64>,
    /// Number of candidates examined, not counting those without the markers needed for entry.
    pub candidates: usize,
    /// Number of candidates screened, including those without the markers needed for entry.
    pub screened: u64,
}

/// The first `wanted` patients who enter, counting from number `from`.
pub fn enter(study: &Study, plan: &Plan, from: u64, wanted: usize) -> Entered {
    let model = &plan.untreated;
    let given = Given { drug: None, partners: &[], beyond_progression: false };
    let ensemble =
        Ensemble { threads: study.threads, ..Ensemble::new(&model.program, study.tolerance) };
    let mut all = Entered::default();
    let mut next = from;
    while all.people.len() < wanted && all.candidates < MOST_CANDIDATES * wanted + TOGETHER {
        // Candidates without the markers needed for entry are not simulated.
        let most = next + MOST_WITHOUT_MARKER * TOGETHER as u64;
        let eligible =
            (next..most).filter(|number| plan.is_eligible(&plan.host(study.seed, *number)));
        let candidates: Vec<u64> = eligible.take(TOGETHER).collect();
        let Some(last) = candidates.last() else { break };
        next = last + 1;
        let host = |k: usize| {
            let host = plan.host(study.seed, candidates[k]);
            // Nobody dies while only eligibility is examined.
            Host { death_at_hazard: f64::MAX, ..host }
        };
        let planned = |k: usize| model.plan(&host(k), &given, &plan.screening, plan.screened_for);
        let enters = |k: usize, answer: Answer| {
            let (found, why) = found(answer);
            let course = model.course(&planned(k), &found, &host(k), &given, &plan.screening);
            let grows = course.scans.get(1).is_none_or(|scan| scan.1 > course.scans[0].1);
            let seen = course.assessment.baseline > 0.0;
            Reduced::small(why.is_none() && seen && grows && !course.assessment.responded())
        };
        let mut k = 0;
        let _ = ensemble.run(
            0..candidates.len(),
            |k| planned(k).lane,
            enters,
            |_, enters| {
                // Candidates after the last patient wanted do not count as examined.
                if all.people.len() < wanted {
                    all.candidates += 1;
                    all.screened = candidates[k] - from + 1;
                    if enters {
                        all.people.push(candidates[k]);
                    }
                }
                k += 1;
                ControlFlow::Continue(())
            },
        );
    }
    all
}
