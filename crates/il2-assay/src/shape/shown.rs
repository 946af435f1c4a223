//! What the figures of an assay show, known before it runs: panels, their axes, and what each curve
//! represents.

use crate::kinds::Plan;
use il2::ligand::Ligand;
use il2::quantity::{base_unit, column_suffix};
use il2_answer::labels::column_ending;
use il2_clinic::event_table::Model;
use il2_clinic::patients;
use il2_clinic::{event_table, regimen};
use il2_engine::Dimension;
use il2_output::figure::Scale;
use il2_study::Study;
use il2_wells::{culture, dose_response, receptor_sweep, time_course};

/// The quantity along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Along {
    /// Column of the assay's table; empty if no single column contains it.
    pub column: String,
    /// Unit of that column. The axis may have another unit of the same dimension.
    pub unit: String,
    /// Linear or logarithmic, unless the study says otherwise.
    pub scale: Scale,
}

/// A panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its name.
    pub panel: String,
    /// Quantity along the horizontal axis.
    pub x: Along,
    /// Quantity along the vertical axis.
    pub y: Along,
    /// Whether the panel shows curves or a map, to which the settings for all panels apply.
    pub curves: bool,
}

/// A curve for which a table may contain measured points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Words that identify its rows, by column of the assay's table.
    pub words: Vec<(&'static str, String)>,
    /// Numbers that identify its rows, by column of the assay's table.
    pub numbers: Vec<(&'static str, f64)>,
    /// Its style in every panel.
    pub style: usize,
    /// Its panel, if it is in only one.
    pub panel: Option<String>,
    /// Its figure, if the assay has several.
    pub figure: Option<String>,
}

fn along(column: impl Into<String>, unit: impl Into<String>, scale: Scale) -> Along {
    Along { column: column.into(), unit: unit.into(), scale }
}

fn of_dimension(name: &str, dimension: Dimension) -> Along {
    let column = format!("{name}{}", column_suffix(dimension));
    along(column, base_unit(dimension), Scale::Linear)
}

fn curves(panel: &str, x: Along, y: Along) -> Shown {
    Shown { panel: panel.into(), x, y, curves: true }
}

fn others(panel: &str, x: Along, y: Along) -> Shown {
    Shown { panel: panel.into(), x, y, curves: false }
}

/// The panels of an assay, in their order.
pub fn panels(plan: &Plan) -> Vec<Shown> {
    let mut all = match plan {
        Plan::DoseResponse(p) => of_doses(p),
        Plan::TimeCourse(p) => of_times(p),
        Plan::Culture(p) => of_culture(p),
        Plan::ReceptorSweep(p) => of_numbers(p),
        Plan::AffinitySweep(p) => {
            let nm = || along("", "nM", Scale::Log);
            let ratio = (p.cells.len() == 2).then_some("ratio");
            let names = p.cells.iter().map(String::as_str).chain(ratio);
            names.map(|name| curves(name, nm(), nm())).collect()
        }
        Plan::EventTable(p) => of_events(p),
        Plan::Regimen(p) => of_patients(p),
        Plan::Activation(p) => {
            let plain = |scale| along("", "", scale);
            let signal =
                p.treg.as_ref().map(|_| others("signal", plain(Scale::Log), plain(Scale::Linear)));
            let most = others("most", plain(Scale::Log), plain(Scale::Log));
            let time = along("time_min", "min", Scale::Linear);
            let il2 = curves("il2", time, along("il2_pm", "pM", Scale::Log));
            [il2, most].into_iter().chain(signal).collect()
        }
        Plan::Trial(_) => {
            // Published survival curves can be drawn over the simulated ones.
            let curve = |name: &str| {
                let months = along("time_months", "months", Scale::Linear);
                curves(name, months, along(format!("{name}_percent"), "%", Scale::Linear))
            };
            ["os", "pfs"].map(curve).to_vec()
        }
        Plan::Fit(_)
        | Plan::Sensitivity(_)
        | Plan::Design(_)
        | Plan::Noncompartmental(_)
        | Plan::PopulationFit(_)
        | Plan::TumourModel(_)
        | Plan::Sbml(_) => vec![],
    };
    let mut seen = std::collections::HashSet::new();
    all.retain(|shown| seen.insert(shown.panel.clone()));
    all
}

fn of_doses(plan: &dose_response::Plan) -> Vec<Shown> {
    let x = along("dose_pm", "pM", Scale::Log);
    let y = of_dimension(&plan.readout, plan.dimension);
    let cells = plan.pairs.iter().map(|pair| curves(&pair.cell, x.clone(), y.clone()));
    let plain = along("", "", Scale::Linear);
    let ec50 = |panel: &str| others(panel, along("", "pM", Scale::Log), plain.clone());
    let ratio = others("selectivity", along("", "", Scale::Log), plain.clone());
    let ranked = match plan.rank_by {
        None => vec![],
        Some(dose_response::RankBy::Potency) => vec![ec50("potency")],
        Some(_) => vec![ratio, ec50("potency")],
    };
    cells.chain([ec50("ec50")]).chain(ranked).collect()
}

fn of_times(plan: &time_course::Plan) -> Vec<Shown> {
    let x = along("time_min", "min", Scale::Linear);
    let dimension = |name: &str| {
        let found = plan.conditions.iter().find_map(|c| {
            let place = c.prepared.readout(name)?;
            Some(c.prepared.readouts[place].1)
        });
        found.expect("checked in the plan")
    };
    let shown = plan.show.iter();
    let mut all: Vec<Shown> =
        shown.map(|name| curves(name, x.clone(), of_dimension(name, dimension(name)))).collect();
    for name in plan.fading() {
        let left = along("", "", Scale::Log);
        all.push(others(&time_course::after_wash(name), along("", "min", Scale::Linear), left));
    }
    all
}

fn of_culture(plan: &culture::Plan) -> Vec<Shown> {
    let time = || along("time_min", "min", Scale::Linear);
    let mut all = vec![others("medium", time(), along("", "pM", Scale::Linear))];
    for (name, axis) in culture::shown(plan) {
        let column = match name.as_str() {
            "cells" => along("cells", "", Scale::Linear),
            _ => Along { unit: axis.unit, ..of_dimension(&name, Dimension::PER_CELL) },
        };
        all.push(curves(&name, time(), column));
    }
    for well in plan.wells() {
        for ligand in &well.culture.ligands {
            let name = &ligand.label;
            all.push(others(name, time(), along("", "pM", Scale::Linear)));
            if well.present().count() > 1 {
                let share = along("", "%", Scale::Linear);
                all.push(others(&format!("share_{name}"), time(), share));
            }
            if let Some(label) = &well.label {
                let panel = format!("{label}_{name}");
                all.push(others(&panel, time(), along("", "pM", Scale::Linear)));
            }
        }
    }
    if !plan.beside.is_empty() {
        for (kind, _) in plan.wells().flat_map(|well| well.present()) {
            let signal = of_dimension(&kind.signal, Dimension::PER_CELL);
            all.push(others(&format!("signal_{}", kind.name), time(), signal));
        }
    }
    all
}

fn of_numbers(plan: &receptor_sweep::Plan) -> Vec<Shown> {
    let x = Along { scale: Scale::Log, ..of_dimension(&plan.chain, Dimension::PER_CELL) };
    let ec50 = along("ec50_pm", "pM", Scale::Log);
    vec![curves("ec50", x.clone(), ec50), curves("top", x, of_dimension("top", plan.dimension))]
}

fn of_events(plan: &event_table::Plan) -> Vec<Shown> {
    let [time, _, concentration] = &plan.units;
    let x = along(format!("time_{}", column_ending(time)), time, Scale::Linear);
    let column = format!("concentration_{}", column_ending(concentration));
    let level = |scale: Scale| along(&column, concentration, scale);
    let mut all: Vec<Shown> = match &plan.model {
        Model::Plain(_) => vec![
            curves("concentration", x.clone(), level(Scale::Linear)),
            curves("concentration_log", x, level(Scale::Log)),
        ],
        Model::Patient(patient) => {
            let panel = |name: &String| {
                let (_, observable) = patient.observable(name);
                let scale = patients::axis(observable).scale;
                let y = match name.as_str() {
                    "concentration" => level(scale),
                    _ => along(patients::column(observable), patients::unit(observable), scale),
                };
                curves(name, x.clone(), y)
            };
            patient.show.iter().map(panel).collect()
        }
    };
    if plan.table.has_measured {
        let either = along("", concentration, Scale::Linear);
        all.push(others("measured", either.clone(), either));
    }
    all
}

fn of_patients(plan: &regimen::Plan) -> Vec<Shown> {
    let panel = |name: &String| {
        let y = plan.axis(name);
        curves(name, along("time_d", "d", Scale::Linear), along("median", y.unit, y.scale))
    };
    let doses = || others("doses", along("", "", Scale::Linear), along("", "%", Scale::Linear));
    plan.show.iter().map(panel).chain(plan.rules.iter().map(|_| doses())).collect()
}

/// The curves of an assay; none where its figures have no curves with a table.
pub fn drawn(plan: &Plan) -> Vec<Curve> {
    match plan {
        Plan::DoseResponse(p) => {
            let mut ligands: Vec<&str> = vec![];
            let style = |ligand: &str, all: &[&str]| all.iter().position(|l| *l == ligand);
            p.pairs.iter().for_each(|pair| {
                if style(&pair.ligand, &ligands).is_none() {
                    ligands.push(&pair.ligand);
                }
            });
            let timed = p.figure_names().into_iter().zip(&p.times);
            let of = |(figure, time): (String, &f64)| {
                let curve = |pair: &dose_response::Pair| Curve {
                    words: vec![("ligand", pair.ligand.clone()), ("cell", pair.cell.clone())],
                    numbers: vec![("time_min", *time)],
                    style: style(&pair.ligand, &ligands).unwrap_or(0),
                    panel: Some(pair.cell.clone()),
                    figure: Some(figure.clone()),
                };
                p.pairs.iter().map(curve).collect::<Vec<_>>()
            };
            timed.flat_map(of).collect()
        }
        Plan::TimeCourse(p) => {
            let curve = |(style, c): (usize, &time_course::Condition)| Curve {
                words: vec![("ligand", c.ligand.clone()), ("cell", c.cell.clone())],
                numbers: vec![("dose_pm", c.dose)],
                style,
                ..Curve::default()
            };
            p.conditions.iter().enumerate().map(curve).collect()
        }
        Plan::Culture(p) => {
            let curve = |(style, (kind, _)): (usize, (&culture::PlannedKind, usize))| Curve {
                words: vec![("kind", kind.name.clone())],
                style,
                figure: Some(p.file()),
                ..Curve::default()
            };
            p.present().enumerate().map(curve).collect()
        }
        Plan::ReceptorSweep(p) => {
            let curve = |(style, pair): (usize, &receptor_sweep::Pair)| Curve {
                words: vec![("ligand", pair.ligand.clone()), ("cell", pair.cell.clone())],
                style,
                ..Curve::default()
            };
            p.pairs.iter().enumerate().map(curve).collect()
        }
        Plan::EventTable(p) => {
            let ids = p.table.subjects.iter().enumerate();
            let curve = |(style, subject): (usize, &_)| Curve {
                words: vec![("id", id_of(subject))],
                style,
                ..Curve::default()
            };
            ids.map(curve).collect()
        }
        Plan::Regimen(p) => {
            let of = |(style, arm): (usize, &regimen::arm::Arm)| {
                let curve = |name: &String| Curve {
                    words: vec![("arm", arm.regimen.name.clone()), ("quantity", name.clone())],
                    style,
                    panel: Some(name.clone()),
                    ..Curve::default()
                };
                p.show.iter().map(curve).collect::<Vec<_>>()
            };
            p.arms.iter().enumerate().flat_map(of).collect()
        }
        Plan::Activation(p) => {
            let curve = |(style, (cells, antigen)): (usize, (f64, f64))| Curve {
                numbers: vec![("cells", cells), ("antigen_molecules", antigen)],
                style,
                panel: Some("il2".into()),
                ..Curve::default()
            };
            p.wells().enumerate().map(curve).collect()
        }
        Plan::Trial(p) => {
            let curve = |(style, arm): (usize, &il2_clinic::trial::plan::Arm)| Curve {
                words: vec![("arm", arm.name.clone())],
                style,
                ..Curve::default()
            };
            p.arms.iter().enumerate().map(curve).collect()
        }
        Plan::AffinitySweep(_)
        | Plan::Fit(_)
        | Plan::Sensitivity(_)
        | Plan::Design(_)
        | Plan::Noncompartmental(_)
        | Plan::PopulationFit(_)
        | Plan::TumourModel(_)
        | Plan::Sbml(_) => vec![],
    }
}

fn id_of(subject: &il2_study::event_table::Subject) -> String {
    subject.id.clone()
}

/// The ligands of an assay, needed because an IU is a different amount of each.
pub fn ligands<'a>(study: &'a Study, plan: &Plan) -> Vec<&'a Ligand> {
    let mut names: Vec<&str> = match plan {
        Plan::DoseResponse(p) => p.pairs.iter().map(|pair| pair.ligand.as_str()).collect(),
        Plan::TimeCourse(p) => {
            let doses = p.conditions.iter().flat_map(|c| &c.well.doses);
            doses.map(|(ligand, _)| ligand.as_str()).collect()
        }
        Plan::Culture(p) => {
            p.wells().flat_map(|well| &well.culture.ligands).map(|l| l.label.as_str()).collect()
        }
        Plan::ReceptorSweep(p) => p.pairs.iter().map(|pair| pair.ligand.as_str()).collect(),
        Plan::AffinitySweep(p) => vec![&p.ligand.label],
        Plan::EventTable(p) => match &p.model {
            Model::Plain(_) => vec![],
            Model::Patient(patient) => vec![&patient.patients.ligand],
        },
        Plan::Regimen(p) => p.arms.iter().map(|arm| arm.regimen.ligand.as_str()).collect(),
        Plan::Trial(p) => p.ligands(),
        Plan::Sensitivity(p) => vec![&p.ligand],
        Plan::Design(p) => p.names.iter().map(String::as_str).collect(),
        Plan::Fit(_)
        | Plan::Activation(_)
        | Plan::Noncompartmental(_)
        | Plan::PopulationFit(_)
        | Plan::TumourModel(_)
        | Plan::Sbml(_) => {
            vec![]
        }
    };
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(|name| study.ligands.get(name)).collect()
}
