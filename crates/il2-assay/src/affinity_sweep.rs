//! EC50 over a grid of two affinities, on one cell or compared between two.

use crate::answer::AssayResult;
use crate::curves;
use crate::labels::{cell_label, chain_title, time_text};
use crate::receptor_sweep::sweep_curve;
use il2::culture::{ModelKind, Setup};
use il2::ligand::Ligand;
use il2::parameter::Parameter;
use il2::quantity::{readable_concentration, three_digits};
use il2_engine::{Dimension, math};
use il2_inference::curve::Curve;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, HeatMap, Panel, Scale};
use il2_output::table::Table;
use il2_study::choose::{curve_doses, prepare, readout};
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::file::AffinitySweepPart;
use il2_study::values::{Spacing, quantity};
use serde_json::json;

/// A sweep put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// By cell: model, ligand, cell and medium with the strongest bonds and with the weakest. Those
    /// between are put together when they run: a network each would fill the memory.
    pub ends: Vec<[Setup; 2]>,
    /// Doses (pM), increasing.
    pub doses: Vec<f64>,
    /// Whether the affinities are those of a fusion.
    fused: bool,
    /// The ligand that is changed.
    pub ligand: Ligand,
    /// One cell, or the two that are compared.
    pub cells: Vec<String>,
    alpha: Vec<f64>,
    beta: Vec<f64>,
    /// Name of the second affinity, for axis and column.
    second: &'static str,
    /// Where the ligand itself lies (pM, pM).
    own: (f64, f64),
    time: f64,
    readout: String,
}

impl Plan {
    /// Lanes that it will run.
    pub fn lanes(&self) -> usize {
        self.ends.len() * self.alpha.len() * self.beta.len() * (self.doses.len() + 1)
    }
}

/// Puts the assay together.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &AffinitySweepPart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let ligand = study.ligand(&format!("{at}.ligand"), &part.ligand)?;
    let cells = il2_study::choose::cells(study, at, entry, Some(&part.cells))?;
    if !(1..=2).contains(&cells.len()) {
        let count = cells.len();
        return Err(StudyError::at(
            format!("{at}.cells"),
            format!("{count} cells are too many for one map; name one, or two to compare"),
        ));
    }
    let own = format!("{}.", ligand.label);
    if let Some((name, _)) = entry.model.overrides.iter().find(|(n, _)| n.starts_with(&own)) {
        let message = format!(
            "is swept, but the model's parameter {name} would hold a part of it still; remove it there"
        );
        return Err(StudyError::at(format!("{at}.ligand"), message));
    }
    let kd = |at: &str, text: &il2_study::study::text::QuantityText| {
        quantity(at, text, Dimension::CONCENTRATION)
    };
    let spaced = Spacing::Logarithmic;
    let alpha = il2_study::values::grid(&format!("{at}.alpha"), &part.alpha, spaced, kd)?;
    let beta = il2_study::values::grid(&format!("{at}.beta"), &part.beta, spaced, kd)?;
    for (side, values) in [("alpha", &alpha), ("beta", &beta)] {
        if values[0] == 0.0 || values.len() < 2 {
            return Err(StudyError::at(
                format!("{at}.{side}"),
                "needs at least two dissociation constants above zero",
            ));
        }
    }
    let fused = match entry.model.kind {
        ModelKind::GammaChain(_) => ligand.parent.is_some(),
        ModelKind::Polyvalent | ModelKind::PolyvalentEquilibrium => true,
        _ => {
            let model = &entry.model.name;
            return Err(StudyError::at(
                format!("{at}.model"),
                format!("model {model} has no affinities to sweep; use gamma-chain or polyvalent"),
            ));
        }
    };
    let second = second(fused);
    let (first_key, second_key) = keys(ligand, fused);
    let time = il2_study::choose::time(&format!("{at}.time"), &part.time)?;
    let doses = curve_doses(at, ligand, &part.doses)?;
    let readout_name = part.readout.as_deref().unwrap_or("signalling_complexes");
    let curves = alpha.len() * beta.len() * cells.len();
    il2_study::choose::at_most(at, "curves", curves, il2_study::choose::MOST_SWEPT)?;
    il2_study::choose::at_most(
        at,
        "lanes",
        curves * (doses.len() + 1),
        il2_study::choose::MOST_LANES,
    )?;
    let mut ends = vec![];
    for cell in &cells {
        let own = study.setup(&entry.model, vec![ligand.clone()], *cell);
        let end = |a: Option<&f64>, b: Option<&f64>| {
            let (a, b) = a.zip(b).expect("a grid has values");
            with_affinities(&own, fused, *a, *b)
        };
        let both = [end(alpha.first(), beta.first()), end(alpha.last(), beta.last())];
        for setup in &both {
            readout(at, &prepare(at, setup)?, readout_name)?;
        }
        ends.push(both);
    }
    let own = |key: &str| ligand.parameters.get(key).map_or(f64::NAN, |p| p.value);
    Ok(Plan {
        name: name.to_string(),
        ends,
        doses,
        fused,
        own: (own(&first_key), own(&second_key)),
        ligand: ligand.clone(),
        cells: cells.into_iter().map(cell_label).collect(),
        alpha,
        beta,
        second,
        time,
        readout: readout_name.to_string(),
    })
}

/// The chain of the second affinity.
fn second(fused: bool) -> &'static str {
    if fused { "il2r_beta_gamma" } else { "il2r_beta" }
}

/// Names of the two affinities among the numbers of a ligand.
fn keys(ligand: &Ligand, fused: bool) -> (String, String) {
    let (table, first) = match fused {
        true => ("fusion_affinity", "il2r_alpha"),
        false => ("affinity", ligand.alpha_chain.name()),
    };
    (format!("{table}.{first}"), format!("{table}.{}", second(fused)))
}

/// A setup whose ligand has other affinities.
fn with_affinities(setup: &Setup, fused: bool, alpha: f64, beta: f64) -> Setup {
    let mut changed = setup.clone();
    for ligand in &mut changed.ligands {
        let (first, second) = keys(ligand, fused);
        ligand.parameters.insert(first, swept(alpha));
        match fused {
            true => drop(ligand.parameters.insert(second, swept(beta))),
            false => ligand.set_beta_affinity(swept(beta)),
        }
    }
    changed
}

fn swept(kd: f64) -> Parameter {
    Parameter::from_study(kd, Dimension::CONCENTRATION, format!("{kd} pM"))
}

/// Runs every lane.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    let label = &plan.ligand.label;
    let mut points = vec![];
    for ends in &plan.ends {
        points.extend(
            plan.beta.iter().flat_map(|&b| plan.alpha.iter().map(move |&a| (&ends[0], a, b))),
        );
    }
    let read: Vec<_> = study.threads.map(&points, |(setup, a, b)| {
        let setup = with_affinities(setup, plan.fused, *a, *b);
        let at = (plan.time, plan.readout.as_str());
        sweep_curve(study, &setup, label, &plan.doses, at, progress)
    });
    let (nx, ny) = (plan.alpha.len(), plan.beta.len());
    let ec50 = |cell: usize, iy: usize, ix: usize| {
        read[(cell * ny + iy) * nx + ix].0.ec50.value().unwrap_or(f64::NAN)
    };
    let ratio = |iy: usize, ix: usize| ec50(1, iy, ix) / ec50(0, iy, ix);
    let two = plan.cells.len() == 2;
    let alpha_column = "kd_alpha_pm".to_string();
    let beta_column = format!("kd_{}_pm", plan.second.trim_start_matches("il2r_"));
    let mut columns = vec![
        ("ligand".to_string(), true),
        (alpha_column, false),
        (beta_column, false),
        ("time_min".into(), false),
    ];
    columns.extend(plan.cells.iter().map(|c| (format!("ec50_{c}_pm"), false)));
    let of = |cell: usize, iy: usize, ix: usize| &read[(cell * ny + iy) * nx + ix].0;
    if two {
        columns.push((format!("ec50_{}_over_{}", plan.cells[1], plan.cells[0]), false));
    }
    for c in &plan.cells {
        columns.push((format!("ec50_{c}_is"), true));
        columns.push((format!("falls_beyond_top_{c}"), true));
    }
    columns.push(("status".into(), true));
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&plan.name, &columns);
    for (iy, &b) in plan.beta.iter().enumerate() {
        for (ix, &a) in plan.alpha.iter().enumerate() {
            let mut row: Vec<Value> =
                vec![label.as_str().into(), a.into(), b.into(), plan.time.into()];
            row.extend((0..plan.cells.len()).map(|c| Value::Number(ec50(c, iy, ix))));
            if two {
                row.push(ratio(iy, ix).into());
            }
            for c in 0..plan.cells.len() {
                let curve = of(c, iy, ix);
                row.push(curves::whereabouts(curve).as_str().into());
                row.push(if curve.falls { "yes".into() } else { "no".into() });
            }
            let failures = (0..plan.cells.len()).map(|c| &read[(c * ny + iy) * nx + ix].2);
            let reason = failures.clone().find(|r| *r != "ok").map_or("ok", |r| r.as_str());
            row.push(reason.into());
            table.push(row);
        }
    }
    let grid = |value: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
        (0..ny).map(|iy| (0..nx).map(|ix| value(iy, ix)).collect()).collect()
    };
    let constant =
        |chain: &str| Axis::log(format!("dissociation constant for {}", chain_title(chain)), "pM");
    let map = |(name, title): (&str, String),
               colour_label: String,
               values: Vec<Vec<f64>>,
               diverging: bool| Panel {
        name: name.into(),
        title,
        x: constant(plan.ligand.alpha_chain.name()),
        y: constant(plan.second),
        content: Content::HeatMap(HeatMap {
            x: plan.alpha.clone(),
            y: plan.beta.clone(),
            contours: decades(&values),
            values,
            colour_label,
            scale: Scale::Log,
            range: None,
            diverging_at: diverging.then_some(1.0),
            marked: if plan.own.0.is_finite() && plan.own.1.is_finite() {
                vec![(plan.own.0, plan.own.1, label.clone())]
            } else {
                vec![]
            },
        }),
    };
    let mut panels: Vec<Panel> = plan
        .cells
        .iter()
        .enumerate()
        .map(|(c, cell)| {
            let title = format!("EC50 on {cell}");
            map((cell, title), "EC50 (pM)".into(), grid(&|y, x| ec50(c, y, x)), false)
        })
        .collect();
    if two {
        let title = format!("EC50 on {} over EC50 on {}", plan.cells[1], plan.cells[0]);
        let bar = format!("ratio; above 1 favours {}", plan.cells[0]);
        panels.push(map(("ratio", title), bar, grid(&ratio), true));
    }
    let picture = panels.last().cloned();
    let named = plan.cells.iter().enumerate().flat_map(|(c, cell)| {
        let places = (0..ny).flat_map(|iy| (0..nx).map(move |ix| (iy, ix)));
        places.map(move |(iy, ix)| {
            let kd = |value: f64| readable_concentration(value);
            let (alpha, beta) = (kd(plan.alpha[ix]), kd(plan.beta[iy]));
            (format!("{cell} with K_D {alpha} and {beta}"), *of(c, iy, ix))
        })
    });
    let warnings = curves::warnings(&named.collect::<Vec<_>>());
    AssayResult {
        text: text(plan, &table, of),
        warnings,
        summary: json!({
            "kind": "affinity-sweep",
            "ligand": label,
            "cells": plan.cells,
            "points": nx * ny,
            "largest_ratio": if two { json!(extreme(&grid(&ratio))) } else { json!(null) },
        }),
        picture,
        figures: vec![(
            plan.name.clone(),
            Figure {
                title: study.question.clone(),
                subtitle: format!(
                    "{}; EC50 of {} after {}; hatched where no EC50 lies inside the doses{}",
                    super::caption::kind_and_model(study, &plan.name),
                    plan.readout.replace('_', " "),
                    time_text(plan.time),
                    marked(read.iter().map(|r| &r.0))
                ),
                columns: panels.len().min(3),
                panels,
                footnote: format!(
                    "study {} · il2 {}",
                    &study.hash[..12],
                    env!("CARGO_PKG_VERSION")
                ),
                legend: vec![],
                ..Figure::default()
            },
        )],
        tables: vec![table],
        failed: read.iter().map(|r| r.1).sum(),
        ..AssayResult::default()
    }
}

/// How many points of a map are to be read with care: a colour cannot say which, the table does.
fn marked<'a>(curves: impl Iterator<Item = &'a Curve>) -> String {
    let marked = curves.filter(|c| !curves::marks(c).is_empty()).count();
    match marked {
        0 => String::new(),
        _ => {
            format!("; {marked} points still rise, cross a gap or are of a bell, as the table says")
        }
    }
}

fn extreme(values: &[Vec<f64>]) -> f64 {
    values.iter().flatten().copied().filter(|v| v.is_finite()).fold(f64::NAN, f64::max)
}

/// Whole powers of ten inside the values, as contour levels.
fn decades(values: &[Vec<f64>]) -> Vec<f64> {
    let finite = || values.iter().flatten().copied().filter(|v| v.is_finite() && *v > 0.0);
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(0.0, f64::max));
    if low >= high {
        return vec![];
    }
    let (first, last) = (math::log10(low).ceil() as i32, math::log10(high).floor() as i32);
    (first..=last).map(math::power_of_ten).collect()
}

fn text<'a>(plan: &Plan, table: &Table, of: impl Fn(usize, usize, usize) -> &'a Curve) -> String {
    let two = plan.cells.len() == 2;
    let mut out =
        format!("EC50 of {} after {}\n", plan.readout.replace('_', " "), time_text(plan.time));
    out += &format!(
        "{:>12}  {:>12}",
        "K_D alpha",
        format!("K_D {}", plan.second.trim_start_matches("il2r_"))
    );
    plan.cells
        .iter()
        .for_each(|c| out += &format!("  {:>16}", c.chars().take(16).collect::<String>()));
    out += if two { "         ratio\n" } else { "\n" };
    // The corners and the middle: the table has the rest.
    let (nx, ny) = (plan.alpha.len(), plan.beta.len());
    let mut rows = vec![0, nx - 1, (ny / 2) * nx + nx / 2, (ny - 1) * nx, ny * nx - 1];
    rows.dedup();
    let shown = |v: f64| if v.is_finite() { readable_concentration(v) } else { "-".into() };
    for row in rows {
        out += &format!(
            "{:>12}  {:>12}",
            shown(table.number(row, &table.columns[1].name)),
            shown(table.number(row, &table.columns[2].name))
        );
        for c in 0..plan.cells.len() {
            out += &format!("  {:>16}", shown(table.number(row, &table.columns[4 + c].name)));
        }
        if two {
            let ratio = table.number(row, &table.columns[6].name);
            out += &format!(
                "  {:>12}",
                if ratio.is_finite() { three_digits(ratio) } else { "-".into() }
            );
        }
        let marks = (0..plan.cells.len()).map(|c| of(c, row / nx, row % nx));
        let marks = marks.map(curves::marks).filter(|m| !m.is_empty());
        let marks: Vec<String> = marks.collect();
        out += &format!("  {}", marks.join("; "));
        out = format!("{}\n", out.trim_end());
    }
    out + "Corners and middle of the map; the table has every point.\n"
}
