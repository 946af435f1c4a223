//! Tables, figure and text of a sweep over two affinities.

use crate::affinity_sweep::plan::Plan;
use crate::affinity_sweep::run::Answer;
use crate::affinity_sweep::sentence::{self, SAME, Stretch, stretch};
use crate::swept::SweptCurve;
use il2::quantity::{readable_concentration, three_digits};
use il2_answer::answer::{AssayResult, status};
use il2_answer::caption;
use il2_answer::curves;
use il2_answer::labels::{chain_title, cut, time_text, written};
use il2_engine::math;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, HeatMap, Panel, Scale};
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// Turns an answer into table, figure and text.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let answer = &answer;
    let two = plan.cells.len() == 2;
    let ratios = || grid(plan, &|y, x| answer.ratio(plan, y, x));
    let figure = figure(study, plan, answer);
    AssayResult {
        sentences: in_sentences(plan, answer),
        text: text(plan, answer),
        warnings: warnings(plan, answer),
        summary: json!({
            "kind": "affinity-sweep",
            "ligand": plan.ligand.label,
            "cells": plan.cells,
            "points": plan.alpha.len() * plan.beta.len(),
            "largest_ratio": if two { json!(extreme(&ratios())) } else { json!(null) },
        }),
        picture: figure.panels.last().cloned(),
        figures: vec![(plan.name.clone(), figure)],
        tables: vec![table(plan, answer)],
        failed: answer.curves.iter().map(|swept| swept.failed).sum(),
        ..AssayResult::default()
    }
}

/// The answer in sentences: for two cells, where their EC50s differ most; for one cell, where the
/// EC50 is lowest.
fn in_sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    let (rows, columns) = (plan.beta.len(), plan.alpha.len());
    let two = plan.cells.len() == 2;
    let value = |y: usize, x: usize| match two {
        true => answer.ratio(plan, y, x),
        false => answer.of(plan, 0, y, x).ec50(),
    };
    let places = (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x)));
    let known = places.filter(|&(y, x)| value(y, x).is_finite());
    let count = known.clone().count();
    let better = |a: &(usize, usize), b: &(usize, usize)| {
        let order = value(a.0, a.1).total_cmp(&value(b.0, b.1));
        // Of several equal points, the first counts.
        let order = if two { order } else { order.reverse() };
        order.then(b.cmp(a))
    };
    let best = known.max_by(better).map(|(y, x)| {
        let row: Vec<f64> = (0..columns).map(|x| value(y, x)).collect();
        let column: Vec<f64> = (0..rows).map(|y| value(y, x)).collect();
        let (mut along_x, mut along_y) = (stretch(&row, x), stretch(&column, y));
        // For a plateau that is not a rectangle, its longer side.
        let same = |&(y2, x2): &(usize, usize)| {
            let by = value(y2, x2) / value(y, x);
            by < SAME && by > 1.0 / SAME
        };
        let mut inside =
            (along_y.0..=along_y.1).flat_map(|y| (along_x.0..=along_x.1).map(move |x| (y, x)));
        if !inside.all(|place| same(&place)) {
            match along_x.1 - along_x.0 >= along_y.1 - along_y.0 {
                true => along_y = (y, y),
                false => along_x = (x, x),
            }
        }
        sentence::Best {
            value: value(y, x),
            alpha: place(&plan.alpha, along_x),
            second: place(&plan.beta, along_y),
        }
    });
    let own: Vec<f64> = answer.own.iter().map(SweptCurve::ec50).collect();
    let own = match own.as_slice() {
        [one, other] => other / one,
        all => all[0],
    };
    let failed = |y: usize, x: usize| {
        let of = |cell: usize| answer.of(plan, cell, y, x);
        (0..plan.cells.len()).map(of).find(|swept| swept.failed > 0)
    };
    let failed: Vec<&SweptCurve> = (0..rows)
        .flat_map(|y| (0..columns).map(move |x| (y, x)))
        .filter_map(|(y, x)| failed(y, x).filter(|_| !value(y, x).is_finite()))
        .collect();
    sentence::sentences(&sentence::Map {
        own: sentence::Own {
            name: plan.ligand.label.clone(),
            constants: [plan.own.0, plan.own.1],
            value: own.is_finite().then_some(own),
        },
        failed: failed.first().map(|first| (failed.len(), status(first.failure.as_ref()))),
        cells: plan.cells.clone(),
        second: plan.second.trim_start_matches("il2r_").replace('_', " "),
        best,
        without: (rows * columns - count, rows * columns),
    })
}

fn place(all: &[f64], (from, to): (usize, usize)) -> Stretch {
    let last = all.len() - 1;
    Stretch {
        from: all[from],
        to: all[to],
        all: (from, to) == (0, last) && last > 0,
        on_the_edge: from == to && last > 0 && (from == 0 || to == last),
    }
}

/// A value at every point: by second affinity, then by affinity for the alpha chain.
fn grid(plan: &Plan, value: &dyn Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    let row = |iy: usize| (0..plan.alpha.len()).map(|ix| value(iy, ix)).collect();
    (0..plan.beta.len()).map(row).collect()
}

fn table(plan: &Plan, answer: &Answer) -> Table {
    let second = plan.second.trim_start_matches("il2r_");
    let mut columns = vec![
        ("ligand".to_string(), true),
        ("kd_alpha_pm".into(), false),
        (format!("kd_{second}_pm"), false),
        ("time_min".into(), false),
    ];
    columns.extend(plan.cells.iter().map(|c| (format!("ec50_{c}_pm"), false)));
    if let [one, other] = plan.cells.as_slice() {
        columns.push((format!("ec50_{other}_over_{one}"), false));
    }
    for c in &plan.cells {
        columns.push((format!("ec50_{c}_is"), true));
        columns.push((format!("falls_beyond_top_{c}"), true));
    }
    columns.push(("status".into(), true));
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&plan.name, &columns);
    for (iy, &b) in plan.beta.iter().enumerate() {
        for (ix, &a) in plan.alpha.iter().enumerate() {
            let swept = || (0..plan.cells.len()).map(|cell| answer.of(plan, cell, iy, ix));
            let label = plan.ligand.label.as_str();
            let mut row: Vec<Value> = vec![label.into(), a.into(), b.into(), plan.time.into()];
            row.extend(swept().map(|swept| Value::Number(swept.ec50())));
            if plan.cells.len() == 2 {
                row.push(answer.ratio(plan, iy, ix).into());
            }
            for swept in swept() {
                row.push(curves::whereabouts(&swept.curve).as_str().into());
                row.push(if swept.curve.bell.is_some() { "yes".into() } else { "no".into() });
            }
            let failure = swept().find_map(|swept| swept.failure.as_ref());
            row.push(status(failure).as_str().into());
            table.push(row);
        }
    }
    table
}

const PM_PER_NM: f64 = 1000.0;

fn figure(study: &Study, plan: &Plan, answer: &Answer) -> Figure {
    let constant = |chain: &str| Axis::log(format!("K_D for {}", chain_title(chain)), "nM");
    // Affinities are written in nM, doses in pM.
    let nm = |all: &[f64]| all.iter().map(|pm| pm / PM_PER_NM).collect::<Vec<f64>>();
    let map = |(name, title): (&str, String),
               colour_label: String,
               values: Vec<Vec<f64>>,
               diverging: bool| Panel {
        name: name.into(),
        title,
        x: constant(plan.ligand.private_chain.name()),
        y: constant(plan.second),
        content: Content::HeatMap(HeatMap {
            x: nm(&plan.alpha),
            y: nm(&plan.beta),
            contours: decades(&values),
            values,
            colour_label,
            scale: Scale::Log,
            range: None,
            diverging_at: diverging.then_some(1.0),
            marked: if plan.own.0.is_finite() && plan.own.1.is_finite() {
                let (alpha, beta) = (plan.own.0 / PM_PER_NM, plan.own.1 / PM_PER_NM);
                vec![(alpha, beta, plan.ligand.label.clone())]
            } else {
                vec![]
            },
        }),
    };
    let ec50s = |cell: usize| grid(plan, &|y, x| answer.of(plan, cell, y, x).ec50());
    let cells = plan.cells.iter().enumerate();
    let mut panels: Vec<Panel> = cells
        .map(|(c, cell)| {
            map((cell, format!("EC50 on {cell}")), "EC50 (pM)".into(), ec50s(c), false)
        })
        .collect();
    if let [one, other] = plan.cells.as_slice() {
        let ratios = grid(plan, &|y, x| answer.ratio(plan, y, x));
        let title = format!("EC50 on {other} over EC50 on {one}");
        panels.push(map(("ratio", title), format!("ratio; above 1 favours {one}"), ratios, true));
    }
    Figure {
        title: study.question.clone(),
        subtitle: format!(
            "{}; EC50 of {} after {}; hatched where no EC50 is within the tested doses; best \
             values, no intervals{}",
            caption::kind_and_model(study, &plan.name),
            written(&plan.readout),
            time_text(plan.time),
            curves::uncertain(answer.curves.iter().map(|swept| &swept.curve))
        ),
        columns: panels.len().min(3),
        panels,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend: vec![],
        ..Figure::default()
    }
}

fn warnings(plan: &Plan, answer: &Answer) -> Vec<String> {
    let mut named = vec![];
    for (c, cell) in plan.cells.iter().enumerate() {
        for (iy, b) in plan.beta.iter().enumerate() {
            for (ix, a) in plan.alpha.iter().enumerate() {
                let (a, b) = (readable_concentration(*a), readable_concentration(*b));
                let name = format!("{cell}, K_D alpha {a}, K_D beta {b}");
                named.push((name, answer.of(plan, c, iy, ix).curve));
            }
        }
    }
    curves::warnings(&named)
}

fn extreme(values: &[Vec<f64>]) -> f64 {
    values.iter().flatten().copied().filter(|v| v.is_finite()).fold(f64::NAN, f64::max)
}

/// Powers of ten within the range of values, as contour levels.
fn decades(values: &[Vec<f64>]) -> Vec<f64> {
    let finite = || values.iter().flatten().copied().filter(|v| v.is_finite() && *v > 0.0);
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(0.0, f64::max));
    if low >= high {
        return vec![];
    }
    let (first, last) = (math::log10(low).ceil() as i32, math::log10(high).floor() as i32);
    (first..=last).map(math::power_of_ten).collect()
}

fn text(plan: &Plan, answer: &Answer) -> String {
    let two = plan.cells.len() == 2;
    let mut out = format!("EC50 of {} after {}\n", written(&plan.readout), time_text(plan.time));
    let second = format!("K_D {}", plan.second.trim_start_matches("il2r_"));
    out += &format!("{:>12}  {second:>12}", "K_D alpha");
    plan.cells.iter().for_each(|c| out += &format!("  {:>16}", cut(c, 16)));
    out += if two { "         ratio\n" } else { "\n" };
    // Only the corners and the middle are printed; the table has all points.
    let (nx, ny) = (plan.alpha.len(), plan.beta.len());
    let mut rows = vec![(0, 0), (0, nx - 1), (ny / 2, nx / 2), (ny - 1, 0), (ny - 1, nx - 1)];
    rows.dedup();
    let shown = |v: f64| if v.is_finite() { readable_concentration(v) } else { "-".into() };
    for (iy, ix) in rows {
        let mut line = format!("{:>12}  {:>12}", shown(plan.alpha[ix]), shown(plan.beta[iy]));
        let swept = || (0..plan.cells.len()).map(|cell| answer.of(plan, cell, iy, ix));
        swept().for_each(|swept| line += &format!("  {:>16}", shown(swept.ec50())));
        if two {
            let ratio = answer.ratio(plan, iy, ix);
            let ratio = if ratio.is_finite() { three_digits(ratio) } else { "-".into() };
            line += &format!("  {ratio:>12}");
        }
        let marks = swept().map(|swept| curves::marks(&swept.curve)).filter(|m| !m.is_empty());
        line += &format!("  {}", marks.collect::<Vec<_>>().join("; "));
        out += &format!("{}\n", line.trim_end());
    }
    out + "Corners and middle of the map; the table has every point.\n"
}
