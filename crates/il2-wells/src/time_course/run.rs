//! Runs a time course, in pieces if it is long.

use crate::time_course::plan::{Condition, Plan};
use il2::culture::{Ran, Well};
use il2::quantity::column_suffix;
use il2_answer::answer::status;
use il2_engine::{Dimension, LaneFailure};
use il2_output::column::Value;
use il2_output::figure::most_curves;
use il2_output::table::Table;
use il2_study::study::Study;
use indexmap::IndexMap;

/// Largest number of output times of a condition that are run at once. With more, each piece is run again from
/// the start, because storing the state between outputs would cost more than it saves.
const MOST_TIMES: usize = 4096;
/// Largest number of values of pieces in memory before their rows are added to the table.
const MOST_NUMBERS: usize = 4 << 20;

/// The results of a time course.
#[derive(Debug)]
pub struct Answer {
    /// One row for each condition and time.
    pub table: Table,
    /// The last row of each condition, or why there is none.
    pub ends: Vec<Result<Vec<f64>, LaneFailure>>,
    /// Times and rows of the first conditions, closely spaced: the curves of the figure.
    pub drawn: Vec<(Vec<f64>, Vec<Vec<f64>>)>,
}

/// The readouts of all conditions: conditions with different ligands have different species, and
/// the table has a column for each name that occurs.
pub(super) fn names(plan: &Plan) -> IndexMap<String, Dimension> {
    let all = plan.conditions.iter().flat_map(|c| c.prepared.readouts.iter().cloned());
    all.collect()
}

/// Runs every simulation; `progress` is called after each condition.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let names = names(plan);
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
    Answer { table, ends, drawn: drawn(study, plan) }
}

/// Adds one row for each of some times of a condition.
fn add_rows(
    table: &mut Table,
    (c, times): (&Condition, &[f64]),
    names: &IndexMap<String, Dimension>,
    ran: &Ran,
) {
    let places: Vec<Option<usize>> = names.keys().map(|name| c.prepared.readout(name)).collect();
    for (t, &time) in times.iter().enumerate() {
        // A condition that stopped early still gives its earlier rows.
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

/// Curves of a figure at the requested times and, densely enough not to cut off a peak, in between;
/// most densely at the start. No rows for a condition that failed.
fn drawn(study: &Study, plan: &Plan) -> Vec<(Vec<f64>, Vec<Vec<f64>>)> {
    let shown = &plan.conditions[..plan.conditions.len().min(most_curves(plan.show.len()))];
    study.threads.map(shown, |c| {
        let end = c.well.times.last().copied().unwrap_or(0.0);
        let between = (0..=300).map(|k| end * (f64::from(k * k) / 90_000.0));
        let from = c.well.times.first().copied().unwrap_or(0.0);
        // A figure cannot show more points.
        let every = c.well.times.len().div_ceil(1000);
        let mut times: Vec<f64> = c.well.times.iter().copied().step_by(every).collect();
        // An output at the time of a change is the state before it.
        let wash = plan.marks().into_iter().flat_map(|t| [t, t * (1.0 + 1e-6)]);
        times.extend(between.chain(wash).filter(|t| *t > from && *t <= end));
        times.sort_by(f64::total_cmp);
        times.dedup();
        let well = Well { times: times.clone(), ..c.well.clone() };
        (times, c.prepared.run(&well, study.tolerance).unwrap_or_default())
    })
}
