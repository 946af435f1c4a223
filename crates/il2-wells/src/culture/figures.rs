//! Figures of a culture: the kinds over time, the distribution of the ligand, cells by division,
//! and the map.

use crate::culture::plan::{Map, Plan};
use crate::culture::run::Answer;
use crate::culture::tables::cells_by_division;
use il2_answer::caption;
use il2_answer::labels::{readout_axis, time_text, time_unit};
use il2_engine::Dimension;
use il2_output::figure::{Axis, Content, Figure, HeatMap, Panel, Scale, Series};
use il2_study::study::Study;

/// All figures of an answer by their names.
pub fn figures(study: &Study, plan: &Plan, answer: &Answer) -> Vec<(String, Figure)> {
    let (_, names) = plan.names();
    let mut all = vec![over_time(plan, answer), who_has(plan, answer)];
    all.extend(plan.kinds.iter().any(|kind| kind.divides).then(|| divisions(plan, answer)));
    all.extend(plan.map.as_ref().map(|_| map(plan, answer)));
    let curves = plan.map.as_ref().filter(|map| map.has_curves());
    all.extend(curves.map(|map| ec50_in_wells(plan, answer, map)));
    let whole = |(name, (panels, said)): (String, (Vec<Panel>, String))| {
        let medium = plan.medium.text();
        let kind = caption::kind_and_model(study, &plan.name);
        let subtitle = [Some(kind), Some(said), medium].into_iter().flatten();
        let figure = Figure {
            title: study.question.clone(),
            subtitle: subtitle.collect::<Vec<_>>().join("; "),
            footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
            panels,
            ..Figure::default()
        };
        (name, figure)
    };
    names.into_iter().zip(all).map(whole).collect()
}

fn time_axis(plan: &Plan) -> (Axis, f64) {
    let (unit, one) = time_unit(plan.end());
    let marks = plan.medium.times().into_iter().map(|t| t / one).collect();
    (Axis { marks, ..Axis::linear("time", unit) }, one)
}

/// The readouts of a kind that a figure shows.
pub fn shown(plan: &Plan) -> Vec<(String, Axis)> {
    let per_cell = |name: &str| (name.to_string(), readout_axis(name, Dimension::PER_CELL));
    let signal = plan.kinds.first().map_or("pstat5", |kind| &kind.signal);
    let mut all = vec![per_cell(signal)];
    let has = |name: &str| plan.kinds.iter().any(|kind| kind.prepared.readout(name).is_some());
    all.extend(has("il2r_alpha_surface_total").then(|| per_cell("il2r_alpha_surface_total")));
    let grows = plan.kinds.iter().any(|kind| kind.grows);
    all.extend(grows.then(|| ("cells".to_string(), Axis::linear("cells in the well", ""))));
    all
}

fn over_time(plan: &Plan, answer: &Answer) -> (Vec<Panel>, String) {
    let (x, one) = time_axis(plan);
    let mut panels = vec![];
    let curve = |label: &str, style: usize, place: usize, times: f64| Series {
        label: label.into(),
        style,
        points: answer.course(place).map(|(t, v)| (t / one, v * times)).collect(),
        ..Series::default()
    };
    let ligands = plan.culture.ligands.iter().enumerate();
    panels.push(Panel {
        name: "medium".into(),
        title: String::new(),
        x: x.clone(),
        y: Axis::linear(free_in_medium(plan), "pM"),
        content: Content::Lines(
            ligands.map(|(i, l)| curve(&l.label, i + 4, l.free.0, 1.0)).collect(),
        ),
    });
    for (name, y) in shown(plan) {
        let times = if name == "cells" { plan.volume } else { 1.0 };
        let series = plan.present().enumerate().filter_map(|(i, (kind, _))| {
            let place = plan.culture.readout(&format!("{}.{name}", kind.name))?;
            Some(curve(&kind.name, i, place, times))
        });
        panels.push(Panel {
            name: name.clone(),
            title: String::new(),
            x: x.clone(),
            y,
            content: Content::Lines(series.collect()),
        });
    }
    (panels, "over time, by kind of cell".into())
}

/// Title of the vertical axis of the first panel.
fn free_in_medium(plan: &Plan) -> String {
    match plan.culture.ligands.as_slice() {
        [one] => format!("free {} in the medium", one.label),
        _ => "free in the medium".into(),
    }
}

/// Distribution of each ligand, stacked: kinds, medium, and other losses.
fn who_has(plan: &Plan, answer: &Answer) -> (Vec<Panel>, String) {
    let (x, one) = time_axis(plan);
    let panel = |(ligand, free): (usize, &il2::culture::kinds::Free)| {
        let mut parts: Vec<(String, usize, Vec<f64>)> = vec![];
        let of = |take: &dyn Fn(&il2::culture::kinds::Balance) -> f64| -> Vec<f64> {
            answer.balances(ligand).map(|(_, balance)| take(balance)).collect()
        };
        for (i, (kind, place)) in plan.present().enumerate() {
            let name = format!("taken up by {}", kind.name);
            parts.push((name, i, of(&|balance| balance.kinds[place].taken())));
        }
        parts.push(("in the medium".into(), 5, of(&|balance| balance.medium)));
        parts.push(("removed with the medium".into(), 7, of(&|balance| balance.removed)));
        parts.push(("lost in the medium".into(), 4, of(&|balance| balance.lost)));
        let times: Vec<f64> = answer.balances(ligand).map(|(time, _)| time / one).collect();
        let mut low = vec![0.0; times.len()];
        let mut series = vec![];
        for (label, style, amounts) in parts {
            if amounts.iter().all(|amount| *amount <= 0.0) {
                continue;
            }
            let high: Vec<f64> = low.iter().zip(&amounts).map(|(l, a)| l + a).collect();
            let band = times.iter().zip(low.iter().zip(&high)).map(|(t, (l, h))| (*t, *l, *h));
            series.push(Series {
                label,
                style,
                band: band.collect(),
                filled: true,
                line: false,
                ..Series::default()
            });
            low = high;
        }
        Panel {
            name: free.label.clone(),
            title: free.label.clone(),
            x: x.clone(),
            y: Axis::linear("ligand given or secreted", "pM"),
            content: Content::Lines(series),
        }
    };
    let panels = plan.culture.ligands.iter().enumerate().map(panel).collect();
    (panels, "fate of the ligand over time".into())
}

/// Bars are drawn up to the last number of divisions whose bar is at least this fraction of the
/// largest.
const SEEN: f64 = 1e-3;

fn divisions(plan: &Plan, answer: &Answer) -> (Vec<Panel>, String) {
    let last = answer.ran.rows.last();
    let all = plan.present().enumerate().filter_map(|(style, (kind, place))| {
        let cells = cells_by_division(plan, place, last?);
        (!cells.is_empty()).then_some((kind.name.clone(), style, cells))
    });
    let all: Vec<(String, usize, Vec<f64>)> = all.collect();
    let most = all.iter().flat_map(|(.., cells)| cells).copied().fold(0.0, f64::max);
    let seen = |(.., cells): &(String, usize, Vec<f64>)| {
        cells.iter().rposition(|count| *count >= SEEN * most).unwrap_or(0)
    };
    let end = all.iter().map(seen).max().unwrap_or(0);
    // Bars of the kinds are placed side by side around each number of divisions.
    let width = 0.8 / all.len().max(1) as f64;
    let series = all.iter().enumerate().map(|(k, (name, style, cells))| {
        let shift = width * (k as f64 - 0.5 * (all.len() as f64 - 1.0));
        let point = |(j, cells): (usize, &f64)| (j as f64 + shift, *cells);
        Series {
            label: name.clone(),
            style: *style,
            points: cells.iter().take(end + 1).enumerate().map(point).collect(),
            bars: Some(width),
            ..Series::default()
        }
    });
    let last_is_open = all.iter().any(|(.., cells)| cells.len() == end + 1);
    let label = match last_is_open {
        true => format!("divisions undergone ({end}: {end} or more)"),
        false => "divisions undergone".to_string(),
    };
    let panel = Panel {
        name: "divisions".into(),
        x: Axis { range: Some((-0.6, end as f64 + 0.6)), ..Axis::linear(label, "") },
        y: Axis::linear("cells in the well", ""),
        content: Content::Lines(series.collect()),
        ..Panel::default()
    };
    (vec![panel], format!("live cells at {} by division", time_text(plan.end())))
}

fn map(plan: &Plan, answer: &Answer) -> (Vec<Panel>, String) {
    let map = plan.map.as_ref().expect("asked for by whom it is drawn");
    let grid = |of: &dyn Fn(&crate::culture::run::MapWell) -> f64| -> Vec<Vec<f64>> {
        answer.map.chunks(map.doses.len()).map(|row| row.iter().map(of).collect()).collect()
    };
    let axis = |all: &[f64], label: &str, unit: &str| match all[0] > 0.0 {
        true => Axis::log(label, unit),
        false => Axis::linear(label, unit),
    };
    let panel = |name: String, title: String, values: Vec<Vec<f64>>, colour_label: &str| Panel {
        name,
        title,
        x: axis(&map.doses, &format!("{} at the start", map.ligand), "pM"),
        y: axis(&map.cells, &map.in_the_well(), "cells"),
        content: Content::HeatMap(HeatMap {
            x: map.doses.clone(),
            y: map.cells.clone(),
            values,
            colour_label: colour_label.into(),
            scale: Scale::Linear,
            ..HeatMap::default()
        }),
    };
    let mut panels: Vec<Panel> = plan
        .present()
        .enumerate()
        .map(|(i, (kind, _))| {
            let values = grid(&|well| well.kinds[i][0]);
            let (title, signal) =
                (format!("Signal of {}", kind.name), il2_answer::labels::written(&kind.signal));
            // Kinds of cells may differ a hundredfold; the name in the label gives each its own
            // colour scale.
            let label = match plan.kinds.len() {
                1 => format!("{signal} (/cell)"),
                _ => format!("{signal} of {} (/cell)", kind.name),
            };
            panel(kind.name.clone(), title, values, &label)
        })
        .collect();
    let end = time_text(plan.end());
    if panels.len() < 2 {
        // A single kind takes up all of the ligand.
        return (panels, format!("signal at {end} by dose and number of cells"));
    }
    // If all kinds vary together, the share of the first of them.
    let of = &map.shares[0].0;
    let place = plan.present().position(|(kind, _)| kind.name == *of).unwrap_or(0);
    let taken = grid(&|well| 100.0 * well.kinds[place][2]);
    let title = format!("Share of {of} in the uptake");
    panels.push(panel("taken".into(), title, taken, "share (%)"));
    (panels, format!("signal and uptake at {end} by dose and number of cells"))
}

/// The EC50 of each kind, in terms of the dose at the start, for each number of cells of a map.
fn ec50_in_wells(plan: &Plan, answer: &Answer, map: &Map) -> (Vec<Panel>, String) {
    let of = |(i, (kind, _)): (usize, (&crate::culture::kind::PlannedKind, usize))| {
        let all = map.cells.iter().zip(&answer.curves);
        let points = all.filter_map(|(cells, curves)| Some((*cells, curves[i].ec50.value()?)));
        Series {
            label: kind.name.clone(),
            style: i,
            points: points.collect(),
            markers: true,
            ..Series::default()
        }
    };
    let series = plan.present().enumerate().map(of).filter(|series| !series.points.is_empty());
    let series: Vec<Series> = series.collect();
    let panel = Panel {
        name: "map_ec50".into(),
        // A legend with a single entry is left out.
        title: match series.as_slice() {
            [one] => one.label.clone(),
            _ => String::new(),
        },
        x: Axis::log(map.in_the_well(), "cells"),
        y: Axis::log(format!("EC50 of {} (dose at the start)", map.ligand), "pM"),
        content: Content::Lines(series),
    };
    let all = || answer.curves.iter().flatten();
    let none = all().filter(|curve| curve.ec50.value().is_none()).count();
    let mut about = format!("signals at {}", time_text(plan.end()));
    if none > 0 {
        about += &format!("; {none} of {} EC50s outside the range of doses", all().count());
    }
    about += &il2_answer::curves::uncertain(all());
    (vec![panel], about)
}
