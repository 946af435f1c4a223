//! Figures as a study requests them: the panels, their order, and their axes.

mod hidden;
mod overlay;
mod shown;
mod unit;

use crate::kinds::Plan;
use hidden::{left_out, without_place};
use il2::ligand::Ligand;
use il2_answer::answer::AssayResult;
use il2_output::figure::{Axis, Content, Figure, Panel, Scale};
use il2_study::choose::each_once;
use il2_study::study::figures::{AxisPart, EndText, FiguresPart, ScalePart};
use il2_study::values::unknown;
use il2_study::{Study, StudyError, whole};
use shown::{Along, Shown};

/// Refuses requests in `[figures.NAME]` that the assay cannot meet.
pub fn check(study: &Study, plan: &Plan) -> Result<(), StudyError> {
    let Some(part) = study.figure_shapes.get(plan.name()) else { return Ok(()) };
    let at = format!("figures.{}", plan.name());
    if matches!(plan, Plan::Fit(_) | Plan::Sensitivity(_) | Plan::Design(_)) {
        let message = "figures of this kind of assay cannot be changed; leave this part out";
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
    if let Some(columns) = part.columns {
        whole::checked(&format!("{at}.columns"), columns)?;
    }
    if let Some(width) = part.width_mm.filter(|w| !(20.0..=1000.0).contains(w)) {
        let message = format!("{width} is not allowed; use 20 to 1000, for example 180");
        return Err(StudyError::at(format!("{at}.width_mm"), message));
    }
    let ligands = shown::ligands(study, plan);
    let wanted = |p: &&Shown| part.panels.as_ref().is_none_or(|all| all.contains(&p.panel));
    let panels: Vec<&Shown> = known.iter().filter(|p| p.curves).filter(wanted).collect();
    for key in ["x", "y"] {
        // A panel's own axis replaces the common one.
        let axis = if key == "x" { &part.x } else { &part.y };
        let own = |p: &&&Shown| {
            let own = part.panel.get(&p.panel);
            own.is_none_or(|o| if key == "x" { o.x.is_none() } else { o.y.is_none() })
        };
        let Some(axis) = axis else { continue };
        let along = |p: &Shown| if key == "x" { p.x.clone() } else { p.y.clone() };
        let all: Vec<&Shown> = panels.iter().filter(own).copied().collect();
        let at = format!("{at}.{key}");
        let ends = |p: &Shown| ends_of(&at, axis, &along(p), &ligands);
        for panel in &all {
            ends(panel).map_err(|error| {
                let fits = all.iter().find(|p| ends(p).is_ok());
                let unit = along(panel).unit;
                let mixed = all.iter().any(|p| along(p).unit != unit);
                let place = (plan.name(), key, panel.panel.as_str());
                of_panel(error, place, mixed.then_some(&unit), fits.map(|p| p.panel.as_str()))
            })?;
            check_axis(&at, axis, &along(panel), &ligands)?;
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

// An axis of all panels has one unit: if panels show different quantities (`mixed` is the unit of this one),
// each needs its own.
fn of_panel(
    error: StudyError,
    (assay, key, panel): (&str, &str, &str),
    mixed: Option<&String>,
    fits: Option<&str>,
) -> StudyError {
    let found = error.message.split("; ").next().unwrap_or_default();
    let message = match (fits, mixed) {
        (Some(other), _) => format!(
            "in panel {panel}: {found}; set it only for panels that it fits, under \
             [figures.{assay}.panel.{other}]"
        ),
        (None, Some(unit)) if !unit.is_empty() => format!(
            "in panel {panel}: {found}; set, for example, {key} = {{ unit = \"{unit}\" }} under \
             [figures.{assay}.panel.{panel}]"
        ),
        _ => format!("in panel {panel}: {}", error.message),
    };
    StudyError { message, ..error }
}

/// The ends of an axis in its unit, if they are given; an error if a unit does not fit the quantity
/// on the axis.
fn ends_of(
    at: &str,
    part: &AxisPart,
    along: &Along,
    ligands: &[&Ligand],
) -> Result<[Option<f64>; 2], StudyError> {
    if let Some(unit) = &part.unit {
        unit::factor(ligands, &along.unit, unit).map_err(|message| {
            // An axis that would be empty as a result is also refused.
            let alone = part.from.is_none() && part.to.is_none() && part.scale.is_none();
            let message = match alone {
                true => message.replace("leave unit out", "leave this axis out"),
                false => message,
            };
            StudyError::at(format!("{at}.unit"), message)
        })?;
    }
    let shown = part.unit.as_ref().unwrap_or(&along.unit);
    let end = |key: &str, end: &Option<EndText>| {
        let read = |text| unit::end(ligands, text, shown);
        let read = end.as_ref().map(read).transpose();
        read.map_err(|message| StudyError::at(format!("{at}.{key}"), message))
    };
    Ok([end("from", &part.from)?, end("to", &part.to)?])
}

fn check_axis(
    at: &str,
    part: &AxisPart,
    along: &Along,
    ligands: &[&Ligand],
) -> Result<(), StudyError> {
    let refuse = |key: &str, message: String| Err(StudyError::at(format!("{at}{key}"), message));
    let [from, to] = ends_of(at, part, along, ligands)?;
    let scale = part.scale.map_or(along.scale, scale_of);
    for (key, end) in [(".from", from), (".to", to)] {
        if end.is_some_and(|end| !end.is_finite()) {
            return refuse(key, "is not finite; leave it out to fit the axis to the data".into());
        }
    }
    // The unit of an axis title is only chosen when it is drawn, so a number cannot yet be compared
    // with a quantity.
    let plain = [&part.from, &part.to].map(|e| matches!(e, Some(EndText::Number(_))));
    let comparable = part.unit.is_some() || plain[0] == plain[1];
    match (from, to) {
        (None, None) if part.scale.is_none() && part.unit.is_none() => {
            let message = "is empty; give from, to, scale or unit, or leave it out";
            refuse("", message.into())
        }
        (Some(_), Some(_)) if !comparable => {
            refuse(".to", "only one of from and to has a unit; give both with a unit".into())
        }
        (Some(from), Some(to)) if from >= to => {
            refuse(".to", format!("{to} is not above from ({from}); swap them"))
        }
        (Some(from), _) if scale == Scale::Log && from <= 0.0 => refuse(
            ".from",
            format!(
                "{from} cannot be shown on a logarithmic axis; use a value above zero, such as 0.1"
            ),
        ),
        (_, Some(to)) if scale == Scale::Log && to <= 0.0 => refuse(
            ".to",
            format!(
                "{to} cannot be shown on a logarithmic axis; use a value above zero, such as 100"
            ),
        ),
        _ => Ok(()),
    }
}

fn scale_of(part: ScalePart) -> Scale {
    match part {
        ScalePart::Linear => Scale::Linear,
        ScalePart::Log => Scale::Log,
    }
}

/// The figures of a result, and its picture for the terminal, as the study requests them.
pub fn shape(study: &Study, plan: &Plan, result: &mut AssayResult) {
    let Some(part) = study.figure_shapes.get(plan.name()) else { return };
    if let Some(name) = &part.overlay {
        // The file was already read when the study was checked, so it can only fail if it has
        // changed since.
        match overlay::read(study, plan, &format!("figures.{}.overlay", plan.name()), name) {
            Ok(read) => {
                overlay::draw(study, plan, &read, result);
                result.warnings.extend(read.near.iter().map(|said| format!("{name}: {said}")));
                result.inputs.push((name.clone(), read.hash));
            }
            Err(error) => result.warnings.push(format!("{name} is not drawn: {error}")),
        }
    }
    let ligands = shown::ligands(study, plan);
    let others = shown::panels(plan).into_iter().filter(|p| !p.curves).map(|p| p.panel).collect();
    let how = How { part, ligands: &ligands, others };
    for (name, figure) in &mut result.figures {
        shape_figure(&how, figure);
        for panel in &figure.panels {
            if let Some(points) = without_place(panel) {
                result.warnings.push(format!("Panel {} of {name}: {points}.", panel.name));
            }
            if let Some(curves) = left_out(panel) {
                result.warnings.push(format!(
                    "The limits of panel {} of {name} completely exclude {curves}: widen the \
                     limits in [figures.{}].",
                    panel.name,
                    plan.name()
                ));
            }
        }
    }
    if let Some(panel) = &mut result.picture {
        shape_panel(&how, panel);
    }
}

/// Applies the requests of a study to the figures of an assay.
struct How<'a> {
    part: &'a FiguresPart,
    ligands: &'a [&'a Ligand],
    /// Panels whose axes show quantities other than those of the curves: `x` and `y` for all panels
    /// do not apply to them.
    others: Vec<String>,
}

fn shape_figure(how: &How, figure: &mut Figure) {
    let part = how.part;
    if let Some(names) = &part.panels {
        let chosen = names.iter().filter_map(|n| figure.panels.iter().find(|p| p.name == *n));
        let chosen: Vec<Panel> = chosen.cloned().collect();
        // A figure with none of these panels is another figure of the assay, and remains unchanged.
        if !chosen.is_empty() {
            figure.panels = chosen;
        }
    }
    figure.columns = part.columns.map_or(figure.columns, |c| c as usize);
    figure.width_mm = part.width_mm;
    figure.shared_scales = part.shared_scales;
    figure.panels.iter_mut().for_each(|panel| shape_panel(how, panel));
}

fn shape_panel(How { part, ligands, others }: &How, panel: &mut Panel) {
    let own = part.panel.get(&panel.name);
    let curves = !matches!(panel.content, Content::Intervals(_)) && !others.contains(&panel.name);
    let x = own.and_then(|p| p.x.as_ref()).or(part.x.as_ref().filter(|_| curves));
    let y = own.and_then(|p| p.y.as_ref()).or(part.y.as_ref().filter(|_| curves));
    // Units were checked before the run; a panel that shows another quantity, such as measured
    // against modelled values, keeps its unit.
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
    shape_axis(x, ligands, &mut panel.x);
    shape_axis(y, ligands, &mut panel.y);
}

fn shape_axis(part: Option<&AxisPart>, ligands: &[&Ligand], axis: &mut Axis) {
    let Some(part) = part else { return };
    axis.scale = part.scale.map_or(axis.scale, scale_of);
    let end = |text: &Option<EndText>| unit::end(ligands, text.as_ref()?, &axis.unit).ok();
    let (from, to) = (end(&part.from), end(&part.to));
    if from.is_some() || to.is_some() {
        // An end that is not given remains unchanged, or fits the data.
        let (low, high) = axis.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        axis.range = Some((from.unwrap_or(low), to.unwrap_or(high)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_output::figure::HeatMap;

    fn panel(name: &str) -> Panel {
        Panel { name: name.into(), ..Panel::default() }
    }

    fn shaped(part: &str, panels: Vec<Panel>) -> Figure {
        let part: FiguresPart = toml::from_str(part).expect("a part of a study");
        let mut figure = Figure { panels, ..Figure::default() };
        let how = How { part: &part, ligands: &[], others: vec!["doses".into()] };
        shape_figure(&how, &mut figure);
        figure
    }

    #[test]
    fn limits_of_all_panels_are_not_those_of_one_that_shows_something_else() {
        let figure = shaped("x = { to = 28 }", ["blood", "doses"].map(panel).to_vec());
        assert_eq!(figure.panels[0].x.range, Some((f64::NEG_INFINITY, 28.0)));
        assert_eq!(figure.panels[1].x.range, None);
        let own = "x = { to = 28 }\n[panel.doses]\nx = { to = 14 }";
        let figure = shaped(own, ["blood", "doses"].map(panel).to_vec());
        assert_eq!(figure.panels[1].x.range, Some((f64::NEG_INFINITY, 14.0)));
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
    fn one_end_of_an_axis_may_be_given_and_with_a_unit() {
        let hours = Panel { x: Axis::linear("time", "h"), ..panel("a") };
        let part = "x = { from = \"30 min\" }\ny = { to = 5 }";
        let figure = shaped(part, vec![hours]);
        assert_eq!(figure.panels[0].x.range, Some((0.5, f64::INFINITY)));
        assert_eq!(figure.panels[0].y.range, Some((f64::NEG_INFINITY, 5.0)));
    }

    #[test]
    fn what_limits_of_an_axis_mean_is_checked() {
        let check = |text: &str, unit: &str, scale: Scale| {
            let along = Along { column: String::new(), unit: unit.into(), scale };
            let part: AxisPart = toml::from_str(text).expect("an axis");
            check_axis("y", &part, &along, &[]).map_err(|e| e.to_string())
        };
        assert_eq!(check("from = \"0 h\"", "min", Scale::Linear), Ok(()));
        assert_eq!(check("to = 5", "", Scale::Linear), Ok(()));
        let said = |text: &str, unit: &str, scale: Scale| check(text, unit, scale).unwrap_err();
        assert_eq!(
            said("from = \"1 h\"\nto = 20", "min", Scale::Linear),
            "y.to: only one of from and to has a unit; give both with a unit"
        );
        assert!(said("from = \"1 h\"\nto = \"20 min\"", "min", Scale::Linear).contains("swap"));
        assert!(
            said("to = 0", "pM", Scale::Log).contains("y.to: 0 cannot be shown on a logarithmic")
        );
        // A suggested remedy must itself be accepted.
        assert!(said("unit = \"h\"", "", Scale::Linear).ends_with("; leave this axis out"));
        assert!(said("unit = \"h\"\nto = 3", "", Scale::Linear).ends_with("; leave unit out"));
    }

    #[test]
    fn axes_of_all_are_those_of_maps_and_not_of_rows() {
        let part = "y = { from = 0, to = 6 }\nwidth_mm = 89.0\ncolumns = 2";
        let with = |content| vec![Panel { content, ..panel("a") }];
        let map = shaped(part, with(Content::HeatMap(Default::default())));
        assert_eq!(map.panels[0].y.range, Some((0.0, 6.0)));
        assert_eq!((map.width_mm, map.columns), (Some(89.0), 2));
        let rows = shaped(part, with(Content::Intervals(vec![])));
        assert_eq!(rows.panels[0].y.range, None);
    }

    #[test]
    fn maps_are_shown_in_the_unit_that_the_study_names() {
        let map = HeatMap { x: vec![1e3, 1e4], y: vec![1e5, 1e6], ..HeatMap::default() };
        let axis = || Axis::log("dissociation constant", "pM");
        let content = Content::HeatMap(map);
        let own = Panel { x: axis(), y: axis(), content, ..panel("ratio") };
        let figure = shaped("x = { unit = \"nM\" }\ny = { to = \"2 uM\" }", vec![own]);
        let Content::HeatMap(map) = &figure.panels[0].content else { panic!("a map") };
        assert_eq!((map.x.as_slice(), map.y.as_slice()), (&[1.0, 10.0][..], &[1e5, 1e6][..]));
        assert_eq!(figure.panels[0].x.title(), "dissociation constant (nM)");
        assert_eq!(figure.panels[0].y.range, Some((f64::NEG_INFINITY, 2e6)));
    }
}
