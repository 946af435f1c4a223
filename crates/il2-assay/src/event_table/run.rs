//! Runs a model under an event table.

use crate::answer::AssayResult;
use crate::event_table::model::Model;
use crate::event_table::plan::Plan;
use crate::event_table::{patient, plain};
use il2_study::study::Study;

/// Runs every subject. `progress` is called for each that is done.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    match &plan.model {
        Model::Plain(plain) => plain::run(study, plan, plain, progress),
        Model::Patient(patient) => patient::run(study, plan, patient, progress),
    }
}
