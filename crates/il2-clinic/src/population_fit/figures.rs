//! Figures of a population fit: the diagnostic plots that reviewers look at first.

use crate::population_fit::check::{BAND, Bin, PARTS, limits};
use crate::population_fit::endpoints::Readout;
use crate::population_fit::plan::Plan;
use crate::population_fit::profiles;
use crate::population_fit::run::Found;
use il2_answer::sentence::percent;
use il2_engine::words::counted;
use il2_inference::bound::Bound;
use il2_inference::population::Row;
use il2_output::figure::{Axis, Content, Figure, Panel, Scale, Series};
use il2_study::study::Study;

/// Largest number of subjects that have a panel of their own.
const DRAWN: usize = 24;
/// Points of the curve of a subject.
const POINTS: usize = 150;
/// Largest number of points of a panel; more could not be distinguished.
const MOST_POINTS: usize = 5_000;

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
            "Residuals are in standard deviations",
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
        let intervals = format!(
            "Percentiles of measurements in {}; bands: central {} of the same percentiles of {} data \
             sets simulated from the estimates",
            intervals_of(plan, found),
            percent(BAND),
            plan.simulations
        );
        let panels = (0..plan.endpoints.len()).map(|e| check(plan, found, e));
        all.push(figure(panels.collect(), 1, &intervals));
    }
    plan.names().1.into_iter().zip(all).collect()
}

/// Number of time intervals, for each quantity if there are several.
fn intervals_of(plan: &Plan, found: &Found) -> String {
    let of = |e: usize| found.check.bins.iter().filter(|bin| bin.endpoint == e).count();
    let counts: Vec<String> = (0..plan.endpoints.len()).map(|e| of(e).to_string()).collect();
    match counts.as_slice() {
        [_] => counted(found.check.bins.len(), "time interval"),
        several => format!("{} time intervals", il2_answer::sentence::listed(several)),
    }
}

fn points(label: &str, style: usize, mut points: Vec<(f64, f64)>) -> Series {
    points.truncate(MOST_POINTS);
    Series {
        label: label.into(),
        style,
        points,
        markers: true,
        line: false,
        measured: true,
        ..Series::default()
    }
}

fn line(label: &str, style: usize, points: Vec<(f64, f64)>) -> Series {
    Series { label: label.into(), style, points, ..Series::default() }
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

/// Name or title of a panel of one quantity; it contains the quantity if there are several.
fn of(plan: &Plan, endpoint: usize, text: &str, between: &str) -> String {
    let name = &plan.endpoints[endpoint].name;
    if name.is_empty() { text.to_string() } else { format!("{text}{between}{name}") }
}

fn diagnostics(plan: &Plan, found: &Found, endpoint: usize) -> Vec<Panel> {
    let all = measured(plan, found, endpoint);
    let unit = &plan.endpoints[endpoint].unit;
    let values = || all.iter().flat_map(|p| [p.value, p.individual, p.population]);
    let most = values().fold(0.0, f64::max);
    let least = values().filter(|v| *v > 0.0).fold(most, f64::min);
    let wide = least > 0.0 && most / least > 100.0;
    let axis = |label: &str| Axis {
        scale: if wide { Scale::Log } else { Scale::Linear },
        ..Axis::linear(label, unit.as_str())
    };
    let ends = if wide { (least, most) } else { (values().fold(0.0, f64::min), most) };
    let against = |name: &str, title: &str, at: &dyn Fn(&Point) -> f64| Panel {
        name: of(plan, endpoint, name, "_"),
        title: of(plan, endpoint, title, ", "),
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
            name: of(plan, endpoint, name, "_"),
            title: of(plan, endpoint, "Conditional weighted residuals", ", "),
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
        residual("residuals_time", Axis::linear("time", plan.units[0].as_str()), &|p| p.time),
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
    Panel {
        name: of(plan, e, &table.id, "_"),
        title: of(plan, e, &format!("subject {}", table.id), ", "),
        x: Axis::linear("time", plan.units[0].as_str()),
        y: Axis::linear(endpoint.word.as_str(), endpoint.unit.as_str()),
        content: Content::Lines(series),
    }
}

/// Styles of the bands: the band of the median differs from those of the outer percentiles, which
/// share one style.
const BANDS: [usize; PARTS.len()] = [0, 1, 0];
/// Style of the measured percentiles.
const MEASURED: usize = 4;

fn check(plan: &Plan, found: &Found, endpoint: usize) -> Panel {
    let mut series = vec![];
    let solved = |b: &&Bin| b.endpoint == endpoint && !b.simulated[0][1].is_nan();
    let bins = || found.check.bins.iter().filter(solved);
    let at = |bin: &Bin| bin.time[2];
    for (p, style) in BANDS.into_iter().enumerate() {
        let band = |b: &Bin| (at(b), b.simulated[p][0], b.simulated[p][2]);
        let label = match p {
            0 => format!("simulated: {} and {}", percent(PARTS[0]), percent(PARTS[2])),
            1 => "simulated: median".to_string(),
            _ => String::new(),
        };
        series.push(Series { label, style, band: bins().map(band).collect(), ..Series::default() });
    }
    for (p, part) in PARTS.iter().enumerate() {
        let label = match p {
            0 => format!("measured: {} and {}", percent(PARTS[0]), percent(PARTS[2])),
            1 => "measured: median".to_string(),
            _ => String::new(),
        };
        series.push(Series {
            label,
            style: if *part == 0.5 { MEASURED } else { 7 },
            points: bins().map(|b| (at(b), b.measured[p])).collect(),
            ..Series::default()
        });
    }
    let ends = bins().map(at).fold(None, |ends: Option<(f64, f64)>, t| {
        Some(ends.map_or((t, t), |(a, b)| (a.min(t), b.max(t))))
    });
    let limits = limits(plan)[endpoint].into_iter().filter(|limit| limit.is_finite());
    for (limit, (from, to)) in limits.zip([ends, ends].into_iter().flatten()) {
        series.push(line("limit of quantification", 1, vec![(from, limit), (to, limit)]));
    }
    series.push(points(
        "single measurements",
        MEASURED,
        measured(plan, found, endpoint).iter().map(|p| (p.time, p.value)).collect(),
    ));
    Panel {
        name: of(plan, endpoint, "check", "_"),
        title: of(plan, endpoint, "Visual predictive check", ", "),
        x: Axis::linear("time", plan.units[0].as_str()),
        // With an additive error, simulated levels may be below zero, which no measurement is.
        y: Axis {
            range: (plan.endpoints[endpoint].of == Readout::Level).then_some((0.0, f64::INFINITY)),
            ..Axis::linear(
                plan.endpoints[endpoint].word.as_str(),
                plan.endpoints[endpoint].unit.as_str(),
            )
        },
        content: Content::Lines(series),
    }
}
