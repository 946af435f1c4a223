//! A plain pharmacokinetic model with an event table: the concentration at every record.

use crate::beyond::Beyond;
use crate::event_table::answer::Results;
use crate::event_table::balance::{balance, balance_or_failure};
use crate::event_table::course::{course, drawn_times, with_turns};
use crate::event_table::exposure::{self, Exposure, Windows};
use crate::event_table::extremes::{Extreme, MOST_TOLD, block, told};
use crate::event_table::measured::{self, Compared};
use crate::event_table::model::Plain;
use crate::event_table::plan::Plan;
use crate::event_table::show::{evid, figure, sentences, warnings};
use crate::patients::above_floor;
use il2::patient::compartments::{Compartments, Found, Structure};
use il2_answer::answer::{AssayResult, status};
use il2_answer::labels::{column_ending, subject};
use il2_engine::words::counted;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Panel, Scale, Series};
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// Runs every subject.
pub fn run(
    study: &Study,
    plan: &Plan,
    plain: &Plain,
    progress: &(dyn Fn(usize) + Sync),
) -> Results<Vec<(f64, f64)>> {
    let model = Compartments::new(plain.structure, plain.amount);
    let compartments = plain.structure.compartments();
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
    columns.extend(measured::columns(plan));
    columns.push(("status".into(), true));
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&plan.name, &columns);
    let (mut worst, mut failed) = (0.0_f64, 0);
    let (mut extremes, mut curves, mut compared) = (vec![], vec![], Compared::default());
    let mut exposures: Vec<Exposure> = vec![];
    for group in plan.groups() {
        let some: Vec<usize> = group.collect();
        let found: Vec<(Found, Windows)> = study.threads.map(&some, |&i| {
            let between = if i < plan.most_drawn() { drawn_times(plan, i) } else { vec![] };
            let (dose_events, values) = (plan.dose_events(i), plan.table.subjects[i].all_values());
            let windows = Windows::of(&dose_events);
            let asked = (between.as_slice(), windows.stretches());
            let found = model.run(&dose_events, &values, (asked.0, &asked.1), study.tolerance);
            progress(1);
            (found, windows)
        });
        for (&i, (found, windows)) in some.iter().zip(&found) {
            let subject = &plan.table.subjects[i];
            let levels = add_rows((&mut table, &mut compared), plan, plain.structure, i, found);
            failed += usize::from(found.failure.is_some());
            worst = found.records.iter().map(|x| imbalance(x)).fold(worst, f64::max);
            let surveys = found.surveyed.as_slice();
            let values = subject.values(subject.records.len() - 1);
            let slowest = Some(plain.structure.slowest_rate(values));
            let seen = (surveys, levels.as_slice());
            let ended = (found.failure.as_ref(), study.tolerance);
            exposures.push(Exposure::of(plan, i, windows, seen, slowest, ended));
            let Some(surveyed) = surveys.first() else { continue };
            if i >= MOST_TOLD.max(plan.most_drawn()) {
                continue;
            }
            let quantity = (format!("concentration ({})", plan.units[2]), plan.concentration);
            let told =
                Extreme::new(plan, subject, quantity, (surveyed, &levels), (true, study.tolerance));
            if i < plan.most_drawn() {
                let points = curve(plan, plain.structure, i, found);
                curves.push(with_turns(points, Some(&told.points())));
            }
            if i < MOST_TOLD {
                extremes.push(told);
            }
        }
    }
    let beyond = Beyond::default();
    Results { records: table, exposures, failed, worst, compared, extremes, curves, beyond }
}

/// Makes tables, figure, text and sentences of the results.
pub fn show(study: &Study, plan: &Plan, answer: Results<Vec<(f64, f64)>>) -> AssayResult {
    let mut text = format!(
        "{}, {} records of {}; concentration in {}\n",
        counted(plan.table.subjects.len(), "subject"),
        answer.records.rows(),
        plan.file,
        plan.units[2]
    );
    // These two lines are in no table, so they come before the part that the terminal may cut.
    text += &answer.compared.text();
    text += &balance_or_failure(plan, answer.failed, answer.worst);
    text += &block(plan, &answer.extremes);
    let mut panels = panels(plan, &answer.curves);
    panels.extend(answer.compared.panel(plan));
    let mut summary = json!({
        "kind": "event-table",
        "subjects": plan.table.subjects.len(),
        "records": answer.records.rows(),
        "largest_imbalance": answer.worst,
        "columns_not_read": plan.table.not_read,
        "rows_left_out": plan.table.left_out,
    });
    if plan.table.has_measured {
        summary["measured"] = answer.compared.summary(plan);
    }
    let exposures = exposure::table(plan, &answer.exposures);
    AssayResult {
        sentences: sentences(plan, &answer.exposures),
        summary,
        text,
        answer: vec![told(plan, &answer.extremes)],
        warnings: warnings(plan).into_iter().chain(answer.compared.warnings(plan)).collect(),
        checks: vec![balance("every subject", answer.worst)],
        picture: Some(panels[0].clone()),
        figures: vec![(plan.name.clone(), figure(study, plan, panels))],
        tables: vec![answer.records, exposures],
        failed: answer.failed,
        inputs: vec![(plan.file.clone(), plan.table.hash.clone())],
        ..AssayResult::default()
    }
}

/// Adds a row for each record of a subject, and returns the concentrations. If the simulation
/// stopped early, the rows that it reached are kept.
fn add_rows(
    (table, compared): (&mut Table, &mut Compared),
    plan: &Plan,
    structure: Structure,
    i: usize,
    found: &Found,
) -> Vec<f64> {
    let subject = &plan.table.subjects[i];
    let species = structure.compartments().len() + 2;
    let mut levels = Vec::with_capacity(subject.records.len());
    for (r, record) in subject.records.iter().enumerate() {
        let state = found.records.get(r);
        let volume = subject.values(r)[volume_place(structure)];
        let amount_of = |s: usize| state.map_or(f64::NAN, |x| x[s] / plan.factors.amount);
        let central = state.map_or(f64::NAN, |x| x[structure.central()]);
        let level = central / volume / plan.concentration;
        levels.push(level);
        let mut row: Vec<Value> = vec![
            subject.id.as_str().into(),
            f64::from(subject.lines[r]).into(),
            subject.times[r].into(),
            f64::from(evid(record.kind)).into(),
            level.into(),
        ];
        row.extend((0..species).map(|s| Value::from(amount_of(s))));
        row.extend(compared.row(plan, i, r, level));
        let why = found.failure.as_ref().filter(|_| state.is_none());
        row.push(status(why).as_str().into());
        table.push(row);
    }
    levels
}

/// Fraction of the given amount that is missing or in excess.
fn imbalance(state: &[f64]) -> f64 {
    let (held, given) = state.split_at(state.len() - 1);
    let missing = (held.iter().sum::<f64>() - given[0]).abs();
    if given[0] > 0.0 { missing / given[0] } else { missing }
}

fn volume_place(structure: Structure) -> usize {
    structure.parameters().iter().position(|p| p.name == "volume").expect("every model has one")
}

/// Panels of the concentration with a linear and with a logarithmic axis.
fn panels(plan: &Plan, curves: &[Vec<(f64, f64)>]) -> Vec<Panel> {
    let mut content: Vec<Series> = curves
        .iter()
        .enumerate()
        .map(|(i, points)| Series {
            label: subject(&plan.table.subjects[i].id),
            style: i,
            points: points.clone(),
            ..Series::default()
        })
        .collect();
    let y = Axis::linear("concentration", &plan.units[2]);
    let mut log = Axis { scale: Scale::Log, ..y.clone() };
    // Four decades below the peak, nothing can be measured.
    above_floor(&mut log, &content, 1e-4);
    content.extend((0..curves.len()).filter_map(|i| measured::points(plan, i)));
    let panel = |name: &str, title: &str, y: Axis| Panel {
        name: name.into(),
        title: title.into(),
        x: Axis::linear("time", &plan.units[0]),
        y,
        content: Content::Lines(content.clone()),
    };
    let floor = log.range.map_or(String::new(), |(low, _)| {
        format!(", values below {} not shown", il2::quantity::three_digits(low))
    });
    vec![
        panel("concentration", "linear scale", y),
        panel("concentration_log", &format!("log scale{floor}"), log),
    ]
}

/// Concentration of a subject over time, at and between records.
fn curve(plan: &Plan, structure: Structure, i: usize, found: &Found) -> Vec<(f64, f64)> {
    let subject = &plan.table.subjects[i];
    let place = volume_place(structure);
    let concentration = |record: usize, x: &[f64]| {
        x[structure.central()] / subject.values(record)[place] / plan.concentration
    };
    let all = course(plan, i, &found.between, &found.records);
    all.into_iter().map(|(time, record, x)| (time, concentration(record, x))).collect()
}
