//! Runs a fit like any other assay, without storing pieces, and shows it with or without an answer.

use crate::fit::outcome::Outcome;
use crate::fit::plan::Plan;
use crate::fit::report;
use crate::fit::run::{Progress, outcome};
use il2_answer::answer::AssayResult;
use il2_inference::no_answer::NoAnswer;
use il2_output::folder::Pieces;
use il2_study::study::Study;

/// The results of a fit, or why there are none.
pub type Answer = Result<Outcome, NoAnswer>;

/// Runs a fit from its beginning; `progress` is called with the number of finished steps.
pub fn run(_: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let steps = |step| match step {
        Progress::Done(n) => progress(n),
        Progress::Begins(..) => {}
    };
    outcome(plan, &Pieces::nothing(), &steps)
}

/// Tables, figures, text and sentences of an answer.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    match answer {
        Ok(outcome) => report::result(study, plan, &outcome),
        Err(why) => AssayResult {
            sentences: vec![format!("No answer: {why}.")],
            text: format!("  the fit failed: {why}\n"),
            summary: serde_json::json!({ "failed": why.to_string() }),
            failed: 1,
            no_answer: Some(why),
            ..AssayResult::default()
        },
    }
}
