//! Figures as a study wants them: which panels, in which order, on which axes.

use crate::answer::AssayResult;
use crate::event_table::Model;
use crate::kinds::Plan;
use il2_output::figure::{Axis, Content, Figure, Panel, Scale};
use il2_study::choose::each_once;
use il2_study::study::figures::{AxisPart, FiguresPart, ScalePart};
use il2_study::values::unknown;
use il2_study::{Study, StudyError};

/// Names of the panels that the figures of an assay have.
fn panels(plan: &Plan) -> Vec<String> {
    let named = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<Vec<_>>();
    let mut all = match plan {
        Plan::DoseResponse(p) => {
            let cells = p.pairs.iter().map(|pair| pair.cell.clone());
            cells.chain(named(&["ec50"])).collect()
        }
        Plan::TimeCourse(p) => p.show.clone(),
        Plan::ReceptorSweep(_) => named(&["ec50", "top"]),
        Plan::AffinitySweep(p) => {
            let ratio = (p.cells.len() == 2).then(|| "ratio".to_string());
            p.cells.iter().cloned().chain(ratio).collect()
        }
        Plan::EventTable(p) => {
            let measured = p.table.has_measured.then(|| "measured".to_string());
            let shown = match &p.model {
                Model::Plain(_) => named(&["concentration", "concentration_log"]),
                Model::Patient(patient) => patient.show.clone(),
            };
            shown.into_iter().chain(measured).collect()
        }
        Plan::Regimen(p) => {
            p.show.iter().cloned().chain(p.rules.iter().map(|_| "doses".to_string())).collect()
        }
        Plan::Fit(_) => vec![],
    };
    let mut seen = std::collections::HashSet::new();
    all.retain(|name: &String| seen.insert(name.clone()));
    all
}

/// Refuses what `[figures.NAME]` asks and the assay does not have.
pub fn check(study: &Study, plan: &Plan) -> Result<(), StudyError> {
    let Some(part) = study.figure_shapes.get(plan.name()) else { return Ok(()) };
    let at = format!("figures.{}", plan.name());
    if matches!(plan, Plan::Fit(_)) {
        let message = "figures of a fit have one shape; leave this part out";
        return Err(StudyError::at(at, message));
    }
    let known = panels(plan);
    let held = |at: String, name: &String| match known.contains(name) {
        true => Ok(()),
        false => Err(unknown(&at, "panel", name, known.iter().map(String::as_str), "this assay")),
    };
    if let Some(names) = &part.panels {
        each_once(&format!("{at}.panels"), names)?;
        for (i, name) in names.iter().enumerate() {
            held(format!("{at}.panels[{i}]"), name)?;
        }
    }
    if let Some(columns) = part.columns.filter(|c| !(1..=6).contains(c)) {
        let message = format!("{columns} is not allowed; use 1 to 6");
        return Err(StudyError::at(format!("{at}.columns"), message));
    }
    if let Some(width) = part.width_mm.filter(|w| !(20.0..=1000.0).contains(w)) {
        let message = format!("{width} is not allowed; use 20 to 1000, for example 180");
        return Err(StudyError::at(format!("{at}.width_mm"), message));
    }
    axis(&format!("{at}.x"), part.x)?;
    axis(&format!("{at}.y"), part.y)?;
    for (name, own) in &part.panel {
        let at = format!("{at}.panel.{name}");
        held(at.clone(), name)?;
        axis(&format!("{at}.x"), own.x)?;
        axis(&format!("{at}.y"), own.y)?;
    }
    Ok(())
}

fn axis(at: &str, part: Option<AxisPart>) -> Result<(), StudyError> {
    let Some(part) = part else { return Ok(()) };
    let refuse = |key: &str, message: String| Err(StudyError::at(format!("{at}{key}"), message));
    match (part.from, part.to) {
        (None, None) if part.scale.is_some() => Ok(()),
        (Some(from), Some(to)) => match part.scale {
            _ if !(from.is_finite() && to.is_finite() && from < to) => {
                refuse(".to", format!("{to} does not lie above from, which is {from}; swap them"))
            }
            Some(ScalePart::Log) if from <= 0.0 => {
                refuse(".from", format!("{from} has no logarithm; begin above zero, such as 0.1"))
            }
            _ => Ok(()),
        },
        (None, None) => {
            refuse("", "says nothing; give from and to, or scale, or leave it out".into())
        }
        _ => refuse("", "has one end; give both, for example { from = 0, to = 100 }".into()),
    }
}

/// The figures of a result, and its picture for the terminal, as the study wants them.
pub fn shape(study: &Study, name: &str, result: &mut AssayResult) {
    let Some(part) = study.figure_shapes.get(name) else { return };
    for (_, figure) in &mut result.figures {
        shape_figure(part, figure);
    }
    if let Some(panel) = &mut result.picture {
        shape_panel(part, panel);
    }
}

fn shape_figure(part: &FiguresPart, figure: &mut Figure) {
    if let Some(names) = &part.panels {
        let chosen = names.iter().filter_map(|n| figure.panels.iter().find(|p| p.name == *n));
        let chosen: Vec<Panel> = chosen.cloned().collect();
        // A figure with none of them is another figure of the assay.
        if !chosen.is_empty() {
            figure.panels = chosen;
        }
    }
    figure.columns = part.columns.map_or(figure.columns, |c| c as usize);
    figure.width_mm = part.width_mm;
    figure.shared_scales = part.shared_scales;
    figure.panels.iter_mut().for_each(|panel| shape_panel(part, panel));
}

fn shape_panel(part: &FiguresPart, panel: &mut Panel) {
    let own = part.panel.get(&panel.name);
    let curves = matches!(panel.content, Content::Lines(_));
    let of_all = |axis: Option<AxisPart>| axis.filter(|_| curves);
    let x = own.and_then(|p| p.x).or(of_all(part.x));
    let y = own.and_then(|p| p.y).or(of_all(part.y));
    shape_axis(x, &mut panel.x);
    shape_axis(y, &mut panel.y);
}

fn shape_axis(part: Option<AxisPart>, axis: &mut Axis) {
    let Some(part) = part else { return };
    match part.scale {
        Some(ScalePart::Linear) => axis.scale = Scale::Linear,
        Some(ScalePart::Log) => axis.scale = Scale::Log,
        None => {}
    }
    axis.range = part.from.zip(part.to).or(axis.range);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(name: &str) -> Panel {
        Panel { name: name.into(), ..Panel::default() }
    }

    fn shaped(part: &str, panels: Vec<Panel>) -> Figure {
        let part: FiguresPart = toml::from_str(part).expect("a part of a study");
        let mut figure = Figure { panels, ..Figure::default() };
        shape_figure(&part, &mut figure);
        figure
    }

    #[test]
    fn panels_stand_in_the_order_in_which_they_are_named() {
        let figure = shaped("panels = [\"c\", \"a\"]", ["a", "b", "c"].map(panel).to_vec());
        assert_eq!(figure.panels.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["c", "a"]);
    }

    #[test]
    fn another_figure_of_the_assay_keeps_its_panels() {
        let figure = shaped("panels = [\"a\"]", vec![panel("ec50")]);
        assert_eq!(figure.panels.len(), 1);
    }

    #[test]
    fn axes_of_one_panel_go_before_those_of_all() {
        let part =
            "x = { from = 0, to = 6 }\n[panel.b]\nx = { from = 1, to = 10, scale = \"log\" }";
        let figure = shaped(part, ["a", "b"].map(panel).to_vec());
        let of = |k: usize| (figure.panels[k].x.scale, figure.panels[k].x.range);
        assert_eq!(of(0), (Scale::Linear, Some((0.0, 6.0))));
        assert_eq!(of(1), (Scale::Log, Some((1.0, 10.0))));
    }

    #[test]
    fn maps_and_rows_keep_their_axes() {
        let map = Panel { content: Content::HeatMap(Default::default()), ..panel("a") };
        let figure = shaped("y = { from = 0, to = 6 }\nwidth_mm = 89.0\ncolumns = 2", vec![map]);
        assert_eq!(figure.panels[0].y.range, None);
        assert_eq!((figure.width_mm, figure.columns), (Some(89.0), 2));
    }
}
