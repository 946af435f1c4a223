//! Figures of a fit: measured against modelled, priors and posteriors, profiles.

use crate::fit::estimate::{Estimate, predicted};
use crate::fit::lines::{between, grouped};
use crate::fit::outcome::{HALF_CHI2_95, Outcome};
use crate::fit::plan::Plan;
use il2_engine::math;
use il2_inference::posterior::ErrorModel;
use il2_inference::quantiles::{Z_975, quantile};
use il2_inference::reading::Reduce;
use il2_output::figure::{Axis, Content, Figure, Interval, Panel, Scale, Series};
use il2_study::study::Study;
use il2_study::study::text::QuantityText;

/// Most panels of curves in one figure; of a table with more groups the first are shown.
const MOST_PANELS: usize = 12;

/// Up to so many rows of patients are shown one by one instead of as curves.
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

/// A value in the unit in which its table counts.
fn counted(plan: &Plan, table: usize, value: f64) -> f64 {
    value / plan.measured[table].counted_in.1
}

/// Ends of 95 % of what is measured about a row, where its scatter is known.
fn about(plan: &Plan, row: usize) -> [f64; 2] {
    let (observed, value) = (&plan.posterior.observed[row], plan.rows[row].1.value);
    let sd = observed.sd.unwrap_or(0.0);
    [-Z_975, Z_975].map(|deviations| match observed.miss {
        ErrorModel::Absolute => value + sd * deviations,
        ErrorModel::Relative => value * math::exp(sd * deviations),
    })
}

/// What a figure of a fit begins with: the assay, its model and what was measured.
fn heading(plan: &Plan, table: usize) -> String {
    let mut models: Vec<&str> = plan.prepared.iter().map(|p| p.setup.model.name.as_str()).collect();
    models.dedup();
    let models = match models.is_empty() {
        true => "the whole patient".to_string(),
        false => format!("model {}", models.join(", ")),
    };
    let of = match plan.measured.len() {
        1 => String::new(),
        _ => format!(", table {}", plan.measured[table].name),
    };
    format!("Fit of {models}{of}")
}

/// Single numbers of patients, measured and modelled; publications print few.
fn compared(plan: &Plan, outcome: &Outcome, table: usize) -> Figure {
    let chains = !outcome.chains.is_empty();
    let own = plan.rows.iter().enumerate().filter(|(_, r)| r.0 == table);
    let rows = own.flat_map(|(i, (_, row))| {
        let (observed, expected) = (&plan.posterior.observed[i], &outcome.expected[i]);
        let in_unit = |value: f64| counted(plan, table, value);
        let [measured_low, measured_high] = about(plan, i);
        let what = if row.held_out { "held out" } else { "fitted" };
        let at = crate::labels::time_text(row.time);
        let words =
            [row.reduce.word(), &crate::labels::written(&row.readout), &row.given, &row.cell];
        let words = words.map(str::trim).into_iter().filter(|w| !w.is_empty());
        let group = format!("{}, {at} ({what})", words.collect::<Vec<_>>().join(", "));
        let measured = Interval {
            label: if observed.sd.is_some() { "measured (95 %)" } else { "measured" }.into(),
            group: group.clone(),
            value: in_unit(row.value),
            low: in_unit(measured_low),
            high: in_unit(measured_high),
            style: 0,
            note: String::new(),
            measured: true,
            bars: vec![],
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
            measured: false,
            bars: vec![],
        };
        [measured, modelled]
    });
    let relative = plan.posterior.observed.iter().all(|o| o.miss == ErrorModel::Relative);
    Figure {
        title: format!("{}: measured (open symbols) and modelled", heading(plan, table)),
        subtitle: match plan.rows.iter().any(|(of, row)| *of == table && row.held_out) {
            true => "rows held out were not fitted: the model predicts them".into(),
            false => String::new(),
        },
        panels: vec![Panel {
            name: "compared".into(),
            title: String::new(),
            x: Axis {
                scale: if relative { Scale::Log } else { Scale::Linear },
                ..match plan.measured[table].unit.as_str() {
                    "value" => Axis::linear("value, in the unit of each readout", ""),
                    unit => Axis::linear("value", unit),
                }
            },
            y: Axis::linear("measurement", ""),
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
    // One of that unit in pM; of IU it depends on the ligand.
    let one = |i: usize| {
        let text = QuantityText(format!("1 {dose_unit}"));
        let ligand = study.ligands.get(&plan.rows[i].1.given);
        ligand.and_then(|own| il2_study::values::dose("", own, &text).ok()).unwrap_or(1.0)
    };
    let groups = grouped(plan, table);
    let none = wells.then(|| without_dose(plan, table)).flatten();
    let mut legend: Vec<String> = vec![];
    let shown = groups.len().min(MOST_PANELS);
    // Of many panels the most different: every cell, early and late times.
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
                ..Axis::log("dose, none left of the dotted line", dose_unit)
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
        more => format!("; {more} more groups in the table of predictions"),
    };
    let bands = match outcome.chains.is_empty() {
        true => String::new(),
        false => format!("{:.0} % of measurements predicted", 100.0 * plan.level),
    };
    Figure {
        title: format!("{}: measured (open symbols) and fitted (lines)", heading(plan, table)),
        subtitle: format!("lines: best fit{more}"),
        panels,
        columns: if groups.len() > 4 { 3 } else { 0 },
        footnote: String::new(),
        legend: legend.into_iter().enumerate().map(|(i, l)| (l, i)).collect(),
        bands,
        ..Figure::default()
    }
}

/// Where wells without ligand stand on a logarithmic axis of doses, a step below the lowest of a table, and the
/// border between (pM); none where every well was given some.
fn without_dose(plan: &Plan, table: usize) -> Option<(f64, f64)> {
    let own = plan.rows.iter().filter(|(of, _)| *of == table).map(|(_, row)| row.dose);
    let mut doses: Vec<f64> = own.clone().filter(|dose| *dose > 0.0).collect();
    doses.sort_by(f64::total_cmp);
    doses.dedup();
    let lowest = *doses.first().filter(|_| own.clone().any(|dose| dose == 0.0))?;
    let step = doses.get(1).map_or(10.0, |next| (next / lowest).clamp(2.0, 10.0));
    Some((lowest / step, lowest / step.sqrt()))
}

/// Every measurement against the model's, with the line on which both are equal.
fn agreement(plan: &Plan, outcome: &Outcome, table: usize) -> Figure {
    let rows: Vec<usize> = (0..plan.rows.len()).filter(|i| plan.rows[*i].0 == table).collect();
    let points = |held: bool| -> Vec<(f64, f64)> {
        let own = rows.iter().filter(|i| plan.rows[**i].1.held_out == held);
        let in_unit = |value: f64| counted(plan, table, value);
        own.map(|i| (in_unit(outcome.expected[*i].mean), in_unit(plan.rows[*i].1.value))).collect()
    };
    let all = [points(false), points(true)].concat();
    let ends = all.iter().flat_map(|p| [p.0, p.1]);
    let (low, high) = ends.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    let scale = if low > 0.0 && high > 20.0 * low { Scale::Log } else { Scale::Linear };
    // Symbols at the ends are whole.
    let (low, high) = match scale {
        Scale::Log => (low / 1.2, high * 1.2),
        Scale::Linear => (low - 0.05 * (high - low), high + 0.05 * (high - low)),
    };
    let series = |label: &str, style: usize, points: Vec<(f64, f64)>| Series {
        label: if points.is_empty() { String::new() } else { label.to_string() },
        style,
        points,
        markers: true,
        line: false,
        measured: true,
        ..Series::default()
    };
    let content = vec![
        Series {
            label: "equal".into(),
            style: 7,
            points: vec![(low, low), (high, high)],
            ..Series::default()
        },
        series("fitted", 0, points(false)),
        series("held out, predicted", 1, points(true)),
    ];
    let axis = |what: &str| Axis {
        scale,
        range: Some((low, high)),
        ..match plan.measured[table].unit.as_str() {
            "value" => Axis::linear(format!("{what}, in the unit of each readout"), ""),
            unit => Axis::linear(what, unit),
        }
    };
    Figure {
        title: format!("{}: measured against modelled", heading(plan, table)),
        subtitle: format!("{} rows at the best fit", rows.len()),
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

/// Prior and posterior of each number, as multiples of the prior's median.
fn parameters(plan: &Plan, estimates: &[Estimate]) -> Figure {
    let rows = estimates[..plan.posterior.numbers].iter().flat_map(|e| {
        let part = |v: f64| v / e.prior[0];
        let row = |label: &str, style: usize, value: f64, ends: [f64; 2]| Interval {
            label: label.into(),
            group: e.name.clone(),
            value: part(value),
            low: if ends[0].is_nan() { f64::NEG_INFINITY } else { part(ends[0]) },
            high: if ends[1].is_nan() { f64::INFINITY } else { part(ends[1]) },
            style,
            note: String::new(),
            measured: false,
            bars: vec![],
        };
        let prior = row("prior (95 %)", 7, e.prior[0], [e.prior[1], e.prior[2]]);
        let posterior = row(
            &format!("posterior ({:.0} %)", 100.0 * plan.level),
            0,
            e.posterior[0],
            [e.posterior[1], e.posterior[2]],
        );
        let profile = row("profile (95 %)", 1, e.best, e.profile);
        let keep = [true, !e.posterior[0].is_nan(), plan.profiles];
        [prior, posterior, profile].into_iter().zip(keep).filter(|(_, keep)| *keep).map(|r| r.0)
    });
    Figure {
        title: "Fitted numbers before and after".into(),
        subtitle: "an arrow to the edge is an end that the measurements leave open".into(),
        panels: vec![Panel {
            name: "parameters".into(),
            title: String::new(),
            x: Axis::log("value / middle of the prior", ""),
            y: Axis::linear("number", ""),
            content: Content::Intervals(rows.collect()),
        }],
        ..Figure::default()
    }
}

/// The profile likelihood of each number, with its 95 % limit.
fn profiles(plan: &Plan, outcome: &Outcome) -> Figure {
    let panel = |(k, points): (usize, &Vec<il2_inference::search::ProfilePoint>)| {
        let value = |z: f64| plan.told(k, z);
        let highest = points.iter().map(|p| p.log_likelihood).fold(f64::MIN, f64::max);
        let line: Vec<(f64, f64)> =
            points.iter().map(|p| (value(p.z), highest - p.log_likelihood)).collect();
        let ends = (line.first().map_or(1.0, |p| p.0), line.last().map_or(1.0, |p| p.0));
        let label = match (&plan.fitted[k].name, plan.unit(k).0) {
            (name, "") => name.clone(),
            (name, unit) => format!("{name} ({unit})"),
        };
        Panel {
            name: plan.fitted[k].name.clone(),
            title: String::new(),
            x: Axis::log(label, ""),
            y: Axis {
                range: Some((0.0, HALF_CHI2_95 + 1.0)),
                ..Axis::linear("fall of the log likelihood", "")
            },
            content: Content::Lines(vec![
                Series {
                    label: "profile".into(),
                    points: line,
                    markers: true,
                    ..Series::default()
                },
                Series {
                    label: "95 % limit".into(),
                    style: 7,
                    points: vec![(ends.0, HALF_CHI2_95), (ends.1, HALF_CHI2_95)],
                    ..Series::default()
                },
            ]),
        }
    };
    Figure {
        title: "Profile likelihood of each number, the others fitted anew".into(),
        subtitle:
            "priors of the number itself left out; a line that stays below the limit is an open \
                   end"
            .into(),
        panels: outcome.profiles.iter().enumerate().map(panel).collect(),
        columns: if outcome.profiles.len() > 4 { 3 } else { 0 },
        footnote: String::new(),
        legend: vec![("profile".into(), 0), ("95 % limit".into(), 7)],
        ..Figure::default()
    }
}
