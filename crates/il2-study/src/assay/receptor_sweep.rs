//! EC50 as the number of one chain changes.

use super::{
    AssayResult, axis_title, cell_label, chain_title, curve_doses, curve_lanes, prepare, readout,
    time_text,
};
use crate::error::StudyError;
use crate::figure::{Axis, Content, Figure, Panel, Scale, Series};
use crate::study::file::ReceptorSweepPart;
use crate::study::{Spacing, Study, quantity, unknown};
use crate::table::Table;
use il2::culture::response::{Curve, read_curve};
use il2::culture::{Prepared, Setup, Well};
use il2::parameter::{Parameter, Parameters};
use il2::quantity::{column_suffix, readable_concentration, three_digits};
use il2_engine::Dimension;
use rayon::prelude::*;
use serde_json::json;

/// One curve: a ligand on a cell with one number of the chain.
#[derive(Clone, Debug)]
pub struct SweepCurve {
    /// Label of the ligand.
    pub ligand: String,
    /// Label of the cell.
    pub cell: String,
    /// Chains per cell.
    pub number: f64,
    /// Model, ligand, cell, medium.
    pub setup: Setup,
    /// Doses (pM), increasing.
    pub doses: Vec<f64>,
    prepared: Prepared,
}

/// A sweep put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// By cell, ligand and number.
    pub curves: Vec<SweepCurve>,
    chain: String,
    time: f64,
    readout: String,
    dimension: Dimension,
}

/// Puts the assay together.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &ReceptorSweepPart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let ligands = super::ligands(study, at, part.ligands.as_ref())?;
    let cells = super::cells(study, at, entry, part.cells.as_ref())?;
    let numbers = crate::study::grid(
        &format!("{at}.numbers"),
        &part.numbers,
        Spacing::Logarithmic,
        |at, t| quantity(at, t, Dimension::PER_CELL),
    )?;
    let set = |what: &str| {
        entry.model.overrides.iter().any(|(n, _)| *n == format!("{}_{what}", part.chain))
    };
    if set("number") || set("synthesis") {
        let message =
            "is set by the model's parameters too, which would hold it still; remove it there";
        return Err(StudyError::at(format!("{at}.chain"), message));
    }
    let readout_name = part.readout.as_deref().unwrap_or("signalling_complexes");
    super::at_most(at, "curves", numbers.len() * ligands.len() * cells.len(), 20_000)?;
    let mut curves = vec![];
    let mut dimension = Dimension::DIMENSIONLESS;
    for cell in cells {
        let Some(cell) = cell else {
            let model = &entry.model.name;
            return Err(StudyError::at(
                format!("{at}.model"),
                format!(
                    "model {model} brings its own cell, whose chains cannot be swept; use gamma-chain"
                ),
            ));
        };
        let own = cell.chains().map_err(|e| StudyError::at(format!("{at}.cells"), e))?;
        if !own.iter().any(|(chain, _)| *chain == part.chain) {
            let known = own.iter().map(|(c, _)| c.as_str());
            return Err(unknown(&format!("{at}.chain"), "chain", &part.chain, known, "this cell"));
        }
        let Some(quantitation) = cell.quantitation.clone() else {
            return Err(StudyError::at(
                format!("{at}.cells"),
                format!("{} is known by synthesis rates; give it receptors to sweep", cell.label),
            ));
        };
        for ligand in &ligands {
            let doses = curve_doses(at, ligand, &part.doses)?;
            super::at_most(at, "lanes", numbers.len() * doses.len(), 2_000_000)?;
            for &number in &numbers {
                let mut changed = cell.clone();
                let table: &mut Parameters = &mut changed.receptors[&quantitation];
                table.insert(part.chain.clone(), swept(number));
                let setup = study.setup(&entry.model, vec![(*ligand).clone()], Some(&changed));
                let prepared = prepare(at, &setup)?;
                dimension = prepared.readouts[readout(at, &prepared, readout_name)?].1;
                curves.push(SweepCurve {
                    ligand: ligand.label.clone(),
                    cell: cell_label(Some(cell)),
                    number,
                    setup,
                    doses: doses.clone(),
                    prepared,
                });
            }
        }
    }
    Ok(Plan {
        name: name.to_string(),
        curves,
        chain: part.chain.clone(),
        time: super::time(&format!("{at}.time"), &part.time)?,
        readout: readout_name.to_string(),
        dimension,
    })
}

fn swept(number: f64) -> Parameter {
    Parameter::from_study(number, Dimension::PER_CELL, format!("{number} /cell"))
}

/// Reads one curve of a sweep; shared by both sweeps. Also how many lanes failed, and why.
pub fn sweep_curve(
    study: &Study,
    prepared: &Prepared,
    ligand: &str,
    doses: &[f64],
    (time, name): (f64, &str),
    progress: &(dyn Fn(usize) + Sync),
) -> (Curve, usize, String) {
    let place = prepared.readout(name).expect("checked in the plan");
    let wells = std::iter::once(0.0).chain(doses.iter().copied()).map(|dose| Well {
        doses: vec![(ligand.to_string(), dose)],
        wash: None,
        times: vec![time],
    });
    let lanes = curve_lanes(prepared, study, wells, place, progress);
    let failed = lanes.iter().filter(|l| l.1 != "ok");
    let reason = failed.clone().next().map_or("ok".to_string(), |l| l.1.clone());
    let values: Vec<f64> = lanes.iter().map(|l| l.0[0]).collect();
    (read_curve(doses, &values[1..], values[0]), failed.count(), reason)
}

/// Runs every lane.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    let read: Vec<_> = plan
        .curves
        .par_iter()
        .map(|c| {
            sweep_curve(
                study,
                &c.prepared,
                &c.ligand,
                &c.doses,
                (plan.time, &plan.readout),
                progress,
            )
        })
        .collect();
    let number = format!("{}_per_cell", plan.chain);
    let top = format!("top{}", column_suffix(plan.dimension));
    let mut table = Table::new(
        &plan.name,
        &[
            ("ligand", true),
            ("cell", true),
            (&number, false),
            ("time_min", false),
            ("ec50_pm", false),
            (&top, false),
            ("status", true),
        ],
    );
    for (c, (curve, _, reason)) in plan.curves.iter().zip(&read) {
        table.push(vec![
            c.ligand.as_str().into(),
            c.cell.as_str().into(),
            c.number.into(),
            plan.time.into(),
            curve.ec50.value().unwrap_or(f64::NAN).into(),
            curve.top.into(),
            reason.as_str().into(),
        ]);
    }
    let mut labels: Vec<(String, String)> = vec![];
    for c in &plan.curves {
        let pair = (c.ligand.clone(), c.cell.clone());
        if !labels.contains(&pair) {
            labels.push(pair);
        }
    }
    // Styles repeat beyond these.
    let all = labels.len();
    labels.truncate(super::MOST_CURVES);
    let series = |value: &dyn Fn(&Curve) -> f64| -> Vec<Series> {
        labels
            .iter()
            .enumerate()
            .map(|(i, (ligand, cell))| {
                let points = plan
                    .curves
                    .iter()
                    .zip(&read)
                    .filter(|(c, _)| c.ligand == *ligand && c.cell == *cell);
                Series {
                    label: format!("{ligand}, {cell}"),
                    style: i,
                    points: points.map(|(c, (curve, ..))| (c.number, value(curve))).collect(),
                    markers: true,
                    ..Series::default()
                }
            })
            .collect()
    };
    let x = Axis {
        label: format!("{} (/cell)", chain_title(&plan.chain)),
        scale: Scale::Log,
        range: None,
    };
    let panel = |label: String, scale: Scale, content: Vec<Series>| Panel {
        title: String::new(),
        x: x.clone(),
        y: Axis { label, scale, range: None },
        content: Content::Lines(content),
    };
    let of = plan.readout.replace('_', " ");
    let ec50 = panel(
        format!("EC50 of {of} (pM)"),
        Scale::Log,
        series(&|c| c.ec50.value().unwrap_or(f64::NAN)),
    );
    let highest = panel(
        format!("largest {}", axis_title(&plan.readout, plan.dimension)),
        Scale::Linear,
        series(&|c| c.top),
    );
    let mut text =
        format!("EC50 of {of} at {} against {}\n", time_text(plan.time), number.replace('_', " "));
    text += &format!(
        "{:<18}  {:<18}  {:>10}  {:>10}  {:>10}\n",
        "ligand", "cell", "/cell", "EC50", "top"
    );
    for row in 0..table.rows() {
        let ec50 = table.number(row, "ec50_pm");
        let shown =
            if ec50.is_finite() { readable_concentration(ec50) } else { "not inside".into() };
        text += &format!(
            "{:<18}  {:<18}  {:>10}  {:>10}  {:>10}\n",
            table.text(row, "ligand"),
            table.text(row, "cell"),
            three_digits(table.number(row, &number)),
            shown,
            three_digits(table.number(row, &top)),
        );
    }
    let legend = labels.iter().enumerate().map(|(i, (l, c))| (format!("{l}, {c}"), i)).collect();
    AssayResult {
        summary: json!({"kind": "receptor-sweep", "chain": plan.chain, "curves": plan.curves.len()}),
        text,
        picture: Some(ec50.clone()),
        figures: vec![(
            plan.name.clone(),
            Figure {
                title: study.question.clone(),
                subtitle: match all > labels.len() {
                    true => format!(
                        "after {}; {} of {all} pairs are drawn, the table has all",
                        time_text(plan.time),
                        labels.len()
                    ),
                    false => format!("after {}", time_text(plan.time)),
                },
                panels: vec![ec50, highest],
                columns: 2,
                footnote: format!(
                    "study {} · il2 {}",
                    &study.hash[..12],
                    env!("CARGO_PKG_VERSION")
                ),
                legend,
            },
        )],
        tables: vec![table],
        failed: read.iter().map(|r| r.1).sum(),
        ..AssayResult::default()
    }
}
