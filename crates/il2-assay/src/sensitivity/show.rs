//! Tables, figure and text of a sensitivity analysis.

use crate::sensitivity::figures::{panel, tornado};
use crate::sensitivity::plan::{Method, Plan};
use crate::sensitivity::run::{Answer, Sensitivities};
use crate::sensitivity::sentence::{ranked, sentences, share};
use crate::sensitivity::tables;
use il2::quantity::three_digits;
use il2_answer::answer::{AssayResult, Check};
use il2_answer::labels::{cut, time_text};
use il2_inference::bootstrap::Estimate;
use il2_study::study::Study;
use serde_json::json;

/// Largest difference of an index between the halves of a sample that has converged.
const APART: f64 = 0.1;
/// Fraction of the sets of numbers without a result above which the indices are unreliable.
const WITHOUT: f64 = 0.05;
/// Largest number of numbers that the terminal shows.
const MOST_TOLD: usize = 20;

/// Turns an answer into tables, figure and text.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let answer = &answer;
    let mut all = vec![tables::indices(plan, answer)];
    if !answer.results.is_empty() {
        all.push(tables::samples(plan, answer));
    }
    AssayResult {
        tables: all,
        figures: vec![(plan.name.clone(), tornado(study, plan, answer))],
        sentences: sentences(plan, answer),
        summary: summary(plan, answer),
        text: text(plan, answer),
        warnings: warnings(plan, answer),
        checks: checks(plan, answer),
        picture: Some(panel(plan, answer, answer.found.len() - 1)),
        failed: answer.failed,
        ..AssayResult::default()
    }
}

fn method(plan: &Plan) -> &'static str {
    match plan.method {
        Method::Local => "local",
        Method::Morris(_) => "morris",
        Method::Sobol(_) => "sobol",
    }
}

fn summary(plan: &Plan, answer: &Answer) -> serde_json::Value {
    let times = answer.found.iter().enumerate().map(|(time, found)| {
        let ranked = ranked(found).into_iter().take(MOST_TOLD);
        let numbers =
            ranked.map(|(i, value)| json!({ "parameter": plan.varied[i].name, "index": value }));
        json!({
            "time_min": plan.times[time],
            "parameters": numbers.collect::<Vec<_>>(),
            "without_result": if answer.results.is_empty() { 0 } else { answer.without(time).0 },
        })
    });
    json!({
        "kind": "sensitivity",
        "method": method(plan),
        "index": match plan.method {
            Method::Local => "relative sensitivity",
            Method::Morris(_) => "mu_star",
            Method::Sobol(_) => "total",
        },
        "interval_level": plan.level,
        "samples": answer.results.len(),
        "times": times.collect::<Vec<_>>(),
    })
}

/// A line for each number, the most important first.
fn text(plan: &Plan, answer: &Answer) -> String {
    let widest = plan.varied.iter().map(|v| v.name.chars().count()).max().unwrap_or(0);
    let width = widest.clamp(9, 44);
    let ends = |e: Estimate| {
        format!("{} ({} to {})", three_digits(e.value), three_digits(e.low), three_digits(e.high))
    };
    let mut text = String::new();
    for (time, found) in answer.found.iter().enumerate() {
        let [one, other] = match plan.method {
            Method::Local => ["d ln result / d ln number", ""],
            Method::Morris(_) => ["mu* (interval)", "sigma"],
            Method::Sobol(_) => ["total effect", "first-order effect"],
        };
        let when = time_text(plan.times[time]);
        text += format!("{:<width$}  {one:<26}  {other}", format!("at {when}")).trim_end();
        text.push('\n');
        for (number, value) in ranked(found).into_iter().take(MOST_TOLD) {
            let [one, other] = match found {
                Sensitivities::Local(_) => [three_digits(value), String::new()],
                Sensitivities::Morris(all) => {
                    [ends(all[number].size), three_digits(all[number].spread)]
                }
                Sensitivities::Sobol(all) => {
                    [share(all.of[number].total), share(all.of[number].first)]
                }
            };
            let name = cut(&plan.varied[number].name, width);
            text += format!("{name:<width$}  {one:<26}  {other}").trim_end();
            text.push('\n');
        }
    }
    text
}

fn checks(plan: &Plan, answer: &Answer) -> Vec<Check> {
    let of = |(time, found): (usize, &Sensitivities)| match found {
        Sensitivities::Sobol(indices) => Some(Check {
            what: "the halves of the sample agree within 0.1 in every index".into(),
            found: format!(
                "at most {} apart, at {}",
                three_digits(indices.apart),
                time_text(plan.times[time])
            ),
            holds: indices.apart <= APART,
        }),
        Sensitivities::Local(_) | Sensitivities::Morris(_) => None,
    };
    answer.found.iter().enumerate().filter_map(of).collect()
}

fn warnings(plan: &Plan, answer: &Answer) -> Vec<String> {
    let mut said = vec![];
    for (time, found) in answer.found.iter().enumerate() {
        let when = time_text(plan.times[time]);
        if let (Sensitivities::Sobol(indices), Method::Sobol(design)) = (found, &plan.method)
            && (indices.apart > APART || indices.apart.is_nan())
        {
            said.push(format!(
                "The indices at {when} have not converged: those of the two halves of the sample \
                 differ by {}; set samples = {} or more.",
                three_digits(indices.apart),
                2 * design.rows
            ));
        }
        if answer.results.is_empty() {
            continue;
        }
        let (without, first) = answer.without(time);
        if without > 0 {
            let all = answer.results.len();
            let doubtful = match without as f64 > WITHOUT * all as f64 {
                true => {
                    "; the rest do not sample the ranges evenly, so narrow the ranges or widen \
                     the doses"
                }
                false => "",
            };
            let (have, are) = if without == 1 { ("has", "is") } else { ("have", "are") };
            said.push(format!(
                "{without} of {all} sets of numbers {have} no result at {when} (the first: {first}) \
                 and {are} left out of the indices{doubtful}."
            ));
        }
    }
    if plan.varied.iter().any(|number| number.of_posterior()) {
        said.push(
            "Numbers that vary according to their posterior are drawn independently: correlations \
             between them are ignored."
                .into(),
        );
    }
    said
}
