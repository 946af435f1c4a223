//! Output of published models of a tumour.

use crate::tumour_model::plan::Plan;
use crate::tumour_model::run::{Answer, Course};
use il2::quantity::{DAY, three_digits};
use il2::tumour::classic::bifurcation::{Bifurcation, Kind};
use il2_answer::answer::{AssayResult, status};
use il2_answer::caption;
use il2_answer::sentence::span;
use il2_engine::math;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, Panel, Series, most_curves};
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// Less than this of a tumour is not drawn: a curve may fall to 1e-1000.
const LEAST_DRAWN: f64 = 1e-3;

/// Makes tables, figures, text and sentences of an answer.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let figures = figures(study, plan, &answer);
    let tables = vec![
        courses(plan, &answer),
        peaks(plan, &answer),
        steady(plan, &answer),
        bifurcations(plan, &answer),
    ];
    AssayResult {
        sentences: sentences(plan, &answer),
        picture: figures.first().and_then(|(_, figure)| figure.panels.first().cloned()),
        figures,
        tables,
        summary: json!({"kind": "tumour-model", "model": plan.model.name(),
            "courses": answer.courses.len(), "bifurcations": answer.bifurcations.len()}),
        failed: answer.courses.iter().filter(|course| course.failure.is_some()).count(),
        ..AssayResult::default()
    }
}

/// The number that is varied, in the unit of the tables; nothing where none is.
fn shown_value(plan: &Plan, place: usize) -> f64 {
    let of = |swept: &crate::tumour_model::plan::Swept| swept.values[place] * swept.unit.2;
    plan.swept.as_ref().map_or(f64::NAN, of)
}

fn varied(plan: &Plan, value: f64) -> String {
    let unit = plan.swept.as_ref().map_or("", |swept| swept.unit.1);
    format!("{}{unit}", four_digits(value))
}

/// Values at bifurcations are known to more than three digits.
fn four_digits(value: f64) -> String {
    let text = format!("{value:.3e}");
    let (digits, power) = text.split_once('e').expect("an exponent");
    match power.parse::<i32>() {
        Ok(-4..=5) => {
            let decimals = (3 - power.parse::<i32>().unwrap_or(0)).max(0);
            format!("{value:.*}", decimals.unsigned_abs() as usize)
        }
        _ => format!("{digits}e{power}"),
    }
}

fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    let size = |ln: f64| match ln < math::ln(LEAST_DRAWN) {
        // As a logarithm: it may be too small for a number.
        true => format!("1e{:.0}", ln / std::f64::consts::LN_10),
        false => three_digits(math::exp(ln)),
    };
    let of = |course: &Course| -> Option<String> {
        let (time, last) = *course.close.last()?;
        let end = format!("tumour {} after {}", size(last), span(time));
        Some(match course.peaks().first() {
            Some((when, peak)) => {
                format!("first peak {} after {}, {end}", three_digits(*peak), span(*when))
            }
            None => end,
        })
    };
    let last = answer.courses.len().saturating_sub(1);
    let mut said = vec![];
    for place in if last == 0 { vec![0] } else { vec![0, last] } {
        let Some(told) = answer.courses.get(place).and_then(of) else { continue };
        said.push(match &plan.swept {
            None => format!("{}: {told}.", plan.model.name()),
            Some(swept) => {
                format!("{} {}: {told}.", swept.name, varied(plan, shown_value(plan, place)))
            }
        });
    }
    if said.is_empty() {
        return vec!["No course was solved: there is no answer.".into()];
    }
    if let Some(swept) = &plan.swept {
        said.push(settles(plan, answer));
        let of = |b: &Bifurcation| {
            let what = match b.kind {
                Kind::Fold => "two of them meet and vanish (a fold)",
                Kind::Hopf => "one turns into waves (a Hopf bifurcation)",
                Kind::TumourFree => "the one without a tumour becomes stable or ceases to be",
                Kind::Other => "one becomes stable or ceases to be",
            };
            format!("at {} {what}", varied(plan, b.at * swept.unit.2))
        };
        let all: Vec<String> = answer.bifurcations.iter().map(of).collect();
        if !all.is_empty() {
            let name = &swept.name;
            said.push(format!("Steady states along {name}: {}.", all.join(", ")));
        }
    }
    said
}

/// Where the tumour settles over the values that were tried; neighbours alike are told together.
fn settles(plan: &Plan, answer: &Answer) -> String {
    let stable = |course: &Course| -> Vec<f64> {
        let states = course.resting.iter().flatten().filter(|state| state.unstable == 0);
        states.map(|state| state.populations[0]).collect()
    };
    let all: Vec<(usize, Vec<f64>)> = answer
        .courses
        .iter()
        .map(stable)
        .enumerate()
        .filter(|(k, _)| answer.courses[*k].resting.is_some())
        .collect();
    let alike = |a: &(usize, Vec<f64>), b: &(usize, Vec<f64>)| a.1.len() == b.1.len();
    let of = |run: &[(usize, Vec<f64>)]| {
        let (first, last) = (&run[0], &run[run.len() - 1]);
        let value = |place: usize| varied(plan, shown_value(plan, place));
        let at = match first.0 == last.0 {
            true => format!("at {}", value(first.0)),
            false => format!("from {} to {}", value(first.0), value(last.0)),
        };
        let sizes = |states: &[f64]| -> Vec<String> {
            states
                .iter()
                .map(|size| if *size > 0.0 { three_digits(*size) } else { "0".into() })
                .collect()
        };
        let (one, other) = (sizes(&first.1).join(" or "), sizes(&last.1).join(" or "));
        match (first.1.is_empty(), one == other) {
            (true, _) => format!("nowhere, but comes and goes, {at}"),
            (_, true) => format!("at {one} {at}"),
            _ => format!("at {one} to {other} {at}"),
        }
    };
    let runs: Vec<String> = all.chunk_by(alike).map(of).collect();
    match runs.is_empty() {
        true => "No steady state was found.".into(),
        false => format!("The tumour settles {}.", runs.join("; ")),
    }
}

/// The head of every table: the number that is varied.
fn table(plan: &Plan, place: usize, columns: &[(&str, bool)]) -> Table {
    let names = plan.names().0;
    let varied = match &plan.swept {
        Some(swept) => format!("{}{}", swept.name, swept.unit.0),
        None => "varied".into(),
    };
    let mut all = vec![(varied.as_str(), false)];
    all.extend(columns);
    Table::new(&names[place], &all)
}

fn courses(plan: &Plan, answer: &Answer) -> Table {
    let populations = plan.model.populations();
    let mut columns = vec![("time_min", false)];
    columns.extend(populations.iter().map(|name| (*name, false)));
    columns.push(("status", true));
    let mut table = table(plan, 0, &columns);
    for (place, course) in answer.courses.iter().enumerate() {
        for (i, time) in plan.times.iter().enumerate() {
            let row = course.rows.get(i);
            let mut made: Vec<Value> = vec![shown_value(plan, place).into(), (*time).into()];
            let missing = vec![f64::NAN; populations.len()];
            made.extend(row.unwrap_or(&missing).iter().map(|v| Value::Number(*v)));
            let why = course.failure.as_ref().filter(|_| row.is_none());
            made.push(status(why).as_str().into());
            table.push(made);
        }
    }
    table
}

fn peaks(plan: &Plan, answer: &Answer) -> Table {
    let columns =
        [("peak", false), ("time_min", false), ("since_last_min", false), ("tumour", false)];
    let mut table = table(plan, 1, &columns);
    for (place, course) in answer.courses.iter().enumerate() {
        let mut last = f64::NAN;
        for (k, (time, tumour)) in course.peaks().into_iter().enumerate() {
            let number = (k + 1) as f64;
            table.push(vec![
                shown_value(plan, place).into(),
                number.into(),
                time.into(),
                (time - last).into(),
                tumour.into(),
            ]);
            last = time;
        }
    }
    table
}

fn steady(plan: &Plan, answer: &Answer) -> Table {
    let populations = plan.model.populations();
    let mut columns: Vec<(&str, bool)> = vec![("state", false)];
    columns.extend(populations.iter().map(|name| (*name, false)));
    columns.extend([("stable", true), ("unstable_directions", false)]);
    let mut table = table(plan, 2, &columns);
    for (place, course) in answer.courses.iter().enumerate() {
        for (k, state) in course.resting.iter().flatten().enumerate() {
            let mut row: Vec<Value> =
                vec![shown_value(plan, place).into(), ((k + 1) as f64).into()];
            row.extend(state.populations.iter().map(|v| Value::Number(*v)));
            row.push(if state.unstable == 0 { "yes" } else { "no" }.into());
            row.push((state.unstable as f64).into());
            table.push(row);
        }
    }
    table
}

fn bifurcations(plan: &Plan, answer: &Answer) -> Table {
    let mut table = table(plan, 3, &[("kind", true)]);
    let factor = plan.swept.as_ref().map_or(1.0, |swept| swept.unit.2);
    for b in &answer.bifurcations {
        table.push(vec![(b.at * factor).into(), b.kind.name().into()]);
    }
    table
}

fn figures(study: &Study, plan: &Plan, answer: &Answer) -> Vec<(String, Figure)> {
    let label = |place: usize| match &plan.swept {
        Some(swept) => format!("{} {}", swept.name, varied(plan, shown_value(plan, place))),
        None => String::new(),
    };
    let drawn = |course: &Course| -> Vec<(f64, f64)> {
        let all = course.close.iter().step_by(4);
        all.map(|(t, ln)| (t / DAY, math::exp(*ln).max(LEAST_DRAWN))).collect()
    };
    let courses = answer.courses.iter().take(most_curves(1)).enumerate();
    let course = Panel {
        name: "tumour".into(),
        title: String::new(),
        x: Axis::linear("time", "d"),
        y: Axis::log("tumour", plan.model.tumour_unit()),
        content: Content::Lines(
            courses
                .map(|(place, course)| Series {
                    label: label(place),
                    style: place,
                    points: drawn(course),
                    ..Series::default()
                })
                .collect(),
        ),
    };
    let mut panels = vec![course];
    if let Some(swept) = &plan.swept {
        let of = |stable: bool| -> Vec<(f64, f64)> {
            let all = answer.courses.iter().enumerate().flat_map(|(place, course)| {
                let states = course.resting.iter().flatten();
                states.map(move |state| (place, state))
            });
            all.filter(|(_, state)| (state.unstable == 0) == stable)
                .map(|(place, state)| {
                    (shown_value(plan, place), state.populations[0].max(LEAST_DRAWN))
                })
                .collect()
        };
        // Stable states lie on top: they are what is seen.
        let series = [(1, ("unstable", false)), (0, ("stable", true))].into_iter();
        panels.push(Panel {
            name: "steady".into(),
            title: String::new(),
            x: Axis::log(&swept.name, swept.unit.1.trim()),
            y: Axis::log("tumour in a steady state", plan.model.tumour_unit()),
            content: Content::Lines(
                series
                    .map(|(style, (label, stable))| Series {
                        label: label.into(),
                        style,
                        points: of(stable),
                        line: false,
                        markers: true,
                        measured: !stable,
                        ..Series::default()
                    })
                    .collect(),
            ),
        });
    }
    let whole = |(name, panel): (String, Panel)| {
        let figure = Figure {
            title: study.question.clone(),
            subtitle: caption::kind_and_model(study, &plan.name),
            footnote: format!(
                "Less than {LEAST_DRAWN} is drawn as that · study {} · il2 {}",
                &study.hash[..12],
                env!("CARGO_PKG_VERSION")
            ),
            panels: vec![panel],
            ..Figure::default()
        };
        (name, figure)
    };
    plan.names().1.into_iter().zip(panels).map(whole).collect()
}
