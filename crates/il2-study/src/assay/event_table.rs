//! A plain pharmacokinetic model under an event table: the concentration at every record.

use super::{AssayResult, Check};
use crate::error::StudyError;
use crate::event_table::{self, EventTable, Factors, Reading, Subject};
use crate::figure::{Axis, Content, Figure, Panel, Scale, Series};
use crate::study::dosing::EventTablePart;
use crate::study::{Study, quantity, unknown};
use crate::table::{Table, Value};
use il2::patient::compartments::{Compartments, Found, Structure};
use il2::quantity::Quantity;
use il2::treatment::record::Kind;
use il2::treatment::schedule::{Happening, Timed, schedule};
use il2_engine::{Dimension, LaneFailure};
use indexmap::IndexMap;
use rayon::prelude::*;
use serde_json::json;

/// The assay put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// The model.
    pub structure: Structure,
    /// The table as it was read.
    pub table: EventTable,
    /// What happens to each subject, worked out.
    pub happenings: Vec<Vec<Timed>>,
    /// Numbers of the model that the study gives, base units.
    pub given: IndexMap<&'static str, f64>,
    /// Units as the study writes them: time, amount, concentration.
    pub units: [String; 3],
    /// The table's file name as the study writes it.
    pub file: String,
    /// Factors to base units.
    pub factors: Factors,
    amount: Dimension,
    concentration: f64,
}

const AMOUNTS: [Dimension; 3] = [
    Dimension { substance: 1, ..Dimension::DIMENSIONLESS },
    Dimension { mass: 1, ..Dimension::DIMENSIONLESS },
    Dimension { activity: 1, ..Dimension::DIMENSIONLESS },
];

/// Reads the table and works out what happens.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &EventTablePart,
) -> Result<Plan, StudyError> {
    let structures = Structure::ALL.iter().map(|(n, _)| *n);
    let found = Structure::ALL.iter().find(|(n, _)| *n == part.model);
    let structure = found
        .ok_or_else(|| {
            unknown(&format!("{at}.model"), "model", &part.model, structures, "an event table")
        })?
        .1;
    let unit = |key: &str, text: &str| {
        let at = format!("{at}.units.{key}");
        Quantity::parse(&format!("1 {text}")).map_err(|e| StudyError::at(at, e.0))
    };
    let wrong = |key: &str, text: &str, what: &str| {
        Err(StudyError::at(format!("{at}.units.{key}"), format!("\"{text}\" is no unit of {what}")))
    };
    let units = &part.units;
    let time = unit("time", &units.time)?;
    if time.dimension != Dimension::TIME {
        return wrong("time", &units.time, "time; use min, h or d");
    }
    let amount = unit("amount", &units.amount)?;
    if !AMOUNTS.contains(&amount.dimension) {
        return wrong(
            "amount",
            &units.amount,
            "amount; use one of mass, substance or activity: mg, nmol, MIU",
        );
    }
    let volume_text = units.volume.as_deref().unwrap_or("L");
    let volume = unit("volume", volume_text)?;
    if volume.dimension != Dimension::VOLUME {
        return wrong("volume", volume_text, "volume; use L or mL");
    }
    let written = units.concentration.clone().unwrap_or(format!("{}/{volume_text}", units.amount));
    let concentration = unit("concentration", &written)?;
    if concentration.dimension != amount.dimension / Dimension::VOLUME {
        let what = format!("concentration of what AMT counts; use for example {}/L", units.amount);
        return wrong("concentration", &written, &what);
    }
    let mut given = IndexMap::new();
    for (key, text) in &part.parameters {
        let at = format!("{at}.parameters.{key}");
        let known = structure.parameters().iter().map(|p| p.name);
        let number = structure.parameters().iter().find(|p| p.name == key);
        let number = number.ok_or_else(|| unknown(&at, "parameter", key, known, "this model"))?;
        given.insert(number.name, quantity(&at, text, number.dimension)?);
    }
    let factors = Factors { time: time.value, amount: amount.value, volume: volume.value };
    let how = Reading { structure, factors, given: &given, columns: &part.columns };
    let folder = study.path.parent().unwrap_or(std::path::Path::new(""));
    let file = folder.join(&part.table);
    let table = event_table::read(&file, &how)?;
    let happenings = table
        .subjects
        .iter()
        .map(|s| schedule(&s.records).map_err(|record| event_table::falls_back(&file, s, record)))
        .collect::<Result<_, _>>()?;
    Ok(Plan {
        name: name.to_string(),
        structure,
        table,
        happenings,
        given,
        units: [units.time.clone(), units.amount.clone(), written],
        file: part.table.clone(),
        factors,
        amount: amount.dimension,
        concentration: concentration.value,
    })
}

/// Part of what was given that may be missing before a run is called wrong.
const MOST_IMBALANCE: f64 = 1e-6;

/// Runs every subject.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    let model = Compartments::new(plan.structure, plan.amount);
    let found: Vec<Result<Found, LaneFailure>> = plan
        .table
        .subjects
        .par_iter()
        .enumerate()
        .map(|(i, subject)| {
            let between = if i < super::MOST_CURVES { drawn_times(subject) } else { vec![] };
            let happenings = &plan.happenings[i];
            let found = model.run(happenings, &subject.values, &between, study.tolerance);
            progress(1);
            found
        })
        .collect();
    let compartments = plan.structure.compartments();
    let ending = |unit: &str| column_ending(unit);
    let [time, amount, concentration] = plan.units.each_ref().map(|u| ending(u));
    let mut columns: Vec<(String, bool)> = vec![
        ("id".into(), true),
        ("line".into(), false),
        (format!("time_{time}"), false),
        ("evid".into(), false),
        (format!("concentration_{concentration}"), false),
    ];
    columns.extend(compartments.iter().map(|c| (format!("{c}_{amount}"), false)));
    columns.extend(["eliminated", "given"].map(|c| (format!("{c}_{amount}"), false)));
    columns.push(("status".into(), true));
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&plan.name, &columns);
    let (mut worst, mut failed) = (0.0_f64, 0);
    for (subject, found) in plan.table.subjects.iter().zip(&found) {
        let status = found.as_ref().err().map_or("ok".to_string(), ToString::to_string);
        failed += usize::from(found.is_err());
        for r in 0..subject.records.len() {
            let state = found.as_ref().ok().map(|all| &all.records[r]);
            let volume = subject.values[r][volume_place(plan.structure)];
            let amount_of = |s: usize| state.map_or(f64::NAN, |x| x[s] / plan.factors.amount);
            let central = state.map_or(f64::NAN, |x| x[plan.structure.central()]);
            let mut row: Vec<Value> = vec![
                subject.id.as_str().into(),
                (subject.lines[r] as f64).into(),
                subject.times[r].into(),
                f64::from(evid(subject.records[r].kind)).into(),
                (central / volume / plan.concentration).into(),
            ];
            row.extend((0..compartments.len() + 2).map(|s| Value::from(amount_of(s))));
            row.push(status.as_str().into());
            table.push(row);
            if let Some(x) = state {
                let (held, given) = x.split_at(compartments.len() + 1);
                let missing = (held.iter().sum::<f64>() - given[0]).abs();
                worst = worst.max(if given[0] > 0.0 { missing / given[0] } else { missing });
            }
        }
    }
    let mut text = format!(
        "{} subjects, {} records of {}; concentration in {}\n",
        plan.table.subjects.len(),
        table.rows(),
        plan.file,
        plan.units[2]
    );
    text += &balance_text(worst);
    if !plan.table.not_read.is_empty() {
        text += &format!("columns not read: {}\n", plan.table.not_read.join(", "));
    }
    if plan.table.commented > 0 {
        text += &format!("{} rows left out: column C marks them\n", plan.table.commented);
    }
    let panels = panels(plan, &found);
    AssayResult {
        summary: json!({
            "kind": "event-table",
            "subjects": plan.table.subjects.len(),
            "records": table.rows(),
            "largest_imbalance": worst,
            "columns_not_read": plan.table.not_read,
            "rows_left_out": plan.table.commented,
        }),
        text,
        checks: vec![balance("every subject", worst)],
        picture: Some(panels[0].clone()),
        figures: vec![(plan.name.clone(), figure(study, plan, panels))],
        tables: vec![table],
        failed,
        inputs: vec![(plan.file.clone(), plan.table.hash.clone())],
        ..AssayResult::default()
    }
}

/// What the terminal says of the balance of drug.
pub fn balance_text(worst: f64) -> String {
    let verdict = if worst <= MOST_IMBALANCE { "balanced" } else { "! not balanced" };
    format!("drug {verdict}: given = held + eliminated to {worst:.1e}\n")
}

/// The balance of drug as a check.
pub fn balance(whom: &str, worst: f64) -> Check {
    Check {
        what: format!("drug given = held + eliminated, {whom}"),
        found: format!("largest difference {worst:.1e} of what was given"),
        holds: worst <= MOST_IMBALANCE,
    }
}

fn volume_place(structure: Structure) -> usize {
    structure.parameters().iter().position(|p| p.name == "volume").expect("every model has one")
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

/// A unit as the end of a column name: `ug/L` is `ug_per_l`.
fn column_ending(unit: &str) -> String {
    let text = unit.to_lowercase().replace('/', "_per_");
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// Times of a subject's curve: even, and the records themselves, so that no peak is missed.
fn drawn_times(subject: &Subject) -> Vec<f64> {
    const POINTS: u32 = 500;
    let (first, last) = (subject.records[0].time, subject.records[subject.records.len() - 1].time);
    (0..POINTS).map(|k| (last - first) * f64::from(k) / f64::from(POINTS)).collect()
}

/// The concentration on an even and on a logarithmic axis.
fn panels(plan: &Plan, found: &[Result<Found, LaneFailure>]) -> Vec<Panel> {
    let curves: Vec<Vec<(f64, f64)>> = plan
        .table
        .subjects
        .iter()
        .zip(found)
        .take(super::MOST_CURVES)
        .map(|(subject, found)| found.as_ref().map_or(vec![], |f| curve(plan, subject, f)))
        .collect();
    let highest = curves.iter().flatten().map(|p| p.1).fold(0.0, f64::max);
    let panel = |scale: Scale, least: f64| Panel {
        title: String::new(),
        x: Axis { label: format!("time ({})", plan.units[0]), scale: Scale::Linear, range: None },
        y: Axis { label: format!("concentration ({})", plan.units[2]), scale, range: None },
        content: Content::Lines(
            curves
                .iter()
                .enumerate()
                .map(|(i, points)| Series {
                    label: format!("subject {}", plan.table.subjects[i].id),
                    style: i,
                    points: points.iter().copied().filter(|p| p.1 >= least).collect(),
                    ..Series::default()
                })
                .collect(),
        ),
    };
    // Four decades below the peak nothing is measured any more.
    vec![panel(Scale::Linear, 0.0), panel(Scale::Log, (highest * 1e-4).max(f64::MIN_POSITIVE))]
}

/// Concentration of a subject over time, between records and at them.
fn curve(plan: &Plan, subject: &Subject, found: &Found) -> Vec<(f64, f64)> {
    let (origin, place) = (subject.records[0].time, volume_place(plan.structure));
    let between = drawn_times(subject).into_iter().zip(&found.between);
    let at_records = subject.records.iter().map(|r| r.time - origin).zip(&found.records);
    let mut points: Vec<(f64, f64)> = between
        .chain(at_records)
        .map(|(time, x)| {
            let next = subject.records.iter().position(|r| r.time - origin >= time);
            let volume = subject.values[next.unwrap_or(subject.values.len() - 1)][place];
            let concentration = x[plan.structure.central()] / volume / plan.concentration;
            ((time + origin) / plan.factors.time, concentration)
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

fn figure(study: &Study, plan: &Plan, panels: Vec<Panel>) -> Figure {
    let subjects = &plan.table.subjects;
    let shown = subjects.len().min(super::MOST_CURVES);
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

/// The expanded table of a subject, in the table's units: time, what, how much, where, how fast.
pub fn expanded(plan: &Plan, subject: usize) -> Vec<[String; 4]> {
    let Subject { lines, times, records, .. } = &plan.table.subjects[subject];
    let Factors { time, amount, .. } = plan.factors;
    // Six digits: a time of 28.15 h is not 28.2 h.
    let number = |v: f64| format!("{v:.5e}").parse::<f64>().expect("a number").to_string();
    let origin = records[0].time;
    let rows = plan.happenings[subject].iter().filter_map(|t| {
        let place = |c: usize| plan.structure.compartments()[c];
        let (what, how) = match &t.what {
            Happening::Give { compartment, amount: a } => {
                (format!("{} into {}", number(a / amount), place(*compartment)), "at once".into())
            }
            Happening::Infuse { compartment, rate, duration } => (
                format!("{} into {}", number(rate * duration / amount), place(*compartment)),
                format!("over {}", number(duration / time)),
            ),
            Happening::Reset => ("reset".into(), "everything is emptied".into()),
            Happening::Saturate(c) => (
                "steady state".into(),
                match c.adds {
                    true => "is added".into(),
                    false => "replaces what is there".to_string(),
                },
            ),
            Happening::Parameters(_) | Happening::Look(_) => return None,
        };
        let when = (t.time + origin) / time;
        // Where time began anew the table's own time says more.
        let when = if records[t.record].time == origin + t.time { times[t.record] } else { when };
        Some([number(when), format!("line {}", lines[t.record]), what, how])
    });
    rows.collect()
}
