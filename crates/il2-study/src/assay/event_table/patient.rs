//! The whole patient under an event table: everything that is read off at every record.

use super::{
    Plan, balance, balance_or_failure, column_ending, counted, course, drawn_times, evid, figure,
    warnings,
};
use crate::assay::patients::{self, Patients, axis, column, floor, words};
use crate::assay::{AssayResult, MOST_CURVES};
use crate::csv_file;
use crate::error::StudyError;
use crate::event_table::{EventTable, Subject};
use crate::figure::{Axis, Content, Panel, Scale, Series};
use crate::study::Study;
use crate::table::{Table, Value};
use il2::patient::cohort::Person;
use il2::patient::individual::Individual;
use il2::quantity::three_digits;
use il2_engine::ensemble::Answer;
use il2_engine::network::Observable;
use il2_engine::{Ensemble, Lane, LaneFailure};
use serde_json::json;
use std::path::Path;

/// Who is treated, and what the figure shows of them.
#[derive(Clone, Debug)]
pub struct Patient {
    /// The usual patient; the table says what he weighs.
    pub patients: Patients,
    /// Observables of the figure.
    pub show: Vec<String>,
}

/// Body surfaces (m2) outside of this are a slip of a unit.
const SURFACES: std::ops::Range<f64> = 0.2..5.0;

impl Patient {
    fn observable(&self, name: &str) -> (usize, &Observable) {
        let all = &self.patients.cohort.body.network.observables;
        let place = all.iter().position(|o| o.name == name).expect("checked in the plan");
        (place, &all[place])
    }

    /// Refuses bodies that nobody has.
    pub fn check(&self, file: &Path, table: &EventTable) -> Result<(), StudyError> {
        for subject in &table.subjects {
            for (person, line) in self.people(subject).iter().zip(&subject.lines) {
                if !SURFACES.contains(&person.surface) {
                    let message = format!(
                        "a body of {} kg and {} cm, surface {} m2, is not allowed; write WT in kg, HT \
                         in cm and BSA in m2",
                        person.weight,
                        person.height,
                        three_digits(person.surface)
                    );
                    return Err(csv_file::at(file, *line, "WT, HT or BSA", message));
                }
            }
        }
        Ok(())
    }

    /// The patient as he is up to each record.
    fn people(&self, subject: &Subject) -> Vec<Person> {
        let given = |value: f64| Some(value).filter(|v| v.is_finite());
        let one =
            |v: &Vec<f64>| self.patients.cohort.person_of(given(v[0]), given(v[1]), given(v[2]));
        subject.values.iter().map(one).collect()
    }
}

/// Runs every subject.
pub fn run(
    study: &Study,
    plan: &Plan,
    patient: &Patient,
    progress: &(dyn Fn(usize) + Sync),
) -> AssayResult {
    let (cohort, subjects) = (&patient.patients.cohort, &plan.table.subjects);
    let people: Vec<Vec<Person>> = subjects.iter().map(|s| patient.people(s)).collect();
    let individual = |i: usize| Individual {
        cohort,
        people: &people[i],
        happenings: &plan.happenings[i],
        arrives_by_table: plan.table.says_what_arrives,
    };
    let between = |i: usize| if i < MOST_CURVES { drawn_times(&subjects[i]) } else { vec![] };
    let lanes: Vec<Result<Lane, LaneFailure>> =
        (0..subjects.len()).map(|i| individual(i).lane(&between(i), study.tolerance)).collect();
    // A lane that could not be made keeps its place, and its reason.
    let ready: Vec<&Lane> = lanes.iter().filter_map(|l| l.as_ref().ok()).collect();
    let threads = study.threads;
    let ensemble = Ensemble { threads, ..Ensemble::new(&cohort.program, study.tolerance) };
    let mut ran = Vec::with_capacity(ready.len());
    let _ = ensemble.run(
        0..ready.len(),
        |k| ready[k].clone(),
        |_, answer| {
            ran.push(answer);
            progress(1);
            std::ops::ControlFlow::Continue(())
        },
    );
    let mut ran = ran.into_iter();
    let answer = |lane: &Result<Lane, LaneFailure>| match lane {
        Ok(_) => ran.next().expect("an answer a lane"),
        Err(failure) => Err(failure.clone()),
    };
    let found: Vec<Answer> = lanes.iter().map(answer).collect();
    let observables = &cohort.body.network.observables;
    let concentration = patient.observable("concentration").0;
    let name = |(k, o): (usize, &il2_engine::network::Observable)| match k == concentration {
        true => format!("concentration_{}", column_ending(&plan.units[2])),
        false => column(o),
    };
    let time = column_ending(&plan.units[0]);
    let mut columns: Vec<(String, bool)> = vec![
        ("id".into(), true),
        ("line".into(), false),
        (format!("time_{time}"), false),
        ("evid".into(), false),
        ("weight_kg".into(), false),
        ("surface_m2".into(), false),
    ];
    columns.extend(observables.iter().enumerate().map(|o| (name(o), false)));
    columns.push(("status".into(), true));
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&plan.name, &columns);
    let (mut worst, mut failed) = (0.0_f64, 0);
    let mut all_seen = vec![];
    for (i, (subject, answer)) in subjects.iter().zip(&found).enumerate() {
        let status = answer.as_ref().err().map_or("ok".to_string(), ToString::to_string);
        failed += usize::from(answer.is_err());
        worst = answer.iter().map(|a| individual(i).imbalance(a)).fold(worst, f64::max);
        let mut rows = vec![];
        for (r, record) in subject.records.iter().enumerate() {
            let seen = answer.as_ref().map(|a| individual(i).seen(r, &a.recorded[r]));
            let mut seen = seen.unwrap_or_else(|_| vec![f64::NAN; observables.len()]);
            seen[concentration] /= plan.concentration;
            let mut row: Vec<Value> = vec![
                subject.id.as_str().into(),
                (subject.lines[r] as f64).into(),
                subject.times[r].into(),
                f64::from(evid(record.kind)).into(),
                people[i][r].weight.into(),
                people[i][r].surface.into(),
            ];
            row.extend(seen.iter().map(|&v| Value::from(v)));
            row.push(status.as_str().into());
            table.push(row);
            rows.push(seen);
        }
        all_seen.push(rows);
    }
    let drawn = found.iter().enumerate().take(MOST_CURVES);
    let curves: Vec<Curve> = drawn.map(|(i, f)| curve(plan, i, &individual(i), f)).collect();
    let panels: Vec<Panel> =
        patient.show.iter().map(|name| panel(plan, patient, name, &curves)).collect();
    let extremes = extremes(plan, patient, &all_seen);
    let title = match subjects.len() > MOST_TOLD {
        true => format!("The first {MOST_TOLD} subjects: most, least and last at their records"),
        false => "Every subject: most, least and last at the records".to_string(),
    };
    AssayResult {
        summary: json!({
            "kind": "event-table",
            "model": "patient",
            "ligand": patient.patients.ligand,
            "pharmacokinetics": patient.patients.kinetics,
            "subjects": subjects.len(),
            "records": table.rows(),
            "largest_imbalance": worst,
            "failed": failed,
            "columns_not_read": plan.table.not_read,
            "rows_left_out": plan.table.commented,
        }),
        text: text(plan, patient, &extremes, &balance_or_failure(plan, failed, worst)),
        warnings: warnings(plan).into_iter().chain([patients::MOSTLY_ASSUMED.into()]).collect(),
        answer: vec![(title, told(plan, &extremes))],
        checks: vec![balance("every subject", worst)],
        picture: panels.first().cloned(),
        figures: vec![(plan.name.clone(), figure(study, plan, panels))],
        tables: vec![table],
        failed,
        inputs: vec![(plan.file.clone(), plan.table.hash.clone())],
        ..AssayResult::default()
    }
}

fn text(plan: &Plan, patient: &Patient, extremes: &[Extreme], balance: &str) -> String {
    let mut text = format!(
        "{} of {} under {} ({}); concentration in {}\n",
        counted(plan.table.subjects.len(), "patient"),
        plan.file,
        patient.patients.ligand,
        patient.patients.kinetics,
        plan.units[2]
    );
    if plan.table.says_what_arrives {
        text += "column F1 says which part of a dose under the skin arrives, not the library\n";
    }
    text += &block(plan, extremes);
    text + balance
}

/// Subjects whose extremes are told.
const MOST_TOLD: usize = 10;

/// One quantity of one subject at the table's records: value and time as the table counts it.
struct Extreme {
    subject: String,
    quantity: String,
    most: (f64, f64),
    least: (f64, f64),
    last: f64,
}

/// What is shown of each subject.
fn extremes(plan: &Plan, patient: &Patient, seen: &[Vec<Vec<f64>>]) -> Vec<Extreme> {
    let mut all = vec![];
    for (subject, rows) in plan.table.subjects.iter().zip(seen).take(MOST_TOLD) {
        for name in &patient.show {
            let (place, observable) = patient.observable(name);
            let (title, unit) = words(observable);
            let unit = if name == "concentration" { plan.units[2].clone() } else { unit };
            let points = || rows.iter().map(|row| row[place]).zip(subject.times.iter().copied());
            let nothing = (f64::NAN, f64::NAN);
            all.push(Extreme {
                subject: subject.id.clone(),
                quantity: if unit.is_empty() { title } else { format!("{title} ({unit})") },
                most: points().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or(nothing),
                least: points().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or(nothing),
                last: points().next_back().unwrap_or(nothing).0,
            });
        }
    }
    all
}

/// The same as a table for the report.
fn told(plan: &Plan, extremes: &[Extreme]) -> Table {
    let [most, least] = ["highest", "lowest"].map(|w| format!("time of {w} ({})", plan.units[0]));
    let columns = [
        ("subject", true),
        ("quantity", true),
        ("highest", false),
        (most.as_str(), false),
        ("lowest", false),
        (least.as_str(), false),
        ("last", false),
    ];
    let mut table = Table::new("extremes", &columns);
    for e in extremes {
        let mut row: Vec<Value> = vec![e.subject.as_str().into(), e.quantity.as_str().into()];
        row.extend([e.most.0, e.most.1, e.least.0, e.least.1, e.last].map(Value::from));
        table.push(row);
    }
    table
}

/// The same for the terminal.
fn block(plan: &Plan, extremes: &[Extreme]) -> String {
    let at = format!("at {}", plan.units[0]);
    let (mut text, mut subject) = (String::new(), "");
    for e in extremes {
        if subject != e.subject {
            subject = &e.subject;
            let head = format!("subject {subject}");
            text += &format!(
                "{head:<40} {:>10} {at:>8} {:>10} {at:>8} {:>10}\n",
                "highest", "lowest", "last"
            );
        }
        let [a, b, c, d, last] =
            [e.most.0, e.most.1, e.least.0, e.least.1, e.last].map(three_digits);
        text += &format!("  {:<38} {a:>10} {b:>8} {c:>10} {d:>8} {last:>10}\n", e.quantity);
    }
    text
}

/// One quantity of all subjects over time.
fn panel(plan: &Plan, patient: &Patient, name: &str, curves: &[Curve]) -> Panel {
    let (place, observable) = patient.observable(name);
    let mut y = axis(observable);
    let factor = if name == "concentration" { plan.concentration } else { 1.0 };
    if name == "concentration" {
        y.label = format!("concentration ({})", plan.units[2]);
    }
    let points = |curve: &Curve| -> Vec<(f64, f64)> {
        curve.iter().map(|(time, seen)| (*time, seen[place] / factor)).collect()
    };
    let mut all: Vec<Vec<(f64, f64)>> = curves.iter().map(points).collect();
    if y.scale == Scale::Log {
        let peak = all.iter().flatten().map(|p| p.1).fold(0.0, f64::max);
        let floor = floor(peak);
        all.iter_mut().flatten().filter(|p| p.1 < floor).for_each(|p| p.1 = 0.0);
    }
    let series = all.into_iter().enumerate().map(|(i, points)| Series {
        label: format!("subject {}", plan.table.subjects[i].id),
        style: i,
        points,
        ..Series::default()
    });
    let x = Axis { label: format!("time ({})", plan.units[0]), scale: Scale::Linear, range: None };
    Panel { title: String::new(), x, y, content: Content::Lines(series.collect()) }
}

/// Everything that is read off a subject, by time as the table counts it.
type Curve = Vec<(f64, Vec<f64>)>;

/// A subject between and at the records.
fn curve(plan: &Plan, i: usize, individual: &Individual, found: &Answer) -> Curve {
    let Ok(found) = found else { return vec![] };
    let all = course(plan, &plan.table.subjects[i], &found.states, &found.recorded);
    all.into_iter().map(|(time, record, x)| (time, individual.seen(record, x))).collect()
}
