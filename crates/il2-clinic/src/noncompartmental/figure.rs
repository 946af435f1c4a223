//! The levels of each subject with the regression line of the terminal phase.

use crate::noncompartmental::numbers::Numbers;
use crate::noncompartmental::plan::Plan;
use crate::noncompartmental::profile::Profile;
use il2_answer::labels::subject;
use il2_engine::math;
use il2_engine::words::counted;
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_study::study::Study;

/// Largest number of subjects that have a panel of their own.
const DRAWN: usize = 24;

/// Measured levels, the line of the terminal phase, and the level at the dose: extrapolated back
/// after a bolus, otherwise assumed.
const LEGEND: [(&str, usize); 3] =
    [("measured", 0), ("terminal phase", 1), ("level at the dose, not measured", 2)];

/// The figure: the last profile with levels of each of the first subjects that have one.
pub fn figure(study: &Study, plan: &Plan, found: &[(Profile, Numbers)]) -> Figure {
    let last =
        |i: usize| found.iter().rev().find(|(p, _)| p.subject == i && !p.levels.points.is_empty());
    let subjects: Vec<usize> =
        (0..plan.table.subjects.len()).filter(|i| last(*i).is_some()).collect();
    // An empty panel if there is nothing to draw.
    let drawn = if subjects.is_empty() { &[0][..] } else { &subjects[..subjects.len().min(DRAWN)] };
    let panel = |i: usize| {
        let own = last(i);
        let mut series = vec![];
        if let Some((profile, numbers)) = own {
            let points = &profile.levels.points;
            series.push(Series {
                points: points[usize::from(profile.assumed)..].to_vec(),
                markers: true,
                measured: true,
                ..Series::default()
            });
            if let Some((t, (from, to))) = numbers.terminal.zip(numbers.span) {
                let at = |x: f64| (x, t.start * math::exp(-t.rate * x));
                series.push(Series {
                    label: LEGEND[1].0.into(),
                    style: LEGEND[1].1,
                    points: vec![at(from), at(to)],
                    ..Series::default()
                });
            }
            if profile.assumed && points[0].1 > 0.0 {
                series.push(Series {
                    label: LEGEND[2].0.into(),
                    style: LEGEND[2].1,
                    points: vec![points[0]],
                    markers: true,
                    line: false,
                    ..Series::default()
                });
            }
        }
        Panel {
            name: plan.table.subjects[i].id.clone(),
            title: subject(&plan.table.subjects[i].id),
            x: Axis {
                range: Some((0.0, f64::INFINITY)),
                ..Axis::linear("time since the dose", plan.units[0].as_str())
            },
            y: Axis::log("concentration", plan.units[2].as_str()),
            content: Content::Lines(series),
        }
    };
    let which = match drawn.len() == subjects.len() {
        true => counted(subjects.len(), "subject"),
        false if subjects.is_empty() => "no subject has levels".into(),
        false => format!("the first {} of {} subjects", drawn.len(), subjects.len()),
    };
    let shown = || drawn.iter().filter_map(|i| last(*i)).map(|(profile, _)| profile);
    let below = match shown().map(|profile| profile.levels.below).sum() {
        0 => String::new(),
        n => format!("{} below the limit not drawn · ", counted(n, "concentration")),
    };
    let back = shown().any(|profile| profile.assumed && profile.levels.points[0].1 > 0.0);
    Figure {
        title: study.question.clone(),
        subtitle: format!(
            "{}: noncompartmental analysis after the last dose with samples; {which}",
            plan.name
        ),
        footnote: format!("{below}study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend: LEGEND[..if back { 3 } else { 2 }]
            .iter()
            .map(|(w, s)| (w.to_string(), *s))
            .collect(),
        panels: drawn.iter().map(|i| panel(*i)).collect(),
        columns: 4,
        ..Figure::default()
    }
}
