//! Plans, runs and shows a study with the functions that the command line calls.
//!
//! The work is done in a separate thread, without the interpreter's lock, while the calling thread
//! waits. Thus Ctrl-C is handled, progress is reported, and other Python threads continue.

use crate::error::{exception, internal};
use crate::given::{Given, told};
use crate::table::Table;
use il2_answer::{AssayResult, across};
use il2_assay::{Plans, plans};
use il2_engine::stop::Stop;
use il2_output::figure::{to_png, to_svg};
use il2_output::folder::Folder;
use il2_report::inputs::{Input, inputs, interval_text};
use il2_report::results;
use il2_study::{Study, StudyError, Threads};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::json;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Interval at which signals are checked and progress is reported.
const PATIENCE: Duration = Duration::from_millis(50);
/// Stack size of the thread that plans and shows: that of a program's main thread.
const STACK: usize = 8 << 20;

/// A study and its results.
pub struct Ran {
    pub study: Study,
    pub plans: Plans,
    pub results: Vec<(String, AssayResult)>,
    /// Time spent in Rust (s).
    pub seconds: f64,
    /// What was found in the folder that was written, one sentence each.
    pub notes: Vec<String>,
}

/// Progress of a run.
#[derive(Default)]
pub struct Progress {
    /// The assay that runs; its number of simulations is known once it begins.
    assay: Mutex<Option<(String, usize)>>,
    done: AtomicUsize,
}

impl Progress {
    /// An assay begins.
    pub fn begin(&self, assay: &str, simulations: usize) {
        let mut running = self.assay.lock().unwrap_or_else(|p| p.into_inner());
        *running = Some((assay.to_string(), simulations));
        self.done.store(0, Ordering::Relaxed);
    }

    /// This many more simulations are done.
    pub fn add(&self, done: usize) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }

    /// Reports progress to a Python function, if one was given and there is progress to report.
    pub fn tell(&self, to: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let assay = self.assay.lock().unwrap_or_else(|p| p.into_inner()).clone();
        let (Some(to), Some((assay, all))) = (to, assay) else { return Ok(()) };
        to.call1((assay, self.done.load(Ordering::Relaxed).min(all), all)).map(|_| ())
    }
}

/// Options of a run in addition to the study.
pub struct RunOptions {
    pub threads: Option<usize>,
    pub seed: Option<u64>,
    pub out: Option<PathBuf>,
}

impl RunOptions {
    /// Number of threads.
    pub fn threads(&self) -> Result<Threads, StudyError> {
        match self.threads {
            None => Ok(Threads::offered()),
            Some(count) if (1..=1024).contains(&count) => Ok(Threads::new(count)),
            Some(count) => {
                let message = format!("{count} is not allowed; use 1 to 1024");
                Err(StudyError::at("threads", message))
            }
        }
    }

    /// The study to be run.
    pub fn study(&self, given: Given) -> Result<Study, StudyError> {
        let threads = self.threads()?;
        let study = given.read()?;
        Ok(Study { threads, seed: self.seed.unwrap_or(study.seed), ..study })
    }

    /// Claims the folder for the results, if one is requested.
    pub fn folder(&self, study: &Study, plans: &Plans) -> Result<Option<Folder>, StudyError> {
        let planned = results::planned(study, plans);
        let folder = self.out.as_ref().map(|folder| Folder::take(folder, &planned, None));
        folder.transpose().map_err(results::refused)
    }

    fn run(&self, given: Given, progress: &Progress) -> Result<Ran, StudyError> {
        let begun = Instant::now();
        let study = self.study(given)?;
        let plans = plans(&study)?;
        let folder = self.folder(&study, &plans)?;
        let one = |(name, plan): &(String, il2_assay::Plan)| {
            progress.begin(name, plan.lanes());
            let result = plan.run(&study, &|n| progress.add(n));
            answered(&study, name, &result)?;
            Ok((name.clone(), result))
        };
        let results: Vec<_> = plans.iter().map(one).collect::<Result<_, StudyError>>()?;
        let seconds = begun.elapsed().as_secs_f64();
        let ran = Ran { study, plans, results, seconds, notes: vec![] };
        ran.written(folder)
    }
}

/// Refuses a result without an answer.
pub fn answered(study: &Study, name: &str, result: &AssayResult) -> Result<(), StudyError> {
    let refused = |why| study.located(StudyError::model(format!("assay.{name}"), why));
    result.no_answer.as_ref().map_or(Ok(()), |why| Err(refused(why.to_string())))
}

impl Ran {
    /// Returns the same run after its files have been written to the folder, if there is one.
    pub fn written(mut self, folder: Option<Folder>) -> Result<Self, StudyError> {
        if let Some(folder) = folder {
            let staged = results::stage(&folder, &self.study, &self.plans, &self.results);
            staged.and_then(|staged| staged.swap()).map_err(results::refused)?;
            self.notes = folder.notes(&self.study.hash);
        }
        Ok(self)
    }
}

/// Runs a study.
#[pyfunction]
#[pyo3(signature = (study, file, tables, threads, seed, out, progress))]
#[allow(clippy::too_many_arguments)] // only the package calls it, which gives each by its name
pub fn run(
    py: Python<'_>,
    study: &Bound<'_, PyAny>,
    file: bool,
    tables: Option<BTreeMap<String, String>>,
    threads: Option<usize>,
    seed: Option<u64>,
    out: Option<PathBuf>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Run> {
    let given = Given::new(study, file, tables)?;
    let lines = given.has_lines();
    let asked = RunOptions { threads, seed, out };
    let so_far = Arc::new(Progress::default());
    let work = {
        let so_far = so_far.clone();
        move || asked.run(given, &so_far)
    };
    let tell = || so_far.tell(progress.as_ref());
    let ran = in_the_background(py, work, &tell)?;
    ran.map(|ran| Run(Arc::new(ran))).map_err(|error| told(py, error, lines))
}

/// Does work on another thread while this one handles signals.
pub fn in_the_background<R: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<R, StudyError> + Send + 'static,
    tell: &dyn Fn() -> PyResult<()>,
) -> PyResult<Result<R, StudyError>> {
    let stop = Stop::default();
    let (send, receive) = channel();
    let within = {
        let stop = stop.clone();
        move || {
            let done = catch_unwind(AssertUnwindSafe(|| stop.within(work)));
            // If the run was stopped, nobody is waiting any more.
            let _ = send.send(done.unwrap_or_else(|panic| Some(Err(internal(&*panic)))));
        }
    };
    let thread = Builder::new().name("il2".into()).stack_size(STACK).spawn(within)?;
    // A receiver cannot be shared between threads, so this one is passed on in a mutex.
    let receive = Mutex::new(receive);
    loop {
        match py.detach(|| wait(&receive)) {
            Ok(Some(done)) => return Ok(done),
            // The thread always sends a result before it ends, and can only be stopped from here.
            Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                return Ok(Err(internal(&"it ended without an answer")));
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(signal) = py.check_signals().and_then(|()| tell()) {
                    stop.ask();
                    py.detach(|| drop::<Result<_, _>>(JoinHandle::join(thread)));
                    return Err(signal);
                }
            }
        }
    }
}

fn wait<T>(receive: &Mutex<Receiver<T>>) -> Result<T, RecvTimeoutError> {
    receive.lock().unwrap_or_else(|p| p.into_inner()).recv_timeout(PATIENCE)
}

/// Plans a study without running it: returns what would run, warnings, and every number used, as
/// JSON.
#[pyfunction]
pub fn check(
    py: Python<'_>,
    study: &Bound<'_, PyAny>,
    file: bool,
    tables: Option<BTreeMap<String, String>>,
) -> PyResult<String> {
    let given = Given::new(study, file, tables)?;
    let lines = given.has_lines();
    let work = || {
        let study = given.read()?;
        let plans = plans(&study)?;
        Ok(planned(&study, &plans).to_string())
    };
    in_the_background(py, work, &|| Ok(()))?.map_err(|error| told(py, error, lines))
}

fn planned(study: &Study, plans: &Plans) -> serde_json::Value {
    let assays: serde_json::Map<_, _> = plans
        .iter()
        .map(|(name, plan)| {
            let (tables, figures) = plan.names();
            let of = json!({
                "simulations": plan.lanes(),
                "tables": tables,
                "figures": figures,
                "warnings": plan.doubts(study),
            });
            (name.clone(), of)
        })
        .collect();
    let mut numbers = vec![];
    for input in inputs(study, plans) {
        let tables = input.tables.iter().flat_map(|(title, table)| {
            table.iter().map(move |(name, number)| (title, name, number))
        });
        for (title, name, number) in tables {
            numbers.push(json!({
                "kind": input.kind,
                "of": input.name,
                "number": name,
                "name": name_in_study(&input, title, name),
                "value": number.with_unit(),
                "interval": interval_text(number),
                "how": number.how.word(),
                "source": number.source,
            }));
        }
    }
    json!({
        "question": study.question,
        "seed": study.seed,
        "study_sha256": study.hash,
        "notices": study.notices,
        "assays": assays,
        "inputs": numbers,
    })
}

/// The name by which a fit, a sensitivity or a design finds a number.
fn name_in_study(input: &Input, title: &str, number: &str) -> String {
    match input.kind {
        "cell" if title.starts_with("receptor counts") => {
            format!("{}.receptors.{number}", input.name)
        }
        "cell" | "ligand" | "population" | "behaviour" => format!("{}.{number}", input.name),
        _ => number.to_string(),
    }
}

/// The results of a study.
#[pyclass(frozen, module = "il2._il2")]
pub struct Run(pub Arc<Ran>);

#[pymethods]
impl Run {
    #[getter]
    fn question(&self) -> &str {
        &self.0.study.question
    }

    /// The study as it was run.
    #[getter]
    fn study(&self) -> &str {
        &self.0.study.text
    }

    /// Seconds between the study's text and its answer, in Rust.
    #[getter]
    fn seconds(&self) -> f64 {
        self.0.seconds
    }

    /// Names of the assays.
    #[getter]
    fn assays(&self) -> Vec<&str> {
        self.0.results.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Sentences of an assay, its text and its warnings.
    fn said(&self, assay: usize) -> (Vec<String>, &str, Vec<String>) {
        let result = &self.0.results[assay].1;
        (result.sentences.clone(), &result.text, result.warnings.clone())
    }

    /// Sentences about several assays.
    fn across(&self) -> Vec<String> {
        across::sentences(&self.0.results)
    }

    /// The summary as JSON.
    fn summary(&self) -> String {
        results::summary(&self.0.study, &self.0.results).to_string()
    }

    /// All tables, the main one of each assay first.
    fn tables(&self) -> Vec<Table> {
        let of = |(assay, (_, result)): (usize, &(String, AssayResult))| {
            (0..result.tables.len()).map(move |i| Table::new(self.0.clone(), (assay, i)))
        };
        self.0.results.iter().enumerate().flat_map(of).collect()
    }

    /// Names of all figures.
    fn figures(&self) -> Vec<&str> {
        self.all_figures().map(|(name, _)| name.as_str()).collect()
    }

    /// A figure, drawn now.
    fn svg(&self, py: Python<'_>, figure: usize) -> Option<String> {
        py.detach(|| self.all_figures().nth(figure).map(|(_, figure)| to_svg(figure)))
    }

    /// The same as PNG.
    fn png<'py>(
        &self,
        py: Python<'py>,
        figure: usize,
        scale: f32,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let draw = || {
            let (_, figure) = self.all_figures().nth(figure)?;
            Some(to_png(&to_svg(figure), scale).map_err(|e| e.to_string()))
        };
        match py.detach(draw) {
            None => Ok(None),
            Some(Ok(bytes)) => Ok(Some(PyBytes::new(py, &bytes))),
            Some(Err(why)) => Err(exception(py, &StudyError::at("scale", why))),
        }
    }

    /// What was found in the folder that the run wrote.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }

    /// Writes the folder of results, and returns the names of its files, and what was found in the
    /// folder.
    fn write(&self, py: Python<'_>, folder: PathBuf) -> PyResult<(Vec<String>, Vec<String>)> {
        let ran = self.0.clone();
        let write = move || {
            let planned = results::planned(&ran.study, &ran.plans);
            let folder = Folder::take(&folder, &planned, None).map_err(results::refused)?;
            let staged = results::stage(&folder, &ran.study, &ran.plans, &ran.results);
            let written = staged.and_then(|staged| staged.swap()).map_err(results::refused)?;
            let notes = folder.notes(&ran.study.hash);
            Ok((written.into_iter().map(|file| file.name).collect(), notes))
        };
        in_the_background(py, write, &|| Ok(()))?.map_err(|error| exception(py, &error))
    }
}

impl Run {
    fn all_figures(&self) -> impl Iterator<Item = &(String, il2_output::figure::Figure)> {
        self.0.results.iter().flat_map(|(_, result)| &result.figures)
    }
}
