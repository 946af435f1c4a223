//! The levels of each subject with the regression line of the terminal phase.

use crate::noncompartmental::plan::Plan;
use crate::noncompartmental::profile::{Numbers, Profile};
use il2_answer::labels::subject;
use il2_engine::math;
use il2_engine::words::counted;
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_study::study::Study;

/// Largest number of subjects that have a panel of their own.
const DRAWN: usize = 24;

/// The figure: the last profile of each of the first subjects.
pub fn figure(study: &Study, plan: &Plan, found: &[(Profile, Numbers)]) -> Figure {
    let subjects = plan.table.subjects.len();
    let drawn = subjects.min(DRAWN);
    let last = |i: usize| found.iter().rev().find(|(p, _)| p.subject == i);
    let panel = |i: usize| {
        let own = last(i);
        let mut series = vec![];
        if let Some((profile, numbers)) = own {
            series.push(Series {
                points: profile.points.clone(),
                markers: true,
                measured: true,
                ..Series::default()
            });
            if let Some((t, end)) = numbers.terminal.zip(profile.points.last()) {
                let from = profile.points[profile.points.len() - t.points].0;
                let at = |x: f64| (x, t.start * math::exp(-t.rate * x));
                series.push(Series {
                    label: "terminal phase".into(),
                    style: 1,
                    points: vec![at(from), at(end.0)],
                    ..Series::default()
                });
            }
        }
        Panel {
            name: plan.table.subjects[i].id.clone(),
            title: subject(&plan.table.subjects[i].id),
            x: Axis::linear("time since the dose", plan.units[0].as_str()),
            y: Axis::log("concentration", plan.units[2].as_str()),
            content: Content::Lines(series),
        }
    };
    let which = match subjects {
        all if all == drawn => counted(all, "subject"),
        all => format!("the first {drawn} of {all} subjects"),
    };
    let levels = (0..drawn).filter_map(last).flat_map(|(profile, _)| &profile.points);
    let zeros = match levels.filter(|(_, level)| *level <= 0.0).count() {
        0 => String::new(),
        1 => "1 concentration is zero, which a logarithmic axis cannot show · ".to_string(),
        n => format!("{n} concentrations are zero, which a logarithmic axis cannot show · "),
    };
    Figure {
        title: study.question.clone(),
        subtitle: format!("{}: noncompartmental analysis after the last dose; {which}", plan.name),
        footnote: format!("{zeros}study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend: vec![("measured".into(), 0), ("terminal phase".into(), 1)],
        panels: (0..drawn).map(panel).collect(),
        columns: 4,
        ..Figure::default()
    }
}
