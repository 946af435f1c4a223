//! Draws samples of simulated patients, in which markers are tried and tested again.

use crate::trial::plan::Plan;
use crate::trial::subject::Subject;
use il2_inference::survival::replication::{Patient, Replication, Samples};
use il2_study::study::Study;

/// What was found, and in how many patients.
#[derive(Clone, Debug)]
pub struct Replicated {
    /// Results of all pairs of samples.
    pub found: Replication,
    /// Simulated patients of the arm, and responders among them.
    pub simulated: (usize, usize),
}

/// Draws the samples that a study asks for; none if fewer than two of the simulated patients
/// respond, or fewer than two do not.
pub fn replication(study: &Study, plan: &Plan, subjects: &[Vec<Subject>]) -> Option<Replicated> {
    let asked = plan.markers.replication.as_ref()?;
    let patient = |s: &Subject| Patient {
        responds: s.response().is_some(),
        levels: s.host.markers.iter().map(|level| level.above()).collect(),
    };
    let all: Vec<Patient> =
        subjects[asked.arm].iter().filter(|s| s.counts()).map(patient).collect();
    // With one cut-off, a marker of the study has its own, and an unrelated one the median.
    let spaced: Vec<f64> =
        (1..=asked.cut_offs).map(|k| k as f64 / (asked.cut_offs + 1) as f64).collect();
    let own = |positive: f64| if asked.cut_offs == 1 { vec![positive] } else { spaced.clone() };
    let samples = Samples {
        retrospective: asked.retrospective,
        responders: asked.responders,
        prospective: asked.prospective,
        cut_offs: plan.markers.all.iter().map(|marker| own(marker.positive)).collect(),
        unrelated: asked.unrelated,
        unrelated_cut_offs: spaced.clone(),
        alpha: asked.alpha,
        resamples: asked.resamples,
        seed: study.seed,
    };
    let responders = all.iter().filter(|p| p.responds).count();
    let found =
        il2_inference::survival::replication::replication(&all, &samples, study.threads).ok()?;
    Some(Replicated { found, simulated: (all.len(), responders) })
}
