//! Figures of a trial: curves of survival, the best change of each patient, and how each changes with time.

use crate::trial::compare::{LEVEL, MONTH};
use crate::trial::plan::Plan;
use crate::trial::run::Answer;
use il2::quantity::DAY;
use il2_answer::sentence::number;
use il2_inference::survival::kaplan_meier::{IntervalForm, KaplanMeier};
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_study::study::Study;

/// Patients of an arm whose courses are drawn.
const DRAWN: usize = 30;
/// A sum that grows beyond this is cut in the figures (%).
const HIGHEST_CHANGE: f64 = 150.0;

/// All figures, in the order of the plan's names.
pub fn figures(study: &Study, plan: &Plan, answer: &Answer) -> Vec<(String, Figure)> {
    let which = match plan.replicates {
        1 => String::new(),
        n => format!("; trial {} of {n}{}", answer.shown() + 1, found(answer)),
    };
    let patients: Vec<String> =
        plan.arms.iter().map(|arm| format!("{} {}", arm.name, arm.patients)).collect();
    let about = format!(
        "{}: trial in {}; patients: {}{which}",
        plan.name,
        plan.disease,
        patients.join(", ")
    );
    let figure = |panels: Vec<Panel>, note: &str| Figure {
        title: study.question.clone(),
        subtitle: about.clone(),
        footnote: format!(
            "{note} · study {} · il2 {}",
            &study.hash[..12],
            env!("CARGO_PKG_VERSION")
        ),
        panels,
        ..Figure::default()
    };
    let least = 100.0 * (plan.scans.criteria.partial - 1.0);
    let limit = format!("A partial response is a decrease by {:.0} % or more", -least);
    let all = [
        figure(curves(plan, answer), &at_risk(plan, answer)),
        figure(vec![waterfall(plan, answer)], &limit),
        figure(spiders(plan, answer), "At most 30 patients of an arm; to progression or death"),
    ];
    plan.names().1.into_iter().zip(all).collect()
}

/// The result of the single trial that is drawn, which may differ from that of most trials.
fn found(answer: &Answer) -> String {
    let first = answer.trials.get(answer.shown()).and_then(|trial| trial.against.first());
    let Some((ratio, p)) = first.and_then(|of| of.survival.hazard_ratio.zip(of.survival.p)) else {
        return String::new();
    };
    let (ratio, p) = (number(ratio.value), number(p));
    format!(", the one in the middle (hazard ratio of death {ratio}, p {p})")
}

/// How many of each arm are at risk, as papers print it below the axis of survival curves.
fn at_risk(plan: &Plan, answer: &Answer) -> String {
    let Some(trial) = answer.trials.get(answer.shown()) else { return String::new() };
    let end = plan.duration() / DAY / MONTH;
    let whole = (end / 5.0 / 6.0).ceil().max(0.5) * 6.0;
    let times: Vec<f64> = (0..).map(|k| whole * f64::from(k)).take_while(|t| *t < end).collect();
    let of = |list: Vec<String>| list.join(", ");
    let arms = plan.arms.iter().zip(&trial.arms).map(|(arm, told)| {
        let count =
            |t: &f64| told.survival.as_ref().map_or(0, |curve| curve.at_risk(*t)).to_string();
        format!("{} {}", arm.name, of(times.iter().map(count).collect()))
    });
    let months = of(times.iter().map(|t| format!("{t:.0}")).collect());
    format!(
        "Bands: 95 % intervals of sampling · at risk at {months} months: {}",
        arms.collect::<Vec<_>>().join("; ")
    )
}

/// A curve as steps.
fn steps(curve: &KaplanMeier) -> Vec<(f64, f64)> {
    let mut all = vec![(0.0, 100.0)];
    for step in &curve.steps {
        let before = all[all.len() - 1].1;
        all.extend([(step.time, before), (step.time, 100.0 * step.survival)]);
    }
    all
}

fn band(curve: &KaplanMeier) -> Vec<(f64, f64, f64)> {
    let mut all = vec![(0.0, 100.0, 100.0)];
    for step in curve.steps.iter().filter(|step| step.events > 0) {
        let Ok(Some((low, high))) = curve.interval(step.time, IntervalForm::LogLog, LEVEL) else {
            continue;
        };
        let (_, l, h) = all[all.len() - 1];
        all.extend([(step.time, l, h), (step.time, 100.0 * low, 100.0 * high)]);
    }
    all
}

fn curves(plan: &Plan, answer: &Answer) -> Vec<Panel> {
    let Some(trial) = answer.trials.get(answer.shown()) else { return vec![] };
    let panel = |name: &str, title: &str, of: &dyn Fn(usize) -> Option<KaplanMeier>| {
        let mut series = vec![];
        for (style, arm) in plan.arms.iter().enumerate() {
            let Some(curve) = of(style) else { continue };
            series.push(Series {
                label: arm.name.clone(),
                style,
                points: steps(&curve),
                band: band(&curve),
                ..Series::default()
            });
        }
        Panel {
            name: name.into(),
            title: title.into(),
            x: Axis {
                range: Some((0.0, f64::INFINITY)),
                ..Axis::linear("time since entry", "months")
            },
            y: Axis { range: Some((0.0, 100.0)), ..Axis::linear("patients", "%") },
            content: Content::Lines(series),
        }
    };
    vec![
        panel("os", "Survival", &|a| trial.arms[a].survival.clone()),
        panel("pfs", "Survival without progression", &|a| trial.arms[a].progression_free.clone()),
    ]
}

fn waterfall(plan: &Plan, answer: &Answer) -> Panel {
    let mut series = vec![];
    for (style, (arm, all)) in plan.arms.iter().zip(answer.shown_patients(plan)).enumerate() {
        let changes = all.iter().filter_map(|s| s.best_change());
        let mut changes: Vec<f64> = changes.map(|c| (100.0 * c).min(HIGHEST_CHANGE)).collect();
        changes.sort_by(|a, b| b.total_cmp(a));
        let count = changes.len() as f64;
        let place = |(k, change): (usize, f64)| (100.0 * (k as f64 + 0.5) / count, change);
        series.push(Series {
            label: arm.name.clone(),
            style,
            points: changes.into_iter().enumerate().map(place).collect(),
            ..Series::default()
        });
    }
    Panel {
        name: "waterfall".into(),
        title: "Best change of the sum of lesion diameters".into(),
        x: Axis { range: Some((0.0, 100.0)), ..Axis::linear("patients, from worst to best", "%") },
        y: Axis::linear("best change", "%"),
        content: Content::Lines(series),
    }
}

fn spiders(plan: &Plan, answer: &Answer) -> Vec<Panel> {
    let panel = |(style, (arm, all)): (
        usize,
        (&crate::trial::plan::Arm, &[crate::trial::subject::Subject]),
    )| {
        let of = |s: &crate::trial::subject::Subject| {
            let first = s.course.scans.first().map_or(f64::NAN, |scan| scan.1);
            let seen = s.course.scans.iter().filter(|scan| scan.0 < s.followed);
            let points = seen.map(|scan| {
                let change = 100.0 * (scan.1 / first - 1.0);
                (scan.0 / DAY / MONTH, change.min(HIGHEST_CHANGE))
            });
            Series { style, points: points.collect(), ..Series::default() }
        };
        Panel {
            name: arm.name.clone(),
            title: arm.name.clone(),
            x: Axis::linear("time since entry", "months"),
            y: Axis {
                measures: "change of the sum of lesion diameters".into(),
                range: Some((-100.0, HIGHEST_CHANGE)),
                ..Axis::linear("change of the sum of lesion diameters", "%")
            },
            content: Content::Lines(all.iter().take(DRAWN).map(of).collect()),
        }
    };
    plan.arms.iter().zip(answer.shown_patients(plan)).enumerate().map(panel).collect()
}
