//! Output of a time course: curves, their labels, and a summary.

use crate::answer::status;
use crate::labels::readout_axis;
use crate::time_course::plan::{Condition, Plan};
use il2::culture::Well;
use il2_engine::{Dimension, LaneFailure};
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Panel, Series, most_curves};
use il2_output::table::Table;
use il2_study::study::Study;
use indexmap::IndexMap;

/// A note on what a figure does not show, if anything.
pub fn left_out(plan: &Plan) -> Option<String> {
    let all = plan.conditions.len();
    let shown = most_curves(plan.show.len());
    (all > shown).then(|| format!("{shown} of {all} conditions are drawn; the table has all"))
}

/// Curves of a figure: at the times requested, and between them densely enough that no peak is cut off; most
/// densely at the start. No rows for a condition that failed.
pub fn drawn(study: &Study, plan: &Plan) -> Vec<(Vec<f64>, Vec<Vec<f64>>)> {
    let shown = &plan.conditions[..plan.conditions.len().min(most_curves(plan.show.len()))];
    study.threads.map(shown, |c| {
        let end = c.well.times.last().copied().unwrap_or(0.0);
        let between = (0..=300).map(|k| end * (f64::from(k * k) / 90_000.0));
        let from = c.well.times.first().copied().unwrap_or(0.0);
        // A figure cannot show more.
        let every = c.well.times.len().div_ceil(1000);
        let mut times: Vec<f64> = c.well.times.iter().copied().step_by(every).collect();
        // An output at the time of a wash is the state before it.
        let wash = c.well.wash.into_iter().flat_map(|t| [t, t * (1.0 + 1e-6)]);
        times.extend(between.chain(wash).filter(|t| *t > from && *t <= end));
        times.sort_by(f64::total_cmp);
        times.dedup();
        let well = Well { times: times.clone(), ..c.well.clone() };
        (times, c.prepared.run(&well, study.tolerance).unwrap_or_default())
    })
}

/// A condition by what tells it from the others.
pub fn condition_label(plan: &Plan, c: &Condition) -> String {
    let several = |f: &dyn Fn(&Condition) -> String| {
        plan.conditions.iter().any(|other| f(other) != f(&plan.conditions[0]))
    };
    let mut words = vec![];
    // A mixture says its doses itself.
    let ligand = if c.dose.is_finite() { &c.ligand } else { &c.dose_text };
    if several(&|c| c.ligand.clone()) || plan.conditions.len() == 1 {
        words.push(ligand.clone());
    }
    if several(&|c| c.cell.clone()) {
        words.push(c.cell.clone());
    }
    if (several(&|c| format!("{}", c.dose)) || plan.conditions.len() == 1) && c.dose.is_finite() {
        words.push(c.dose_text.clone());
    }
    if words.is_empty() { ligand.clone() } else { words.join(", ") }
}

pub fn legend(plan: &Plan) -> Vec<(String, usize)> {
    let all = plan.conditions.iter().enumerate();
    all.map(|(i, c)| (condition_label(plan, c), i)).take(most_curves(plan.show.len())).collect()
}

/// What a readout measures whichever ligand of a mixture it is of: empty where it is of none.
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
    let (unit, factor) = match end {
        e if e > 4320.0 => ("d", 1440.0),
        e if e > 300.0 => ("h", 60.0),
        _ => ("min", 1.0),
    };
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
                marks: plan.pulse.map(|p| p / factor).into_iter().collect(),
                ..Axis::linear("time", unit)
            },
            y: Axis { measures: of_any_ligand(plan, name), ..readout_axis(name, names[name]) },
            content: Content::Lines(series.collect()),
        }
    };
    plan.show.iter().map(panel).collect()
}

/// What is shown at the last time, with every name whole.
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

pub fn text(plan: &Plan, ends: &[Result<Vec<f64>, LaneFailure>]) -> String {
    let mut out = String::from("At the last time\n");
    let width = plan.conditions.iter().map(|c| condition_label(plan, c).chars().count()).max();
    let width = width.unwrap_or(9).clamp(9, 32);
    let shown: Vec<&String> = plan.show.iter().take(3).collect();
    out += &format!("{:<width$}", "condition");
    shown.iter().for_each(|n| out += &format!("  {:>20}", crate::labels::cut(n, 20)));
    out += "\n";
    for (c, end) in plan.conditions.iter().zip(ends) {
        let label = crate::labels::cut(&condition_label(plan, c), width);
        out += &format!("{label:<width$}");
        match end {
            Err(reason) => {
                out += &format!("  failed: {}", crate::labels::cut(&reason.to_string(), 88 - width))
            }
            Ok(end) => {
                for name in &shown {
                    let place = c.prepared.readout(name);
                    let value = place.map(|p| (end[p], c.prepared.readouts[p].1));
                    let word = value.map_or("-".into(), |(v, d)| {
                        format!(
                            "{} {}",
                            il2::quantity::three_digits(v),
                            il2::quantity::base_unit(d)
                        )
                    });
                    out += &format!("  {:>20}", word.trim_end());
                }
            }
        }
        out += "\n";
    }
    out
}
