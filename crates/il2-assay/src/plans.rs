//! Every assay of a study put together and checked, once, before anything runs.

use crate::files;
use crate::kinds::{Plan, plan};
use il2_study::magnitude;
use il2_study::{Study, StudyError};

/// The assays of a study by name, in its order.
pub type Plans = Vec<(String, Plan)>;

/// Every assay of a study put together; an error says in which line of the file.
pub fn plans(study: &Study) -> Result<Plans, StudyError> {
    let names = study.assays.keys();
    let all = names.map(|name| Ok((name.clone(), plan(study, name)?)));
    let all = all.collect::<Result<Plans, StudyError>>().and_then(|all| {
        magnitude::refuse(study)?;
        files::check(study, &all)?;
        Ok(all)
    });
    all.map_err(|e| study.located(e))
}
