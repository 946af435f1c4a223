//! Runs a model under an event table.

use crate::event_table::answer::Answer;
use crate::event_table::model::Model;
use crate::event_table::plan::Plan;
use crate::event_table::{patient, plain};
use il2_answer::answer::AssayResult;
use il2_study::study::Study;

/// Runs every subject. `progress` is called after each subject.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    match &plan.model {
        Model::Plain(plain) => Answer::Plain(plain::run(study, plan, plain, progress)),
        Model::Patient(patient) => Answer::Patient(patient::run(study, plan, patient, progress)),
    }
}

/// Turns an answer into tables, figure, text and sentences.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    match (&plan.model, answer) {
        (_, Answer::Plain(found)) => plain::show(study, plan, found),
        (Model::Patient(patient), Answer::Patient(found)) => {
            patient::show(study, plan, patient, found)
        }
        (Model::Plain(_), Answer::Patient(_)) => unreachable!("an answer of this plan"),
    }
}
