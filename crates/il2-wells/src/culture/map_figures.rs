//! Figures of a map over doses and numbers of cells.

use crate::culture::map::Map;
use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use il2_answer::labels::time_text;
use il2_output::figure::{Axis, Content, HeatMap, Panel, Scale, Series};

/// Panels of a figure, what they show, and the number of panels in a row (0: as usual).
pub type Drawing = (Vec<Panel>, String, usize);

/// Signals and uptake by dose and number of cells.
pub fn map(plan: &Plan, answer: &Answer) -> Drawing {
    let map = plan.map.as_ref().expect("asked for by whom it is drawn");
    let drawn = |all: &[f64]| all.iter().copied().filter(|v| *v > 0.0).collect::<Vec<f64>>();
    let (doses, cells) = (drawn(&map.doses), drawn(&map.cells));
    let grid = |of: &dyn Fn(&crate::culture::run::MapWell) -> f64| -> Vec<Vec<f64>> {
        let rows = answer.map.chunks(map.doses.len()).filter(|row| row[0].cells > 0.0);
        let row = |row: &[crate::culture::run::MapWell]| {
            row.iter().filter(|well| well.dose > 0.0).map(of).collect()
        };
        rows.map(row).collect()
    };
    let zero = [(&map.doses, map.ligand.clone()), (&map.cells, map.of_cells())];
    let zero: Vec<String> =
        zero.into_iter().filter(|(all, _)| all[0] == 0.0).map(|(_, of)| of).collect();
    // A logarithmic axis has no zero.
    let left_out = match zero.is_empty() {
        true => String::new(),
        false => format!("; wells without {} are only in the table", zero.join(" or without ")),
    };
    let panel = |name: String, title: String, values: Vec<Vec<f64>>, colour_label: &str| Panel {
        name,
        title,
        x: Axis::log(format!("{} at the start", map.ligand), "pM"),
        y: Axis::log(map.in_the_well(), "cells"),
        content: Content::HeatMap(HeatMap {
            x: doses.clone(),
            y: cells.clone(),
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
        return (panels, format!("signal at {end} by dose and number of cells{left_out}"), 0);
    }
    // If all kinds vary together, the share of the first of them.
    let of = &map.shares[0].0;
    let place = plan.present().position(|(kind, _)| kind.name == *of).unwrap_or(0);
    let taken = grid(&|well| 100.0 * well.kinds[place][2]);
    let title = format!("Share of {of} in the uptake");
    panels.push(panel("taken".into(), title, taken, "share (%)"));
    (panels, format!("signal and uptake at {end} by dose and number of cells{left_out}"), 0)
}

/// The EC50 of each kind, in terms of the dose at the start, for each number of cells of a map.
pub fn ec50_in_wells(plan: &Plan, answer: &Answer, map: &Map) -> Drawing {
    let of = |(i, (kind, _)): (usize, (&crate::culture::kind::PlannedKind, usize))| {
        let all = map.cells.iter().zip(&answer.curves);
        let all = all.filter(|(cells, _)| **cells > 0.0);
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
    let drawn = || map.cells.iter().zip(&answer.curves).filter(|(cells, _)| **cells > 0.0);
    let all = || drawn().flat_map(|(_, curves)| curves);
    let none = all().filter(|curve| curve.ec50.value().is_none()).count();
    let mut about = format!("signals at {}", time_text(plan.end()));
    if none > 0 {
        about += &format!("; {none} of {} EC50s outside the range of doses", all().count());
    }
    if map.without.is_some() {
        about += &format!("; EC50s without {} are only in the table", map.of_cells());
    }
    about += &il2_answer::curves::uncertain(all());
    (vec![panel], about, 0)
}
