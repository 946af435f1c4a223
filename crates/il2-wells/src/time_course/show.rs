//! Output of a time course: curves, their labels, and a summary.

use crate::time_course::answer::{sentences, shared};
use crate::time_course::plan::{Condition, Plan, after_wash, condition_label};
use crate::time_course::run::{Answer, names};
use il2::quantity::column_suffix;
use il2_answer::answer::{AssayResult, status};
use il2_answer::caption;
use il2_answer::labels::{cut, readout_axis, resolved, time_text, time_unit};
use il2_answer::sentence::listed;
use il2_engine::{Dimension, LaneFailure, Tolerance};
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, Panel, Series, most_curves};
use il2_output::table::Table;
use il2_study::study::Study;
use indexmap::{IndexMap, IndexSet};
use serde_json::json;

/// Turns an answer into table, figure, text and sentences.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let names = names(plan);
    let panels = panels(plan, &answer.drawn, &names);
    let summary: Vec<_> = plan
        .conditions
        .iter()
        .zip(&answer.ends)
        .take(il2_answer::labels::MOST_TOLD)
        .map(|(c, end)| {
            let last = end.as_ref().ok();
            let end: serde_json::Map<String, serde_json::Value> = c
                .prepared
                .readouts
                .iter()
                .enumerate()
                .map(|(i, (n, d))| {
                    (format!("{n}{}", column_suffix(*d)), last.map_or(json!(null), |r| json!(r[i])))
                })
                .collect();
            json!({"ligand": c.ligand, "cell": c.cell, "dose_pm": c.dose, "end": end})
        })
        .collect();
    let figure = Figure {
        title: title(study, plan),
        subtitle: [
            Some(caption::kind_and_model(study, &plan.name)),
            plan.pulse.map(|p| {
                let given = |c: &Condition| match c.dose.is_finite() {
                    true => format!("{} {}", c.dose_text, c.ligand),
                    false => c.dose_text.clone(),
                };
                let all: IndexSet<String> = plan.conditions.iter().map(given).collect();
                let what = match all.len() {
                    1 => all[0].clone(),
                    _ => "ligand".to_string(),
                };
                format!(
                    "{what} present for {}, then washed out (grey line); fractions below {LEAST_LEFT} not drawn",
                    time_text(p)
                )
            }),
            plan.medium.text(),
            left_out(plan),
            Some("best values, no intervals".into()),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; "),
        columns: 2,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend: legend(plan),
        panels: panels.clone(),
        ..Figure::default()
    };
    AssayResult {
        sentences: sentences(plan, &answer.drawn, &answer.ends),
        shared: shared(plan, &answer.ends),
        text: text(study.tolerance, plan, &answer.ends),
        answer: at_the_end(plan, &names, &answer.ends),
        picture: panels.into_iter().next(),
        tables: vec![answer.table],
        figures: vec![(plan.name.clone(), figure)],
        summary: json!({"kind": if plan.pulse.is_some() { "washout" } else { "time-course" }, "conditions": summary, "conditions_listed": plan.conditions.len().min(il2_answer::labels::MOST_TOLD), "conditions_in_all": plan.conditions.len()}),
        failed: answer.ends.iter().filter(|end| end.is_err()).count(),
        ..AssayResult::default()
    }
}

/// The question of the study; if it has several assays, the contents of the wells of this one.
fn title(study: &Study, plan: &Plan) -> String {
    if study.assays.len() == 1 {
        return study.question.clone();
    }
    let each = |part: &dyn Fn(&Condition) -> &String| {
        let all: Vec<String> = plan.conditions.iter().map(|c| part(c).clone()).collect();
        listed(&all.into_iter().collect::<IndexSet<_>>().into_iter().collect::<Vec<_>>())
    };
    let (cells, doses) = (each(&|c| &c.cell), each(&|c| &c.dose_text));
    match plan.conditions[0].dose.is_finite() {
        true => format!("{}: {} on {cells}, {doses}", plan.name, each(&|c| &c.ligand)),
        false => format!("{}: {doses} on {cells}", plan.name),
    }
}

/// A note on what a figure omits, if anything.
pub fn left_out(plan: &Plan) -> Option<String> {
    let all = plan.conditions.len();
    let shown = most_curves(plan.show.len());
    (all > shown)
        .then(|| format!("the figure shows {shown} of {all} conditions, the table shows all"))
}

pub fn legend(plan: &Plan) -> Vec<(String, usize)> {
    let all = plan.conditions.iter().enumerate();
    all.map(|(i, c)| (condition_label(plan, c), i)).take(most_curves(plan.show.len())).collect()
}

/// The description of a readout for every ligand of a mixture; empty if the readout belongs to no
/// ligand.
fn of_any_ligand(plan: &Plan, name: &str) -> String {
    let mut ligands = plan.conditions.iter().flat_map(|c| c.well.doses.iter().map(|d| &d.0));
    let own = ligands.find_map(|ligand| name.strip_prefix(ligand.as_str())?.strip_prefix('_'));
    own.map_or(String::new(), |what| format!("{what} of each ligand"))
}

pub fn panels(
    plan: &Plan,
    drawn: &[(Vec<f64>, Vec<Vec<f64>>)],
    names: &IndexMap<String, Dimension>,
) -> Vec<Panel> {
    let end = plan.conditions[0].well.times.last().copied().unwrap_or(0.0);
    let (unit, factor) = time_unit(end);
    let panel = |name: &String| {
        let series =
            plan.conditions.iter().zip(drawn).enumerate().filter_map(|(i, (c, (times, rows)))| {
                let place = c.prepared.readout(name).filter(|_| !rows.is_empty())?;
                let points = times.iter().zip(rows).map(|(t, r)| (t / factor, r[place]));
                Some(Series {
                    label: condition_label(plan, c),
                    style: i,
                    points: points.collect(),
                    ..Series::default()
                })
            });
        Panel {
            name: name.clone(),
            title: String::new(),
            x: Axis {
                marks: plan.marks().into_iter().map(|m| m / factor).collect(),
                ..Axis::linear("time", unit)
            },
            y: Axis { measures: of_any_ligand(plan, name), ..readout_axis(name, names[name]) },
            content: Content::Lines(series.collect()),
        }
    };
    let fading = plan.fading();
    let left = fading.iter().map(|name| left_after_wash(plan, drawn, name, (unit, factor)));
    plan.show.iter().map(panel).chain(left).collect()
}

/// Smaller fractions of the value at the wash could not be measured.
const LEAST_LEFT: f64 = 1e-3;

/// A readout after the wash as a fraction of its value at the wash, on a log scale: a straight line means a
/// constant half-life.
fn left_after_wash(
    plan: &Plan,
    drawn: &[(Vec<f64>, Vec<Vec<f64>>)],
    name: &str,
    (unit, factor): (&str, f64),
) -> Panel {
    let wash = plan.pulse.unwrap_or(0.0);
    let all = plan.conditions.iter().zip(drawn).enumerate();
    let series = all.filter_map(|(i, (c, (times, rows)))| {
        let place = c.prepared.readout(name)?;
        let from = times.iter().zip(rows).rposition(|(time, _)| *time <= wash)?;
        let whole = rows[from][place];
        let after = times.iter().zip(rows).skip(from);
        let points = after.map(|(time, row)| (time / factor, row[place] / whole)).collect();
        (whole > 0.0).then(|| Series {
            label: condition_label(plan, c),
            style: i,
            points,
            ..Series::default()
        })
    });
    let what = il2_answer::labels::written(name);
    Panel {
        name: after_wash(name),
        title: String::new(),
        x: Axis { marks: vec![wash / factor], ..Axis::linear("time", unit) },
        y: Axis {
            range: Some((LEAST_LEFT, 1.0)),
            ..Axis::log(format!("{what}, fraction of the value at the wash"), "")
        },
        content: Content::Lines(series.collect()),
    }
}

/// The readouts shown, at the last time, with their full names.
pub fn at_the_end(
    plan: &Plan,
    names: &IndexMap<String, Dimension>,
    ends: &[Result<Vec<f64>, LaneFailure>],
) -> Vec<(String, Table)> {
    let titles: Vec<String> =
        plan.show.iter().map(|name| readout_axis(name, names[name]).title()).collect();
    let columns: Vec<(&str, bool)> = [("condition", true)]
        .into_iter()
        .chain(titles.iter().map(|title| (title.as_str(), false)))
        .chain(ends.iter().any(Result::is_err).then_some(("status", true)))
        .collect();
    let mut table = Table::new("answer", &columns);
    for (c, end) in plan.conditions.iter().zip(ends) {
        let mut row: Vec<Value> = vec![condition_label(plan, c).as_str().into()];
        let value = |name: &String| {
            let place = c.prepared.readout(name).zip(end.as_ref().ok());
            place.map_or(f64::NAN, |(p, end)| end[p])
        };
        row.extend(plan.show.iter().map(|name| Value::Number(value(name))));
        if columns.len() > row.len() {
            row.push(status(end.as_ref().err()).as_str().into());
        }
        table.push(row);
    }
    vec![("At the last time".into(), table)]
}

pub fn text(tolerance: Tolerance, plan: &Plan, ends: &[Result<Vec<f64>, LaneFailure>]) -> String {
    let mut out = String::from("At the last time\n");
    let width = plan.conditions.iter().map(|c| condition_label(plan, c).chars().count()).max();
    let width = width.unwrap_or(9).clamp(9, 32);
    // Columns are as wide as the longest heading, and as many as fit on a terminal are printed side
    // by side.
    let longest = plan.show.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let column = longest.clamp(20, 98 - width);
    for shown in plan.show.chunks(((100 - width) / (column + 2)).max(1)) {
        out += &format!("{:<width$}", "condition");
        shown.iter().for_each(|n| out += &format!("  {:>column$}", cut(n, column)));
        out += "\n";
        for (c, end) in plan.conditions.iter().zip(ends) {
            out += &format!("{:<width$}", cut(&condition_label(plan, c), width));
            match end {
                Err(why) => out += &format!("  failed: {}", cut(&why.to_string(), 88 - width)),
                Ok(end) => {
                    for name in shown {
                        out += &format!("  {:>column$}", last_value(tolerance, c, name, end));
                    }
                }
            }
            out += "\n";
        }
    }
    out
}

/// A readout at the last time with its unit.
fn last_value(tolerance: Tolerance, c: &Condition, name: &str, end: &[f64]) -> String {
    let Some(place) = c.prepared.readout(name) else { return "-".into() };
    let (value, unit) = (end[place], il2::quantity::base_unit(c.prepared.readouts[place].1));
    format!("{} {unit}", resolved(tolerance, value)).trim_end().to_string()
}
