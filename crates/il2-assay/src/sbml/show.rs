//! Output of models in SBML.

use crate::sbml::plan::Plan;
use crate::sbml::run::Answer;
use il2::quantity::three_digits;
use il2_answer::answer::{AssayResult, status};
use il2_answer::caption;
use il2_answer::sentence::listed;
use il2_engine::words::counted;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, Panel, Series, most_curves};
use il2_output::table::Table;
use il2_sbml::audit::Kind;
use il2_sbml::{Dose, Found, Jump};
use il2_study::study::Study;
use serde_json::json;

/// Number of ids whose final value is reported in a sentence.
const TOLD: usize = 4;

/// Turns an answer into tables, figures, text and sentences.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let figure = figure(study, plan, &answer);
    let events = answer.course.events.len();
    let findings = answer.audit.as_ref().map_or(0, |audit| audit.findings.len());
    AssayResult {
        sentences: sentences(plan, &answer),
        picture: figure.panels.first().cloned(),
        figures: plan.names().1.into_iter().map(|name| (name, figure.clone())).collect(),
        tables: vec![course(plan, &answer), happened(plan, &answer), found_odd(plan, &answer)],
        summary: json!({"kind": "sbml", "model": plan.path, "events": events,
            "findings": findings}),
        failed: usize::from(answer.failure.is_some()),
        ..AssayResult::default()
    }
}

/// The unit of time, as written in the file.
fn unit_of_time(plan: &Plan) -> String {
    let name = plan.model.units.time.as_deref();
    match name.map(|n| (n, il2_sbml::units::find(&plan.model.unit_definitions, n))) {
        Some((_, Some(unit))) if (unit.factor - 1.0).abs() < 1e-9 => "s".into(),
        Some((_, Some(unit))) if (unit.factor / 60.0 - 1.0).abs() < 1e-9 => "min".into(),
        Some((_, Some(unit))) if (unit.factor / 3600.0 - 1.0).abs() < 1e-9 => "h".into(),
        Some((_, Some(unit))) if (unit.factor / 86_400.0 - 1.0).abs() < 1e-9 => "d".into(),
        _ => String::new(),
    }
}

fn course(plan: &Plan, answer: &Answer) -> Table {
    let mut columns = vec![("time", false)];
    columns.extend(plan.shown.iter().map(|id| (id.as_str(), false)));
    columns.push(("status", true));
    let mut table = Table::new(&plan.names().0[0], &columns);
    for (k, &time) in plan.run.times.iter().enumerate() {
        let mut row: Vec<Value> = vec![time.into()];
        for id in &plan.shown {
            let found = answer.course.of(id).and_then(|values| values.get(k));
            row.push(Value::Number(found.copied().unwrap_or(f64::NAN)));
        }
        // Values up to a failure are as accurate as any.
        let reached = k < answer.course.times.len();
        let status = status(answer.failure.as_ref().filter(|_| !reached));
        row.push(status.as_str().into());
        table.push(row);
    }
    table
}

fn happened(plan: &Plan, answer: &Answer) -> Table {
    let mut table = Table::new(&plan.names().0[1], &[("time", false), ("event", true)]);
    for (time, event) in &answer.course.events {
        table.push(vec![(*time).into(), event.as_str().into()]);
    }
    table
}

fn found_odd(plan: &Plan, answer: &Answer) -> Table {
    let columns = [("kind", true), ("place", true), ("finding", true)];
    let mut table = Table::new(&plan.names().0[2], &columns);
    if let Ok(audit) = &answer.audit {
        for total in audit.totals.iter().flatten() {
            let row = ["conserved", "total", total.as_str()];
            table.push(row.map(Value::from).to_vec());
        }
        for total in audit.rate_totals.iter().flatten() {
            let row = ["conserved", "total of rate rules", total.as_str()];
            table.push(row.map(Value::from).to_vec());
        }
        for f in &audit.findings {
            let row = [f.kind.word(), f.place.as_str(), f.sentence.as_str()];
            table.push(row.map(Value::from).to_vec());
        }
    }
    table
}

fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    let (found, unit) = (&answer.course, unit_of_time(plan));
    let mut said: Vec<String> = answer
        .failure
        .iter()
        .map(|why| format!("The model could not be simulated to the end: {why}."))
        .collect();
    let Some(&end) = found.times.last() else { return said };
    let after = format!("{} {unit}", three_digits(end));
    let last = |id: &String| found.of(id).and_then(|values| values.last().copied());
    let ends: Vec<String> = plan
        .shown
        .iter()
        .take(TOLD)
        .filter_map(|id| Some(format!("{id} is {}", three_digits(last(id)?))))
        .collect();
    let more = match plan.shown.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(" (and {more} more in the table)"),
    };
    let mut events: Vec<(&str, f64)> = found.events.iter().map(|(t, e)| (e.as_str(), *t)).collect();
    events.sort_by(|a, b| a.0.cmp(b.0).then(a.1.total_cmp(&b.1)));
    let told = events.chunk_by(|a, b| a.0 == b.0).take(TOLD).map(|of| {
        let times: Vec<f64> = of.iter().map(|(_, t)| *t).collect();
        format!("{} happens {}", of[0].0, when(&times, &unit))
    });
    let told: Vec<String> = told.collect();
    if !told.is_empty() {
        said.push(format!("The event {}.", told.join("; the event ")));
    }
    said.push(format!("After {}, {}{more}.", after.trim(), ends.join(", ")));
    if !plan.run.doses.is_empty() {
        let one = |dose: &Dose| {
            let (amount, at) = (three_digits(dose.amount), three_digits(dose.time));
            format!("{amount} to {} at {}", dose.to, format!("{at} {unit}").trim())
        };
        let more = match plan.run.doses.len().saturating_sub(TOLD) {
            0 => String::new(),
            more => format!(", and {}", counted(more, "further dose")),
        };
        let doses: Vec<String> = plan.run.doses.iter().take(TOLD).map(one).collect();
        said.push(format!("The study adds {}{more}.", doses.join(", ")));
    }
    if let Ok(audit) = &answer.audit {
        let grave = audit.findings.iter().filter(|f| f.kind < Kind::Units).count();
        if let Some(first) = audit.findings.first().filter(|_| grave > 0) {
            let points = match grave {
                1 => "1 point to check, which".to_string(),
                n => format!("{n} points to check; the first"),
            };
            said.push(format!(
                "The audit of the model finds {points} concerns {}: {}.",
                first.place, first.sentence
            ));
        }
    }
    said
}

/// The times of an event, all if they are few, otherwise the first and the last; and their number.
fn when(times: &[f64], unit: &str) -> String {
    let said: Vec<String> = times.iter().map(|t| three_digits(*t)).collect();
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    match said.as_slice() {
        [one] => format!("at {one}{unit} (once)"),
        few if few.len() <= TOLD => format!("at {}{unit} ({} times)", listed(few), few.len()),
        [first, .., last] => format!("{} times, from {first} to {last}{unit}", said.len()),
        [] => String::new(),
    }
}

/// The curve of an id, drawn vertically where the value jumped between two outputs.
fn points(found: &Found, times: &[f64], id: &str) -> Option<Vec<(f64, f64)>> {
    let mut all: Vec<(f64, f64)> =
        times.iter().copied().zip(found.of(id)?.iter().copied()).collect();
    for Jump { time, values } in &found.jumps {
        if let Some((before, after)) = values.get(id) {
            // An output at the time of a jump shows the value after it.
            let place = all.partition_point(|(t, _)| t < time);
            all.splice(place..place, [(*time, *before), (*time, *after)]);
        }
    }
    Some(all)
}

fn figure(study: &Study, plan: &Plan, answer: &Answer) -> Figure {
    let drawn = |(style, id): (usize, &String)| {
        let points = points(&answer.course, &plan.run.times, id)?;
        Some(Series { label: id.clone(), style, points, ..Series::default() })
    };
    let most = most_curves(1);
    let series = plan.shown.iter().enumerate().take(most).filter_map(drawn).collect();
    let more = plan.shown.len().saturating_sub(most);
    let left_out = if more > 0 { format!("{more} more in the table · ") } else { String::new() };
    let panel = Panel {
        name: "course".into(),
        title: String::new(),
        x: Axis::linear("time", unit_of_time(plan)),
        y: Axis::linear("value in the model's unit", ""),
        content: Content::Lines(series),
    };
    Figure {
        title: study.question.clone(),
        subtitle: caption::kind_and_model(study, &plan.name),
        footnote: format!(
            "{left_out}study {} · il2 {}",
            &study.hash[..12],
            env!("CARGO_PKG_VERSION")
        ),
        panels: vec![panel],
        ..Figure::default()
    }
}
