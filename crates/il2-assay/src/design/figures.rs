//! Figures of the front: one goal against another, with known molecules by name, predicted and measured.

use crate::design::objective::Objective;
use crate::design::plan::Plan;
use crate::design::run::{Answer, Evaluated};
use crate::design::sentence::{best, subject};
use il2_answer::caption;
use il2_engine::math;
use il2_output::figure::{Axis, Content, Figure, Interval, Panel, Series};
use il2_study::study::Study;

/// Number of styles for known molecules; designs have the first style.
const STYLES: usize = 6;
/// Style of the links between predicted and measured results.
const JOIN: usize = 7;

/// A panel for the first goal against each of the others; for a single goal, a row for each
/// molecule.
pub fn front(study: &Study, plan: &Plan, answer: &Answer) -> Figure {
    let assay = caption::kind_and_model(study, &plan.name);
    let shown = match answer.designs.len() {
        all if all == answer.front => format!("{all} on the front"),
        some => format!("{some} of {} on the front", answer.front),
    };
    let bars = match plan.draws {
        0 => String::new(),
        n => {
            // The interval bars of a panel are drawn along its first goal only.
            let goals: Vec<_> = plan.goals().collect();
            let of =
                if goals.len() > 1 { format!(" of {}", goals[0].1.name) } else { String::new() };
            format!("; bars: {:.0} % intervals{of} from {n} draws", 100.0 * plan.level)
        }
    };
    let measured = match plan.measured.iter().flatten().any(|v| v.is_finite()) {
        true => "; vertical or horizontal lines: molecules measured for one goal only",
        false => "",
    };
    let panels = panels(plan, answer);
    Figure {
        title: study.question.clone(),
        subtitle: format!("{assay}; {} candidates, {shown}{bars}{measured}", answer.tried.len()),
        columns: panels.len().min(2),
        panels,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        ..Figure::default()
    }
}

/// The panels, the most informative first.
pub fn panels(plan: &Plan, answer: &Answer) -> Vec<Panel> {
    let goals: Vec<usize> = plan.goals().map(|(o, _)| o).collect();
    match goals[..] {
        [one] => vec![rows(plan, answer, one)],
        [first, ref others @ ..] => {
            others.iter().map(|other| against(plan, answer, (*other, first))).collect()
        }
        [] => vec![],
    }
}

fn axis(plan: &Plan, objective: &Objective) -> Axis {
    let subject = subject(plan, objective);
    match objective.logarithm() {
        true => Axis::log(subject, objective.unit()),
        false => Axis::linear(subject, objective.unit()),
    }
}

fn title(objective: &Objective) -> &str {
    &objective.name
}

/// Designs and known molecules plotted by two of their results.
fn against(plan: &Plan, answer: &Answer, (x, y): (usize, usize)) -> Panel {
    let at = |found: &Evaluated| (found.spread[x].middle, found.spread[y].middle);
    let bar = |found: &Evaluated| {
        let spread = found.spread[y];
        spread.has_ends().then_some((found.spread[x].middle, spread.low, spread.high))
    };
    let mut series = vec![Series {
        label: "designs".into(),
        points: answer.designs.iter().map(at).collect(),
        error_bars: answer.designs.iter().filter_map(bar).collect(),
        line: false,
        markers: true,
        ..Series::default()
    }];
    for (i, (known, measured)) in answer.known.iter().zip(&plan.measured).enumerate() {
        let style = 1 + i % STYLES;
        let name = &plan.names[known.candidate.molecule];
        let predicted = at(known);
        let one = |label: String, point: (f64, f64), measured: bool| Series {
            label,
            style,
            points: vec![point],
            line: false,
            markers: true,
            measured,
            ..Series::default()
        };
        series.push(Series {
            error_bars: bar(known).into_iter().collect(),
            ..one(name.clone(), predicted, false)
        });
        let found = (measured[x], measured[y]);
        if found.0.is_finite() && found.1.is_finite() {
            series.push(one("measured (open symbols)".into(), found, true));
            let joined = vec![predicted, found];
            let first = series.iter().all(|s| s.style != JOIN);
            let label = if first { "from predicted to measured" } else { "" };
            series.push(Series {
                label: label.into(),
                style: JOIN,
                points: joined,
                ..Series::default()
            });
        }
    }
    // If only one goal was measured, a line is drawn across the panel, because the position along
    // the other goal is unknown.
    let mut rules = vec![];
    for (i, (known, measured)) in answer.known.iter().zip(&plan.measured).enumerate() {
        let name = &plan.names[known.candidate.molecule];
        let shown = series.iter().flat_map(|s| &s.points);
        let ends = |of: fn(&(f64, f64)) -> f64| {
            let all = shown.clone().map(of).filter(|v| v.is_finite());
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
        };
        let (label, points) = match (measured[x].is_finite(), measured[y].is_finite()) {
            (true, false) => {
                let (low, high) = ends(|point| point.1);
                (title(&plan.objectives[x]), vec![(measured[x], low), (measured[x], high)])
            }
            (false, true) => {
                let (low, high) = ends(|point| point.0);
                (title(&plan.objectives[y]), vec![(low, measured[y]), (high, measured[y])])
            }
            _ => continue,
        };
        let (label, style) = (format!("{name}, measured {label}"), 1 + i % STYLES);
        rules.push(Series { label, style, points, ..Series::default() });
    }
    series.extend(rules);
    let (of_x, of_y) = (&plan.objectives[x], &plan.objectives[y]);
    let along = series.iter().flat_map(|s| &s.points).map(|point| point.0);
    let range = roomy(along.filter(|v| v.is_finite()), of_x.logarithm());
    Panel {
        name: format!("{}-{}", title(of_y), title(of_x)),
        title: format!("{} against {}", title(of_y), title(of_x)),
        x: Axis { range, ..axis(plan, of_x) },
        y: axis(plan, of_y),
        content: Content::Lines(series),
    }
}

/// A range with a margin at both ends, so that no symbol touches an axis.
fn roomy(values: impl Iterator<Item = f64>, log: bool) -> Option<(f64, f64)> {
    let shown = values.filter(|v| !log || *v > 0.0);
    let scaled: Vec<f64> = shown.map(|v| if log { math::ln(v) } else { v }).collect();
    let low = scaled.iter().copied().fold(f64::INFINITY, f64::min);
    let high = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let room = 0.05 * (high - low);
    let end = |v: f64| if log { math::exp(v) } else { v };
    (room > 0.0).then(|| (end(low - room), end(high + room)))
}

/// The best design and known molecules compared by one result.
fn rows(plan: &Plan, answer: &Answer, o: usize) -> Panel {
    let objective = &plan.objectives[o];
    let row = |label: String, found: &Evaluated, style: usize| {
        let spread = found.spread[o];
        let end = |end: f64| if end.is_nan() { spread.middle } else { end };
        let (low, high) = (end(spread.low), end(spread.high));
        let note = if spread.middle.is_nan() { "no result" } else { "" };
        let (value, note) = (spread.middle, note.to_string());
        Interval { label, value, low, high, style, note, ..Interval::default() }
    };
    let mut rows: Vec<Interval> = best(answer, o, objective)
        .map(|(_, found)| row("best design".into(), found, 0))
        .into_iter()
        .collect();
    for (known, measured) in answer.known.iter().zip(&plan.measured) {
        let name = &plan.names[known.candidate.molecule];
        rows.push(row(name.clone(), known, 1));
        let value = measured[o];
        rows.extend(value.is_finite().then(|| Interval {
            label: format!("{name}, measured"),
            value,
            low: value,
            high: value,
            style: 1,
            measured: true,
            ..Interval::default()
        }));
    }
    Panel {
        name: objective.name.clone(),
        title: String::new(),
        x: axis(plan, objective),
        y: Axis::default(),
        content: Content::Intervals(rows),
    }
}
