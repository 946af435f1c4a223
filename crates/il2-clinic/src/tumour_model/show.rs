//! Output of published models of a tumour.

use crate::tumour_model::plan::Plan;
use crate::tumour_model::run::{Answer, Course};
use crate::tumour_model::sentence::{LEAST_DRAWN, four_digits, sentences, shown_value, varied};
use il2::quantity::DAY;
use il2::tumour::classic::bifurcation::{Bifurcation, Kind};
use il2_answer::answer::{AssayResult, status};
use il2_answer::caption;
use il2_engine::math;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, Panel, Series, most_curves};
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// Factor by which an axis extends beyond the values that were tried.
const ROOM: f64 = 1.25;

/// Turns an answer into tables, figures, text and sentences.
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

/// A table whose first column is the varied number, if there is one.
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

/// The lines of a figure at which steady states change, by kind: "lines: fold at 1 /d, ...".
fn changes(plan: &Plan, answer: &Answer) -> String {
    let unit = plan.swept.as_ref().map_or((1.0, ""), |swept| (swept.unit.2, swept.unit.1));
    let one = |b: &Bifurcation| {
        let at = format!("{}{}", four_digits(b.at * unit.0), unit.1);
        match b.kind {
            Kind::Fold => format!("fold at {at}"),
            Kind::Hopf => format!("Hopf bifurcation at {at}"),
            Kind::TumourFree => format!("the state without a tumour changes at {at}"),
            Kind::Other => format!("steady states change at {at}"),
        }
    };
    let all: Vec<String> = answer.bifurcations.iter().map(one).collect();
    format!("{}: {}", if all.len() == 1 { "line" } else { "lines" }, all.join(", "))
}

/// Times (d) and sizes of the tumour as drawn: the curve ends where it falls to the smallest size
/// that is drawn, and begins again where it rises to it.
fn drawn(course: &Course) -> Vec<(f64, f64)> {
    let limit = math::ln(LEAST_DRAWN);
    let mut points = vec![];
    let mut last: Option<(f64, f64)> = None;
    for (time, ln) in course.close.iter().copied().step_by(4) {
        if let Some((before, from)) = last
            && (from >= limit) != (ln >= limit)
        {
            let crossed = before + (limit - from) / (ln - from) * (time - before);
            points.push((crossed / DAY, LEAST_DRAWN));
        }
        points.push((time / DAY, if ln >= limit { math::exp(ln) } else { f64::NAN }));
        last = Some((time, ln));
    }
    points
}

fn figures(study: &Study, plan: &Plan, answer: &Answer) -> Vec<(String, Figure)> {
    let label = |place: usize| match &plan.swept {
        Some(_) => varied(plan, place),
        None => String::new(),
    };
    let courses = answer.courses.iter().take(most_curves(1)).enumerate();
    let low = |course: &Course| course.close.iter().any(|(_, ln)| *ln < math::ln(LEAST_DRAWN));
    // Curves that fall too low end on the axis.
    let range = courses.clone().any(|(_, course)| low(course));
    let range = range.then_some((LEAST_DRAWN, f64::INFINITY));
    let course = Panel {
        name: "tumour".into(),
        title: plan.swept.as_ref().map_or(String::new(), |swept| swept.name.clone()),
        x: Axis::linear("time", "d"),
        y: Axis { range, ..Axis::log("tumour", plan.model.tumour_unit()) },
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
        // Stable states are drawn on top, because they are the ones observed.
        let series = [(1, ("unstable", false)), (0, ("stable", true))].into_iter();
        panels.push(Panel {
            name: "steady".into(),
            title: String::new(),
            x: Axis {
                // The axis has a margin at both ends, so that no symbol touches it.
                range: Some((
                    shown_value(plan, 0) / ROOM,
                    shown_value(plan, plan.lanes().saturating_sub(1)) * ROOM,
                )),
                marks: answer.bifurcations.iter().map(|b| b.at * swept.unit.2).collect(),
                ..Axis::log(&swept.name, swept.unit.1.trim())
            },
            y: Axis::log("tumour in a steady state", plan.model.tumour_unit()),
            content: Content::Lines(
                series
                    .map(|(style, (label, stable))| Series {
                        label: label.into(),
                        style,
                        points: of(stable),
                        line: false,
                        markers: true,
                        ..Series::default()
                    })
                    .filter(|series| !series.points.is_empty())
                    .collect(),
            ),
        });
    }
    let whole = |(name, panel): (String, Panel)| {
        let below = match (panel.name.as_str(), panel.x.marks.is_empty()) {
            ("steady", true) => format!("States without a tumour are drawn at {LEAST_DRAWN}"),
            ("steady", false) => format!(
                "States without a tumour are drawn at {LEAST_DRAWN}; vertical {}",
                changes(plan, answer)
            ),
            _ => format!("Values below {LEAST_DRAWN} are not drawn"),
        };
        // A single series has no legend in its panel, but its symbols alone do not say whether the
        // states are stable.
        let legend = match &panel.content {
            Content::Lines(series) if panel.name == "steady" && series.len() == 1 => {
                vec![(series[0].label.clone(), series[0].style)]
            }
            _ => vec![],
        };
        let figure = Figure {
            title: study.question.clone(),
            subtitle: caption::kind_and_model(study, &plan.name),
            footnote: format!(
                "{below} · study {} · il2 {}",
                &study.hash[..12],
                env!("CARGO_PKG_VERSION")
            ),
            panels: vec![panel],
            legend,
            ..Figure::default()
        };
        (name, figure)
    };
    plan.names().1.into_iter().zip(panels).map(whole).collect()
}
