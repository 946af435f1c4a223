//! Dose-response: each ligand alone on each cell, EC50s, their intervals and their ratios.

use super::{
    AssayResult, axis_title, cell_label, curve_doses, curve_lanes, prepare, readout, time_text,
};
use crate::error::StudyError;
use crate::figure::{Axis, Content, Figure, Interval, Panel, Scale, Series};
use crate::study::file::DoseResponsePart;
use crate::study::{Study, unknown};
use crate::table::Table;
use il2::culture::response::{Curve, HalfMaximal, read_curve};
use il2::culture::uncertainty::{Posterior, central_interval, drawn};
use il2::culture::{Prepared, Setup, Well};
use il2::quantity::{column_suffix, readable_concentration, three_digits};
use il2_engine::Dimension;
use rayon::prelude::*;
use serde_json::json;

/// One ligand on one cell.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Label of the ligand.
    pub ligand: String,
    /// Label of the cell.
    pub cell: String,
    /// Model, ligands, cell, medium.
    pub setup: Setup,
    /// Doses (pM), increasing.
    pub doses: Vec<f64>,
    prepared: Prepared,
}

/// A dose-response put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// By cell, then by ligand.
    pub pairs: Vec<Pair>,
    /// When the response is read (min).
    pub times: Vec<f64>,
    /// What the response is.
    pub readout: String,
    background: Vec<(String, f64)>,
    draws: usize,
    level: f64,
    posterior: Posterior,
    reference: String,
    dimension: Dimension,
}

impl Plan {
    /// Lanes that it will run.
    pub fn lanes(&self) -> usize {
        self.pairs.iter().map(|p| (p.doses.len() + 1) * (1 + self.draws)).sum()
    }
}

/// Puts the assay together.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &DoseResponsePart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let background = super::mixture(study, &format!("{at}.background"), &part.background)?;
    let ligands = super::ligands(study, at, part.ligands.as_ref())?;
    let cells = super::cells(study, at, entry, part.cells.as_ref())?;
    let wanted = part.readout.as_deref().unwrap_or("signalling_complexes");
    let mut pairs = vec![];
    for cell in &cells {
        for ligand in &ligands {
            let mut all = vec![(*ligand).clone()];
            if let Some((double, _)) = background.iter().find(|(b, _)| b.label == ligand.label) {
                let at = format!("{at}.background.{}", double.label);
                return Err(StudyError::at(
                    at,
                    "is a ligand of the doses too; give it another name in [ligands]",
                ));
            }
            all.extend(background.iter().map(|(l, _)| l.clone()));
            let setup = study.setup(&entry.model, all, *cell);
            let prepared = prepare(at, &setup)?;
            readout(at, &prepared, wanted)?;
            pairs.push(Pair {
                ligand: ligand.label.clone(),
                cell: cell_label(*cell),
                setup,
                doses: curve_doses(at, ligand, &part.doses)?,
                prepared,
            });
        }
    }
    let times = times(at, &part.times)?;
    let labels: Vec<String> = cells.iter().map(|c| cell_label(*c)).collect();
    let reference = part.reference_cell.clone().unwrap_or_else(|| labels[0].clone());
    if !labels.contains(&reference) {
        let known = labels.iter().map(String::as_str);
        return Err(unknown(
            &format!("{at}.reference_cell"),
            "cell",
            &reference,
            known,
            "this assay",
        ));
    }
    let (draws, level) = match &part.intervals {
        None => (0, 0.95),
        Some(i) => (i.draws as usize, i.level.unwrap_or(0.95)),
    };
    let at_intervals = format!("{at}.intervals");
    if part.intervals.is_some() && !(10..=2000).contains(&draws) {
        return Err(StudyError::at(
            at_intervals + ".draws",
            format!("{draws} is not allowed; use 10 to 2000"),
        ));
    }
    if !(0.5..1.0).contains(&level) {
        return Err(StudyError::at(
            at_intervals + ".level",
            format!("{level} is not allowed; use 0.5 to 0.99"),
        ));
    }
    let posterior = match (&entry.posterior, draws) {
        (_, 0) => Posterior::default(),
        (Some(name), _) => crate::Library::builtin().posteriors[name].clone(),
        (None, _) => {
            let model = &entry.model.name;
            return Err(StudyError::at(
                at_intervals,
                format!(
                    "no posterior is known for model {model}; leave intervals out or use gamma-chain"
                ),
            ));
        }
    };
    let place = pairs[0].prepared.readout(wanted).expect("checked above");
    Ok(Plan {
        name: name.to_string(),
        dimension: pairs[0].prepared.readouts[place].1,
        pairs,
        times,
        readout: wanted.to_string(),
        background: background.into_iter().map(|(l, d)| (l.label, d)).collect(),
        draws,
        level,
        posterior,
        reference,
    })
}

fn times(at: &str, all: &[crate::study::file::QuantityText]) -> Result<Vec<f64>, StudyError> {
    let list = crate::study::file::Grid::List(all.to_vec());
    crate::study::grid(&format!("{at}.times"), &list, crate::study::Spacing::Even, super::time)
}

/// Responses of one pair for one draw: `[dose][time]`, the baseline first, with status.
type Lanes = Vec<(Vec<f64>, String)>;

/// Everything read off one pair at one time.
struct Reading {
    curve: Curve,
    /// EC50 of every draw.
    drawn: Vec<Option<f64>>,
}

/// Runs every lane.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    let tasks: Vec<(usize, usize)> =
        (0..plan.pairs.len()).flat_map(|p| (0..=plan.draws).map(move |d| (p, d))).collect();
    let lanes: Vec<Lanes> = tasks
        .par_iter()
        .map(|&(pair, draw)| lanes_of(study, plan, &plan.pairs[pair], draw, progress))
        .collect();
    let of = |pair: usize, draw: usize| &lanes[pair * (plan.draws + 1) + draw];

    let column = format!("{}{}", plan.readout, column_suffix(plan.dimension));
    let (low, high) = (format!("{column}_low"), format!("{column}_high"));
    let mut columns =
        vec![("ligand", true), ("cell", true), ("dose_pm", false), ("time_min", false)];
    columns.push((&column, false));
    if plan.draws > 0 {
        columns.extend([(low.as_str(), false), (high.as_str(), false)]);
    }
    columns.push(("status", true));
    let mut responses = Table::new(&plan.name, &columns);
    let mut failed = 0;
    let mut readings: Vec<Vec<Reading>> = vec![];
    let mut bands: Vec<Vec<Vec<(f64, f64, f64)>>> = vec![];
    for (p, pair) in plan.pairs.iter().enumerate() {
        let middle = of(p, 0);
        let mut pair_bands = vec![];
        let mut pair_readings = vec![];
        for (t, &time) in plan.times.iter().enumerate() {
            let mut band = vec![];
            for (d, (values, status)) in middle.iter().enumerate() {
                let dose = if d == 0 { 0.0 } else { pair.doses[d - 1] };
                let spread = (1..=plan.draws).map(|k| Some(of(p, k)[d].0[t])).collect();
                let (low, high) = central_interval(spread, plan.level);
                let (low, high) = (low.unwrap_or(f64::NAN), high.unwrap_or(f64::NAN));
                let mut row = vec![
                    pair.ligand.as_str().into(),
                    pair.cell.as_str().into(),
                    dose.into(),
                    time.into(),
                    values[t].into(),
                ];
                if plan.draws > 0 {
                    row.extend([low.into(), high.into()]);
                    band.push((dose, low, high));
                }
                row.push(status.as_str().into());
                responses.push(row);
                failed += usize::from(t == 0 && status != "ok");
            }
            let read = |draw: usize| {
                let values: Vec<f64> = of(p, draw).iter().map(|v| v.0[t]).collect();
                read_curve(&pair.doses, &values[1..], values[0])
            };
            pair_bands.push(band.into_iter().skip(1).collect());
            pair_readings.push(Reading {
                curve: read(0),
                drawn: (1..=plan.draws).map(|k| read(k).ec50.value()).collect(),
            });
        }
        bands.push(pair_bands);
        readings.push(pair_readings);
    }
    let ec50 = ec50_table(plan, &readings);
    AssayResult {
        figures: figures(study, plan, &lanes, &bands, &readings),
        summary: summary(plan, &ec50),
        text: text(plan, &ec50),
        picture: Some(forest(plan, &readings, plan.times.len() - 1)),
        tables: vec![responses, ec50],
        failed,
    }
}

fn lanes_of(
    study: &Study,
    plan: &Plan,
    pair: &Pair,
    draw: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Lanes {
    let drawn = (draw > 0)
        .then(|| drawn(&pair.setup, &plan.posterior, study.seed, draw as u64).prepare())
        .map(|p| p.expect("a draw changes numbers, not what goes together"));
    let prepared = drawn.as_ref().unwrap_or(&pair.prepared);
    let place = prepared.readout(&plan.readout).expect("checked in the plan");
    let wells = std::iter::once(0.0).chain(pair.doses.iter().copied()).map(|dose| {
        let mut doses = vec![(pair.ligand.clone(), dose)];
        doses.extend(plan.background.iter().cloned());
        Well { doses, wash: None, times: plan.times.clone() }
    });
    curve_lanes(prepared, study, wells, place, progress)
}

/// EC50 of the reference cell for the same ligand.
fn reference_of(plan: &Plan, pair: &Pair) -> usize {
    plan.pairs
        .iter()
        .position(|p| p.cell == plan.reference && p.ligand == pair.ligand)
        .expect("the reference is a cell of the assay")
}

fn ec50_table(plan: &Plan, readings: &[Vec<Reading>]) -> Table {
    let ratio = format!("ec50_over_{}", plan.reference.replace("model's own", "self"));
    let (ratio_low, ratio_high) = (format!("{ratio}_low"), format!("{ratio}_high"));
    let suffix = column_suffix(plan.dimension);
    let (top, baseline) = (format!("top{suffix}"), format!("baseline{suffix}"));
    let mut table = Table::new(
        &format!("{}_ec50", plan.name),
        &[
            ("ligand", true),
            ("cell", true),
            ("time_min", false),
            ("ec50_pm", false),
            ("ec50_low_pm", false),
            ("ec50_high_pm", false),
            ("ec50_is", true),
            (&ratio, false),
            (&ratio_low, false),
            (&ratio_high, false),
            (&top, false),
            (&baseline, false),
            ("steepness", false),
            ("falls_beyond_top", true),
        ],
    );
    let or_nan = |v: Option<f64>| v.unwrap_or(f64::NAN);
    for (p, pair) in plan.pairs.iter().enumerate() {
        for (t, &time) in plan.times.iter().enumerate() {
            let r = &readings[p][t];
            let base = &readings[reference_of(plan, pair)][t];
            let (low, high) = central_interval(r.drawn.clone(), plan.level);
            // Draws are paired: the same rates and counts stand behind both EC50s.
            let ratios =
                r.drawn.iter().zip(&base.drawn).map(|(a, b)| a.zip(*b).map(|(a, b)| a / b));
            let (ratio_low, ratio_high) = central_interval(ratios.collect(), plan.level);
            let (value, is) = match r.curve.ec50 {
                HalfMaximal::At(v) => (v, "inside doses"),
                HalfMaximal::Below(v) => (v, "below doses"),
                HalfMaximal::Above(v) => (v, "above doses"),
                HalfMaximal::Flat => (f64::NAN, "no response"),
            };
            let ratio = r.curve.ec50.value().zip(base.curve.ec50.value()).map(|(a, b)| a / b);
            table.push(vec![
                pair.ligand.as_str().into(),
                pair.cell.as_str().into(),
                time.into(),
                r.curve.ec50.value().unwrap_or(f64::NAN).into(),
                or_nan(low).into(),
                or_nan(high).into(),
                if is == "inside doses" {
                    is.into()
                } else {
                    format!("{is} ({})", readable_concentration(value)).as_str().into()
                },
                or_nan(ratio).into(),
                or_nan(ratio_low).into(),
                or_nan(ratio_high).into(),
                r.curve.top.into(),
                r.curve.baseline.into(),
                or_nan(r.curve.steepness).into(),
                if r.curve.falls { "yes".into() } else { "no".into() },
            ]);
        }
    }
    table
}

fn summary(plan: &Plan, ec50: &Table) -> serde_json::Value {
    let number = |v: f64| if v.is_finite() { json!(v) } else { serde_json::Value::Null };
    let rows: Vec<_> = (0..ec50.rows())
        .map(|row| {
            let n = |name: &str| number(ec50.number(row, name));
            json!({
                "ligand": ec50.text(row, "ligand"),
                "cell": ec50.text(row, "cell"),
                "time_min": n("time_min"),
                "ec50_pm": n("ec50_pm"),
                "ec50_low_pm": n("ec50_low_pm"),
                "ec50_high_pm": n("ec50_high_pm"),
                "ec50_is": ec50.text(row, "ec50_is"),
                "ec50_over_reference_cell": number(ec50.number(row, &ec50.columns[7].name)),
            })
        })
        .collect();
    json!({
        "kind": "dose-response",
        "readout": plan.readout,
        "reference_cell": plan.reference,
        "interval_level": if plan.draws > 0 { json!(plan.level) } else { serde_json::Value::Null },
        "draws": plan.draws,
        "ec50": rows,
    })
}

fn text(plan: &Plan, ec50: &Table) -> String {
    let width = |name: &str, least: usize| {
        (0..ec50.rows())
            .map(|r| ec50.text(r, name).chars().count())
            .max()
            .unwrap_or(0)
            .clamp(least, 18)
    };
    let (lw, cw) = (width("ligand", 6), width("cell", 4));
    let cut = |text: &str, w: usize| text.chars().take(w).collect::<String>();
    let interval = if plan.draws > 0 {
        format!("{:.0} % interval", plan.level * 100.0)
    } else {
        String::new()
    };
    let against = cut(&format!("/ {}", plan.reference), 12);
    let mut out = format!(
        "EC50 of {} (half-maximal dose), and its ratio to that on {}\n",
        plan.readout.replace('_', " "),
        plan.reference
    );
    out += &format!(
        "{:<lw$}  {:<cw$}  {:>6}  {:>10}  {:<22} {:>12}  {:>9}\n",
        "ligand", "cell", "time", "EC50", interval, against, "top"
    );
    let ratio = ec50.columns[7].name.clone();
    let top = ec50.columns[10].name.clone();
    for row in 0..ec50.rows() {
        let n = |name: &str| ec50.number(row, name);
        let value = n("ec50_pm");
        let is = ec50.text(row, "ec50_is");
        let shown = if value.is_finite() { readable_concentration(value) } else { "-".into() };
        let ends = match (n("ec50_low_pm"), n("ec50_high_pm")) {
            _ if !value.is_finite() => is.to_string(),
            (l, h) if l.is_finite() && h.is_finite() => {
                format!("{} .. {}", readable_concentration(l), readable_concentration(h))
            }
            (l, _) if l.is_finite() => format!("{} .. beyond doses", readable_concentration(l)),
            _ => String::new(),
        };
        let times = n(&ratio);
        let times =
            if times.is_finite() { format!("{}x", three_digits(times)) } else { "-".into() };
        out += &format!(
            "{:<lw$}  {:<cw$}  {:>6}  {:>10}  {:<22} {:>12}  {:>9}\n",
            cut(ec50.text(row, "ligand"), lw),
            cut(ec50.text(row, "cell"), cw),
            time_text(n("time_min")),
            shown,
            ends,
            times,
            three_digits(n(&top)),
        );
    }
    if plan.draws > 0 {
        out += &format!(
            "Intervals: {} draws of the fitted rates and of the receptor counts. top: {}.\n",
            plan.draws,
            axis_title(&plan.readout, plan.dimension)
        );
    }
    out
}

fn cells_of(plan: &Plan) -> Vec<String> {
    let mut cells: Vec<String> = vec![];
    for pair in &plan.pairs {
        if !cells.contains(&pair.cell) {
            cells.push(pair.cell.clone());
        }
    }
    cells
}

fn ligands_of(plan: &Plan) -> Vec<String> {
    plan.pairs.iter().filter(|p| p.cell == plan.pairs[0].cell).map(|p| p.ligand.clone()).collect()
}

fn forest(plan: &Plan, readings: &[Vec<Reading>], time: usize) -> Panel {
    let ligands = ligands_of(plan);
    let rows = plan.pairs.iter().zip(readings).map(|(pair, readings)| {
        let r = &readings[time];
        let (low, high) = central_interval(r.drawn.clone(), plan.level);
        let (value, note) = match r.curve.ec50 {
            HalfMaximal::At(v) => (v, String::new()),
            HalfMaximal::Below(v) => (f64::NAN, format!("< {}", readable_concentration(v))),
            HalfMaximal::Above(v) => (f64::NAN, format!("> {}", readable_concentration(v))),
            HalfMaximal::Flat => (f64::NAN, "no response".into()),
        };
        Interval {
            label: pair.ligand.clone(),
            group: pair.cell.clone(),
            value,
            low: low.unwrap_or(value),
            high: high.unwrap_or(if low.is_some() { f64::INFINITY } else { value }),
            style: ligands.iter().position(|l| *l == pair.ligand).unwrap_or(0),
            note,
        }
    });
    Panel {
        title: format!("EC50 at {}", time_text(plan.times[time])),
        x: Axis { label: "EC50 (pM)".into(), scale: Scale::Log, range: None },
        y: Axis::default(),
        content: Content::Intervals(rows.collect()),
    }
}

fn figures(
    study: &Study,
    plan: &Plan,
    lanes: &[Lanes],
    bands: &[Vec<Vec<(f64, f64, f64)>>],
    readings: &[Vec<Reading>],
) -> Vec<(String, Figure)> {
    let ligands = ligands_of(plan);
    let legend: Vec<_> = ligands.iter().cloned().enumerate().map(|(i, l)| (l, i)).collect();
    let subtitle = |time: f64| {
        let after = format!("After {}; rings mark each EC50", time_text(time));
        match plan.draws {
            0 => after,
            n => format!("{after}; bands are the central {:.0} % of {n} draws", plan.level * 100.0),
        }
    };
    let footnote = format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION"));
    let mut found = vec![];
    for (t, &time) in plan.times.iter().enumerate() {
        let panels = cells_of(plan).into_iter().map(|cell| {
            let series =
                plan.pairs.iter().enumerate().filter(|(_, p)| p.cell == cell).map(|(p, pair)| {
                    let middle = &lanes[p * (plan.draws + 1)];
                    let points: Vec<(f64, f64)> =
                        pair.doses.iter().zip(&middle[1..]).map(|(d, v)| (*d, v.0[t])).collect();
                    let curve = readings[p][t].curve;
                    Series {
                        label: pair.ligand.clone(),
                        style: ligands.iter().position(|l| *l == pair.ligand).unwrap_or(0),
                        points,
                        band: bands[p][t].clone(),
                        mark_x: curve.ec50.value().map(|d| (d, 0.5 * (curve.top + curve.baseline))),
                        ..Series::default()
                    }
                });
            Panel {
                title: cell.clone(),
                x: Axis { label: "dose (pM)".into(), scale: Scale::Log, range: None },
                y: Axis { label: axis_title(&plan.readout, plan.dimension), ..Axis::default() },
                content: Content::Lines(series.collect()),
            }
        });
        let name = match plan.times.len() {
            1 => plan.name.clone(),
            _ => format!("{}_{}", plan.name, time_text(time).replace(' ', "")),
        };
        found.push((
            name,
            Figure {
                title: study.question.clone(),
                subtitle: subtitle(time),
                panels: panels.collect(),
                columns: 2,
                footnote: footnote.clone(),
                legend: legend.clone(),
            },
        ));
    }
    let last = plan.times.len() - 1;
    let mut panel = forest(plan, readings, last);
    panel.title = String::new();
    found.push((
        format!("{}_ec50", plan.name),
        Figure {
            title: format!(
                "EC50 of {} at {}",
                plan.readout.replace('_', " "),
                time_text(plan.times[last])
            ),
            subtitle: match plan.draws {
                0 => "medians of the fitted rates and receptor counts".into(),
                n => format!(
                    "central {:.0} % of {n} draws of fitted rates and receptor counts",
                    plan.level * 100.0
                ),
            },
            panels: vec![panel],
            columns: 1,
            footnote,
            legend,
        },
    ));
    found
}
