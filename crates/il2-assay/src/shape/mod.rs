//! Figures as a study wants them: which panels, in which order, on which axes.

mod overlay;
mod shown;
mod unit;

use crate::answer::AssayResult;
use crate::kinds::Plan;
use il2::ligand::Ligand;
use il2_output::figure::{Axis, Content, Figure, Panel, Scale};
use il2_study::choose::each_once;
use il2_study::study::figures::{AxisPart, FiguresPart, ScalePart};
use il2_study::values::unknown;
use il2_study::{Study, StudyError};
use shown::{Along, Shown};

/// Refuses what `[figures.NAME]` asks and the assay does not have.
pub fn check(study: &Study, plan: &Plan) -> Result<(), StudyError> {
    let Some(part) = study.figure_shapes.get(plan.name()) else { return Ok(()) };
    let at = format!("figures.{}", plan.name());
    if matches!(plan, Plan::Fit(_)) {
        let message = "figures of a fit have one shape; leave this part out";
        return Err(StudyError::at(at, message));
    }
    let known = shown::panels(plan);
    let held = |at: String, name: &String| {
        let names = known.iter().map(|p| p.panel.as_str());
        let found = known.iter().find(|p| p.panel == *name);
        found.ok_or_else(|| unknown(&at, "panel", name, names, "this assay"))
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
    let ligands = shown::ligands(study, plan);
    let wanted = |p: &&Shown| part.panels.as_ref().is_none_or(|all| all.contains(&p.panel));
    for panel in known.iter().filter(|p| p.curves).filter(wanted) {
        // A panel's own axis stands in place of that of all.
        let own = part.panel.get(&panel.panel);
        let axes = [
            ("x", &part.x, own.is_some_and(|p| p.x.is_some()), &panel.x),
            ("y", &part.y, own.is_some_and(|p| p.y.is_some()), &panel.y),
        ];
        for (key, axis, replaced, along) in axes {
            if let Some(axis) = axis.as_ref().filter(|_| !replaced) {
                check_axis(&format!("{at}.{key}"), axis, along, &ligands)
                    .map_err(|error| of_panel(error, panel))?;
            }
        }
    }
    for (name, own) in &part.panel {
        let at = format!("{at}.panel.{name}");
        let panel = held(at.clone(), name)?;
        for (key, axis, along) in [("x", &own.x, &panel.x), ("y", &own.y, &panel.y)] {
            if let Some(axis) = axis {
                check_axis(&format!("{at}.{key}"), axis, along, &ligands)?;
            }
        }
    }
    if let Some(name) = &part.overlay {
        overlay::read(study, plan, &format!("{at}.overlay"), name)?;
    }
    Ok(())
}

// Among panels of several quantities it must be said whose axis it is.
fn of_panel(error: StudyError, panel: &Shown) -> StudyError {
    let message = match error.path.ends_with(".unit") {
        true => format!("of panel {}: {}", panel.panel, error.message),
        false => error.message,
    };
    StudyError { message, ..error }
}

fn check_axis(
    at: &str,
    part: &AxisPart,
    along: &Along,
    ligands: &[&Ligand],
) -> Result<(), StudyError> {
    let refuse = |key: &str, message: String| Err(StudyError::at(format!("{at}{key}"), message));
    if let Some(unit) = &part.unit {
        unit::factor(ligands, &along.unit, unit)
            .map_err(|message| StudyError::at(format!("{at}.unit"), message))?;
    }
    let scale = part.scale.map_or(along.scale, scale_of);
    match (part.from, part.to) {
        (None, None) if part.scale.is_some() || part.unit.is_some() => Ok(()),
        (Some(from), Some(to)) => match scale {
            _ if !(from.is_finite() && to.is_finite() && from < to) => {
                refuse(".to", format!("{to} does not lie above from, which is {from}; swap them"))
            }
            Scale::Log if from <= 0.0 => {
                refuse(".from", format!("{from} has no logarithm; begin above zero, such as 0.1"))
            }
            _ => Ok(()),
        },
        (None, None) => {
            refuse("", "says nothing; give from and to, scale or unit, or leave it out".into())
        }
        _ => refuse("", "has one end; give both, for example { from = 0, to = 100 }".into()),
    }
}

fn scale_of(part: ScalePart) -> Scale {
    match part {
        ScalePart::Linear => Scale::Linear,
        ScalePart::Log => Scale::Log,
    }
}

/// The figures of a result, and its picture for the terminal, as the study wants them.
pub fn shape(study: &Study, plan: &Plan, result: &mut AssayResult) {
    let Some(part) = study.figure_shapes.get(plan.name()) else { return };
    if let Some(name) = &part.overlay {
        // Read when the study was checked: only a file that changed since can fail.
        match overlay::read(study, plan, &format!("figures.{}.overlay", plan.name()), name) {
            Ok(read) => {
                overlay::draw(study, plan, &read, result);
                result.inputs.push((name.clone(), read.hash));
            }
            Err(error) => result.warnings.push(format!("{name} is not drawn: {error}")),
        }
    }
    let ligands = shown::ligands(study, plan);
    for (_, figure) in &mut result.figures {
        shape_figure(part, &ligands, figure);
    }
    if let Some(panel) = &mut result.picture {
        shape_panel(part, &ligands, panel);
    }
}

fn shape_figure(part: &FiguresPart, ligands: &[&Ligand], figure: &mut Figure) {
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
    figure.panels.iter_mut().for_each(|panel| shape_panel(part, ligands, panel));
}

fn shape_panel(part: &FiguresPart, ligands: &[&Ligand], panel: &mut Panel) {
    let own = part.panel.get(&panel.name);
    let curves = matches!(panel.content, Content::Lines(_));
    let x = own.and_then(|p| p.x.as_ref()).or(part.x.as_ref().filter(|_| curves));
    let y = own.and_then(|p| p.y.as_ref()).or(part.y.as_ref().filter(|_| curves));
    // Checked before the run; what shows something else, as measured against modelled, keeps its unit.
    let factor = |axis: Option<&AxisPart>, from: &str| {
        let unit = axis.and_then(|a| a.unit.clone())?;
        unit::factor(ligands, from, &unit).ok().map(|factor| (factor, unit))
    };
    if let Some((factor, unit)) = factor(x, &panel.x.unit) {
        unit::along_x(panel, factor, &unit);
    }
    if let Some((factor, unit)) = factor(y, &panel.y.unit) {
        unit::along_y(panel, factor, &unit);
    }
    shape_axis(x, &mut panel.x);
    shape_axis(y, &mut panel.y);
}

fn shape_axis(part: Option<&AxisPart>, axis: &mut Axis) {
    let Some(part) = part else { return };
    axis.scale = part.scale.map_or(axis.scale, scale_of);
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
        shape_figure(&part, &[], &mut figure);
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
