//! The figure of a search: the share of patients who meet each requirement against the dose, or
//! against the time between doses.

use crate::regimen::plan::Plan;
use crate::regimen::search::edges::{Tried, of_schedule};
use crate::regimen::search::plan::{Requirement, Schedule, Search};
use il2::quantity::DAY;
use il2_answer::sentence::percent;
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_study::study::Study;

/// The figure.
pub fn figure(study: &Study, plan: &Plan, search: &Search, tried: &[Tried]) -> Figure {
    let arm = &plan.arms[search.arm];
    let panels = panels(search, tried);
    let label =
        |(i, r): (usize, &Requirement)| (format!("{} ({} needed)", r.name, percent(r.share)), i);
    let legend = search.requirements.iter().enumerate().map(label).collect();
    let who = match plan.patients {
        1 => "the typical patient".to_string(),
        n => format!("{n} patients"),
    };
    Figure {
        title: study.question.clone(),
        subtitle: format!(
            "{}: search for the regimen {}, {who}; pharmacokinetics {}; dashed: share needed",
            plan.name, arm.regimen.name, arm.patients.kinetics
        ),
        columns: panels.len().min(3),
        panels,
        spans: "all requirements met".into(),
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

/// The panels: shares against the dose for each time between doses, or against the time between
/// doses if there is a single dose.
fn panels(search: &Search, tried: &[Tried]) -> Vec<Panel> {
    let dose = || Axis::log("dose", search.unit.text.clone());
    if let ([one], [_, _, ..]) = (search.doses.as_slice(), search.schedules.as_slice()) {
        let time = |t: &Tried| search.schedules[t.schedule].every.unwrap_or(f64::NAN) / DAY;
        let points: Vec<(f64, &Tried)> = tried.iter().map(|t| (time(t), t)).collect();
        let x = Axis::log("time between doses", "d");
        return vec![panel(search, &points, search.unit.said(*one), x)];
    }
    let of = |(s, schedule): (usize, &Schedule)| {
        let some = of_schedule(tried, s);
        let points: Vec<(f64, &Tried)> = some.iter().map(|t| (t.dose, t)).collect();
        panel(search, &points, schedule.said().trim_start().to_string(), dose())
    };
    search.schedules.iter().enumerate().map(of).collect()
}

/// The share of patients who meet each requirement at some points of an axis.
fn panel(search: &Search, points: &[(f64, &Tried)], title: String, x: Axis) -> Panel {
    let curve = |(r, requirement): (usize, &Requirement)| Series {
        label: requirement.name.clone(),
        style: r,
        points: points.iter().map(|(x, t)| (*x, 100.0 * t.share(r).middle)).collect(),
        band: {
            let shares = points.iter().map(|(x, t)| (*x, t.share(r)));
            let known = shares.filter(|(_, share)| share.has_ends());
            known.map(|(x, share)| (x, 100.0 * share.low, 100.0 * share.high)).collect()
        },
        markers: true,
        ..Series::default()
    };
    let all_met = points.chunk_by(|a, b| a.1.holds_all(search) == b.1.holds_all(search));
    let all_met = all_met.filter(|some| some[0].1.holds_all(search));
    let mut needed: Vec<f64> = search.requirements.iter().map(|r| 100.0 * r.share).collect();
    needed.sort_by(f64::total_cmp);
    needed.dedup();
    Panel {
        name: "search".into(),
        title,
        x: Axis { spans: all_met.map(|some| (some[0].0, some[some.len() - 1].0)).collect(), ..x },
        y: Axis {
            range: Some((0.0, 100.0)),
            marks: needed,
            ..Axis::linear("patients who meet the requirement", "%")
        },
        content: Content::Lines(search.requirements.iter().enumerate().map(curve).collect()),
    }
}
