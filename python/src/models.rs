//! The library, networks of a study as files of other programs, and audits of models in SBML.

use crate::error::exception;
use crate::given::{Given, told};
use crate::run::in_the_background;
use il2_assay::plans;
use il2_assay::sbml::audit_json;
use il2_report::entries::entry_json;
use il2_report::exports::{Language, exports};
use il2_study::csv_file::text_of;
use il2_study::{Library, StudyError};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Networks of an assay: its name, and the file, description and text of each.
type Networks = (String, Vec<(String, String, String)>);

/// An entry of the library with its numbers and their sources, as JSON.
#[pyfunction]
pub fn entry(py: Python<'_>, id: &str) -> PyResult<String> {
    let found = entry_json(Library::builtin(), id).map_err(|error| exception(py, &error))?;
    Ok(found.to_string())
}

/// The networks of every assay of a study, in the language of this name.
#[pyfunction]
pub fn export(
    py: Python<'_>,
    study: &Bound<'_, PyAny>,
    file: bool,
    tables: Option<BTreeMap<String, String>>,
    language: &str,
) -> PyResult<Vec<Networks>> {
    let chosen = Language::ALL.into_iter().find(|known| known.name() == language);
    let language = chosen.ok_or_else(|| PyValueError::new_err(language.to_string()))?;
    let given = Given::new(study, file, tables)?;
    let lines = given.has_lines();
    let work = move || {
        let study = given.read()?;
        let plans = plans(&study)?;
        let of = |assay| {
            let all = exports(&study, &plans, assay, language)?.into_iter();
            Ok((assay.0.clone(), all.map(|one| (one.file, one.what, one.text)).collect()))
        };
        plans.iter().map(of).collect::<Result<Vec<Networks>, StudyError>>()
    };
    in_the_background(py, work, &|| Ok(()))?.map_err(|error| told(py, error, lines))
}

/// The audit of a model in SBML as JSON: of a file, or of its text.
#[pyfunction]
pub fn audit(py: Python<'_>, path: Option<PathBuf>, text: Option<String>) -> PyResult<String> {
    let work = move || {
        let place = path.as_deref().unwrap_or(Path::new("<model>"));
        let text = text.map_or_else(|| text_of(place, "SBML"), Ok)?;
        let audit = audit_json(&text).map_err(|e| StudyError::of_file(place, e.to_string()))?;
        Ok(audit.to_string())
    };
    in_the_background(py, work, &|| Ok(()))?.map_err(|error| exception(py, &error))
}
