//! Every assay of a study planned and checked, once, before anything runs.

use crate::files;
use crate::kinds::{Plan, plan};
use crate::shape;
use il2_study::magnitude;
use il2_study::{Library, Study, StudyError};
use std::path::Path;

/// The assays of a study by name, in its order.
pub type Plans = Vec<(String, Plan)>;

/// A study from text, `path` only names it, and its assays.
///
/// # Errors
/// Whatever prevents the study from being run, with its line.
pub fn parse(path: &Path, text: &str, library: &Library) -> Result<(Study, Plans), StudyError> {
    let study = Study::parse(path, text, library)?;
    let plans = plans(&study)?;
    Ok((study, plans))
}

/// Plans every assay of a study; an error says in which line of the file.
pub fn plans(study: &Study) -> Result<Plans, StudyError> {
    let names = study.assays.keys();
    let all = names.map(|name| Ok((name.clone(), plan(study, name)?)));
    let all = all.collect::<Result<Plans, StudyError>>().and_then(|all| {
        magnitude::refuse(study)?;
        all.iter().try_for_each(|(_, plan)| shape::check(study, plan))?;
        files::check(study, &all)?;
        Ok(all)
    });
    all.map_err(|e| study.located(e))
}
