//! Swimmer plot of a trial: one bar for each responder, with response, progression, death and the
//! end of follow-up.

use crate::trial::allocation::APART;
use crate::trial::hazards::MONTH;
use crate::trial::plan::Plan;
use crate::trial::run::Answer;
use crate::trial::subject::Subject;
use il2::quantity::DAY;
use il2_output::figure::{Axis, Content, Interval, Mark, Panel, Sign};

/// Largest number of bars of all arms together, and of one arm. More bars do not fit on a page.
const MOST_BARS: usize = 60;
const MOST_OF_AN_ARM: usize = 30;

/// A panel for each arm with responders, the longest bar on top.
pub fn panels(plan: &Plan, answer: &Answer) -> Vec<Panel> {
    let mut all = vec![];
    let followed = answer.shown_patients().into_iter().flatten().map(|s| s.survival().time);
    // The arrow of the longest bar needs some room.
    let end = 1.04 * followed.fold(DAY, f64::max) / DAY / MONTH;
    for (style, (arm, patients)) in plan.arms.iter().zip(answer.shown_patients()).enumerate() {
        let responders = responders(patients);
        let chosen = evenly_spaced(&responders, most_bars(plan));
        if chosen.is_empty() {
            continue;
        }
        let drawn = match chosen.len() == responders.len() {
            true => String::new(),
            false => {
                format!("; {} bars, {} not drawn", chosen.len(), responders.len() - chosen.len())
            }
        };
        let title = format!(
            "{}: {} of {} patients respond{drawn}",
            arm.name,
            responders.len(),
            counted(patients)
        );
        let rows = chosen.into_iter().map(|s| row(s, style)).collect();
        all.push(panel(&arm.name, title, end, rows));
    }
    if all.is_empty() {
        // An empty figure would look like a failure.
        let value = f64::NAN;
        let label = "none".into();
        let none = Interval { label, value, low: value, high: value, ..Interval::default() };
        all.push(panel("none", "No patient responds".into(), end, vec![none]));
    }
    all
}

/// What the figure shows, and which arms are missing in it.
pub fn note(plan: &Plan, answer: &Answer) -> String {
    let arms = plan.arms.iter().zip(answer.shown_patients());
    let without: Vec<String> = arms
        .filter(|(_, patients)| responders(patients).is_empty())
        .map(|(arm, patients)| format!("{} (0 of {})", arm.name, counted(patients)))
        .collect();
    let without = match without.is_empty() {
        true => String::new(),
        false => format!(" Arms without a responder: {}.", without.join(", ")),
    };
    format!(
        "One bar for each patient with a confirmed response, from entry to death or the end of \
         follow-up; at most {} bars per arm, then evenly spaced in the order of their length. Numbers are \
         those of USUBJID in the tables. A bar that ends without a sign: lost to follow-up.{without}",
        most_bars(plan)
    )
}

fn most_bars(plan: &Plan) -> usize {
    (MOST_BARS / plan.arms.len()).clamp(1, MOST_OF_AN_ARM)
}

fn counted(patients: &[Subject]) -> usize {
    patients.iter().filter(|s| s.counts()).count()
}

/// Responders, the longest followed first.
fn responders(patients: &[Subject]) -> Vec<&Subject> {
    let mut all: Vec<&Subject> =
        patients.iter().filter(|s| s.counts() && s.response().is_some()).collect();
    all.sort_by(|a, b| b.survival().time.total_cmp(&a.survival().time));
    all
}

/// At most `most` of all, from the first to the last.
fn evenly_spaced<'a>(all: &[&'a Subject], most: usize) -> Vec<&'a Subject> {
    let drawn = all.len().min(most);
    let place = |k: usize| match drawn {
        1 => 0,
        _ => k * (all.len() - 1) / (drawn - 1),
    };
    (0..drawn).map(|k| all[place(k)]).collect()
}

fn panel(name: &str, title: String, end: f64, rows: Vec<Interval>) -> Panel {
    Panel {
        name: name.into(),
        title,
        x: Axis { range: Some((0.0, end)), ..Axis::linear("time since entry", "months") },
        y: Axis::linear("patient", ""),
        content: Content::Intervals(rows),
    }
}

fn row(s: &Subject, style: usize) -> Interval {
    let none = f64::NAN;
    let end = s.survival();
    Interval {
        label: (s.number % APART).to_string(),
        value: none,
        low: none,
        high: none,
        style,
        note: if s.complete().is_some() { "CR" } else { "PR" }.into(),
        bars: vec![end.time / DAY / MONTH],
        marks: marks(s),
        ..Interval::default()
    }
}

/// Events of a patient in the order of the legend.
fn marks(s: &Subject) -> Vec<Mark> {
    let mark = |time: f64, sign: Sign, means: &str| Mark {
        at: time / DAY / MONTH,
        sign,
        means: means.into(),
    };
    let end = s.survival();
    // A complete response at the first scan with a response is not a partial response before.
    let partial = s.response().filter(|time| s.complete() != Some(*time));
    let progression = s.course.assessment.progression.filter(|time| *time <= end.time);
    let mut all = vec![];
    all.extend(partial.map(|t| mark(t, Sign::Open(PARTIAL), "first partial response")));
    all.extend(s.complete().map(|t| mark(t, Sign::Filled(COMPLETE), "first complete response")));
    all.extend(progression.map(|t| mark(t, Sign::Open(PROGRESSION), "progression")));
    if end.event {
        all.push(mark(end.time, Sign::Filled(DEATH), "death"));
    } else if !s.lost {
        all.push(mark(end.time, Sign::Arrow, "alive at the end of the trial"));
    }
    all
}

/// Styles whose shapes are a triangle, a square and a diagonal cross.
const PARTIAL: usize = 2;
const COMPLETE: usize = 2;
const PROGRESSION: usize = 1;
const DEATH: usize = 7;
