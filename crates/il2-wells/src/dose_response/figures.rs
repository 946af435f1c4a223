//! Figures of a dose-response: curves by cell, and half-maximal doses side by side.

use crate::dose_response::answer::Answer;
use crate::dose_response::plan::{Pair, Plan};
use il2::quantity::readable_concentration;
use il2_answer::caption;
use il2_answer::curves;
use il2_answer::labels::{readout_axis, time_text, time_texts, written};
use il2_answer::sentence::Spread;
use il2_inference::curve::HalfMaximal;
use il2_output::figure::{Axis, Content, Figure, Interval, Panel, Series, most_curves};
use il2_study::study::Study;

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

/// Half-maximal doses with their intervals at one time.
pub fn forest(plan: &Plan, answer: &Answer, time: usize) -> Panel {
    let ligands = ligands_of(plan);
    let rows = plan.pairs.iter().enumerate().map(|(p, pair)| {
        let curve = &answer.potencies[p][time].curve;
        let Spread { low, high, .. } = answer.ec50(plan, (p, time));
        let (value, note) = match curve.ec50 {
            HalfMaximal::At(v) => (v, curves::marks(curve)),
            HalfMaximal::Below(v) => (f64::NAN, format!("< {}", readable_concentration(v))),
            HalfMaximal::Above(v) => (f64::NAN, format!("> {}", readable_concentration(v))),
            HalfMaximal::Flat => (f64::NAN, "no response".into()),
            HalfMaximal::Unknown => (f64::NAN, "not solved".into()),
        };
        Interval {
            label: pair.ligand.clone(),
            group: pair.cell.clone(),
            value,
            // Below the tested doses: the end is drawn at the lowest dose.
            low: match low {
                f64::NEG_INFINITY => pair.doses[0].min(high),
                low if low.is_finite() => low,
                _ => value,
            },
            high: if high.is_nan() { value } else { high },
            style: ligands.iter().position(|l| *l == pair.ligand).unwrap_or(0),
            note,
            ..Interval::default()
        }
    });
    let rows: Vec<Interval> = rows.collect();
    // An arrow extends to the end of the doses: where its interval ends is not known.
    let highest = rows.iter().any(|row| row.high == f64::INFINITY).then(|| highest_dose(plan));
    // Without any EC50, the axis spans the doses.
    let none = rows.iter().all(|row| row.value.is_nan() && row.low.is_nan() && row.high.is_nan());
    let lowest = plan.pairs.iter().map(|pair| pair.doses[0]).fold(f64::INFINITY, f64::min);
    let range = match (none, highest) {
        (true, _) => Some((lowest, highest_dose(plan))),
        (false, highest) => highest.map(|dose| (f64::NEG_INFINITY, dose)),
    };
    Panel {
        name: "ec50".into(),
        title: format!("EC50 after {}", time_text(plan.times[time])),
        x: Axis { range, ..Axis::log("EC50", "pM") },
        y: Axis::default(),
        content: Content::Intervals(rows),
    }
}

fn highest_dose(plan: &Plan) -> f64 {
    let highest = plan.pairs.iter().filter_map(|pair| pair.doses.last());
    highest.copied().fold(f64::NAN, f64::max)
}

/// Explanation of an arrow in place of an end of an interval.
pub(super) const ARROW: &str = "; arrow: end not determined by these doses";

/// Explanation of the arrows and words next to the rows of a forest plot.
fn explained(forest: &Panel) -> String {
    let Content::Intervals(rows) = &forest.content else { return String::new() };
    let mut said = String::new();
    if rows.iter().any(|row| row.high == f64::INFINITY) {
        said += ARROW;
    }
    let words = [
        ("rises", "still rising at the highest dose"),
        ("still falls", "still falling at the highest dose"),
        ("gap", "read across a gap between doses"),
        ("bell", "falls again at high doses"),
        ("two steps", "the EC50 is on one of two steps or between them"),
    ];
    for (word, meaning) in words {
        let marked = |row: &Interval| row.note.split(", ").any(|note| note == word);
        if rows.iter().any(marked) {
            said += &format!("; {word}: {meaning}");
        }
    }
    said
}

/// Curves, one figure for each time, and half-maximal doses at the last time.
pub fn figures(study: &Study, plan: &Plan, answer: &Answer) -> Vec<(String, Figure)> {
    let mut ligands = ligands_of(plan);
    let all = ligands.len();
    ligands.truncate(most_curves(cells_of(plan).len()));
    let first = match ligands.len() {
        shown if shown < all => format!("; the first {shown} of {all} ligands are shown"),
        _ => String::new(),
    };
    let legend: Vec<_> = ligands.iter().cloned().enumerate().map(|(i, l)| (l, i)).collect();
    let subtitle = |time: &str| {
        let assay = caption::kind_and_model(study, &plan.name);
        let medium = plan.medium.text().map_or(String::new(), |text| format!("; {text}"));
        let drawn = match plan.draws {
            0 => "best values, no intervals".to_string(),
            _ => format!("draws of {}", plan.what_is_drawn()),
        };
        format!("{assay}; after {time}{medium}{first}; rings mark each EC50; {drawn}")
    };
    let bands = match plan.draws {
        0 => String::new(),
        n => format!("central {:.0} % of {n} draws", plan.level * 100.0),
    };
    let footnote = format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION"));
    let unit = caption::dose_unit(study, &plan.name, &plan.pairs[0].ligand).0;
    let mut found = vec![];
    let named = plan.figure_names().into_iter().zip(time_texts(&plan.times));
    for (t, (name, time)) in named.enumerate() {
        let panels = cells_of(plan).into_iter().map(|cell| {
            let here = |(_, p): &(usize, &Pair)| p.cell == cell && ligands.contains(&p.ligand);
            let series = plan.pairs.iter().enumerate().filter(here).map(|(p, pair)| {
                let middle = &answer.curves[p][0];
                let potency = &answer.potencies[p][t];
                let (_, one) = caption::dose_unit(study, &plan.name, &pair.ligand);
                let doses = pair.doses.iter().map(|d| d / one);
                let points = doses.zip(middle.at(t).skip(1)).collect();
                let curve = potency.curve;
                let bands = potency.bands.iter().skip(1);
                let bands = bands.zip(&pair.doses).map(|(b, d)| (d / one, b.low, b.high));
                Series {
                    label: pair.ligand.clone(),
                    style: ligands.iter().position(|l| *l == pair.ligand).unwrap_or(0),
                    points,
                    band: bands.collect(),
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
                bands: bands.clone(),
                ..Figure::default()
            },
        ));
    }
    let assay = caption::kind_and_model(study, &plan.name);
    let last = plan.times.len() - 1;
    let mut panel = forest(plan, answer, last);
    panel.title = String::new();
    let explained = explained(&panel);
    found.push((
        format!("{}_ec50", plan.name),
        Figure {
            title: format!(
                "EC50 of {} after {}",
                written(&plan.readout),
                time_text(plan.times[last])
            ),
            subtitle: match plan.draws {
                0 => format!("{assay}; best values, no intervals{explained}"),
                n => format!(
                    "{assay}; central {:.0} % of {n} draws of {}{explained}",
                    plan.level * 100.0,
                    plan.what_is_drawn()
                ),
            },
            panels: vec![panel],
            columns: 1,
            footnote,
            // Each row is labelled with its ligand.
            legend: vec![],
            ..Figure::default()
        },
    ));
    found
}
