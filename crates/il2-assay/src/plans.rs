//! Plans and checks every assay of a study once, before anything runs.

use crate::files;
use crate::kinds::{Plan, plan};
use crate::shape;
use il2_study::magnitude;
use il2_study::{Library, Study, StudyError};
use std::path::Path;

/// The assays of a study by name, in the order of the study.
pub type Plans = Vec<(String, Plan)>;

/// Reads a study from text and plans its assays; `path` only names the study.
///
/// # Errors
/// Any problem that prevents the study from being run, with its line.
pub fn parse(path: &Path, text: &str, library: &Library) -> Result<(Study, Plans), StudyError> {
    let study = Study::parse(path, text, library)?;
    let plans = plans(&study)?;
    Ok((study, plans))
}

/// Plans every assay of a study; an error gives the line of the file.
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
