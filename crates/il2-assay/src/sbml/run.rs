//! Runs a model in SBML.

use crate::sbml::plan::Plan;
use il2_sbml::{Audit, Found, SbmlError, audit, simulate};
use il2_study::study::Study;

/// The result of a run.
pub struct Answer {
    /// The course, or why there is none.
    pub course: Result<Found, SbmlError>,
    /// The findings of the audit.
    pub audit: Result<Audit, SbmlError>,
}

/// Runs the model once; `progress` is called when it is done.
pub fn run(_: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let course = simulate(&plan.model, &plan.network, &plan.run);
    progress(1);
    Answer { course, audit: audit(&plan.model, &plan.network) }
}
