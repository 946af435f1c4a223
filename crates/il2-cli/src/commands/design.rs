//! `il2 design`: runs a study with a search for molecules.

use super::Done;
use super::run::{RunArgs, all};
use il2_assay::{Plan, plans};
use il2_study::StudyError;

/// Runs the assays of a study, including its searches, writes the folder and prints a summary.
pub fn design(asked: &RunArgs) -> Done {
    let study = asked.study()?;
    let plans = plans(&study)?;
    if !plans.iter().any(|(_, plan)| matches!(plan, Plan::Design(_))) {
        let message = "has no assay of kind \"design\"; `il2 new design` writes a template, and `il2 \
                       run` runs other assays";
        return Err(StudyError::of_file(&asked.study, message));
    }
    all(asked, &study, &plans)
}
