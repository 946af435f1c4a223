//! Profile likelihoods of the estimates: intervals that need not be symmetrical.

use crate::population_fit::estimates::{Estimate, coordinates, line_name};
use crate::population_fit::plan::Plan;
use faer::Mat;
use il2::quantity::three_digits;
use il2_answer::labels::cut;
use il2_answer::sentence::percent;
use il2_engine::math;
use il2_engine::words::counted;
use il2_inference::population::{Maximum, Population, profile};
use il2_output::figure::{Axis, Content, Figure, Panel, Scale, Series};
use il2_output::table::Table;

/// The profile of an estimate, in its unit.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Name of the parameter, as in its estimate.
    pub name: String,
    /// Kind of parameter, as in its estimate.
    pub what: &'static str,
    /// Its unit, as the study writes it.
    pub unit: String,
    /// Value, and decrease of the log likelihood from the maximum, in increasing order of values.
    pub points: Vec<(f64, f64)>,
    /// Ends of the interval; NaN where the likelihood does not fall to the limit.
    pub ends: [f64; 2],
}

/// By how much the log likelihood falls at the ends of an interval of this level: half the quantile
/// of chi-squared with one degree of freedom.
pub fn limit(level: f64) -> f64 {
    let z = math::normal_quantile(0.5 + 0.5 * level);
    0.5 * z * z
}

/// Profiles of the free coordinates that are not at a bound and of which an estimate is a function
/// alone: all but the covariances of correlated effects. `progress` is called after each.
pub fn profiles(
    plan: &Plan,
    (population, maximum): (&Population, &Maximum),
    free: &[usize],
    covariance: Option<&Mat<f64>>,
    progress: &dyn Fn(usize),
) -> Vec<Followed> {
    /// A guess of a standard error that is unknown: of a logarithm, or relative to the value.
    const GUESS: f64 = 0.2;
    let mut all = vec![];
    for alone in coordinates(plan, &maximum.at) {
        let Some(place) = free.iter().position(|k| *k == alone.coordinate) else { continue };
        let known = covariance.map(|c| c[(place, place)].sqrt()).filter(|sd| *sd > 0.0);
        let sd = known.unwrap_or(GUESS * (1.0 + maximum.at[alone.coordinate].abs()));
        let held = (alone.coordinate, sd);
        let found = profile(population, maximum, free, held, limit(plan.level));
        let value = |x: f64| {
            let mut at = maximum.at.clone();
            at[alone.coordinate] = x;
            (alone.of)(&at)
        };
        all.push(Followed {
            points: found.points.iter().map(|p| (value(p.at), -p.log)).collect(),
            ends: found.ends.map(|end| end.map_or(f64::NAN, value)),
            name: alone.name,
            what: alone.what,
            unit: alone.unit,
        });
        progress(1);
    }
    all
}

/// The profile of an estimate, if it has one.
pub fn of<'a>(found: &'a [Followed], e: &Estimate) -> Option<&'a Followed> {
    found.iter().find(|p| (&p.name, p.what) == (&e.name, e.what))
}

/// Lines for the terminal.
pub fn text(plan: &Plan, found: &[Followed]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let mut text = format!("{} intervals by profile likelihood\n", percent(plan.level));
    for one in found {
        let name = line_name(one.what, &one.name);
        let said = |end: f64| if end.is_nan() { "not limited".into() } else { three_digits(end) };
        let ends = format!("{} .. {} {}", said(one.ends[0]), said(one.ends[1]), one.unit);
        text += &format!("{:<28} {}\n", cut(&name, 28), ends.trim_end());
    }
    text
}

/// Every point of every profile.
pub fn table(plan: &Plan, found: &[Followed]) -> Table {
    let columns = [
        ("parameter", true),
        ("what", true),
        ("unit", true),
        ("value", false),
        ("below_highest", false),
    ];
    let mut table = Table::new(&format!("{}_profiles", plan.name), &columns);
    for one in found {
        for (value, below) in &one.points {
            table.push(vec![
                one.name.as_str().into(),
                one.what.into(),
                one.unit.as_str().into(),
                (*value).into(),
                (*below).into(),
            ]);
        }
    }
    table
}

/// A panel for each profile, with the limit of the interval, in this frame.
pub fn figure(plan: &Plan, found: &[Followed], frame: Figure) -> Figure {
    let limit = limit(plan.level);
    let drawn = |one: &Followed| {
        let points: Vec<(f64, f64)> =
            one.points.iter().copied().filter(|p| p.1 <= limit + 1.0).collect();
        let ends = (points.first().map_or(1.0, |p| p.0), points.last().map_or(1.0, |p| p.0));
        let scale = if ends.0 > 0.0 { Scale::Log } else { Scale::Linear };
        let label = line_name(one.what, &one.name).trim().to_string();
        Panel {
            name: format!("{} {}", one.what, one.name),
            title: String::new(),
            x: Axis { scale, ..Axis::linear(label, one.unit.as_str()) },
            y: Axis {
                range: Some((0.0, limit + 1.0)),
                ..Axis::linear("decrease in log likelihood", "")
            },
            content: Content::Lines(vec![
                Series { label: "profile".into(), points: curve(&points), ..Series::default() },
                Series { points, markers: true, line: false, ..Series::default() },
                Series {
                    label: "limit".into(),
                    style: 7,
                    points: vec![(ends.0, limit), (ends.1, limit)],
                    ..Series::default()
                },
            ]),
        }
    };
    Figure {
        legend: vec![
            ("profile".into(), 0),
            (format!("limit of the {} interval", percent(plan.level)), 7),
        ],
        panels: found.iter().map(drawn).collect(),
        columns: if found.len() > 4 { 3 } else { 0 },
        ..frame
    }
}

/// A smooth curve through the points of a profile, whose root is a straight line on either side of
/// the maximum.
fn curve(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const BETWEEN: usize = 10;
    let top = (0..points.len()).min_by(|a, b| points[*a].1.total_cmp(&points[*b].1)).unwrap_or(0);
    let root = |i: usize| {
        let root = points[i].1.max(0.0).sqrt();
        if i < top { -root } else { root }
    };
    let mut all = vec![];
    for i in 1..points.len() {
        for k in 0..BETWEEN {
            let part = k as f64 / BETWEEN as f64;
            let between = |a: f64, b: f64| a + part * (b - a);
            let root = between(root(i - 1), root(i));
            all.push((between(points[i - 1].0, points[i].0), root * root));
        }
    }
    all.extend(points.last());
    all
}

/// Warnings: a higher likelihood than that of the fit, and ends that the data do not set.
pub fn warnings(found: &[Followed]) -> Vec<String> {
    /// A log likelihood that is higher by more than this is another maximum.
    const HIGHER: f64 = 0.01;
    let mut all = vec![];
    let above = |one: &&Followed| one.points.iter().any(|p| p.1 < -HIGHER);
    if let Some(one) = found.iter().find(above) {
        let lowest = one.points.iter().copied().reduce(|a, b| if b.1 < a.1 { b } else { a });
        let (value, below) = lowest.expect("a profile has points");
        all.push(format!(
            "the profile of {} reaches a higher likelihood than the fit (by {} at {}): give the fit \
             more starts, or start there",
            line_name(one.what, &one.name).trim(),
            three_digits(-below),
            format!("{} {}", three_digits(value), one.unit).trim_end()
        ));
    }
    let open = |one: &&Followed| one.ends.iter().any(|end| end.is_nan());
    let names: Vec<String> = found
        .iter()
        .filter(open)
        .map(|one| line_name(one.what, &one.name).trim().to_string())
        .collect();
    if !names.is_empty() {
        all.push(format!(
            "the profiles of {} have an open end (not limited): {}",
            counted(names.len(), "parameter"),
            il2_answer::sentence::listed(&names)
        ));
    }
    all
}
