//! Summary of a dose-response: summary, text, and figures.

use crate::caption;
use crate::curves;
use crate::dose_response::plan::{MOST_TIMES_DRAWN, Pair, Plan, reference_of};
use crate::dose_response::reading::Reading;
use crate::labels::{MOST_TOLD, cut, readout_axis, time_text, time_texts};
use crate::wells::Responses;
use il2::quantity::{readable_concentration, three_digits};
use il2_inference::curve::HalfMaximal;
use il2_inference::statistics::central_interval;
use il2_output::figure::{Axis, Content, Figure, Interval, Panel, Series};
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

pub fn summary(plan: &Plan, ec50: &Table) -> serde_json::Value {
    let number = |v: f64| if v.is_finite() { json!(v) } else { serde_json::Value::Null };
    let rows: Vec<_> = (0..ec50.rows().min(MOST_TOLD))
        .map(|row| {
            let n = |name: &str| number(ec50.number(row, name));
            json!({
                "ligand": ec50.text(row, "ligand"),
                "cell": ec50.text(row, "cell"),
                "time_min": n("time_min"),
                "ec50_pm": n("ec50_pm"),
                "ec50_low_pm": n("ec50_low_pm"),
                "ec50_high_pm": n("ec50_high_pm"),
                "ec50_is": ec50.text(row, "ec50_is"),
                "falls_beyond_top": ec50.text(row, "falls_beyond_top") == "yes",
                "ec50_over_reference_cell": number(ec50.number(row, &ec50.columns[7].name)),
            })
        })
        .collect();
    json!({
        "kind": "dose-response",
        "readout": plan.readout,
        "reference_cell": plan.reference,
        "interval_level": if plan.draws > 0 { json!(plan.level) } else { serde_json::Value::Null },
        "draws": plan.draws,
        "ec50_told": rows.len(),
        "ec50_in_all": ec50.rows(),
        "ec50": rows,
    })
}

/// What an EC50 of the plan's readout is worth, and what is to be known of single curves.
pub fn warnings(plan: &Plan, readings: &[Vec<Reading>]) -> Vec<String> {
    let named = plan.pairs.iter().zip(readings).flat_map(|(pair, readings)| {
        plan.times.iter().zip(readings).map(|(time, reading)| {
            let name = format!("{} on {} at {}", pair.ligand, pair.cell, time_text(*time));
            (name, reading.curve)
        })
    });
    let mut curves = curves::warnings(&named.collect::<Vec<_>>());
    let places = || (0..plan.pairs.len()).flat_map(|p| (0..plan.times.len()).map(move |t| (p, t)));
    let told = |is: &dyn Fn(usize, usize) -> bool| {
        let found: Vec<_> = places().filter(|&(p, t)| is(p, t)).collect();
        let name = |&(p, t): &(usize, usize)| {
            let pair: &Pair = &plan.pairs[p];
            format!("{} on {} at {}", pair.ligand, pair.cell, time_text(plan.times[t]))
        };
        let more = match found.len().saturating_sub(3) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let first = found.iter().take(3).map(name).collect::<Vec<_>>().join("; ");
        (found.len(), format!("{first}{more}"))
    };
    let (count, names) = told(&|p, t| readings[p][t].interval_across(plan.level));
    if count > 0 {
        curves.push(format!(
            "{count} of the intervals of EC50s reach across a gap between doses ({names}): that end is a \
             guess, so add doses between."
        ));
    }
    let (count, names) = told(&|p, t| {
        let of = reference_of(plan, &plan.pairs[p]);
        of != p && readings[p][t].curve.gap.is_none() && readings[of][t].curve.gap.is_some()
    });
    if count > 0 {
        curves.push(format!(
            "{count} of the ratios stand on an EC50 of {} that is read across a gap ({names}): add doses \
             between.",
            plan.reference
        ));
    }
    let stat5 = "STAT5 behind these receptor rates saturates at some tens of complexes: its EC50s lie far \
                 below measured ones. Read signalling_complexes for potency, pstat5 for shapes in time.";
    let all = plan.times.len();
    let drawn = format!(
        "Figures show the curves of the first {MOST_TIMES_DRAWN} of {all} times; the tables have all."
    );
    let curves = curves.into_iter().chain((all > MOST_TIMES_DRAWN).then_some(drawn));
    plan.readout.contains("stat5").then(|| stat5.to_string()).into_iter().chain(curves).collect()
}

pub fn text(plan: &Plan, readings: &[Vec<Reading>], ec50: &Table) -> String {
    let width = |name: &str, least: usize| {
        (0..ec50.rows())
            .map(|r| ec50.text(r, name).chars().count())
            .max()
            .unwrap_or(0)
            .clamp(least, 18)
    };
    let (lw, cw) = (width("ligand", 6), width("cell", 4));
    let interval = if plan.draws > 0 {
        format!("{:.0} % interval", plan.level * 100.0)
    } else {
        String::new()
    };
    let against = cut(&format!("/ {}", plan.reference), 12);
    let mut out = format!(
        "EC50 of {} (half-maximal dose), and its ratio to that on {}\n",
        plan.readout.replace('_', " "),
        plan.reference
    );
    out += &format!(
        "{:<lw$}  {:<cw$}  {:>6}  {:>10}  {:<22} {:>12}  {:>9}\n",
        "ligand", "cell", "time", "EC50", interval, against, "top"
    );
    let ratio = ec50.columns[7].name.clone();
    let top = ec50.columns[10].name.clone();
    for row in 0..ec50.rows().min(MOST_TOLD) {
        let n = |name: &str| ec50.number(row, name);
        let value = n("ec50_pm");
        let is = ec50.text(row, "ec50_is");
        let shown = if value.is_finite() { readable_concentration(value) } else { "-".into() };
        let ends = match (n("ec50_low_pm"), n("ec50_high_pm")) {
            _ if !value.is_finite() => is,
            (l, h) if l.is_finite() && h.is_finite() => {
                format!("{} .. {}", readable_concentration(l), readable_concentration(h))
            }
            (l, _) if l.is_finite() => format!("{} .. beyond doses", readable_concentration(l)),
            (_, h) if h.is_finite() => format!("below doses .. {}", readable_concentration(h)),
            _ if plan.draws > 0 => "beyond doses".into(),
            _ => String::new(),
        };
        let times = n(&ratio);
        let times =
            if times.is_finite() { format!("{}x", three_digits(times)) } else { "-".into() };
        let (p, t) = (row / plan.times.len(), row % plan.times.len());
        let reading = &readings[p][t];
        let of = reference_of(plan, &plan.pairs[p]);
        let mut marks = vec![curves::marks(&reading.curve)];
        if reading.interval_across(plan.level) {
            marks.push("interval gap".into());
        }
        if of != p && readings[of][t].curve.gap.is_some() {
            marks.push("ratio gap".into());
        }
        marks.retain(|mark| !mark.is_empty());
        let marks = marks.join(", ");
        let line = format!(
            "{:<lw$}  {:<cw$}  {:>6}  {:>10}  {:<22} {:>12}  {:>9}  {marks}",
            cut(&ec50.text(row, "ligand"), lw),
            cut(&ec50.text(row, "cell"), cw),
            time_text(n("time_min")),
            shown,
            ends,
            times,
            if n(&top).is_finite() { three_digits(n(&top)) } else { "-".into() },
        );
        out += &format!("{}\n", line.trim_end());
    }
    if let Some(more @ 1..) = ec50.rows().checked_sub(MOST_TOLD) {
        out += &format!("and {more} more, in {}.csv\n", ec50.name);
    }
    if plan.draws > 0 {
        out += &format!(
            "Intervals: {} draws of the fitted rates and of the receptor counts.\ntop: {}\n",
            plan.draws,
            readout_axis(&plan.readout, plan.dimension).title()
        );
    }
    out
}

fn cells_of(plan: &Plan) -> Vec<String> {
    let mut cells: Vec<String> = vec![];
    for pair in &plan.pairs {
        if !cells.contains(&pair.cell) {
            cells.push(pair.cell.clone());
        }
    }
    cells
}

fn ligands_of(plan: &Plan) -> Vec<String> {
    plan.pairs.iter().filter(|p| p.cell == plan.pairs[0].cell).map(|p| p.ligand.clone()).collect()
}

pub fn forest(plan: &Plan, readings: &[Vec<Reading>], time: usize) -> Panel {
    let ligands = ligands_of(plan);
    let rows = plan.pairs.iter().zip(readings).map(|(pair, readings)| {
        let r = &readings[time];
        let (low, high) = central_interval(r.solved(), plan.level);
        let (value, note) = match r.curve.ec50 {
            HalfMaximal::At(v) => (v, curves::marks(&r.curve)),
            HalfMaximal::Below(v) => (f64::NAN, format!("< {}", readable_concentration(v))),
            HalfMaximal::Above(v) => (f64::NAN, format!("> {}", readable_concentration(v))),
            HalfMaximal::Flat => (f64::NAN, "no response".into()),
            HalfMaximal::Unknown => (f64::NAN, "not solved".into()),
        };
        Interval {
            label: pair.ligand.clone(),
            group: pair.cell.clone(),
            value,
            // Below the doses: as far as these go.
            low: match low {
                f64::NEG_INFINITY => pair.doses[0].min(high),
                low if low.is_finite() => low,
                _ => value,
            },
            high: if high.is_nan() { value } else { high },
            style: ligands.iter().position(|l| *l == pair.ligand).unwrap_or(0),
            note,
            measured: false,
        }
    });
    Panel {
        name: "ec50".into(),
        title: format!("EC50 at {}", time_text(plan.times[time])),
        x: Axis::log("EC50", "pM"),
        y: Axis::default(),
        content: Content::Intervals(rows.collect()),
    }
}

pub fn figures(
    study: &Study,
    plan: &Plan,
    all: &[Responses],
    readings: &[Vec<Reading>],
) -> Vec<(String, Figure)> {
    let ligands = ligands_of(plan);
    let legend: Vec<_> = ligands.iter().cloned().enumerate().map(|(i, l)| (l, i)).collect();
    let subtitle = |time: &str| {
        let assay = caption::kind_and_model(study, &plan.name);
        let after = format!("{assay}; after {time}; rings mark each EC50");
        match plan.draws {
            0 => after,
            n => format!("{after}; bands are the central {:.0} % of {n} draws", plan.level * 100.0),
        }
    };
    let footnote = format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION"));
    let unit = caption::dose_unit(study, &plan.name, &plan.pairs[0].ligand).0;
    let mut found = vec![];
    let named = plan.figure_names().into_iter().zip(time_texts(&plan.times));
    for (t, (name, time)) in named.enumerate() {
        let panels = cells_of(plan).into_iter().map(|cell| {
            let series =
                plan.pairs.iter().enumerate().filter(|(_, p)| p.cell == cell).map(|(p, pair)| {
                    let middle = &all[p * (plan.draws + 1)];
                    let (_, one) = caption::dose_unit(study, &plan.name, &pair.ligand);
                    let doses = pair.doses.iter().map(|d| d / one);
                    let points = doses.zip(middle.at(t).skip(1)).collect();
                    let curve = readings[p][t].curve;
                    let band = readings[p][t].band.iter().map(|(d, l, h)| (d / one, *l, *h));
                    Series {
                        label: pair.ligand.clone(),
                        style: ligands.iter().position(|l| *l == pair.ligand).unwrap_or(0),
                        points,
                        band: band.collect(),
                        mark_x: curve
                            .ec50
                            .value()
                            .map(|d| (d / one, 0.5 * (curve.top + curve.baseline))),
                        ..Series::default()
                    }
                });
            Panel {
                name: cell.clone(),
                title: cell.clone(),
                x: Axis::log("dose", &unit),
                y: readout_axis(&plan.readout, plan.dimension),
                content: Content::Lines(series.collect()),
            }
        });
        found.push((
            name,
            Figure {
                title: study.question.clone(),
                subtitle: subtitle(&time),
                panels: panels.collect(),
                columns: 2,
                footnote: footnote.clone(),
                legend: legend.clone(),
                ..Figure::default()
            },
        ));
    }
    let assay = caption::kind_and_model(study, &plan.name);
    let last = plan.times.len() - 1;
    let mut panel = forest(plan, readings, last);
    panel.title = String::new();
    found.push((
        format!("{}_ec50", plan.name),
        Figure {
            title: format!(
                "EC50 of {} at {}",
                plan.readout.replace('_', " "),
                time_text(plan.times[last])
            ),
            subtitle: match plan.draws {
                0 => format!("{assay}; medians of the fitted rates and receptor counts"),
                n => format!(
                    "{assay}; central {:.0} % of {n} draws of fitted rates and receptor counts",
                    plan.level * 100.0
                ),
            },
            panels: vec![panel],
            columns: 1,
            footnote,
            // Each row says its ligand.
            legend: vec![],
            ..Figure::default()
        },
    ));
    found
}
