//! `il2 design`: runs a study that searches for molecules.

use super::Done;
use super::run::{RunArgs, all};
use il2_assay::{Plan, plans};
use il2_study::StudyError;

/// Runs the assays of a study, its searches among them, writes the folder and prints a summary.
pub fn design(asked: &RunArgs) -> Done {
    let study = asked.study()?;
    let plans = plans(&study)?;
    if !plans.iter().any(|(_, plan)| matches!(plan, Plan::Design(_))) {
        let message = "has no assay of kind \"design\"; `il2 new design` writes one to start from, `il2 \
                       run` runs others";
        return Err(StudyError::of_file(&asked.study, message));
    }
    all(asked, &study, &plans)
}
