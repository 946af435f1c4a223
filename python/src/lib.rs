//! `il2` for Python: the native functions behind the package `package/il2`.
//!
//! 1. [`given`]: a study given in Python becomes text;
//! 2. [`run`]: the study is planned, run and shown by the same functions as on the command line;
//! 3. [`shards`]: a shard of a run, and the merge of shards;
//! 4. [`table`], [`kind`], [`unit`]: results as named columns;
//! 5. [`models`]: the library, networks in SBML, audits of models;
//! 6. [`error`]: errors as exceptions.

mod error;
mod given;
mod kind;
mod models;
mod run;
mod shards;
mod table;
mod unit;

use pyo3::prelude::*;

/// The native module that the package `il2` calls.
#[pymodule]
mod _il2 {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::run::{Run, check, run};
    #[pymodule_export]
    use crate::shards::{merge, shard, share};
    #[pymodule_export]
    use crate::table::Table;

    #[pymodule_export]
    use crate::models::{audit, entry, export};
    #[pymodule_export]
    use crate::unit::{label, labels};

    #[pymodule_export]
    use super::{ends, library, schema, spaced};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("PROGRAM", il2_report::program::PROGRAM)
    }
}

/// JSON Schema of a study.
#[pyfunction]
fn schema() -> String {
    il2_study::study::schema()
}

/// Ids and full names in the library, by kind, as JSON.
#[pyfunction]
fn library() -> String {
    let all = il2_study::Library::builtin();
    serde_json::json!({
        "ligands": names(all.ligands.iter().map(|(id, entry)| (id, &entry.name))),
        "cells": names(all.cells.iter().map(|(id, entry)| (id, &entry.name))),
        "behaviours": names(all.behaviours.iter().map(|(id, entry)| (id, &entry.title))),
        "models": names(all.models.iter().map(|(id, entry)| (id, &entry.title))),
        "diseases": names(all.tumours.diseases.iter().map(|(id, entry)| (id, &entry.name))),
        "partners": names(all.tumours.partners.iter().map(|(id, entry)| (id, &entry.name))),
        "pharmacokinetics": names(
            all.physiology.pharmacokinetics.iter().map(|(id, entry)| (id, &entry.name))
        ),
    })
    .to_string()
}

/// Refuses the two ends of a grid that differ in what they measure.
#[pyfunction]
fn ends(py: Python<'_>, from: &Bound<'_, PyAny>, to: &Bound<'_, PyAny>) -> PyResult<()> {
    let (Some(from), Some(to)) = (given::text_of(from)?, given::text_of(to)?) else {
        return Ok(());
    };
    il2_study::ends::ends(&from, &to).map_err(|error| error::exception(py, &error))
}

/// Evenly spaced quantities between two ends, as text; none if an end is no quantity, which is refused
/// elsewhere.
#[pyfunction]
fn spaced(
    from: &Bound<'_, PyAny>,
    to: &Bound<'_, PyAny>,
    points: usize,
) -> PyResult<Option<Vec<String>>> {
    let (Some(from), Some(to)) = (given::text_of(from)?, given::text_of(to)?) else {
        return Ok(None);
    };
    Ok(il2_study::ends::spaced(&from, &to, points))
}

fn names<'a>(
    all: impl Iterator<Item = (&'a String, &'a String)>,
) -> serde_json::Map<String, serde_json::Value> {
    all.map(|(id, name)| (id.clone(), name.clone().into())).collect()
}
