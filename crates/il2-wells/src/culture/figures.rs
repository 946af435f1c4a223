//! Figures of a well: the kinds over time, the distribution of the ligand, and cells by division.

use crate::culture::draws::Quantity;
use crate::culture::map_figures::{Drawing, ec50_in_wells, map};
use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use crate::culture::tables::cells_by_division;
use il2_answer::caption;
use il2_answer::labels::{readout_axis, time_text, time_unit};
use il2_answer::sentence::percent;
use il2_engine::Dimension;
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_study::study::Study;

/// All figures of a well by their names.
pub fn figures(study: &Study, plan: &Plan, answer: &Answer) -> Vec<(String, Figure)> {
    let (_, names) = plan.own_names();
    let mut all = vec![over_time(plan, answer), who_has(plan, answer)];
    all.extend(plan.kinds.iter().any(|kind| kind.divides).then(|| divisions(plan, answer)));
    all.extend(plan.map.as_ref().map(|_| map(plan, answer)));
    let curves = plan.map.as_ref().filter(|map| map.has_curves());
    all.extend(curves.map(|map| ec50_in_wells(plan, answer, map)));
    names
        .into_iter()
        .zip(all)
        .map(|(name, of)| (name, figure(study, plan, of, plan.label.as_deref())))
        .collect()
}

/// A figure with its title and caption, of a named well if there are several.
pub fn figure(
    study: &Study,
    plan: &Plan,
    (panels, said, columns): Drawing,
    well: Option<&str>,
) -> Figure {
    let medium = plan.medium.text();
    let kind = caption::kind_and_model(study, &plan.name);
    let well = well.map(|label| format!("well {label}"));
    let subtitle = [Some(kind), well, Some(said), medium].into_iter().flatten();
    let bands = panels.iter().any(|panel| match &panel.content {
        Content::Lines(all) => all.iter().any(|series| !series.filled && !series.band.is_empty()),
        _ => false,
    });
    let draws = &plan.draws;
    Figure {
        title: study.question.clone(),
        subtitle: subtitle.collect::<Vec<_>>().join("; "),
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        bands: match bands {
            true => format!("central {} of {} draws", percent(draws.level), draws.count),
            false => String::new(),
        },
        panels,
        columns,
        ..Figure::default()
    }
}

/// The band of a number over time, times a factor; empty without draws.
pub fn band(
    plan: &Plan,
    answer: &Answer,
    of: Quantity,
    (one, factor): (f64, f64),
) -> Vec<(f64, f64, f64)> {
    let at = |time: &f64| {
        let spread = answer.spread(&plan.draws, of, *time);
        (time / one, factor * spread.low, factor * spread.high)
    };
    answer
        .drawn_times()
        .iter()
        .map(at)
        .filter(|(_, low, high)| low.is_finite() && high.is_finite())
        .collect()
}

pub fn time_axis(plan: &Plan) -> (Axis, f64) {
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

fn over_time(plan: &Plan, answer: &Answer) -> Drawing {
    let (x, one) = time_axis(plan);
    let mut panels = vec![];
    let curve = |label: &str, style: usize, place: usize, times: f64| Series {
        label: label.into(),
        style,
        points: answer.course(place).map(|(t, v)| (t / one, v * times)).collect(),
        band: band(plan, answer, Quantity::Readout(place), (one, times)),
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
    (panels, "over time, by kind of cell".into(), 0)
}

/// Title of the vertical axis of the first panel.
fn free_in_medium(plan: &Plan) -> String {
    match plan.culture.ligands.as_slice() {
        [one] => format!("free {} in the medium", one.label),
        _ => "free in the medium".into(),
    }
}

/// Distribution of each ligand, and below it the share of each kind in its uptake.
fn who_has(plan: &Plan, answer: &Answer) -> Drawing {
    let mut panels = fates(plan, answer);
    let columns = panels.len();
    panels.extend(shares(plan, answer));
    // A single panel with its shares stands in one row.
    let columns = if columns == 1 { 0 } else { columns };
    (panels, "fate of the ligand over time".into(), columns)
}

/// The share of each kind in the uptake of each ligand; none if a single kind takes it up.
pub fn shares(plan: &Plan, answer: &Answer) -> Vec<Panel> {
    let (x, one) = time_axis(plan);
    if plan.present().count() < 2 {
        return vec![];
    }
    let panel = |(ligand, free): (usize, &il2::culture::kinds::Free)| {
        let series = plan.present().enumerate().map(|(style, (kind, place))| {
            let of = Quantity::Part { ligand, kind: place };
            let points = answer
                .balances(ligand)
                .filter_map(|(time, balance)| Some((time / one, 100.0 * balance.part(place)?)));
            Series {
                label: kind.name.clone(),
                style,
                points: points.collect(),
                band: band(plan, answer, of, (one, 100.0)),
                ..Series::default()
            }
        });
        Panel {
            name: format!("share_{}", free.label),
            title: format!("Shares of the uptake of {}", free.label),
            x: x.clone(),
            y: Axis { range: Some((0.0, 100.0)), ..Axis::linear("share of the uptake", "%") },
            content: Content::Lines(series.collect()),
        }
    };
    plan.culture.ligands.iter().enumerate().map(panel).collect()
}

/// Distribution of each ligand, stacked: kinds, medium, and other losses.
pub fn fates(plan: &Plan, answer: &Answer) -> Vec<Panel> {
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
    plan.culture.ligands.iter().enumerate().map(panel).collect()
}

/// Bars are drawn up to the last number of divisions whose bar is at least this fraction of the
/// largest.
const SEEN: f64 = 1e-3;

fn divisions(plan: &Plan, answer: &Answer) -> Drawing {
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
    (vec![panel], format!("live cells at {} by division", time_text(plan.end())), 0)
}
