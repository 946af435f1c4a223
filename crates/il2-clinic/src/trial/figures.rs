//! Figures of a trial: survival curves, the best change of each patient (waterfall), the change of
//! each patient over time (spider), and the course of each responder (`swimmer`).

use crate::trial::hazards::{LEVEL, MONTH};
use crate::trial::markers::figure as markers;
use crate::trial::plan::{Arm, Plan};
use crate::trial::run::Answer;
use crate::trial::sample_size::figure as sample_size;
use crate::trial::subject::Subject;
use crate::trial::swimmer;
use il2::quantity::DAY;
use il2_answer::sentence::number;
use il2_inference::survival::kaplan_meier::{IntervalForm, KaplanMeier};
use il2_output::figure::{Axis, Content, Counts, Figure, Panel, Series};
use il2_study::study::Study;

/// Largest number of patients of an arm whose courses are drawn.
const DRAWN: usize = 30;
/// Largest number of bars of an arm in the waterfall plot.
const MOST_BARS: usize = 250;
/// In the figures, changes of the sum of diameters are cut at this value (%).
const HIGHEST_CHANGE: f64 = 150.0;
/// Lower end of the axis, below the -100 % of a tumour that has disappeared.
const LOWEST_SHOWN: f64 = -110.0;

/// All figures, in the order of the plan's names.
pub fn figures(study: &Study, plan: &Plan, answer: &Answer) -> Vec<(String, Figure)> {
    let which = match plan.replicates {
        1 => String::new(),
        n => format!("; trial {} of {n}{}", answer.shown() + 1, found(answer)),
    };
    let drawn = answer.trials.get(answer.shown());
    let entered = |a: usize| drawn.map_or(0, |trial| trial.arms[a].patients);
    let patients = plan.arms.iter().enumerate();
    let patients: Vec<String> =
        patients.map(|(a, arm)| format!("{} {}", arm.name, entered(a))).collect();
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
    let (partial, progression) = limits(plan);
    let limit = format!(
        "Dashed lines: a decrease by {:.0} % (partial response) and an increase by \
         {progression:.0} % from the smallest sum (progression)",
        -partial
    );
    let courses = format!("At most {DRAWN} patients per arm, until progression or death. {limit}");
    let mut all = vec![
        figure(
            curves(plan, answer),
            "Bands: 95 % confidence intervals; strokes: censored patients",
        ),
        figure(waterfall(plan, answer), &limit),
        figure(spiders(plan, answer), &courses),
        Figure {
            columns: 1,
            ..figure(swimmer::panels(plan, answer), &swimmer::note(plan, answer))
        },
    ];
    if !plan.markers.all.is_empty() {
        let mut drawn = figure(markers::panels(plan, answer), &markers::note(plan));
        if plan.replicates > 1 {
            // The forest plot shows all trials, not the one whose patients are drawn.
            drawn.subtitle =
                format!("{}: {} trials in {}", plan.name, plan.replicates, plan.disease);
        }
        all.push(drawn);
    }
    if let Some(asked) = &plan.sample_size {
        let (about, note) = sample_size::caption(plan, asked);
        let drawn = figure(sample_size::panels(plan, asked, &answer.sizes), &note);
        all.push(Figure { subtitle: about, ..drawn });
    }
    plan.names().1.into_iter().zip(all).collect()
}

/// The result of the single trial that is drawn, which may differ from the result of most trials.
fn found(answer: &Answer) -> String {
    let first = answer.trials.get(answer.shown()).and_then(|trial| trial.against.first());
    let Some((ratio, p)) = first.and_then(|of| of.survival.hazard_ratio.zip(of.survival.p)) else {
        return String::new();
    };
    let (ratio, p) = (number(ratio.value), number(p));
    format!(", which has the median result (hazard ratio of death {ratio}, p {p})")
}

/// Times at which numbers at risk are shown (months): every half year, or every year in a long
/// trial.
fn times_at_risk(plan: &Plan) -> Vec<f64> {
    let end = plan.duration() / DAY / MONTH;
    let apart = (end / 7.0 / 6.0).ceil().max(0.5) * 6.0;
    (0..).map(|k| apart * f64::from(k)).take_while(|t| *t < end).collect()
}

/// A survival curve as steps.
fn steps(curve: &KaplanMeier) -> Vec<(f64, f64)> {
    let mut all = vec![(0.0, 100.0)];
    for step in &curve.steps {
        let before = all[all.len() - 1].1;
        all.extend([(step.time, before), (step.time, 100.0 * step.survival)]);
    }
    all
}

/// Points on the curve where someone was censored.
fn censored(curve: &KaplanMeier) -> Vec<(f64, f64)> {
    let lost = curve.steps.iter().filter(|step| step.censored > 0);
    lost.map(|step| (step.time, 100.0 * step.survival)).collect()
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
    let times = times_at_risk(plan);
    let panel = |name: &str, title: &str, of: &dyn Fn(usize) -> Option<KaplanMeier>| {
        let (mut series, mut rows) = (vec![], vec![]);
        for (style, arm) in plan.arms.iter().enumerate() {
            let Some(curve) = of(style) else { continue };
            series.push(Series {
                label: arm.name.clone(),
                style,
                points: steps(&curve),
                band: band(&curve),
                strokes: censored(&curve),
                ..Series::default()
            });
            let at_risk = times.iter().map(|t| curve.at_risk(*t)).collect();
            rows.push((arm.name.clone(), style, at_risk));
        }
        Panel {
            name: name.into(),
            title: title.into(),
            x: Axis {
                range: Some((0.0, f64::INFINITY)),
                counts: Some(Counts { title: "at risk".into(), at: times.clone(), rows }),
                ..Axis::linear("time since entry", "months")
            },
            y: Axis { range: Some((0.0, 100.0)), ..Axis::linear("patients", "%") },
            content: Content::Lines(series),
        }
    };
    vec![
        panel("os", "Survival", &|a| trial.arms[a].survival.clone()),
        panel("pfs", "Progression-free survival", &|a| trial.arms[a].progression_free.clone()),
    ]
}

/// Change at which a response is partial, and at which the disease has progressed (%).
fn limits(plan: &Plan) -> (f64, f64) {
    let criteria = &plan.scans.criteria;
    (100.0 * (criteria.partial - 1.0), 100.0 * (criteria.progression - 1.0))
}

/// A panel for each arm, with a bar for each patient; if there are very many, evenly spaced
/// patients in the order of their change.
fn waterfall(plan: &Plan, answer: &Answer) -> Vec<Panel> {
    let (partial, progression) = limits(plan);
    let panel = |(style, (arm, all)): (usize, (&Arm, &[Subject]))| {
        let mut changes: Vec<f64> = all.iter().filter_map(Subject::best_change).collect();
        changes.sort_by(|a, b| b.total_cmp(a));
        let bars = changes.len().min(MOST_BARS);
        let width = 100.0 / bars.max(1) as f64;
        let point = |k: usize| {
            let place = (k as f64 + 0.5) * changes.len() as f64 / bars as f64;
            (width * (k as f64 + 0.5), (100.0 * changes[place as usize]).min(HIGHEST_CHANGE))
        };
        let series = Series {
            style,
            points: (0..bars).map(point).collect(),
            bars: Some(width),
            ..Series::default()
        };
        Panel {
            name: arm.name.clone(),
            title: match changes.len() {
                n if n == all.len() => format!("{}, {n} patients", arm.name),
                n => format!("{}, {n} of {} patients (with a second scan)", arm.name, all.len()),
            },
            x: Axis {
                range: Some((0.0, 100.0)),
                ..Axis::linear("patients, from worst to best", "%")
            },
            y: Axis {
                range: Some((LOWEST_SHOWN, f64::INFINITY)),
                marks: vec![partial, progression],
                ..Axis::linear("best change of the sum of lesion diameters", "%")
            },
            content: Content::Lines(vec![series]),
        }
    };
    plan.arms.iter().zip(answer.shown_patients()).enumerate().map(panel).collect()
}

fn spiders(plan: &Plan, answer: &Answer) -> Vec<Panel> {
    let (partial, progression) = limits(plan);
    let panel = |(style, (arm, all)): (usize, (&Arm, &[Subject]))| {
        let of = |s: &Subject| {
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
                range: Some((LOWEST_SHOWN, HIGHEST_CHANGE)),
                marks: vec![partial, progression],
                ..Axis::linear("change of the sum of lesion diameters", "%")
            },
            content: Content::Lines(all.iter().take(DRAWN).map(of).collect()),
        }
    };
    plan.arms.iter().zip(answer.shown_patients()).enumerate().map(panel).collect()
}
