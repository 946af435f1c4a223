//! A plain pharmacokinetic model under an event table: the concentration at every record.

use super::{
    Plan, balance, balance_or_failure, column_ending, counted, course, drawn_times, evid, figure,
    warnings,
};
use crate::assay::{AssayResult, MOST_CURVES};
use crate::event_table::Subject;
use crate::figure::{Axis, Content, Panel, Scale, Series};
use crate::study::Study;
use crate::table::{Table, Value};
use il2::patient::compartments::{Compartments, Found, Structure};
use il2_engine::{Dimension, LaneFailure};
use indexmap::IndexMap;
use serde_json::json;

/// The model, and the numbers of it that the study gives.
#[derive(Clone, Debug)]
pub struct Plain {
    /// Compartments.
    pub structure: Structure,
    /// Base units.
    pub given: IndexMap<&'static str, f64>,
    /// What amounts are counted in.
    pub amount: Dimension,
}

/// Runs every subject.
pub fn run(
    study: &Study,
    plan: &Plan,
    plain: &Plain,
    progress: &(dyn Fn(usize) + Sync),
) -> AssayResult {
    let model = Compartments::new(plain.structure, plain.amount);
    let places: Vec<usize> = (0..plan.table.subjects.len()).collect();
    let found: Vec<Result<Found, LaneFailure>> = study.threads.map(&places, |&i| {
        let subject = &plan.table.subjects[i];
        let between = if i < MOST_CURVES { drawn_times(subject) } else { vec![] };
        let happenings = &plan.happenings[i];
        let found = model.run(happenings, &subject.values, &between, study.tolerance);
        progress(1);
        found
    });
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
    columns.push(("status".into(), true));
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&plan.name, &columns);
    let (mut worst, mut failed) = (0.0_f64, 0);
    for (subject, found) in plan.table.subjects.iter().zip(&found) {
        let status = found.as_ref().err().map_or("ok".to_string(), ToString::to_string);
        failed += usize::from(found.is_err());
        for r in 0..subject.records.len() {
            let state = found.as_ref().ok().map(|all| &all.records[r]);
            let volume = subject.values[r][volume_place(plain.structure)];
            let amount_of = |s: usize| state.map_or(f64::NAN, |x| x[s] / plan.factors.amount);
            let central = state.map_or(f64::NAN, |x| x[plain.structure.central()]);
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
        "{}, {} records of {}; concentration in {}\n",
        counted(plan.table.subjects.len(), "subject"),
        table.rows(),
        plan.file,
        plan.units[2]
    );
    text += &balance_or_failure(plan, failed, worst);
    let panels = panels(plan, plain.structure, &found);
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
        warnings: warnings(plan),
        checks: vec![balance("every subject", worst)],
        picture: Some(panels[0].clone()),
        figures: vec![(plan.name.clone(), figure(study, plan, panels))],
        tables: vec![table],
        failed,
        inputs: vec![(plan.file.clone(), plan.table.hash.clone())],
        ..AssayResult::default()
    }
}

fn volume_place(structure: Structure) -> usize {
    structure.parameters().iter().position(|p| p.name == "volume").expect("every model has one")
}

/// The concentration on an even and on a logarithmic axis.
fn panels(plan: &Plan, structure: Structure, found: &[Result<Found, LaneFailure>]) -> Vec<Panel> {
    let curves: Vec<Vec<(f64, f64)>> = plan
        .table
        .subjects
        .iter()
        .zip(found)
        .take(MOST_CURVES)
        .map(|(subject, found)| {
            found.as_ref().map_or(vec![], |f| curve(plan, structure, subject, f))
        })
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
fn curve(plan: &Plan, structure: Structure, subject: &Subject, found: &Found) -> Vec<(f64, f64)> {
    let place = volume_place(structure);
    let concentration = |record: usize, x: &[f64]| {
        x[structure.central()] / subject.values[record][place] / plan.concentration
    };
    let all = course(plan, subject, &found.between, &found.records);
    all.into_iter().map(|(time, record, x)| (time, concentration(record, x))).collect()
}
