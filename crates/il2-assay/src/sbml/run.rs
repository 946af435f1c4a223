//! Runs a model in SBML.

use crate::sbml::plan::Plan;
use il2_sbml::{Audit, Found, SbmlError, Stopped, audit, simulate};
use il2_study::study::Study;

/// The result of a run.
pub struct Answer {
    /// The course, up to a failure.
    pub course: Found,
    /// Why the course is not complete, if so.
    pub failure: Option<SbmlError>,
    /// The findings of the audit.
    pub audit: Result<Audit, SbmlError>,
}

/// Runs the model once; `progress` is called when it is done.
pub fn run(_: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let (course, failure) = match simulate(&plan.model, &plan.network, &plan.run) {
        Ok(found) => (found, None),
        Err(Stopped { error, found }) => (*found, Some(error)),
    };
    progress(1);
    Answer { course, failure, audit: audit(&plan.model, &plan.network) }
}
