//! Table and figure of single cells.

use crate::dose_response::plan::Plan;
use crate::dose_response::single_cells::run::{AtDose, OUTSIDE, Population};
use il2::quantity::column_suffix;
use il2_answer::caption;
use il2_answer::labels::{readout_axis, time_text};
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_output::table::Table;
use il2_study::study::Study;

/// Table of every population at every dose and time.
pub fn table(plan: &Plan, all: &[Vec<Population>]) -> Table {
    let suffix = column_suffix(plan.dimension);
    let named = |name: &str| format!("{}_{name}{suffix}", plan.readout);
    let numbers = ["mean", "p10", "median", "p90", "gate"].map(named);
    let mut columns =
        vec![("ligand", true), ("cell", true), ("dose_pm", false), ("time_min", false)];
    columns.extend(numbers.iter().map(|name| (name.as_str(), false)));
    columns.extend([("fraction_positive", false), ("cells_solved", false)]);
    let mut table = Table::new(&format!("{}_cells", plan.name), &columns);
    for (pair, populations) in plan.pairs.iter().zip(all) {
        for (population, time) in populations.iter().zip(&plan.times) {
            let doses = std::iter::once(0.0).chain(pair.doses.iter().copied());
            for (dose, at) in doses.zip(&population.doses) {
                let [low, middle, high] = at.quantiles;
                let mut row: Vec<Value> =
                    vec![pair.ligand.as_str().into(), pair.cell.as_str().into()];
                let numbers = [dose, *time, at.mean, low, middle, high, population.gate];
                row.extend(numbers.map(Value::from));
                row.extend([at.positive, at.solved as f64].map(Value::from));
                table.push(row);
            }
        }
    }
    table
}

/// Mean and band of the single cells, and the fraction that is positive, by cell at the last time.
pub fn figure(study: &Study, plan: &Plan, all: &[Vec<Population>]) -> (String, Figure) {
    let mut cells: Vec<&str> = vec![];
    let mut ligands: Vec<&str> = vec![];
    for (pair, _) in plan.pairs.iter().zip(all).filter(|(_, of)| !of.is_empty()) {
        if !cells.contains(&pair.cell.as_str()) {
            cells.push(&pair.cell);
        }
        if !ligands.contains(&pair.ligand.as_str()) {
            ligands.push(&pair.ligand);
        }
    }
    let unit = caption::dose_unit(study, &plan.name, &plan.pairs[0].ligand).0;
    let panel = |cell: &str, positive: bool| {
        let of_cell = plan.pairs.iter().zip(all).filter(|(pair, _)| pair.cell == cell);
        let series = of_cell.filter_map(|(pair, populations)| {
            let population = populations.last()?;
            let (_, one) = caption::dose_unit(study, &plan.name, &pair.ligand);
            let at = || pair.doses.iter().map(|dose| dose / one).zip(&population.doses[1..]);
            let point = |(dose, at): (f64, &AtDose)| {
                (dose, if positive { 100.0 * at.positive } else { at.mean })
            };
            let band = |(dose, at): (f64, &AtDose)| (dose, at.quantiles[0], at.quantiles[2]);
            Some(Series {
                label: pair.ligand.clone(),
                style: ligands.iter().position(|known| *known == pair.ligand).unwrap_or(0),
                points: at().map(point).collect(),
                band: if positive { vec![] } else { at().map(band).collect() },
                ..Series::default()
            })
        });
        let y = match positive {
            true => Axis { range: Some((0.0, 100.0)), ..Axis::linear("positive cells", "%") },
            false => readout_axis(&plan.readout, plan.dimension),
        };
        Panel {
            name: format!("{cell}_{}", if positive { "positive" } else { "cells" }),
            title: if positive { format!("{cell}, positive") } else { cell.to_string() },
            x: Axis::log("dose", &unit),
            y,
            content: Content::Lines(series.collect()),
        }
    };
    let panels = cells.iter().flat_map(|cell| [panel(cell, false), panel(cell, true)]).collect();
    let last = plan.times[plan.times.len() - 1];
    let figure = Figure {
        title: format!("Single cells after {}", time_text(last)),
        subtitle: format!(
            "{}; means of {} cells each",
            caption::kind_and_model(study, &plan.name),
            plan.single_cells.as_ref().map_or(0, |asked| asked.count)
        ),
        panels,
        columns: 2,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend: ligands.iter().enumerate().map(|(i, l)| (l.to_string(), i)).collect(),
        bands: format!("central {:.0} % of cells", 100.0 * (1.0 - 2.0 * OUTSIDE)),
        ..Figure::default()
    };
    (format!("{}_cells", plan.name), figure)
}
