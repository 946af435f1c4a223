//! A study in shards, by the functions that `il2 run --shard` and `il2 merge` call.

use crate::error::exception;
use crate::given::{Given, told};
use crate::run::{Progress, Ran, Run, RunOptions, answered, in_the_background};
use il2_assay::plans;
use il2_report::shards::{self, MOST};
use il2_study::{Study, StudyError};
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Writes a study into a folder that shards will share. Returns the total number of simulations,
/// and the total number of shards according to those that already exist.
#[pyfunction]
pub fn share(
    py: Python<'_>,
    study: &Bound<'_, PyAny>,
    file: bool,
    tables: Option<BTreeMap<String, String>>,
    folder: PathBuf,
) -> PyResult<(usize, u32)> {
    let given = Given::new(study, file, tables)?;
    let lines = given.has_lines();
    let work = move || {
        let study = given.read()?;
        let begun = shards::begin(&study, &plans(&study)?, &folder)?;
        Ok((begun.simulations, begun.count))
    };
    in_the_background(py, work, &|| Ok(()))?.map_err(|error| told(py, error, lines))
}

/// Runs a shard. Returns the number of its results, the number left by a killed run, the number of
/// rounds completed now, and the shards for which it waits.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // only the package calls it, which gives each by its name
pub fn shard(
    py: Python<'_>,
    study: &Bound<'_, PyAny>,
    file: bool,
    tables: Option<BTreeMap<String, String>>,
    folder: PathBuf,
    index: i64,
    count: i64,
    threads: Option<usize>,
) -> PyResult<(u64, u64, u32, Vec<u32>)> {
    let given = Given::new(study, file, tables)?;
    let lines = given.has_lines();
    let work = move || {
        let which = u32::try_from(index).ok().zip(u32::try_from(count).ok());
        let allowed = |(index, count): &(u32, u32)| (1..=*count).contains(index) && *count <= MOST;
        let Some(which) = which.filter(allowed) else {
            let message = format!(
                "{index} of {count} is not a shard; the index runs from 1 to the count, which is at most {MOST}"
            );
            return Err(StudyError::at("shard", message));
        };
        let study = RunOptions { threads, seed: None, out: None }.study(given)?;
        let made = shards::run(&study, &plans(&study)?, &folder, which, &|_, _, _| ())?;
        Ok((made.results, made.left, made.made, made.waits_for))
    };
    in_the_background(py, work, &|| Ok(()))?.map_err(|error| told(py, error, lines))
}

/// Merges the shards of a folder.
#[pyfunction]
pub fn merge(
    py: Python<'_>,
    folder: PathBuf,
    threads: Option<usize>,
    out: Option<PathBuf>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Run> {
    let so_far = Arc::new(Progress::default());
    let asked = RunOptions { threads, seed: None, out };
    let work = {
        let so_far = so_far.clone();
        move || merged(&asked, &folder, &so_far)
    };
    let ran = in_the_background(py, work, &|| so_far.tell(progress.as_ref()))?;
    ran.map(|ran| Run(Arc::new(ran))).map_err(|error| exception(py, &error))
}

fn merged(
    asked: &RunOptions,
    folder: &std::path::Path,
    so_far: &Progress,
) -> Result<Ran, StudyError> {
    let begun = Instant::now();
    let threads = asked.threads()?;
    let mut whole = shards::open(folder)?;
    whole.study = Study { threads, ..whole.study };
    let out = asked.folder(&whole.study, &whole.plans)?;
    let results = whole
        .merge(&|name, begins, done| match begins {
            Some(simulations) => so_far.begin(name, simulations),
            None => so_far.add(done),
        })
        .results;
    for (name, result) in &results {
        answered(&whole.study, name, result)?;
    }
    let (study, plans) = (whole.study, whole.plans);
    let seconds = begun.elapsed().as_secs_f64();
    Ran { study, plans, results, seconds, notes: vec![] }.written(out)
}
