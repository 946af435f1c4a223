//! A model under an event table, record by record: a `plain` pharmacokinetic model, or a `patient`.

mod extremes;
pub mod listing;
mod measured;
mod patient;
mod plain;

use crate::answer::{AssayResult, Check};
pub use crate::event_table::patient::Patient;
pub use crate::event_table::plain::Plain;
use crate::patients::{Made, USUAL_KINETICS, patients, shown};
use il2::parameter::within;
use il2::patient::cohort::Draws;
use il2::patient::compartments::{Named, Structure};
use il2::patient::individual;
use il2::quantity::Quantity;
use il2::treatment::record::Kind;
use il2::treatment::schedule::{Happening, Timed, elapsed, most_doses, schedule};
use il2_engine::Dimension;
use il2_engine::words::counted;
use il2_output::figure::{Figure, Panel};
use il2_study::error::StudyError;
use il2_study::event_table::{self, EventTable, Factors, Reading, Subject};
use il2_study::headings;
use il2_study::library::Library;
use il2_study::study::Study;
use il2_study::study::dosing::EventTablePart;
use il2_study::values::{quantity, unknown};
use indexmap::IndexMap;
use std::path::Path;

/// The assay put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// The model.
    pub model: Model,
    /// The table as it was read.
    pub table: EventTable,
    /// Units as the study writes them: time, amount, concentration.
    pub units: [String; 3],
    /// The table's file name as the study writes it.
    pub file: String,
    /// Factors to base units.
    pub factors: Factors,
    concentration: f64,
}

/// What the doses go into.
#[derive(Clone, Debug)]
pub enum Model {
    /// Compartments and nothing else.
    Plain(Plain),
    /// The whole patient.
    Patient(Patient),
}

impl Plan {
    /// What happens to a subject, worked out: anew each time, since a long list of doses is short in
    /// the table.
    pub fn happenings(&self, subject: usize) -> Vec<Timed> {
        schedule(&self.table.subjects[subject].records).expect("checked in the plan")
    }

    /// Subjects in groups that together bring so many doses about that memory holds them.
    fn groups(&self) -> Vec<std::ops::Range<usize>> {
        const MOST_SUBJECTS: usize = 256;
        const MOST_DOSES: f64 = 200_000.0;
        let (mut all, mut begin, mut doses) = (vec![], 0, 0.0);
        for (i, subject) in self.table.subjects.iter().enumerate() {
            let end = subject.records.last().map_or(0.0, |last| last.time);
            let records = subject.records.iter();
            let own: f64 = records.map(|r| 1.0 + most_doses(r, end - r.time)).sum();
            if i > begin && (i - begin == MOST_SUBJECTS || doses + own > MOST_DOSES) {
                all.push(begin..i);
                (begin, doses) = (i, 0.0);
            }
            doses += own;
        }
        all.push(begin..self.table.subjects.len());
        all
    }
}

impl Model {
    /// Compartments in the order of NONMEM's numbers.
    pub fn compartments(&self) -> &'static [&'static str] {
        match self {
            Model::Plain(plain) => plain.structure.compartments(),
            Model::Patient(_) => &individual::COMPARTMENTS,
        }
    }

    fn numbers(&self) -> &'static [Named] {
        match self {
            Model::Plain(plain) => plain.structure.parameters(),
            Model::Patient(_) => &individual::COVARIATES,
        }
    }
}

const AMOUNTS: [Dimension; 3] = [
    Dimension { substance: 1, ..Dimension::DIMENSIONLESS },
    Dimension { mass: 1, ..Dimension::DIMENSIONLESS },
    Dimension { activity: 1, ..Dimension::DIMENSIONLESS },
];

/// The model of the whole patient, by its name in a study.
const PATIENT: &str = "patient";

/// Reads the table and works out what happens.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &EventTablePart,
) -> Result<Plan, StudyError> {
    let (model, factors, concentration) = match part.model.as_str() {
        PATIENT => whole(study, at, part)?,
        _ => compartments(at, part)?,
    };
    let none = IndexMap::new();
    let given = match &model {
        Model::Plain(plain) => &plain.given,
        Model::Patient(_) => &none,
    };
    let of = model.compartments();
    let told = event_table::compartments_told(at, &part.compartments, of)?;
    let how = Reading {
        compartments: of,
        told: &told,
        must_be_told: matches!(model, Model::Patient(_)),
        at,
        numbers: model.numbers(),
        factors,
        given,
        columns: &part.columns,
    };
    let file = study.path.parent().unwrap_or(Path::new("")).join(&part.table);
    let table = event_table::read(&file, &how)?;
    if let Model::Patient(patient) = &model {
        patient.check(&file, &table)?;
    }
    for s in &table.subjects {
        elapsed(&s.records).map_err(|record| event_table::falls_back(&file, s, record))?;
    }
    let (units, written) = (&part.units, concentration_unit(part));
    Ok(Plan {
        name: name.to_string(),
        model,
        table,
        units: [units.time.clone(), units.amount.clone(), written],
        file: part.table.clone(),
        factors,
        concentration,
    })
}

fn volume_unit(part: &EventTablePart) -> &str {
    part.units.volume.as_deref().unwrap_or("L")
}

fn concentration_unit(part: &EventTablePart) -> String {
    let own = || format!("{}/{}", part.units.amount, volume_unit(part));
    part.units.concentration.clone().unwrap_or_else(own)
}

/// One of a unit that must measure something.
fn one_of(
    at: &str,
    key: &str,
    text: &str,
    fits: impl Fn(Dimension) -> bool,
    what: &str,
) -> Result<Quantity, StudyError> {
    let at = format!("{at}.units.{key}");
    let one = Quantity::parse(&format!("1 {text}")).map_err(|e| StudyError::at(&at, e.0))?;
    match fits(one.dimension) {
        true => Ok(one),
        false => Err(StudyError::at(at, format!("\"{text}\" is no unit of {what}"))),
    }
}

fn minutes(at: &str, part: &EventTablePart) -> Result<f64, StudyError> {
    let time = |d| d == Dimension::TIME;
    Ok(one_of(at, "time", &part.units.time, time, "time; use min, h or d")?.value)
}

/// A plain model, factors to base units, and one of what concentrations are written in.
fn compartments(at: &str, part: &EventTablePart) -> Result<(Model, Factors, f64), StudyError> {
    let structures = Structure::ALL.iter().map(|(n, _)| *n).chain([PATIENT]);
    let found = Structure::ALL.iter().find(|(n, _)| *n == part.model);
    let structure = found
        .ok_or_else(|| {
            unknown(&format!("{at}.model"), "model", &part.model, structures, "an event table")
        })?
        .1;
    let only = [("ligand", part.ligand.is_some()), ("show", part.show.is_some())];
    if let Some((key, _)) = only.iter().find(|(_, given)| *given) {
        let message = "belongs to model = \"patient\"; a plain model has none: leave it out";
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    let units = &part.units;
    let time = minutes(at, part)?;
    let amounts = "amount; use one of mass, substance or activity: mg, nmol, MIU";
    let amount = one_of(at, "amount", &units.amount, |d| AMOUNTS.contains(&d), amounts)?;
    let volumes = "volume; use L or mL";
    let volume = one_of(at, "volume", volume_unit(part), |d| d == Dimension::VOLUME, volumes)?;
    let what = format!("concentration of what AMT counts; use for example {}/L", units.amount);
    let fits = |d| d == amount.dimension / Dimension::VOLUME;
    let concentration = one_of(at, "concentration", &concentration_unit(part), fits, &what)?;
    let mut given = IndexMap::new();
    if let Some(name) = &part.pharmacokinetics {
        let animals = &Library::builtin().physiology.animals;
        let place = format!("{at}.pharmacokinetics");
        let known = animals.keys().map(String::as_str);
        let set = animals.get(name);
        let set = set.ok_or_else(|| unknown(&place, "animal", name, known, "plain models"))?;
        let of =
            structure.parameters().iter().filter_map(|p| Some((p, set.parameters.get(p.name)?)));
        given.extend(of.map(|(p, number)| (p.name, number.value)));
    }
    for (key, text) in &part.parameters {
        let at = format!("{at}.parameters.{key}");
        let known = structure.parameters().iter().map(|p| p.name);
        let number = structure.parameters().iter().find(|p| p.name == key);
        let number = number.ok_or_else(|| unknown(&at, "parameter", key, known, "this model"))?;
        let value = quantity(&at, text, number.dimension)?;
        within(number.limits(), value, &text.0).map_err(|what| StudyError::at(&at, what))?;
        given.insert(number.name, value);
    }
    let factors = Factors { time, amount: amount.value, volume: volume.value };
    let plain = Plain { structure, given, amount: amount.dimension };
    Ok((Model::Plain(plain), factors, concentration.value))
}

/// The whole patient, factors to base units, and one of what concentrations are written in (pM).
fn whole(
    study: &Study,
    at: &str,
    part: &EventTablePart,
) -> Result<(Model, Factors, f64), StudyError> {
    let place = format!("{at}.ligand");
    let missing = || StudyError::at(&place, "is missing; say which ligand of [ligands] is given");
    let ligand = part.ligand.as_deref().ok_or_else(missing)?;
    let preparation = study.ligand(&place, ligand)?.preparation();
    let refused = |key: &str, e: il2::quantity::QuantityError| {
        StudyError::at(format!("{at}.units.{key}"), e.0)
    };
    let time = minutes(at, part)?;
    let amount = preparation.amount(&format!("1 {}", part.units.amount));
    let amount = amount.map_err(|e| refused("amount", e))?;
    let concentration = preparation.concentration(&format!("1 {}", concentration_unit(part)));
    let concentration = concentration.map_err(|e| refused("concentration", e))?;
    let (named, numbers) = (format!("{at}.pharmacokinetics"), format!("{at}.parameters"));
    let made = Made {
        kinetics: (&named, part.pharmacokinetics.as_deref().unwrap_or(USUAL_KINETICS)),
        draws: Draws::Typical,
        uncertain: false,
        numbers: Some((&numbers, &part.parameters)),
    };
    let patients = patients(study, &place, ligand, &made)?;
    let show = shown(at, part.show.as_ref(), &patients)?;
    let factors = Factors { time, amount, volume: 1.0 };
    Ok((Model::Patient(Patient { patients, show }), factors, concentration))
}

/// Part of what was given that may be missing before a run is called wrong.
const MOST_IMBALANCE: f64 = 1e-6;

/// Runs every subject. `progress` is told of each that is done.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    match &plan.model {
        Model::Plain(plain) => plain::run(study, plan, plain, progress),
        Model::Patient(patient) => patient::run(study, plan, patient, progress),
    }
}

/// What of the table was not read, and what stands for what it does not say.
pub fn warnings(plan: &Plan) -> Vec<String> {
    let table = &plan.table;
    let mut all: Vec<String> =
        headings::not_read_of(&plan.file, &table.not_read).into_iter().collect();
    if table.left_out > 0 {
        let rows = counted(table.left_out, "row");
        all.push(format!("{rows} of {} left out: a column or a # says so", plan.file));
    }
    if table.not_compared > 0 {
        all.push(format!(
            "{} of {} not compared: marked as missing, censored or beyond a limit, not above zero, of \
             another compartment, or in a row that is no observation",
            counted(table.not_compared, "measurement"),
            plan.file
        ));
    }
    all.extend(table.idle.iter().map(|idle| format!("{}: {idle}", plan.file)));
    for (name, (count, one)) in &table.without {
        all.push(format!(
            "{} of {} without {name} (such as {one}): the usual one is taken",
            counted(*count, "subject"),
            plan.file
        ));
    }
    all
}

/// What the terminal says of the balance of drug.
pub fn balance_text(worst: f64) -> String {
    let verdict = if worst <= MOST_IMBALANCE { "balanced" } else { "not balanced" };
    format!("drug {verdict}: given = held + eliminated to {worst:.1e}\n")
}

/// The same, unless there is nothing to balance.
fn balance_or_failure(plan: &Plan, failed: usize, worst: f64) -> String {
    match failed < plan.table.subjects.len() {
        true => balance_text(worst),
        false => "no subject was solved; column status of the table says why\n".into(),
    }
}

/// The balance of drug as a check.
pub fn balance(whom: &str, worst: f64) -> Check {
    Check {
        what: format!("drug given = held + eliminated, {whom}"),
        found: format!("largest difference {worst:.1e} of what was given"),
        holds: worst <= MOST_IMBALANCE,
    }
}

/// The number that NONMEM gives a kind of record.
pub fn evid(kind: Kind) -> u8 {
    match kind {
        Kind::Observation => 0,
        Kind::Dose => 1,
        Kind::Other => 2,
        Kind::Reset => 3,
        Kind::ResetAndDose => 4,
    }
}

/// Times of a subject's curve (min since the first record): even, and the starts and ends of doses; the
/// records come besides.
fn drawn_times(plan: &Plan, subject: usize) -> Vec<f64> {
    const POINTS: usize = 500;
    let last = since_first(&plan.table.subjects[subject]).last().copied().unwrap_or(0.0);
    let turns = plan.happenings(subject).into_iter().flat_map(|timed| match timed.what {
        Happening::Infuse { duration, .. } => [Some(timed.time), Some(timed.time + duration)],
        // A look at the time of a dose comes before it.
        Happening::Give { .. } => [Some(timed.time), Some(timed.time + last * JUST_AFTER)],
        _ => [None; 2],
    });
    let turns: Vec<f64> = turns.flatten().filter(|t| *t < last).collect();
    // No figure is so wide that more could be told apart: of very many doses some are drawn.
    let every = turns.len().div_ceil(4 * POINTS).max(1);
    let even = (0..POINTS).map(|k| last * k as f64 / POINTS as f64);
    let mut times: Vec<f64> = even.chain(turns.into_iter().step_by(every)).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
}

/// So long after a dose at once its curve is drawn, as part of all that is drawn: less than a line is wide.
const JUST_AFTER: f64 = 1e-6;

/// A curve that goes through its highest and lowest point, too.
pub(super) fn with_turns(
    mut points: Vec<(f64, f64)>,
    turns: Option<&[(f64, f64); 2]>,
) -> Vec<(f64, f64)> {
    let turns =
        turns.into_iter().flatten().filter(|(time, value)| time.is_finite() && value.is_finite());
    points.extend(turns);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.dedup();
    points
}

/// Time of each record since the first (min).
fn since_first(subject: &Subject) -> Vec<f64> {
    elapsed(&subject.records).expect("checked in the plan")
}

/// States between the records and at them, each with the record up to which numbers hold and the time
/// on an axis: TIME of the first record and what has passed since, which a reset does not set back.
fn course<'a>(
    plan: &Plan,
    subject: usize,
    between: &'a [Vec<f64>],
    at_records: &'a [Vec<f64>],
) -> Vec<(f64, usize, &'a Vec<f64>)> {
    let times = drawn_times(plan, subject);
    let subject = &plan.table.subjects[subject];
    let since = since_first(subject);
    let place = |time: f64| since.iter().position(|&r| r >= time).unwrap_or(since.len() - 1);
    let drawn = times.into_iter().zip(between).map(|(time, x)| (time, place(time), x));
    let looked = at_records.iter().enumerate().map(|(r, x)| (since[r], r, x));
    let mut all: Vec<_> = drawn.chain(looked).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let origin = subject.records[0].time;
    all.iter_mut().for_each(|(time, ..)| *time = (*time + origin) / plan.factors.time);
    all
}

fn figure(study: &Study, plan: &Plan, panels: Vec<Panel>) -> Figure {
    let subjects = &plan.table.subjects;
    let shown = subjects.len().min(crate::labels::MOST_CURVES);
    let subtitle = match shown < subjects.len() {
        true => format!("{shown} of {} subjects are drawn; the table has all", subjects.len()),
        false => plan.file.clone(),
    };
    Figure {
        title: study.question.clone(),
        subtitle,
        panels,
        columns: 2,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend: subjects[..shown]
            .iter()
            .enumerate()
            .map(|(i, s)| (format!("subject {}", s.id), i))
            .collect(),
    }
}

/// A unit as the end of a column name: `ug/L` is `ug_per_l`.
fn column_ending(unit: &str) -> String {
    let text = unit.to_lowercase().replace('/', "_per_");
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
