//! Figures of a population fit: the diagnostic plots that reviewers look at first.

use crate::population_fit::check_figure;
use crate::population_fit::panels::{line, named, points, time_axis, titled};
use crate::population_fit::plan::Plan;
use crate::population_fit::profiles;
use crate::population_fit::run::Found;
use il2_engine::words::counted;
use il2_inference::bound::Bound;
use il2_inference::population::Row;
use il2_output::figure::{Axis, Content, Figure, Panel, Scale};
use il2_study::study::Study;

/// Largest number of subjects that have a panel of their own.
const DRAWN: usize = 24;
/// Points of the curve of a subject.
const POINTS: usize = 150;

/// All figures, in the order of the plan's names.
pub fn figures(study: &Study, plan: &Plan, found: &Found) -> Vec<(String, Figure)> {
    let (rows, limits) = plan.rows();
    let below = match limits {
        0 => String::new(),
        n => format!(", {n} of them beyond a limit and not drawn as points"),
    };
    let about = format!(
        "{}: population fit, model {}; {}, {}{below}",
        plan.name,
        plan.described(),
        counted(plan.subjects.len(), "subject"),
        counted(rows, "measurement")
    );
    let figure = |panels: Vec<Panel>, columns: usize, note: &str| Figure {
        title: study.question.clone(),
        subtitle: about.clone(),
        footnote: format!(
            "{note} · study {} · il2 {}",
            &study.hash[..12],
            env!("CARGO_PKG_VERSION")
        ),
        panels,
        columns,
        shared_scales: Some(false),
        ..Figure::default()
    };
    let drawn = plan.subjects.len().min(DRAWN);
    let individuals = match plan.subjects.len() {
        all if all == drawn => "Subjects in the order of the table".to_string(),
        all => format!("The first {drawn} of {all} subjects in the order of the table"),
    };
    let mut all = vec![
        figure(
            (0..plan.endpoints.len()).flat_map(|e| diagnostics(plan, found, e)).collect(),
            2,
            &format!("Residuals are in standard deviations{}", not_drawn(plan, found)),
        ),
        Figure {
            legend: vec![
                ("with the subject's own parameters".into(), 0),
                ("with typical parameters".into(), 7),
            ],
            shared_scales: None,
            ..figure(individual(plan, found), 4, &individuals)
        },
    ];
    if plan.profiles {
        let note = "At each point, all other parameters are estimated again";
        all.push(profiles::figure(plan, &found.profiles, figure(vec![], 0, note)));
    }
    if plan.simulations > 0 {
        let panels = (0..plan.endpoints.len()).map(|e| check_figure::panel(plan, found, e));
        all.push(figure(panels.collect(), 1, &check_figure::note(plan, found)));
    }
    plan.names().1.into_iter().zip(all).collect()
}

/// A measurement with its prediction and residuals.
struct Point {
    time: f64,
    value: f64,
    population: f64,
    individual: f64,
    conditional: f64,
}

fn measured(plan: &Plan, found: &Found, endpoint: usize) -> Vec<Point> {
    let mut all = vec![];
    for (i, subject) in plan.subjects.iter().enumerate() {
        let rows = subject.rows.iter().zip(&plan.places[i]).zip(&found.diagnosis.residuals[i]);
        let own = |row: &Row| row.bound == Bound::None && row.endpoint == endpoint;
        for ((row, r), told) in rows.filter(|((row, _), _)| own(row)) {
            all.push(Point {
                time: plan.table.subjects[i].times[*r],
                value: row.value,
                population: told.population,
                individual: told.individual,
                conditional: told.conditional_weighted.unwrap_or(f64::NAN),
            });
        }
    }
    all
}

/// Ends of the axes of measured and predicted values, and whether these axes are logarithmic.
struct Ends {
    wide: bool,
    ends: (f64, f64),
}

fn ends(all: &[Point]) -> Ends {
    let values = || all.iter().flat_map(|p| [p.value, p.individual, p.population]);
    let most = values().fold(0.0, f64::max);
    // A logarithmic axis draws nothing of a measurement that is not above zero.
    let drawn = all.iter().filter(|p| p.value > 0.0);
    let drawn = drawn.flat_map(|p| [p.value, p.individual, p.population]);
    let least = drawn.filter(|v| *v > 0.0).fold(most, f64::min);
    let wide = least > 0.0 && most / least > 100.0;
    Ends { wide, ends: if wide { (least, most) } else { (values().fold(0.0, f64::min), most) } }
}

/// Which measurements the logarithmic axes of measured and predicted values cannot show.
fn not_drawn(plan: &Plan, found: &Found) -> String {
    let of = |endpoint: usize| {
        let all = measured(plan, found, endpoint);
        let hidden = all.iter().filter(|p| p.value <= 0.0).count();
        if ends(&all).wide { hidden } else { 0 }
    };
    match (0..plan.endpoints.len()).map(of).sum() {
        0 => String::new(),
        1 => " · 1 value at or below zero is not drawn on logarithmic axes".into(),
        n => format!(" · {n} values at or below zero are not drawn on logarithmic axes"),
    }
}

fn diagnostics(plan: &Plan, found: &Found, endpoint: usize) -> Vec<Panel> {
    let all = measured(plan, found, endpoint);
    let unit = &plan.endpoints[endpoint].axis_unit;
    let Ends { wide, ends } = ends(&all);
    let axis = |label: &str| Axis {
        scale: if wide { Scale::Log } else { Scale::Linear },
        ..Axis::linear(label, unit.as_str())
    };
    let against = |name: &str, title: &str, at: &dyn Fn(&Point) -> f64| Panel {
        name: named(plan, endpoint, name),
        title: titled(plan, endpoint, title),
        x: axis("predicted"),
        y: axis("measured"),
        content: Content::Lines(vec![
            line("as predicted", 7, vec![(ends.0, ends.0), (ends.1, ends.1)]),
            points("measured", 0, all.iter().map(|p| (at(p), p.value)).collect()),
        ]),
    };
    let residual = |name: &str, x: Axis, at: &dyn Fn(&Point) -> f64| {
        let places = || all.iter().map(at);
        let from = places().fold(f64::INFINITY, f64::min);
        let to = places().fold(f64::NEG_INFINITY, f64::max);
        let level = |y: f64, label: &str| line(label, 7, vec![(from, y), (to, y)]);
        Panel {
            name: named(plan, endpoint, name),
            title: titled(plan, endpoint, "Conditional weighted residuals"),
            x,
            y: Axis::linear("residual (SD)", ""),
            content: Content::Lines(vec![
                level(0.0, "0 and ± 1.96"),
                level(1.96, ""),
                level(-1.96, ""),
                points("CWRES", 0, all.iter().map(|p| (at(p), p.conditional)).collect()),
            ]),
        }
    };
    vec![
        against("population", "Measured against population prediction", &|p| p.population),
        against("individual", "Measured against individual prediction", &|p| p.individual),
        residual("residuals_time", time_axis(plan, all.iter().map(|p| p.time)), &|p| p.time),
        residual("residuals_level", axis("population prediction"), &|p| p.population),
    ]
}

fn individual(plan: &Plan, found: &Found) -> Vec<Panel> {
    let fixed = &found.at[..plan.numbers.parameters.len()];
    let panels = |i: usize| {
        let mode = &found.marginal.modes[i];
        let own = plan.curves(i, fixed, &mode.effects, POINTS).unwrap_or_default();
        let typical = plan.curves(i, fixed, &vec![0.0; mode.effects.len()], POINTS);
        let typical = typical.unwrap_or_default();
        let panel = |e: usize| {
            let curve = |of: &[Vec<(f64, f64)>]| of.get(e).cloned().unwrap_or_default();
            person(plan, (i, e), curve(&own), curve(&typical))
        };
        (0..plan.endpoints.len()).map(panel).collect::<Vec<Panel>>()
    };
    (0..plan.subjects.len().min(DRAWN)).flat_map(panels).collect()
}

/// A quantity of a subject, with the subject's own curve and the typical curve.
fn person(
    plan: &Plan,
    (i, e): (usize, usize),
    own: Vec<(f64, f64)>,
    typical: Vec<(f64, f64)>,
) -> Panel {
    let (table, subject, endpoint) =
        (&plan.table.subjects[i], &plan.subjects[i], &plan.endpoints[e]);
    let at = |fits: &dyn Fn(Bound) -> bool| -> Vec<(f64, f64)> {
        let rows = subject.rows.iter().zip(&plan.places[i]);
        let fitting = rows.filter(|(row, _)| row.endpoint == e && fits(row.bound));
        fitting.map(|(row, r)| (table.records[*r].time / plan.factors.time, row.value)).collect()
    };
    let mut series = vec![
        line("individual", 0, own),
        line("typical", 7, typical),
        points("measured", 0, at(&|b| b == Bound::None)),
    ];
    let limits = at(&|b| b != Bound::None);
    if !limits.is_empty() {
        series.push(points("limit", 1, limits));
    }
    let times = series.iter().flat_map(|s| &s.points).map(|p| p.0).collect::<Vec<f64>>();
    Panel {
        name: named(plan, e, &table.id),
        title: titled(plan, e, &format!("subject {}", table.id)),
        x: time_axis(plan, times.into_iter()),
        y: endpoint.axis(""),
        content: Content::Lines(series),
    }
}
