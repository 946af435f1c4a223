//! The figure of a search: the share of patients who meet each requirement against the dose.

use crate::regimen::plan::Plan;
use crate::regimen::search::edges::{Tried, of_schedule, ranges};
use crate::regimen::search::plan::Search;
use il2_answer::labels::time_text;
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_study::study::Study;

/// Style of the doses that meet all requirements: grey.
const SHADE: usize = 7;
const SHADED: &str = "all requirements met";

/// One panel for each time between doses.
pub fn figure(study: &Study, plan: &Plan, search: &Search, tried: &[Tried]) -> Figure {
    let arm = &plan.arms[search.arm];
    let panels: Vec<Panel> =
        (0..search.schedules.len()).map(|s| panel(search, of_schedule(tried, s), s)).collect();
    let names = search.requirements.iter().enumerate();
    let mut legend: Vec<(String, usize)> = names.map(|(i, r)| (r.name.clone(), i)).collect();
    if tried.iter().any(|t| t.holds_all(search)) {
        legend.push((SHADED.into(), SHADE));
    }
    let who = match plan.patients {
        1 => "the typical patient".to_string(),
        n => format!("{n} patients"),
    };
    Figure {
        title: study.question.clone(),
        subtitle: format!(
            "{}: search for the dose of {}, {who}; pharmacokinetics {}; dashed: share needed",
            plan.name, arm.regimen.name, arm.patients.kinetics
        ),
        panels,
        columns: search.schedules.len().min(3),
        bands: match plan.patients {
            1 => String::new(),
            _ => "95 % interval".into(),
        },
        footnote: format!(
            "study {} · il2 {} · most parameters of the patient are assumed",
            &study.hash[..12],
            env!("CARGO_PKG_VERSION")
        ),
        legend,
        ..Figure::default()
    }
}

/// The shares at every dose of a schedule.
pub fn panel(search: &Search, some: &[Tried], schedule: usize) -> Panel {
    let every = search.schedules[schedule].every;
    let shade = Series {
        label: SHADED.into(),
        style: SHADE,
        band: shaded(search, some),
        filled: true,
        ..Series::default()
    };
    let curve = |(r, requirement): (usize, &crate::regimen::search::plan::Requirement)| Series {
        label: requirement.name.clone(),
        style: r,
        points: some.iter().map(|t| (t.dose, 100.0 * t.share(r).middle)).collect(),
        band: {
            let shares = some.iter().map(|t| (t.dose, t.share(r)));
            let known = shares.filter(|(_, share)| share.has_ends());
            known.map(|(dose, s)| (dose, 100.0 * s.low, 100.0 * s.high)).collect()
        },
        markers: true,
        ..Series::default()
    };
    let mut content: Vec<Series> = if shade.band.is_empty() { vec![] } else { vec![shade] };
    content.extend(search.requirements.iter().enumerate().map(curve));
    let mut needed: Vec<f64> = search.requirements.iter().map(|r| 100.0 * r.share).collect();
    needed.sort_by(f64::total_cmp);
    needed.dedup();
    Panel {
        name: format!("search_{schedule}"),
        title: every.map_or(String::new(), |every| format!("every {}", time_text(every))),
        x: Axis::log("dose", search.unit.text.clone()),
        y: Axis {
            range: Some((0.0, 100.0)),
            marks: needed,
            ..Axis::linear("patients who meet the requirement", "%")
        },
        content: Content::Lines(content),
    }
}

/// The doses that meet all requirements, as one band; a missing number separates ranges.
fn shaded(search: &Search, some: &[Tried]) -> Vec<(f64, f64, f64)> {
    let mut band = vec![];
    for (from, to) in ranges(search, some, None) {
        if !band.is_empty() {
            band.push((some[from].dose, f64::NAN, f64::NAN));
        }
        band.extend([(some[from].dose, 0.0, 100.0), (some[to].dose, 0.0, 100.0)]);
    }
    band
}
