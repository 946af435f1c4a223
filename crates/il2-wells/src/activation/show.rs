//! Output of wells of activated cells.

use crate::activation::plan::{Plan, Treg};
use crate::activation::run::{Answer, READ, Well, taken};
use il2_answer::answer::{AssayResult, status};
use il2_answer::caption;
use il2_answer::labels::{time_text, time_unit};
use il2_answer::sentence::{Spread, concentration, number, percent};
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, HeatMap, Panel, Scale, Series, most_curves};
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// Turns an answer into tables, figures, text and sentences.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let figures = figures(study, plan, &answer);
    AssayResult {
        sentences: sentences(plan, &answer),
        text: String::new(),
        picture: figures.first().and_then(|(_, figure)| figure.panels.first().cloned()),
        figures,
        tables: vec![courses(plan, &answer), most(plan, &answer), slopes(plan, &answer)],
        summary: json!({"kind": "activation", "model": plan.model, "wells": answer.wells.len(),
            "slope_in_antigen": answer.slopes[0], "slope_in_cells": answer.slopes[1]}),
        failed: answer.wells.iter().filter(|well| well.failure.is_some()).count(),
        ..AssayResult::default()
    }
}

fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    let all = || answer.wells.iter().filter_map(|well| Some((well, well.most()?)));
    let least = all().min_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let largest = all().max_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let (Some((few, low)), Some((many, high))) = (least, largest) else {
        return vec!["All simulations failed, so there is no answer.".into()];
    };
    let of = |well: &Well, (time, most): (f64, f64)| {
        format!(
            "{} after {} ({} cells, {} molecules of antigen)",
            concentration(Spread::exact(most)),
            il2_answer::sentence::span(time),
            number(well.cells),
            number(well.antigen)
        )
    };
    let mut said = match answer.wells.len() {
        1 => vec![format!("Interleukin-2 peaks at {}.", of(many, high))],
        _ => vec![format!(
            "The peak of interleukin-2 in a well ranges from {} to {}.",
            of(few, low),
            of(many, high)
        )],
    };
    let rising = all().filter(|(well, (time, _))| {
        well.course.len() > 1 && well.course.last().is_some_and(|(last, _)| last == time)
    });
    if let some @ 1.. = rising.count() {
        said.push(match answer.wells.len() {
            1 => "Interleukin-2 is still rising at the last time, which counts as its peak.".into(),
            wells => format!(
                "In {some} of {wells} wells, interleukin-2 is still rising at the last time, which \
                 counts as its peak."
            ),
        });
    }
    // Slopes of its logarithm are reported as the effect of a tenfold change.
    let along = |what: &str, slope: Option<f64>| {
        let slope = slope?;
        let fold = il2_engine::math::exp(slope * std::f64::consts::LN_10);
        let turns = if fold >= 1.0 { "rises" } else { "falls" };
        let fold = number(if fold >= 1.0 { fold } else { 1.0 / fold });
        Some(format!("{turns} {fold}-fold with tenfold more {what} (exponent {slope:.2})"))
    };
    let laws: Vec<String> = [along("antigen", answer.slopes[0]), along("cells", answer.slopes[1])]
        .into_iter()
        .flatten()
        .collect();
    if !laws.is_empty() {
        said.push(format!(
            "Averaged over the wells, the peak of interleukin-2 {}.",
            laws.join(" and ")
        ));
    }
    said.extend(mainly(answer.slopes));
    said.extend(answer.wells.first().and_then(|well| shared(plan, well)));
    said.extend(plan.treg.as_ref().and_then(|treg| beside_treg(plan, treg, answer)));
    said.extend(plan.blocked.and_then(|at| after_block(at, answer)));
    if !plan.switched.is_empty() {
        let off: Vec<&str> = plan.switched.iter().map(|(name, _)| meaning(name)).collect();
        said.push(format!("As the study specifies, {}.", off.join("; ")));
    }
    said
}

/// Ratio of two exponents above which one of them dominates.
const DOMINATES: f64 = 3.0;

/// What the peak depends on, from its exponents in antigen and in cells.
fn mainly([antigen, cells]: [Option<f64>; 2]) -> Option<String> {
    let (antigen, cells) = (antigen?.abs(), cells?.abs());
    let said = match (antigen > DOMINATES * cells, cells > DOMINATES * antigen) {
        (true, _) => {
            "The peak depends mainly on the amount of antigen, little on the number of cells."
        }
        (_, true) => {
            "The peak depends mainly on the number of cells, little on the amount of antigen."
        }
        _ => "The peak depends on both the amount of antigen and the number of cells.",
    };
    Some(said.to_string())
}

/// Interleukin-2 of two clones in one well, relative to their sum in separate wells.
fn shared(plan: &Plan, well: &Well) -> Option<String> {
    let end = *plan.times.last()?;
    let place = well.course.iter().position(|(time, _)| *time == end)?;
    let apart = *well.apart.get(place).filter(|apart| **apart > 0.0)?;
    Some(format!(
        "At {}, free interleukin-2 in a well with both clones is {} of its sum in separate wells.",
        time_text(end),
        percent(well.course[place].1 / apart)
    ))
}

/// The signal of effector cells that remains in the presence of Treg, and the interleukin-2 that
/// Treg take up.
fn beside_treg(plan: &Plan, treg: &Treg, answer: &Answer) -> Option<String> {
    let left = |well: &Well| {
        let [effectors, treg] = taken(well.rows.get(plan.times.len() - 1)?);
        Some((well.mean_signal_left()?, treg / (effectors + treg)))
    };
    let mut all: Vec<(&Well, (f64, f64))> =
        answer.wells.iter().filter_map(|well| Some((well, left(well)?))).collect();
    all.sort_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let of = |(well, (kept, _)): &(&Well, (f64, f64))| {
        format!(
            "{} ({} cells, {} molecules of antigen)",
            percent(*kept),
            number(well.cells),
            number(well.antigen)
        )
    };
    let (least, most) = (all.first()?, all.last()?);
    let kept = format!("With {} Treg, effectors retain", number(treg.cells));
    let whole = format!("of their mean signal over {}", time_text(*plan.times.last()?));
    let took = percent(least.1.1);
    Some(match all.len() {
        1 => format!("{kept} {} {whole}; Treg account for {took} of the uptake.", of(least)),
        _ => format!(
            "{kept} {} to {} {whole}; Treg account for {took} and {} of the uptake.",
            of(least),
            of(most),
            percent(most.1.1)
        ),
    })
}

/// When producers have gone after a block of antigen.
fn after_block(at: f64, answer: &Answer) -> Option<String> {
    let gone = answer.wells.iter().filter_map(|well| well.gone);
    let (least, most) = gone.fold((f64::INFINITY, 0.0_f64), |(a, b), t| (a.min(t), b.max(t)));
    let span = il2_answer::sentence::span;
    let within = match least < most {
        true => format!("{} to {}", span(least), span(most)),
        false => span(most),
    };
    (most > 0.0).then(|| {
        format!(
            "After the antigen was blocked at {}, a 1/e (37 %) of the producers was left after \
             {within}.",
            time_text(at)
        )
    })
}

fn meaning(switched: &str) -> &'static str {
    match switched {
        "antigen_inhibition" => "antigen does not inhibit the signal of interleukin-2",
        "acceleration_most" => "secretion does not accelerate",
        _ => "JAK is inhibited",
    }
}

fn table(plan: &Plan, ending: &str, columns: &[(&str, bool)]) -> Table {
    Table::new(&il2_answer::labels::named(&plan.name, &[ending]).remove(0), columns)
}

fn courses(plan: &Plan, answer: &Answer) -> Table {
    let columns = [
        ("cells", false),
        ("antigen_molecules", false),
        ("time_min", false),
        ("il2_pm", false),
        ("signal", false),
        ("producers_cells", false),
        ("cd25_per_cell", false),
        ("antigen_left_molecules", false),
        ("il2_apart_pm", false),
        ("signal_without_treg", false),
        ("part_of_signal_beside_treg", false),
        ("treg_signal", false),
        ("treg_cd25_per_cell", false),
        ("il2_made_pm", false),
        ("taken_by_effectors_pm", false),
        ("taken_by_treg_pm", false),
        ("treg_part_of_taken", false),
        ("status", true),
    ];
    let there = |(place, (name, _)): &(usize, &(&str, bool))| match *name {
        "status" => true,
        "il2_apart_pm" => plan.second.is_some(),
        _ => *place < 8 || plan.treg.is_some(),
    };
    let columns: Vec<(&str, bool)> =
        columns.iter().enumerate().filter(there).map(|(_, column)| *column).collect();
    let mut table = table(plan, "", &columns);
    for well in &answer.wells {
        for (i, time) in plan.times.iter().enumerate() {
            let row = well.rows.get(i).copied();
            let mut made: Vec<Value> = vec![well.cells.into(), well.antigen.into(), (*time).into()];
            let read = row.unwrap_or([f64::NAN; READ.len()]);
            made.extend(read[..5].iter().copied().map(Value::Number));
            let place = well.course.iter().position(|(t, _)| t == time);
            let apart = place.and_then(|place| well.apart.get(place)).copied();
            made.extend(plan.second.map(|_| Value::Number(apart.unwrap_or(f64::NAN))));
            if plan.treg.is_some() {
                let signal = place.and_then(|place| well.signal.get(place));
                let [effectors, treg] = taken(&read);
                made.push(signal.map_or(f64::NAN, |[_, without]| *without).into());
                made.push(well.signal_left(*time).unwrap_or(f64::NAN).into());
                let part = treg / (effectors + treg);
                let numbers = [read[5], read[6], read[7], effectors, treg, part];
                made.extend(numbers.map(Value::Number));
            }
            let why = well.failure.as_ref().filter(|_| row.is_none());
            made.push(status(why).as_str().into());
            table.push(made);
        }
    }
    table
}

fn most(plan: &Plan, answer: &Answer) -> Table {
    let columns = [
        ("cells", false),
        ("antigen_molecules", false),
        ("il2_most_pm", false),
        ("time_of_most_min", false),
        ("producers_most_cells", false),
        ("producers_gone_min", false),
        ("part_of_mean_signal_beside_treg", false),
        ("status", true),
    ];
    let there = |(name, _): &&(&str, bool)| match *name {
        "producers_gone_min" => plan.blocked.is_some(),
        name => plan.treg.is_some() || !name.ends_with("beside_treg"),
    };
    let columns: Vec<(&str, bool)> = columns.iter().filter(there).copied().collect();
    let mut table = table(plan, "most", &columns);
    for well in &answer.wells {
        let (time, most) = well.most().unwrap_or((f64::NAN, f64::NAN));
        let mut row: Vec<Value> =
            [well.cells, well.antigen, most, time, well.producers].map(Value::Number).to_vec();
        row.extend(plan.blocked.map(|_| Value::Number(well.gone.unwrap_or(f64::NAN))));
        let left = plan.treg.as_ref().map(|_| well.mean_signal_left().unwrap_or(f64::NAN));
        row.extend(left.map(Value::Number));
        row.push(status(well.failure.as_ref()).as_str().into());
        table.push(row);
    }
    table
}

fn slopes(plan: &Plan, answer: &Answer) -> Table {
    let columns = [("of", true), ("along", true), ("slope", false)];
    let mut table = table(plan, "slopes", &columns);
    for (along, slope) in ["antigen", "cells"].into_iter().zip(answer.slopes) {
        let slope = slope.unwrap_or(f64::NAN);
        table.push(vec!["log il2_most_pm".into(), along.into(), slope.into()]);
    }
    table
}

fn figures(study: &Study, plan: &Plan, answer: &Answer) -> Vec<(String, Figure)> {
    let (unit, one) = time_unit(plan.times.last().copied().unwrap_or(0.0));
    let shown = answer.wells.iter().take(most_curves(1)).enumerate().map(|(style, well)| Series {
        label: format!("{} cells, {} antigen molecules", number(well.cells), number(well.antigen)),
        style,
        points: well.course.iter().map(|(t, v)| (t / one, *v)).collect(),
        ..Series::default()
    });
    let apart = answer.wells.iter().take(most_curves(1)).enumerate();
    let apart = apart.filter(|(_, well)| !well.apart.is_empty()).map(|(style, well)| Series {
        label: format!("{} cells, sum of the clones in separate wells", number(well.cells)),
        style: style + 4,
        points: well.course.iter().zip(&well.apart).map(|((t, _), v)| (t / one, *v)).collect(),
        ..Series::default()
    });
    let course = Panel {
        name: "il2".into(),
        title: String::new(),
        x: Axis { range: Some((0.0, f64::INFINITY)), ..Axis::linear("time", unit) },
        y: Axis::log("free interleukin-2", "pM"),
        content: Content::Lines(shown.chain(apart).collect()),
    };
    let value = |well: &Well| well.most().map_or(f64::NAN, |(_, most)| most);
    let rows = answer.wells.chunks(plan.antigen.len());
    let map = Panel {
        name: "most".into(),
        title: String::new(),
        x: Axis::log("antigen in the well", "molecules"),
        y: Axis::log("cells in the well", ""),
        content: Content::HeatMap(HeatMap {
            x: plan.antigen.clone(),
            y: plan.cells.clone(),
            values: rows.map(|row| row.iter().map(value).collect()).collect(),
            colour_label: "peak of free interleukin-2 (pM)".into(),
            scale: Scale::Log,
            ..HeatMap::default()
        }),
    };
    let whole = |(name, panel): (String, Panel)| {
        let figure = Figure {
            title: study.question.clone(),
            subtitle: caption::kind_and_model(study, &plan.name),
            footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
            panels: vec![panel],
            ..Figure::default()
        };
        (name, figure)
    };
    let signal = kept_beside_treg(plan, answer);
    plan.names().1.into_iter().zip([course, map, signal]).map(whole).collect()
}

/// The fraction of the mean signal of effector cells that remains in the presence of Treg, plotted
/// over antigen.
fn kept_beside_treg(plan: &Plan, answer: &Answer) -> Panel {
    let rows = answer.wells.chunks(plan.antigen.len()).take(most_curves(1)).enumerate();
    let curve = |(style, row): (usize, &[Well])| Series {
        label: format!("{} cells", number(row[0].cells)),
        style,
        points: row
            .iter()
            .map(|well| (well.antigen, well.mean_signal_left().unwrap_or(f64::NAN)))
            .collect(),
        markers: true,
        ..Series::default()
    };
    Panel {
        name: "signal".into(),
        title: String::new(),
        x: Axis::log("antigen in the well", "molecules"),
        y: Axis {
            range: Some((0.0, f64::INFINITY)),
            ..Axis::linear("mean signal with Treg divided by that without", "")
        },
        content: Content::Lines(rows.map(curve).collect()),
    }
}
