//! Time course and washout: every species and observable by name at the given times.

use crate::answer::AssayResult;
use crate::labels::{axis_title, cell_label, time_text};
use il2::culture::{Prepared, Ran, Setup, Well};
use il2::ligand::Ligand;
use il2::quantity::{column_suffix, readable_concentration};
use il2_engine::Dimension;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, Panel, Scale, Series};
use il2_output::table::Table;
use il2_study::choose::prepare;
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::file::{TimeCoursePart, WashoutPart};
use il2_study::study::text::{Grid, QuantityText};
use il2_study::values::{Spacing, unknown};
use indexmap::IndexMap;
use serde_json::json;
use std::sync::Arc;

/// What both kinds of assay ask.
pub struct Asked<'a> {
    model: Option<&'a str>,
    ligands: Option<&'a Vec<String>>,
    cells: Option<&'a Vec<String>>,
    doses: Option<&'a Grid>,
    mixture: &'a IndexMap<String, QuantityText>,
    times: &'a Grid,
    pulse: Option<&'a QuantityText>,
    show: Option<&'a Vec<String>>,
}

impl<'a> Asked<'a> {
    /// A time course.
    pub fn of(p: &'a TimeCoursePart) -> Self {
        Self {
            model: p.model.as_deref(),
            ligands: p.ligands.as_ref(),
            cells: p.cells.as_ref(),
            doses: p.doses.as_ref(),
            mixture: &p.mixture,
            times: &p.times,
            pulse: None,
            show: p.show.as_ref(),
        }
    }

    /// A washout.
    pub fn of_washout(p: &'a WashoutPart) -> Self {
        Self {
            model: p.model.as_deref(),
            ligands: p.ligands.as_ref(),
            cells: p.cells.as_ref(),
            doses: p.doses.as_ref(),
            mixture: &p.mixture,
            times: &p.times,
            pulse: Some(&p.pulse),
            show: p.show.as_ref(),
        }
    }
}

/// One lane: a mixture on a cell.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Ligand, or the mixture as `a + b`.
    pub ligand: String,
    /// Dose of a single ligand (pM); NaN for a mixture.
    pub dose: f64,
    /// Label of the cell.
    pub cell: String,
    /// Model, ligands, cell, medium.
    pub setup: Arc<Setup>,
    well: Well,
    prepared: Arc<Prepared>,
}

/// A time course put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// By cell, ligand and dose.
    pub conditions: Vec<Condition>,
    /// How long the ligand is there (min), of a washout.
    pub pulse: Option<f64>,
    show: Vec<String>,
}

impl Plan {
    /// The last output of every condition (min).
    pub fn last_time(&self) -> Option<f64> {
        self.conditions.first()?.well.times.last().copied()
    }

    /// Setups, each once.
    pub fn setups(&self) -> Vec<&Setup> {
        let mut all: Vec<&Arc<Setup>> = self.conditions.iter().map(|c| &c.setup).collect();
        all.dedup_by(|a, b| Arc::ptr_eq(a, b));
        all.into_iter().map(|setup| &**setup).collect()
    }
}

/// Puts the assay together.
pub fn plan(study: &Study, at: &str, name: &str, asked: &Asked) -> Result<Plan, StudyError> {
    let entry = study.model(at, asked.model)?;
    let cells = il2_study::choose::cells(study, at, entry, asked.cells)?;
    let times_at = format!("{at}.times");
    let times =
        il2_study::values::grid(&times_at, asked.times, Spacing::Even, il2_study::choose::time)?;
    let pulse =
        asked.pulse.map(|p| il2_study::choose::time(&format!("{at}.pulse"), p)).transpose()?;
    if let Some(pulse) = pulse
        && entry.model.kind == il2::culture::ModelKind::PolyvalentEquilibrium
    {
        return Err(StudyError::at(
            format!("{at}.pulse"),
            format!(
                "model {} has no time, so nothing is left after a pulse of {pulse} min; use polyvalent",
                entry.model.name
            ),
        ));
    }
    // Name, dose of a single ligand, and what is in it.
    type Mixture = (String, f64, Vec<(Ligand, f64)>);
    let mut mixtures: Vec<Mixture> = vec![];
    match (asked.doses, asked.mixture.is_empty()) {
        (Some(grid), true) => {
            let ligands = il2_study::choose::ligands(study, at, asked.ligands)?;
            let pairs = ligands.len() * cells.len();
            il2_study::choose::at_most(
                at,
                "pairs of a ligand and a cell",
                pairs,
                il2_study::choose::MOST_PAIRS,
            )?;
            for ligand in ligands {
                let doses = il2_study::choose::doses(at, ligand, grid)?;
                let all = (mixtures.len() + doses.len()) * cells.len();
                il2_study::choose::at_most(at, "lanes", all, il2_study::choose::MOST_SWEPT)?;
                for dose in doses {
                    mixtures.push((ligand.label.clone(), dose, vec![(ligand.clone(), dose)]));
                }
            }
        }
        (None, false) => {
            let all = il2_study::choose::mixture(study, &format!("{at}.mixture"), asked.mixture)?;
            let names: Vec<&str> = all.iter().map(|(l, _)| l.label.as_str()).collect();
            let dose = if all.len() == 1 { all[0].1 } else { f64::NAN };
            mixtures.push((names.join(" + "), dose, all));
        }
        _ => {
            return Err(StudyError::at(
                at,
                "needs either doses (each ligand alone) or mixture (all at once); keep one",
            ));
        }
    }
    il2_study::choose::at_most(
        at,
        "rows",
        mixtures.len() * cells.len() * times.len(),
        il2_study::choose::MOST_ROWS,
    )?;
    il2_study::choose::at_most(
        at,
        "pairs of a mixture and a cell",
        cells.len(),
        il2_study::choose::MOST_PAIRS,
    )?;
    let mut conditions: Vec<Condition> = vec![];
    for cell in cells {
        for (place, (ligand, dose, parts)) in mixtures.iter().enumerate() {
            // Doses of one ligand on one cell share their network.
            let before = conditions.last().filter(|before| place > 0 && before.ligand == *ligand);
            let (setup, prepared) = match before {
                Some(before) => (before.setup.clone(), before.prepared.clone()),
                None => {
                    let all = parts.iter().map(|(l, _)| l.clone()).collect();
                    let setup = study.setup(&entry.model, all, cell);
                    let prepared = prepare(at, &setup)?;
                    (Arc::new(setup), Arc::new(prepared))
                }
            };
            conditions.push(Condition {
                ligand: ligand.clone(),
                dose: *dose,
                cell: cell_label(cell),
                setup,
                well: Well {
                    doses: parts.iter().map(|(l, d)| (l.label.clone(), *d)).collect(),
                    wash: pulse,
                    times: times.clone(),
                },
                prepared,
            });
        }
    }
    let show = match asked.show {
        None => main_readouts(&conditions),
        Some(names) => {
            il2_study::choose::each_once(&format!("{at}.show"), names)?;
            for (i, name) in names.iter().enumerate() {
                if !conditions.iter().any(|c| c.prepared.readout(name).is_some()) {
                    let at = format!("{at}.show[{i}]");
                    let known = conditions[0].prepared.readouts.iter().map(|(n, _)| n.as_str());
                    return Err(unknown(&at, "readout", name, known, "this model"));
                }
            }
            names.clone()
        }
    };
    Ok(Plan { name: name.to_string(), conditions, pulse, show })
}

/// What a figure shows unless it is told: the signal, surface chains and what is left of the ligand.
fn main_readouts(conditions: &[Condition]) -> Vec<String> {
    let main = [
        "signalling_complexes",
        "il2r_beta_surface_total",
        "il2r_beta_gamma_surface_total",
        "il2r_alpha_surface_total",
        "gamma_c_surface_total",
        "pstat5",
        "complex_surface",
        "receptor_surface",
        "ligand_medium",
        "growth_fold",
        "fold_change",
    ];
    let has = |name: &&str| conditions.iter().any(|c| c.prepared.readout(name).is_some());
    main.into_iter().filter(has).take(4).map(str::to_string).collect()
}

/// Times of a condition that are run at once. Of more, each piece is run from the start: what is kept
/// between two outputs would be more than what it saves.
const MOST_TIMES: usize = 4096;
/// Numbers of pieces that are in memory before their rows go into the table.
const MOST_NUMBERS: usize = 4 << 20;
/// Runs every lane.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    // Conditions with other ligands have other species: one column for each name that occurs.
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
    // Of each condition the last row, or why there is none.
    let mut ends: Vec<Result<Vec<f64>, String>> = vec![];
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
                ends.push(ran.failure.map_or(Ok(last), |why| Err(why.to_string())));
                progress(1);
            }
        }
    }
    let panels = panels(plan, &drawn(study, plan), &names);
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
            plan.pulse.map(|p| format!("ligand for {}, then medium without it", time_text(p))),
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
    };
    AssayResult {
        text: text(plan, &ends),
        picture: panels.into_iter().next(),
        tables: vec![table],
        figures: vec![(plan.name.clone(), figure)],
        summary: json!({"kind": if plan.pulse.is_some() { "washout" } else { "time-course" }, "conditions": summary, "conditions_told": plan.conditions.len().min(crate::labels::MOST_TOLD), "conditions_in_all": plan.conditions.len()}),
        failed: ends.iter().filter(|end| end.is_err()).count(),
        ..AssayResult::default()
    }
}

/// A row for each of some times of a condition.
fn add_rows(
    table: &mut Table,
    (c, times): (&Condition, &[f64]),
    names: &IndexMap<String, Dimension>,
    ran: &Ran,
) {
    let places: Vec<Option<usize>> = names.keys().map(|name| c.prepared.readout(name)).collect();
    let why = ran.failure.as_ref().map_or("ok".to_string(), |why| why.to_string());
    for (t, &time) in times.iter().enumerate() {
        // A condition that was given up still tells what went before.
        let found = ran.rows.get(t);
        let mut row: Vec<Value> =
            vec![c.ligand.as_str().into(), c.cell.as_str().into(), c.dose.into(), time.into()];
        let value = |p: &Option<usize>| p.zip(found).map_or(f64::NAN, |(p, row)| row[p]);
        row.extend(places.iter().map(|p| Value::Number(value(p))));
        row.push(if found.is_some() { "ok" } else { why.as_str() }.into());
        table.push(row);
    }
}

/// What a figure does not show, if anything.
fn left_out(plan: &Plan) -> Option<String> {
    let all = plan.conditions.len();
    (all > crate::labels::MOST_CURVES).then(|| {
        format!("{} of {all} conditions are drawn; the table has all", crate::labels::MOST_CURVES)
    })
}

/// Curves of a figure: at the times asked for, and between them so closely that no peak is cut off;
/// closest at the start, where most happens. No rows for a condition that failed.
fn drawn(study: &Study, plan: &Plan) -> Vec<(Vec<f64>, Vec<Vec<f64>>)> {
    let shown = &plan.conditions[..plan.conditions.len().min(crate::labels::MOST_CURVES)];
    study.threads.map(shown, |c| {
        let end = c.well.times.last().copied().unwrap_or(0.0);
        let between = (0..=300).map(|k| end * (f64::from(k * k) / 90_000.0));
        let from = c.well.times.first().copied().unwrap_or(0.0);
        // No figure is so wide that more could be told apart.
        let every = c.well.times.len().div_ceil(1000);
        let mut times: Vec<f64> = c.well.times.iter().copied().step_by(every).collect();
        // An output at the time of a wash shows what was before it.
        let wash = c.well.wash.into_iter().flat_map(|t| [t, t * (1.0 + 1e-6)]);
        times.extend(between.chain(wash).filter(|t| *t > from && *t <= end));
        times.sort_by(f64::total_cmp);
        times.dedup();
        let well = Well { times: times.clone(), ..c.well.clone() };
        (times, c.prepared.run(&well, study.tolerance).unwrap_or_default())
    })
}

fn condition_label(plan: &Plan, c: &Condition) -> String {
    let several = |f: &dyn Fn(&Condition) -> String| {
        plan.conditions.iter().any(|other| f(other) != f(&plan.conditions[0]))
    };
    let mut words = vec![];
    if several(&|c| c.ligand.clone()) || plan.conditions.len() == 1 {
        words.push(c.ligand.clone());
    }
    if several(&|c| c.cell.clone()) {
        words.push(c.cell.clone());
    }
    if (several(&|c| format!("{}", c.dose)) || plan.conditions.len() == 1) && c.dose.is_finite() {
        words.push(readable_concentration(c.dose));
    }
    if words.is_empty() { c.ligand.clone() } else { words.join(", ") }
}

fn legend(plan: &Plan) -> Vec<(String, usize)> {
    let all = plan.conditions.iter().enumerate();
    all.map(|(i, c)| (condition_label(plan, c), i)).take(crate::labels::MOST_CURVES).collect()
}

fn panels(
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
                    markers: c.well.times.len() <= 12,
                    ..Series::default()
                })
            });
        Panel {
            title: name.replace('_', " "),
            x: Axis { label: format!("time ({unit})"), scale: Scale::Linear, range: None },
            y: Axis { label: axis_title(name, names[name]), ..Axis::default() },
            content: Content::Lines(series.collect()),
        }
    };
    plan.show.iter().map(panel).collect()
}

fn text(plan: &Plan, ends: &[Result<Vec<f64>, String>]) -> String {
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
            Err(reason) => out += &format!("  failed: {}", crate::labels::cut(reason, 88 - width)),
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
