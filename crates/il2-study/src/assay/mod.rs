//! Assays: what is put together, run lane by lane, and left as tables and figures.

pub mod affinity_sweep;
mod curve;
pub mod dose_response;
pub mod event_table;
mod files;
pub mod patients;
pub mod receptor_sweep;
pub mod regimen;
pub mod time_course;

use crate::error::StudyError;
use crate::fit;
use crate::library::ModelEntry;
use crate::study::file::{AssayPart, Grid, QuantityText};
use crate::study::{self, Spacing, Study};
use il2::cell::Cell;
use il2::culture::{Prepared, Setup, Well};
use il2::ligand::Ligand;
use il2::receptor::ModelError;
use il2_engine::{Dimension, Tolerance};
use il2_output::figure::Figure;
use il2_output::table::Table;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// An assay whose every lane is known to be possible.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // a study holds a handful
pub enum Plan {
    /// Dose-response.
    DoseResponse(dose_response::Plan),
    /// Time course and washout.
    TimeCourse(time_course::Plan),
    /// Receptor-number sweep.
    ReceptorSweep(receptor_sweep::Plan),
    /// Affinity sweep.
    AffinitySweep(affinity_sweep::Plan),
    /// Plain pharmacokinetics, or patients, under an event table.
    EventTable(event_table::Plan),
    /// Patients under regimens.
    Regimen(regimen::Plan),
    /// Numbers of a model from measurements.
    Fit(fit::Plan),
}

/// What an assay gives.
#[derive(Clone, Debug, Default)]
pub struct AssayResult {
    /// The main table first.
    pub tables: Vec<Table>,
    /// File name without ending, and figure.
    pub figures: Vec<(String, Figure)>,
    /// The short of it, for programs.
    pub summary: serde_json::Value,
    /// The short of it, for the terminal: at most 100 columns.
    pub text: String,
    /// What is to be known before the answer is used, a sentence each. Terminal, summary and report show
    /// all of them, however long the answer is.
    pub warnings: Vec<String>,
    /// The same as tables with what each shows, where the report has more to say than `text`.
    pub answer: Vec<(String, Table)>,
    /// What the run checked of itself.
    pub checks: Vec<Check>,
    /// Panel that says most, for a picture on the terminal.
    pub picture: Option<il2_output::figure::Panel>,
    /// Lanes that did not solve; each is a row with its reason.
    pub failed: usize,
    /// Lanes of draws that did not solve, which intervals then lack, and the reason of the first.
    pub failed_draws: (usize, String),
    /// Files that were read beside the study: name in it, SHA-256.
    pub inputs: Vec<(String, String)>,
}

/// A check that a run makes of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What must hold.
    pub what: String,
    /// What was found.
    pub found: String,
    /// Whether it holds.
    pub holds: bool,
}

/// A figure with more curves says less, and their styles repeat.
const MOST_CURVES: usize = 8;
/// Rows of the longest table of an assay; a slip of the pen asks for more.
pub const MOST_ROWS: usize = 2_000_000;
/// Conditions or curves that summary and terminal tell; tables have all.
pub(crate) const MOST_TOLD: usize = 500;
/// Lanes that an assay runs.
pub const MOST_LANES: usize = 2_000_000;
/// Curves of a sweep, or conditions of a time course.
pub const MOST_SWEPT: usize = 20_000;
/// Pairs of ligand and cell in an assay: each keeps a network of its own, some 100 kB.
pub const MOST_PAIRS: usize = 1_000;
/// Ligands of a mixture or a background: the network grows with each, and what solves it with the square.
pub const MOST_MIXED: usize = 20;
/// Regimens side by side in an assay: each keeps patients of its own.
pub const MOST_ARMS: usize = 100;

/// Puts an assay together without running it.
pub fn plan(study: &Study, name: &str) -> Result<Plan, StudyError> {
    let at = format!("assay.{name}");
    match &study.assays[name] {
        AssayPart::DoseResponse(p) => {
            dose_response::plan(study, &at, name, p).map(Plan::DoseResponse)
        }
        AssayPart::TimeCourse(p) => {
            time_course::plan(study, &at, name, &time_course::Asked::of(p)).map(Plan::TimeCourse)
        }
        AssayPart::Washout(p) => {
            time_course::plan(study, &at, name, &time_course::Asked::of_washout(p))
                .map(Plan::TimeCourse)
        }
        AssayPart::ReceptorSweep(p) => {
            receptor_sweep::plan(study, &at, name, p).map(Plan::ReceptorSweep)
        }
        AssayPart::AffinitySweep(p) => {
            affinity_sweep::plan(study, &at, name, p).map(Plan::AffinitySweep)
        }
        AssayPart::EventTable(p) => event_table::plan(study, &at, name, p).map(Plan::EventTable),
        AssayPart::Regimen(p) => regimen::plan(study, &at, name, p).map(Plan::Regimen),
        AssayPart::Fit(p) => fit::plan(study, &at, name, p).map(Plan::Fit),
    }
}

/// Every assay of a study put together; an error says in which line of the file.
pub fn plans(study: &Study) -> Result<Vec<(String, Plan)>, StudyError> {
    let names = study.assays.keys();
    let all: Result<Vec<_>, StudyError> =
        names.map(|name| Ok((name.clone(), plan(study, name)?))).collect();
    let all = all.and_then(|all| files::check(study, &all).map(|()| all));
    all.map_err(|e| study.located(e))
}

impl Plan {
    /// Setups of the assay that have cells and ligands, of a sweep those at its ends, for the list of
    /// inputs and `il2 check`.
    pub fn setups(&self) -> Vec<&Setup> {
        match self {
            Plan::DoseResponse(p) => p.pairs.iter().map(|p| &p.setup).collect(),
            Plan::TimeCourse(p) => p.setups(),
            Plan::ReceptorSweep(p) => p.pairs.iter().flat_map(|pair| &pair.ends).collect(),
            Plan::AffinitySweep(p) => p.ends.iter().flatten().collect(),
            Plan::Fit(p) => p.setups.iter().collect(),
            Plan::EventTable(_) | Plan::Regimen(_) => vec![],
        }
    }

    /// Name of the assay.
    pub fn name(&self) -> &str {
        match self {
            Plan::DoseResponse(p) => &p.name,
            Plan::TimeCourse(p) => &p.name,
            Plan::ReceptorSweep(p) => &p.name,
            Plan::AffinitySweep(p) => &p.name,
            Plan::EventTable(p) => &p.name,
            Plan::Regimen(p) => &p.name,
            Plan::Fit(p) => &p.name,
        }
    }

    /// Lanes that it will run; of a fit its searches, profiles and draws.
    pub fn lanes(&self) -> usize {
        match self {
            Plan::DoseResponse(p) => p.lanes(),
            Plan::TimeCourse(p) => p.conditions.len(),
            Plan::ReceptorSweep(p) => p.lanes(),
            Plan::AffinitySweep(p) => p.lanes(),
            Plan::EventTable(p) => p.table.subjects.len(),
            Plan::Regimen(p) => p.lanes(),
            Plan::Fit(p) => p.steps(),
        }
    }

    /// What is known to be doubtful before anything runs: numbers of an odd size, molecules outside of
    /// what a model was made for. [`Plan::run`] puts it in front of what the run itself has to say.
    pub fn doubts(&self, study: &Study) -> Vec<String> {
        let mut all = vec![];
        if study.assays.keys().next().is_some_and(|first| first == self.name()) {
            all.extend(crate::magnitude::unread_models(study));
        }
        all.extend(crate::magnitude::warnings(study, self));
        all.extend(crate::schedules::warnings(study, self));
        all.extend(crate::misfits::warnings(study, self));
        all
    }

    /// Runs it. `progress` is told of finished lanes, from any thread.
    pub fn run(&self, study: &Study, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
        let mut result = match self {
            Plan::DoseResponse(p) => dose_response::run(study, p, progress),
            Plan::TimeCourse(p) => time_course::run(study, p, progress),
            Plan::ReceptorSweep(p) => receptor_sweep::run(study, p, progress),
            Plan::AffinitySweep(p) => affinity_sweep::run(study, p, progress),
            Plan::EventTable(p) => event_table::run(study, p, progress),
            Plan::Regimen(p) => regimen::run(study, p, progress),
            Plan::Fit(p) => {
                let told = |step| match step {
                    fit::run::Progress::Done(n) => progress(n),
                    fit::run::Progress::Begins(..) => {}
                };
                fit::run::run(p, &il2_output::folder::Pieces::nothing(), &told)
            }
        };
        result.warnings.splice(0..0, self.doubts(study));
        result
    }
}

/// Refuses a list of names that is empty or has one twice: nothing would be run, or drawn, or the same
/// column and file twice.
pub(crate) fn each_once(at: &str, names: &[String]) -> Result<(), StudyError> {
    if names.is_empty() {
        return Err(StudyError::at(at, "is an empty list; name one at least, or leave it out"));
    }
    let mut seen = std::collections::HashSet::new();
    match names.iter().position(|name| !seen.insert(name)) {
        Some(i) => {
            let name = il2_engine::words::shown(&names[i]);
            let message = format!("\"{name}\" stands in the list before; name each once");
            Err(StudyError::at(format!("{at}[{i}]"), message))
        }
        None => Ok(()),
    }
}

/// Ligands that an assay names, or all of the study.
fn ligands<'a>(
    study: &'a Study,
    at: &str,
    names: Option<&Vec<String>>,
) -> Result<Vec<&'a Ligand>, StudyError> {
    let at = format!("{at}.ligands");
    let all = match names {
        None => study.ligands.values().collect(),
        Some(names) => {
            each_once(&at, names)?;
            let at = |i: usize| format!("{at}[{i}]");
            let found = names.iter().enumerate().map(|(i, n)| study.ligand(&at(i), n));
            found.collect::<Result<Vec<_>, _>>()?
        }
    };
    if all.is_empty() {
        return Err(StudyError::at(at, "no ligand is there; add [ligands.native] from = \"il2\""));
    }
    Ok(all)
}

/// Cells that an assay names, or all of the study; one `None` for models that bring their own.
fn cells<'a>(
    study: &'a Study,
    at: &str,
    model: &ModelEntry,
    names: Option<&Vec<String>>,
) -> Result<Vec<Option<&'a Cell>>, StudyError> {
    let at = format!("{at}.cells");
    if model.model.kind.brings_its_cell() {
        if names.is_some() {
            let name = &model.model.name;
            return Err(StudyError::at(
                at,
                format!("model {name} brings its own cell; leave cells out"),
            ));
        }
        return Ok(vec![None]);
    }
    let all: Vec<_> = match names {
        None => study.cells.values().map(Some).collect(),
        Some(names) => {
            each_once(&at, names)?;
            let at = |i: usize| format!("{at}[{i}]");
            let found = names.iter().enumerate().map(|(i, n)| study.cell(&at(i), n).map(Some));
            found.collect::<Result<_, _>>()?
        }
    };
    if all.is_empty() {
        return Err(StudyError::at(at, "no cell is there; add [cells.treg] from = \"treg\""));
    }
    Ok(all)
}

/// Other ligands in every well, and their concentrations (pM).
fn mixture(
    study: &Study,
    at: &str,
    given: &IndexMap<String, QuantityText>,
) -> Result<Vec<(Ligand, f64)>, StudyError> {
    at_most(at, "ligands in one well", given.len(), MOST_MIXED)?;
    given
        .iter()
        .map(|(name, text)| {
            let at = format!("{at}.{name}");
            let ligand = study.ligand(&at, name)?;
            Ok((ligand.clone(), study::dose(&at, ligand, text)?))
        })
        .collect()
}

fn doses(at: &str, ligand: &Ligand, asked: &Grid) -> Result<Vec<f64>, StudyError> {
    let at = format!("{at}.doses");
    study::grid(&at, asked, Spacing::Logarithmic, |at, text| study::dose(at, ligand, text))
}

/// Doses of a curve: above zero, and two of them at least.
pub(crate) fn curve_doses(at: &str, ligand: &Ligand, asked: &Grid) -> Result<Vec<f64>, StudyError> {
    let doses = doses(at, ligand, asked)?;
    let at = format!("{at}.doses");
    if doses[0] == 0.0 {
        return Err(StudyError::at(
            at,
            "begins at zero, which has no logarithm; leave it out: the baseline without ligand is always run",
        ));
    }
    if doses.len() < 3 {
        return Err(StudyError::at(
            at,
            format!("{} doses make no curve; give at least 3", doses.len()),
        ));
    }
    Ok(doses)
}

fn time(at: &str, text: &QuantityText) -> Result<f64, StudyError> {
    study::quantity(at, text, Dimension::TIME)
}

/// Refuses an assay that would fill the memory before it answers: a slip of the pen, mostly.
pub(crate) fn at_most(at: &str, what: &str, count: usize, most: usize) -> Result<(), StudyError> {
    if count <= most {
        return Ok(());
    }
    Err(StudyError::at(
        at,
        format!(
            "asks for {count} {what}; at most {most} are allowed in one assay, so use fewer points, cells or draws"
        ),
    ))
}

/// Puts a setup together; a problem is reported at the assay, or at the parameter that causes it.
fn prepare(at: &str, setup: &Setup) -> Result<Prepared, StudyError> {
    setup.prepare().map_err(|e| model_error(at, setup, e))
}

pub(crate) fn model_error(at: &str, setup: &Setup, error: ModelError) -> StudyError {
    match error {
        ModelError::Parameter(name, what) => {
            StudyError::at(format!("models.{}.parameters.{name}", setup.model.name), what)
        }
        other => StudyError::at(at, other.to_string()),
    }
}

/// Checks that a readout exists.
fn readout(at: &str, prepared: &Prepared, name: &str) -> Result<usize, StudyError> {
    prepared.readout(name).ok_or_else(|| {
        let known = prepared.readouts.iter().map(|(n, _)| n.as_str());
        study::unknown(&format!("{at}.readout"), "readout", name, known, "this model")
    })
}

/// Title of a cell in figures and tables on the terminal.
fn cell_label(cell: Option<&Cell>) -> String {
    cell.map_or("model's own".into(), |c| c.label.clone())
}

/// Responses of one readout over doses, the baseline first.
#[derive(Default)]
struct Responses {
    /// `[dose][time]`, NaN from where a lane failed.
    values: Vec<f64>,
    times: usize,
    /// Lanes that failed, by dose, and why.
    failures: BTreeMap<usize, String>,
}

impl Responses {
    /// At one time, dose by dose.
    fn at(&self, time: usize) -> impl Iterator<Item = f64> {
        self.values.iter().skip(time).step_by(self.times).copied()
    }

    /// `ok`, or why the lane of a dose failed.
    fn status(&self, dose: usize) -> &str {
        self.failures.get(&dose).map_or("ok", String::as_str)
    }
}

/// States of so many times are held at once while a curve is solved.
const TIMES_AT_ONCE: usize = 40_000;

/// Runs the wells of a curve, one after the other in `doses`. Whole answers hold every species at every
/// time: they are looked at a few wells at a time.
fn curve_lanes(
    prepared: &Prepared,
    study: &Study,
    wells: impl Iterator<Item = Well>,
    readout: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Responses {
    let mut wells = wells.peekable();
    let times = wells.peek().map_or(0, |well| well.times.len());
    let mut found = Responses { times, ..Responses::default() };
    while wells.peek().is_some() {
        let some = (TIMES_AT_ONCE / times.max(1)).clamp(1, 1024);
        let some: Vec<Well> = wells.by_ref().take(some).collect();
        for ran in prepared.run_all(&some, study.tolerance) {
            let dose = found.values.len() / times.max(1);
            found.values.extend(ran.rows.iter().map(|row| row[readout]));
            found.values.resize((dose + 1) * times, f64::NAN);
            found.failures.extend(ran.failure.map(|why| (dose, why.to_string())));
        }
        progress(some.len());
    }
    found
}

/// How far an extreme between outputs may lie from what an output shows without telling more than it: so
/// many times what the solver was asked for.
pub(crate) fn noise(tolerance: Tolerance, value: f64) -> f64 {
    const TIMES: f64 = 10.0;
    TIMES * tolerance.relative * value.abs() + tolerance.absolute
}

/// A time for a title or file name: `30 min`, `4 h`, `5 d`.
pub fn time_text(minutes: f64) -> String {
    let whole = |unit: f64| (minutes / unit).fract().abs() < 1e-9;
    match minutes {
        m if m >= 2880.0 && whole(1440.0) => format!("{} d", m / 1440.0),
        m if m >= 60.0 && whole(60.0) => format!("{} h", m / 60.0),
        m => {
            let digits = il2::quantity::three_digits(m);
            let short = match digits.contains('.') {
                true => digits.trim_end_matches('0').trim_end_matches('.'),
                false => &digits,
            };
            format!("{short} min")
        }
    }
}

/// Times by texts that differ: with three digits, or as many as tell them apart.
pub fn time_texts(minutes: &[f64]) -> Vec<String> {
    let differ = |texts: &[String]| {
        texts.iter().collect::<std::collections::HashSet<_>>().len() == texts.len()
    };
    let plain: Vec<String> = minutes.iter().map(|m| time_text(*m)).collect();
    let longer = (4..=17).map(|digits: usize| -> Vec<String> {
        let rounded = |m: &f64| format!("{m:.*e}", digits - 1).parse::<f64>().unwrap_or(*m);
        minutes.iter().map(|m| format!("{} min", rounded(m))).collect()
    });
    std::iter::once(plain).chain(longer).find(|t| differ(t)).unwrap_or_default()
}

/// Text that fits a column of the terminal, with a mark where it was cut.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    text.chars().take(most - 1).chain(std::iter::once('…')).collect()
}

/// A chain by the name that figures give it.
fn chain_title(chain: &str) -> String {
    match chain {
        "il2r_alpha" => "CD25 (IL-2Rα)".into(),
        "il15r_alpha" => "CD215 (IL-15Rα)".into(),
        "il2r_beta" => "CD122 (IL-2Rβ)".into(),
        "gamma_c" => "CD132 (γc)".into(),
        "il2r_beta_gamma" => "the β–γc pair".into(),
        other => other.replace('_', " "),
    }
}

/// What a readout measures, as an axis title: `signalling complexes (/cell)`.
pub fn axis_title(name: &str, dimension: Dimension) -> String {
    let words = name.replace('_', " ");
    match il2::quantity::base_unit(dimension).as_str() {
        "" if words.contains("stat5") => format!("{words} (arbitrary units)"),
        "" => words,
        unit => format!("{words} ({unit})"),
    }
}
