//! Tables, figure and text of a sweep over the number of one chain.

use crate::receptor_sweep::plan::Plan;
use crate::receptor_sweep::run::{Answer, places};
use crate::receptor_sweep::sentence;
use crate::swept::SweptCurve;
use il2::quantity::{column_suffix, readable_concentration, three_digits};
use il2_answer::answer::{AssayResult, status};
use il2_answer::curves;
use il2_answer::labels::{chain_title, readout_axis, time_text, written};
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// Turns an answer into table, figure and text.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let answer = &answer;
    let figure = figure(study, plan, answer);
    AssayResult {
        summary: json!({
            "kind": "receptor-sweep", "chain": plan.chain, "curves": answer.curves.len(),
        }),
        sentences: in_sentences(plan, answer),
        text: text(plan, answer),
        warnings: warnings(plan, answer),
        picture: figure.panels.first().cloned(),
        figures: vec![(plan.name.clone(), figure)],
        tables: vec![table(plan, answer)],
        failed: answer.curves.iter().map(|swept| swept.failed).sum(),
        ..AssayResult::default()
    }
}

/// The answer in sentences.
fn in_sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    let mut all: Vec<sentence::Swept> = vec![];
    for ((pair, number), swept) in places(plan).iter().zip(&answer.curves) {
        let name = format!("{} on {}", pair.ligand, pair.cell);
        if all.last().is_none_or(|before| before.name != name) {
            all.push(sentence::Swept { name, points: vec![], failed: None });
        }
        let own = all.last_mut().expect("pushed above");
        own.points.push((*number, swept.ec50(), swept.curve.top));
        if swept.failed > 0 && !swept.ec50().is_finite() {
            own.failed.get_or_insert((0, status(swept.failure.as_ref()))).0 += 1;
        }
    }
    // The short name of the chain.
    let chain = chain_title(&plan.chain);
    let chain = chain.split([',', '(']).next().unwrap_or_default().trim();
    sentence::sentences(chain, &written(&plan.readout), &all)
}

fn table(plan: &Plan, answer: &Answer) -> Table {
    let number = format!("{}_per_cell", plan.chain);
    let top = format!("top{}", column_suffix(plan.dimension));
    let mut table = Table::new(
        &plan.name,
        &[
            ("ligand", true),
            ("cell", true),
            (&number, false),
            ("time_min", false),
            ("ec50_pm", false),
            ("ec50_is", true),
            (&top, false),
            ("falls_beyond_top", true),
            ("status", true),
        ],
    );
    for ((pair, number), swept) in places(plan).iter().zip(&answer.curves) {
        table.push(vec![
            pair.ligand.as_str().into(),
            pair.cell.as_str().into(),
            (*number).into(),
            plan.time.into(),
            swept.ec50().into(),
            curves::whereabouts(&swept.curve).as_str().into(),
            swept.curve.top.into(),
            if swept.curve.bell.is_some() { "yes".into() } else { "no".into() },
            status(swept.failure.as_ref()).as_str().into(),
        ]);
    }
    table
}

fn figure(study: &Study, plan: &Plan, answer: &Answer) -> Figure {
    let places = places(plan);
    let mut labels: Vec<(String, String)> =
        plan.pairs.iter().map(|p| (p.ligand.clone(), p.cell.clone())).collect();
    let all = labels.len();
    labels.truncate(il2_output::figure::most_curves(2));
    // What all curves have in common is written in the subtitle.
    let several = |part: fn(&(String, String)) -> &String| {
        labels.iter().any(|label| part(label) != part(&labels[0]))
    };
    let (ligands, cells) = (several(|l| &l.0), several(|l| &l.1));
    let word = |(ligand, cell): (&String, &String)| match (ligands, cells) {
        (_, false) => ligand.clone(),
        (false, true) => cell.clone(),
        (true, true) => format!("{ligand}, {cell}"),
    };
    let series = |value: &dyn Fn(&SweptCurve) -> f64| -> Vec<Series> {
        labels
            .iter()
            .enumerate()
            .map(|(i, (ligand, cell))| {
                let points = places
                    .iter()
                    .zip(&answer.curves)
                    .filter(|((pair, _), _)| pair.ligand == *ligand && pair.cell == *cell);
                Series {
                    label: word((ligand, cell)),
                    style: i,
                    points: points.map(|((_, number), swept)| (*number, value(swept))).collect(),
                    ..Series::default()
                }
            })
            .collect()
    };
    let x = Axis::log(format!("number of {}", chain_title(&plan.chain)), "/cell");
    let panel = |name: &str, y: Axis, content: Vec<Series>| Panel {
        name: name.into(),
        title: String::new(),
        x: x.clone(),
        y,
        content: Content::Lines(content),
    };
    let of = written(&plan.readout);
    let ec50 = panel("ec50", Axis::log(format!("EC50 of {of}"), "pM"), series(&SweptCurve::ec50));
    let mut largest = readout_axis(&plan.readout, plan.dimension);
    largest.label.insert_str(0, "maximum of ");
    let highest = panel("top", largest, series(&|c| c.curve.top));
    let legend = labels.iter().enumerate().map(|(i, (l, c))| (word((l, c)), i)).collect();
    let shared = match (ligands, cells) {
        (_, false) => format!(", cell {}", labels.first().map_or("", |l| &l.1)),
        (false, true) => format!(", ligand {}", labels.first().map_or("", |l| &l.0)),
        (true, true) => String::new(),
    };
    let assay = format!("{}{shared}", il2_answer::caption::kind_and_model(study, &plan.name));
    Figure {
        title: study.question.clone(),
        subtitle: {
            let after = time_text(plan.time);
            let uncertain = curves::uncertain(answer.curves.iter().map(|swept| &swept.curve));
            let drawn = match all > labels.len() {
                true => format!(
                    "; the figure shows {} of {all} pairs, the table shows all",
                    labels.len()
                ),
                false => String::new(),
            };
            format!("{assay}; after {after}{drawn}; best values, no intervals{uncertain}")
        },
        panels: vec![ec50, highest],
        columns: 2,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend,
        ..Figure::default()
    }
}

fn text(plan: &Plan, answer: &Answer) -> String {
    let of = written(&plan.readout);
    let mut text = format!(
        "EC50 of {of} at {} by number of {} per cell\n",
        time_text(plan.time),
        plan.chain.replace('_', " ")
    );
    text += &format!(
        "{:<18}  {:<18}  {:>10}  {:>10}  {:>10}\n",
        "ligand", "cell", "/cell", "EC50", "top"
    );
    for ((pair, number), SweptCurve { curve, .. }) in places(plan).iter().zip(&answer.curves) {
        let (shown, mark) = match curve.ec50.value() {
            Some(ec50) => (readable_concentration(ec50), curves::marks(curve)),
            None => ("-".into(), curves::whereabouts(curve)),
        };
        let line = format!(
            "{:<18}  {:<18}  {:>10}  {:>10}  {:>10}  {mark}",
            pair.ligand,
            pair.cell,
            three_digits(*number),
            shown,
            three_digits(curve.top),
        );
        text += &format!("{}\n", line.trim_end());
    }
    text
}

fn warnings(plan: &Plan, answer: &Answer) -> Vec<String> {
    let named = places(plan).into_iter().zip(&answer.curves).map(|((pair, number), swept)| {
        let (ligand, cell, count) = (&pair.ligand, &pair.cell, three_digits(number));
        (format!("{ligand} on {cell}, {count} /cell"), swept.curve)
    });
    curves::warnings(&named.collect::<Vec<_>>())
}
