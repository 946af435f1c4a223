//! The tornado plot of a sensitivity analysis: a bar for each number, the most important first.

use crate::sensitivity::plan::{Method, Output, Plan};
use crate::sensitivity::run::{Answer, Sensitivities};
use crate::sensitivity::sentence::{ranked, subject};
use il2_answer::caption;
use il2_answer::labels::{number_in_words, time_text};
use il2_output::figure::{Axis, Content, Figure, Interval, Panel};
use il2_study::study::Study;

/// Largest number of parameters drawn; the table contains all.
const MOST_DRAWN: usize = 20;
/// Largest number of times that are drawn, each in a panel.
const MOST_TIMES: usize = 4;

/// One panel for each time.
pub fn tornado(study: &Study, plan: &Plan, answer: &Answer) -> Figure {
    let assay = caption::kind_and_model(study, &plan.name);
    let bars = match plan.method {
        Method::Local => String::new(),
        Method::Morris(_) => format!("; whiskers: {:.0} % intervals", 100.0 * plan.level),
        Method::Sobol(_) => format!(
            "; pale bars and whiskers: total effects and their {:.0} % intervals; dark bars: \
             first-order effects",
            100.0 * plan.level
        ),
    };
    let more = match (plan.varied.len() > MOST_DRAWN, answer.found.len() > MOST_TIMES) {
        (false, false) => "",
        _ => "; the table has more",
    };
    Figure {
        title: study.question.clone(),
        subtitle: format!("{assay}; {}{bars}{more}", subject(plan)),
        panels: (0..answer.found.len().min(MOST_TIMES)).map(|t| panel(plan, answer, t)).collect(),
        columns: 1,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        ..Figure::default()
    }
}

/// The bars for one time.
pub fn panel(plan: &Plan, answer: &Answer, time: usize) -> Panel {
    let found = &answer.found[time];
    let rows = ranked(found).into_iter().take(MOST_DRAWN).map(|(number, value)| {
        let (bars, low, high) = match found {
            Sensitivities::Local(_) => (vec![value], f64::NAN, f64::NAN),
            Sensitivities::Morris(all) => {
                (vec![value], all[number].size.low, all[number].size.high)
            }
            Sensitivities::Sobol(all) => {
                let (first, total) = (all.of[number].first, all.of[number].total);
                let bars = vec![100.0 * total.value, 100.0 * first.value.max(0.0)];
                (bars, 100.0 * total.low.max(0.0), 100.0 * total.high)
            }
        };
        Interval {
            label: number_in_words(&plan.varied[number].name),
            value: bars[0],
            low,
            high,
            style: usize::from(value < 0.0),
            bars,
            ..Interval::default()
        }
    });
    let of = match plan.asked {
        Output::Response => "variance of the response",
        Output::Ec50 => "variance of log EC50",
        Output::Selectivity => "variance of log ratio",
    };
    let x = match plan.method {
        Method::Local => Axis::linear("change of the result for a 1 % increase of the number", "%"),
        Method::Morris(_) if plan.logarithm() => {
            Axis::linear("mean size of the change over the whole range", "decades")
        }
        Method::Morris(_) => {
            let unit = il2::quantity::base_unit(plan.dimension);
            Axis::linear("mean size of the change over the whole range", unit)
        }
        Method::Sobol(_) => Axis::linear(format!("share of {of}"), "%"),
    };
    Panel {
        name: time_text(plan.times[time]),
        title: match plan.times.len() {
            1 => String::new(),
            _ => format!("at {}", time_text(plan.times[time])),
        },
        x,
        y: Axis::default(),
        content: Content::Intervals(rows.collect()),
    }
}
