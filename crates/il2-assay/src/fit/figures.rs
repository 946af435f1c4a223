//! Figures of a fit: measured against modelled values.

use crate::fit::estimate::{Estimate, predicted};
use crate::fit::lines::{between, grouped};
use crate::fit::outcome::Outcome;
use crate::fit::parameter_figures::{parameters, profiles};
use crate::fit::plan::Plan;
use il2_engine::math;
use il2_inference::posterior::ErrorModel;
use il2_inference::quantiles::quantile;
use il2_inference::reading::Reduce;
use il2_output::figure::{Axis, Content, Figure, Interval, Panel, Scale, Series};
use il2_study::study::Study;
use il2_study::study::text::QuantityText;

/// Largest number of panels of curves in one figure; for a table with more groups, a selection is shown.
const MOST_PANELS: usize = 12;

/// Up to this number, rows of patients are shown individually instead of as curves.
const MOST_COMPARED: usize = 30;

/// All figures with the names of their files.
pub fn all(
    study: &Study,
    plan: &Plan,
    outcome: &Outcome,
    estimates: &[Estimate],
) -> Vec<(String, Figure)> {
    let mut all = vec![];
    for table in 0..plan.measured.len() {
        let name = format!("{}_{}", plan.name, plan.measured[table].name);
        let own = || plan.rows.iter().filter(|r| r.0 == table);
        let rows = own().count();
        let summed = own().any(|(_, row)| row.reduce != Reduce::At);
        let few = (summed || !plan.measured[table].wells) && rows <= MOST_COMPARED;
        let drawn = match few {
            true => compared(plan, outcome, table),
            false => curves(study, plan, outcome, table),
        };
        all.push((name.clone(), drawn));
        all.push((format!("{name}_agreement"), agreement(plan, outcome, table)));
    }
    all.push((format!("{}_parameters", plan.name), parameters(plan, estimates)));
    if !outcome.profiles.is_empty() {
        all.push((format!("{}_profiles", plan.name), profiles(plan, outcome)));
    }
    for (_, figure) in &mut all {
        figure.footnote =
            format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION"));
    }
    all
}

/// A value in the unit of its table.
fn counted(plan: &Plan, table: usize, value: f64) -> f64 {
    value / plan.measured[table].counted_in.1
}

/// Ends of the interval of a measurement, if its scatter is known, at the level of the model's
/// intervals.
fn about(plan: &Plan, row: usize) -> [f64; 2] {
    let (observed, value) = (&plan.posterior.observed[row], plan.rows[row].1.value);
    let sd = observed.sd.unwrap_or(0.0);
    let end = math::normal_quantile(0.5 + 0.5 * plan.level);
    [-end, end].map(|deviations| match observed.error_model {
        ErrorModel::Absolute => value + sd * deviations,
        ErrorModel::Relative => value * math::exp(sd * deviations),
    })
}

/// The beginning of a figure's title: the assay and, if there are several, the table.
fn heading(plan: &Plan, table: usize) -> String {
    match plan.measured.len() {
        1 => plan.name.clone(),
        _ => format!("{}, table {}", plan.name, plan.measured[table].name),
    }
}

/// The beginning of the subtitle: the model that is fitted.
fn model(plan: &Plan) -> String {
    let mut models: Vec<&str> = plan.prepared.iter().map(|p| p.setup.model.name.as_str()).collect();
    models.dedup();
    match models.is_empty() {
        true => "fit of the whole patient".to_string(),
        false => format!("fit of model {}", models.join(", ")),
    }
}

/// Whether all rows of a table are relative to a value before treatment.
fn folds(plan: &Plan, table: usize) -> bool {
    let own = plan.rows.iter().filter(|(of, _)| *of == table);
    !plan.measured[table].wells && own.map(|(_, row)| row).all(|row| row.readout.ends_with("_fold"))
}

/// The axis of values of a table, with their unit if all rows share one.
fn value_axis(plan: &Plan, table: usize, what: &str) -> Axis {
    match plan.measured[table].unit.as_str() {
        "value" if folds(plan, table) => Axis::linear(what, il2_clinic::patients::FOLD),
        "value" => Axis::linear(format!("{what}, in the unit of each readout"), ""),
        unit => Axis::linear(what, unit),
    }
}

/// Individual measurements of patients compared with the model; publications report few of them.
fn compared(plan: &Plan, outcome: &Outcome, table: usize) -> Figure {
    let chains = !outcome.chains.is_empty();
    let own = plan.rows.iter().enumerate().filter(|(_, r)| r.0 == table);
    let rows = own.flat_map(|(i, (_, row))| {
        let (observed, expected) = (&plan.posterior.observed[i], &outcome.expected[i]);
        let in_unit = |value: f64| counted(plan, table, value);
        let [measured_low, measured_high] = about(plan, i);
        let what = if row.held_out { "held out" } else { "fitted" };
        let at = il2_answer::labels::time_text(row.time);
        let readout = match folds(plan, table) {
            true => row.readout.trim_end_matches("_fold"),
            false => &row.readout,
        };
        let words =
            [row.reduce.word(), &il2_answer::labels::written(readout), &row.given, &row.cell];
        let words = words.map(str::trim).into_iter().filter(|w| !w.is_empty());
        let group = format!("{}, {at} ({what})", words.collect::<Vec<_>>().join(", "));
        let measured = Interval {
            label: match observed.sd.is_some() {
                true => format!("measured ({:.0} %)", 100.0 * plan.level),
                false => "measured".into(),
            },
            group: group.clone(),
            value: in_unit(row.value),
            low: in_unit(measured_low),
            high: in_unit(measured_high),
            style: 0,
            note: String::new(),
            measured: true,
            ..Interval::default()
        };
        let draws = &outcome.predicted[i];
        let [low, high] = if chains { predicted(plan, draws) } else { [expected.mean; 2] };
        let modelled = Interval {
            label: match chains {
                true => format!("model ({:.0} %, with scatter)", 100.0 * plan.level),
                false => "model, best fit".into(),
            },
            group,
            value: in_unit(if chains { quantile(draws, 0.5) } else { expected.mean }),
            low: in_unit(low),
            high: in_unit(high),
            style: usize::from(row.held_out),
            note: String::new(),
            ..Interval::default()
        };
        [measured, modelled]
    });
    let relative = plan.posterior.observed.iter().all(|o| o.error_model == ErrorModel::Relative);
    Figure {
        title: format!("{}: measured (open symbols) and modelled", heading(plan, table)),
        subtitle: match plan.rows.iter().any(|(of, row)| *of == table && row.held_out) {
            true => format!("{}; held-out rows are predicted by the model", model(plan)),
            false => model(plan),
        },
        panels: vec![Panel {
            name: "compared".into(),
            title: String::new(),
            x: Axis {
                scale: if relative { Scale::Log } else { Scale::Linear },
                ..value_axis(plan, table, "value")
            },
            y: Axis::default(),
            content: Content::Intervals(rows.collect()),
        }],
        ..Figure::default()
    }
}

/// Measurements with the model's curve and its interval, panel by panel.
fn curves(study: &Study, plan: &Plan, outcome: &Outcome, table: usize) -> Figure {
    let wells = plan.measured[table].wells;
    let in_unit = |value: f64| counted(plan, table, value);
    let dose_unit = &plan.measured[table].dose_unit;
    // One such unit in pM, which for IU depends on the ligand.
    let one = |i: usize| {
        let text = QuantityText(format!("1 {dose_unit}"));
        let ligand = study.ligands.get(&plan.rows[i].1.given);
        ligand.and_then(|own| il2_study::values::dose("", own, &text).ok()).unwrap_or(1.0)
    };
    let groups = grouped(plan, table);
    let none = wells.then(|| without_dose(plan, table)).flatten();
    let mut legend: Vec<String> = vec![];
    let shown = groups.len().min(MOST_PANELS);
    // If there are many panels, the selection covers every cell, and early and late times.
    let chosen = (0..shown).map(|k| k * groups.len() / shown);
    let panels = chosen.map(|k| {
        let (title, curves) = &groups[k];
        let mut content = vec![];
        for ((name, _), rows) in curves {
            let style = legend.iter().position(|l| l == name).unwrap_or_else(|| {
                legend.push(name.clone());
                legend.len() - 1
            });
            let along = if wells { one(rows[0]) } else { il2::quantity::DAY };
            let x = |i: usize| {
                let row = &plan.rows[i].1;
                match (wells, none) {
                    (true, Some((place, _))) if row.dose == 0.0 => place / along,
                    (true, _) => row.dose / along,
                    (false, _) => row.time / along,
                }
            };
            let mut rows = rows.clone();
            rows.sort_by(|a, b| x(*a).total_cmp(&x(*b)));
            let model = |i: &usize| (x(*i), in_unit(outcome.expected[*i].mean));
            let mut points: Vec<(f64, f64)> = rows.iter().map(model).collect();
            if let Some(between) = between(plan, outcome, &rows) {
                points.extend(between.iter().map(|(at, mean)| (at / along, in_unit(*mean))));
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
            }
            points.dedup();
            let band = |i: &usize| {
                let [low, high] = predicted(plan, &outcome.predicted[*i]);
                (x(*i), in_unit(low), in_unit(high))
            };
            let mut band: Vec<(f64, f64, f64)> =
                rows.iter().filter(|i| !outcome.predicted[**i].is_empty()).map(band).collect();
            band.dedup_by(|a, b| a.0 == b.0);
            content.push(Series { label: name.clone(), style, points, band, ..Series::default() });
            let measured = |held: bool| -> Vec<(f64, f64)> {
                let own = rows.iter().filter(|i| plan.rows[**i].1.held_out == held);
                own.map(|i| (x(*i), in_unit(plan.rows[*i].1.value))).collect()
            };
            for held in [false, true] {
                let points = measured(held);
                let own = rows.iter().filter(|i| plan.rows[**i].1.held_out == held);
                let bars = own.filter(|i| plan.posterior.observed[**i].sd.is_some());
                let bars = bars.map(|i| {
                    let [low, high] = about(plan, *i);
                    (x(*i), in_unit(low), in_unit(high))
                });
                content.push(Series {
                    style,
                    points,
                    error_bars: bars.collect(),
                    measured: true,
                    markers: true,
                    line: false,
                    ..Series::default()
                });
            }
        }
        let x = match (wells, none) {
            (true, None) => Axis::log("dose", dose_unit),
            (true, Some((_, border))) => Axis {
                marks: vec![border / one(curves[0].1[0])],
                ..Axis::log("dose (left of the grey line: no ligand)", dose_unit)
            },
            (false, _) => Axis::linear("time", "d"),
        };
        let y = match wells {
            true => Axis::linear("measured", &plan.measured[table].unit),
            false => Axis::linear(title.clone(), ""),
        };
        let positive = plan.rows.iter().filter(|r| r.0 == table).all(|r| r.1.value > 0.0);
        let scale = if positive && wells { Scale::Log } else { Scale::Linear };
        Panel {
            name: title.replace(' ', "_"),
            title: match curves.iter().flat_map(|c| &c.1).all(|i| plan.rows[*i].1.held_out) {
                true => format!("{title} (held out: predicted)"),
                false => title.clone(),
            },
            x,
            y: Axis { scale, ..y },
            content: Content::Lines(content),
        }
    });
    let panels: Vec<Panel> = panels.collect();
    let more = match groups.len() - shown {
        0 => String::new(),
        more => format!("; groups not drawn: {more} (see the table of predictions)"),
    };
    let bands = match outcome.chains.is_empty() {
        true => String::new(),
        false => format!("predicted range of {:.0} % of measurements", 100.0 * plan.level),
    };
    Figure {
        title: format!("{}: measured (open symbols) and fitted (lines)", heading(plan, table)),
        subtitle: format!("{}; lines: best fit{more}", model(plan)),
        panels,
        columns: if groups.len() > 4 { 3 } else { 0 },
        footnote: String::new(),
        legend: legend.into_iter().enumerate().map(|(i, l)| (l, i)).collect(),
        bands,
        ..Figure::default()
    }
}

/// Position of wells without ligand on a logarithmic dose axis, a step below the lowest dose of a
/// table, and the border between these and the other wells (pM); none if every well contained
/// ligand.
fn without_dose(plan: &Plan, table: usize) -> Option<(f64, f64)> {
    let own = plan.rows.iter().filter(|(of, _)| *of == table).map(|(_, row)| row.dose);
    let mut doses: Vec<f64> = own.clone().filter(|dose| *dose > 0.0).collect();
    doses.sort_by(f64::total_cmp);
    doses.dedup();
    let lowest = *doses.first().filter(|_| own.clone().any(|dose| dose == 0.0))?;
    let step = doses.get(1).map_or(10.0, |next| (next / lowest).clamp(2.0, 10.0));
    Some((lowest / step, lowest / step.sqrt()))
}

/// Every measurement against the prediction, with the line of equality.
fn agreement(plan: &Plan, outcome: &Outcome, table: usize) -> Figure {
    let rows: Vec<usize> = (0..plan.rows.len()).filter(|i| plan.rows[*i].0 == table).collect();
    let points = |held: bool| -> Vec<(f64, f64)> {
        let own = rows.iter().filter(|i| plan.rows[**i].1.held_out == held);
        let in_unit = |value: f64| counted(plan, table, value);
        own.map(|i| (in_unit(outcome.expected[*i].mean), in_unit(plan.rows[*i].1.value))).collect()
    };
    let bars = |held: bool| -> Vec<(f64, f64, f64)> {
        let own = rows.iter().filter(|i| plan.rows[**i].1.held_out == held);
        let own = own.filter(|i| plan.posterior.observed[**i].sd.is_some());
        let in_unit = |value: f64| counted(plan, table, value);
        own.map(|i| {
            let [low, high] = about(plan, *i);
            (in_unit(outcome.expected[*i].mean), in_unit(low), in_unit(high))
        })
        .collect()
    };
    let all = [points(false), points(true)].concat();
    let measured = [bars(false), bars(true)].concat();
    let ends = all.iter().flat_map(|p| [p.0, p.1]).chain(measured.iter().flat_map(|b| [b.1, b.2]));
    let (low, high) = ends.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    let scale = if low > 0.0 && high > 20.0 * low { Scale::Log } else { Scale::Linear };
    // A margin keeps symbols at the ends whole.
    let (low, high) = match scale {
        Scale::Log => (low / 1.2, high * 1.2),
        Scale::Linear => (low - 0.05 * (high - low), high + 0.05 * (high - low)),
    };
    let series = |label: &str, style: usize, held: bool| Series {
        label: if points(held).is_empty() { String::new() } else { label.to_string() },
        style,
        points: points(held),
        error_bars: bars(held),
        markers: true,
        line: false,
        measured: true,
        ..Series::default()
    };
    let content = vec![
        Series {
            label: "measured = modelled".into(),
            style: 7,
            points: vec![(low, low), (high, high)],
            ..Series::default()
        },
        series("fitted", 0, false),
        series("held out, predicted", 1, true),
    ];
    let axis =
        |what: &str| Axis { scale, range: Some((low, high)), ..value_axis(plan, table, what) };
    let bars = match measured.is_empty() {
        true => String::new(),
        false => format!("; bars: {:.0} % ranges of the measurements", 100.0 * plan.level),
    };
    Figure {
        title: format!("{}: measured against modelled values", heading(plan, table)),
        subtitle: format!("{}; {} rows at the best fit{bars}", model(plan), rows.len()),
        panels: vec![Panel {
            name: "agreement".into(),
            title: String::new(),
            x: axis("modelled"),
            y: axis("measured"),
            content: Content::Lines(content),
        }],
        ..Figure::default()
    }
}
