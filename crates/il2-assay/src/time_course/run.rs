//! Runs a time course, in pieces where it is long.

use crate::answer::{AssayResult, status};
use crate::caption;
use crate::labels::time_text;
use crate::time_course::answer::answer;
use crate::time_course::plan::{Condition, Plan};
use crate::time_course::show::{at_the_end, drawn, left_out, legend, panels, text};
use il2::culture::{Ran, Well};
use il2::quantity::column_suffix;
use il2_engine::{Dimension, LaneFailure};
use il2_output::column::Value;
use il2_output::figure::Figure;
use il2_output::table::Table;
use il2_study::study::Study;
use indexmap::IndexMap;
use serde_json::json;

/// Most times of a condition that are run at once. With more, each piece is run again from the start, because
/// storing the state between outputs would cost more than it saves.
const MOST_TIMES: usize = 4096;
/// Most numbers of pieces in memory before their rows go into the table.
const MOST_NUMBERS: usize = 4 << 20;

/// Runs every simulation.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    // Conditions with different ligands have different species: one column for each name that occurs.
    let mut names: IndexMap<String, Dimension> = IndexMap::new();
    for c in &plan.conditions {
        names.extend(c.prepared.readouts.iter().cloned());
    }
    let headers: Vec<String> =
        names.iter().map(|(n, d)| format!("{n}{}", column_suffix(*d))).collect();
    let mut columns =
        vec![("ligand", true), ("cell", true), ("dose_pm", false), ("time_min", false)];
    columns.extend(headers.iter().map(|h| (h.as_str(), false)));
    columns.push(("status", true));
    let mut table = Table::new(&plan.name, &columns);
    // The last row of each condition, or why there is none.
    let mut ends: Vec<Result<Vec<f64>, LaneFailure>> = vec![];
    let mut pieces: Vec<(&Condition, &[f64])> = vec![];
    for c in &plan.conditions {
        pieces.extend(c.well.times.chunks(MOST_TIMES).map(|times| (c, times)));
    }
    let longest = pieces.iter().map(|(_, times)| times.len()).max().unwrap_or(1);
    let at_once = (MOST_NUMBERS / (longest * names.len()).max(1)).clamp(1, 256);
    for some in pieces.chunks(at_once) {
        let run = |(c, times): &(&Condition, &[f64])| {
            let well = Well { times: times.to_vec(), ..c.well.clone() };
            c.prepared.run_all(&[well], study.tolerance).remove(0)
        };
        let found: Vec<Ran> = study.threads.map(some, run);
        for ((c, times), mut ran) in some.iter().zip(found) {
            add_rows(&mut table, (c, times), &names, &ran);
            if times.last() == c.well.times.last() {
                let last = ran.rows.pop().unwrap_or_default();
                ends.push(ran.failure.map_or(Ok(last), Err));
                progress(1);
            }
        }
    }
    let drawn = drawn(study, plan);
    let panels = panels(plan, &drawn, &names);
    let summary: Vec<_> = plan
        .conditions
        .iter()
        .zip(&ends)
        .take(crate::labels::MOST_TOLD)
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
        title: study.question.clone(),
        subtitle: [
            Some(caption::kind_and_model(study, &plan.name)),
            plan.pulse.map(|p| {
                format!("ligand for {} (dotted line), then medium without it", time_text(p))
            }),
            left_out(plan),
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
        sentences: answer(plan, &drawn, &ends),
        text: text(plan, &ends),
        answer: at_the_end(plan, &names, &ends),
        picture: panels.into_iter().next(),
        tables: vec![table],
        figures: vec![(plan.name.clone(), figure)],
        summary: json!({"kind": if plan.pulse.is_some() { "washout" } else { "time-course" }, "conditions": summary, "conditions_told": plan.conditions.len().min(crate::labels::MOST_TOLD), "conditions_in_all": plan.conditions.len()}),
        failed: ends.iter().filter(|end| end.is_err()).count(),
        ..AssayResult::default()
    }
}

/// One row for each of some times of a condition.
fn add_rows(
    table: &mut Table,
    (c, times): (&Condition, &[f64]),
    names: &IndexMap<String, Dimension>,
    ran: &Ran,
) {
    let places: Vec<Option<usize>> = names.keys().map(|name| c.prepared.readout(name)).collect();
    for (t, &time) in times.iter().enumerate() {
        // A condition that stopped early still gives the earlier rows.
        let found = ran.rows.get(t);
        let mut row: Vec<Value> =
            vec![c.ligand.as_str().into(), c.cell.as_str().into(), c.dose.into(), time.into()];
        let value = |p: &Option<usize>| p.zip(found).map_or(f64::NAN, |(p, row)| row[p]);
        row.extend(places.iter().map(|p| Value::Number(value(p))));
        let why = ran.failure.as_ref().filter(|_| found.is_none());
        row.push(status(why).as_str().into());
        table.push(row);
    }
}
