//! Forest plot of the results of patients with and without each marker.

use crate::trial::markers::show::{EFFECT, RESPONSE, Row, rows};
use crate::trial::plan::Plan;
use crate::trial::quantities::{interval, over_trials, percent};
use crate::trial::run::Answer;
use il2_answer::sentence::number;
use il2_inference::bootstrap::Estimate;
use il2_output::figure::{Axis, Content, Interval, Panel};

/// The panels: response in each arm, and the effect of each further arm on death.
pub fn panels(plan: &Plan, answer: &Answer) -> Vec<Panel> {
    let all = rows(plan, answer);
    let responses = intervals(plan, answer, &all, RESPONSE);
    let highest = responses.iter().map(|row| row.high.max(row.value)).fold(0.0, f64::max);
    let mut panels = vec![Panel {
        name: "response".into(),
        title: "Objective response".into(),
        x: Axis {
            range: Some((0.0, (highest / 10.0).ceil().max(1.0) * 10.0)),
            ..Axis::linear("objective response", "%")
        },
        content: Content::Intervals(responses),
        ..Panel::default()
    }];
    if plan.arms.len() > 1 {
        let title = format!("Hazard of death relative to {}", plan.arms[0].name);
        panels.push(Panel {
            name: "survival".into(),
            title,
            x: Axis { marks: vec![1.0], ..Axis::log("hazard ratio of death", "") },
            content: Content::Intervals(intervals(plan, answer, &all, EFFECT)),
            ..Panel::default()
        });
    }
    panels
}

/// Under each arm, a row for all patients, then two for each marker.
fn intervals(plan: &Plan, answer: &Answer, all: &[Row], quantity: &str) -> Vec<Interval> {
    let mut drawn = vec![];
    for (a, arm) in plan.arms.iter().enumerate() {
        let row = |label: String, e: Estimate, style: usize, count: &str| Interval {
            label,
            group: arm.name.clone(),
            value: e.value,
            low: e.low,
            high: e.high,
            style,
            note: format!("{}{count}", number(e.value)),
            ..Interval::default()
        };
        if let Some(e) = whole(answer, a, quantity) {
            drawn.push(row("all patients".into(), e, 0, ""));
        }
        for of in all.iter().filter(|of| of.arm == arm.name && of.quantity == quantity) {
            let e = of.estimate();
            if e.value.is_nan() {
                continue;
            }
            let (patients, deaths) = of.counts();
            let count = match deaths {
                Some(deaths) => format!(" ({deaths:.0})"),
                None => format!(" (n {patients:.0})"),
            };
            let style = if of.patients == "positive" { 1 } else { 2 };
            let marker = &plan.markers.all[of.marker].name;
            drawn.push(row(format!("{marker} {}", of.patients), e, style, &count));
        }
    }
    drawn
}

/// The result of all patients of an arm.
fn whole(answer: &Answer, arm: usize, quantity: &str) -> Option<Estimate> {
    let over = match (quantity == EFFECT, arm) {
        (true, 0) => return None,
        (true, _) => {
            over_trials(answer.trials.iter().map(|t| t.against[arm - 1].survival.hazard_ratio))
        }
        (false, _) => over_trials(answer.trials.iter().map(|t| percent(t.arms[arm].response))),
    };
    Some(over.estimate)
}

/// What the intervals and numbers of the figure are.
pub fn note(plan: &Plan) -> String {
    match plan.replicates {
        1 => "Bars: 95 % confidence intervals; in parentheses: patients (n), or deaths".into(),
        _ => format!(
            "Bars: {}; in parentheses: mean number of patients (n), or of deaths, of a trial",
            interval(plan)
        ),
    }
}
