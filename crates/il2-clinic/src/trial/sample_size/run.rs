//! Draws trials from the simulated patients.

use crate::trial::markers::plan::stratum;
use crate::trial::plan::Plan;
use crate::trial::sample_size::plan::SampleSize;
use crate::trial::subject::Subject;
use il2_inference::survival::sample_size::{Found, Patient, Pool, Wanted, sample_size};
use il2_study::study::Study;

/// The number of patients for one comparison.
#[derive(Clone, Debug)]
pub struct Sized {
    /// What was found, in blocks.
    pub found: Found,
    /// Number of simulated patients in both arms.
    pub simulated: usize,
}

/// Searches for the number of patients of each further arm compared with the first; none for an arm
/// that has no patients.
pub fn sized(study: &Study, plan: &Plan, subjects: &[Vec<Subject>]) -> Vec<Option<Sized>> {
    let Some(asked) = &plan.sample_size else { return vec![] };
    let trial: usize = plan.arms.iter().map(|arm| arm.patients).sum();
    let cut_off = plan.cut_off.as_ref().map(|cut_off| cut_off.events as f64 / trial as f64);
    let of = |arm: usize| {
        let pool = Pool {
            arms: [patients(plan, asked, &subjects[0]), patients(plan, asked, &subjects[arm])],
            cut_off,
        };
        let wanted = Wanted {
            power: asked.power,
            alpha: asked.alpha,
            block: [asked.block[0], asked.block[arm]],
            range: asked.range,
            resamples: asked.resamples,
            seed: study.seed,
        };
        let found = sample_size(&pool, &wanted, study.threads).ok()?;
        Some(Sized { found, simulated: pool.arms.iter().map(Vec::len).sum() })
    };
    (1..plan.arms.len()).map(of).collect()
}

/// The patients of an arm who count.
fn patients(plan: &Plan, asked: &SampleSize, all: &[Subject]) -> Vec<Patient> {
    let of = |s: &Subject| {
        let counted = plan.cut_off.as_ref().map(|cut_off| cut_off.of.of(s));
        let counted = counted.filter(|to| to.event).map(|to| s.entry + to.time);
        let stratum = stratum(&plan.markers.strata, &s.host);
        Patient { entry: s.entry, to: asked.of.of(s), counted, stratum }
    };
    all.iter().filter(|s| s.counts()).map(of).collect()
}
