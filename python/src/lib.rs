//! `il2` for Python: the native functions behind the package `package/il2`.
//!
//! 1. [`given`]: a study given in Python becomes text;
//! 2. [`run`]: the study is planned, run and shown by the same functions as on the command line;
//! 3. [`shards`]: a shard of a run, and the merge of shards;
//! 4. [`table`], [`unit`]: results as named columns;
//! 5. [`error`]: errors as exceptions.

mod error;
mod given;
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
    use super::{library, schema};

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

fn names<'a>(
    all: impl Iterator<Item = (&'a String, &'a String)>,
) -> serde_json::Map<String, serde_json::Value> {
    all.map(|(id, name)| (id.clone(), name.clone().into())).collect()
}
