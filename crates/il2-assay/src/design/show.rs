//! Tables, figures and text of a search.

use crate::design::figures::{front, panels};
use crate::design::plan::{Form, Plan};
use crate::design::run::{Answer, Evaluated};
use crate::design::sentence::{amount, sentences, told};
use crate::design::tables;
use il2::quantity::{readable_concentration, three_digits};
use il2_answer::answer::{AssayResult, Check};
use il2_answer::labels::{WIDTH, cut};
use il2_engine::words::counted;
use il2_output::figure::{Content, Panel};
use il2_study::study::Study;
use serde_json::json;

/// Largest difference that more doses may make to a result.
const APART: f64 = 0.05;
/// Largest number of results with fewer draws that a warning names.
const MOST_FEWER: usize = 5;
/// Fraction of candidates without a result up to which no warning is given.
const SELDOM: f64 = 0.02;

/// Turns an answer into tables, figure and text.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let answer = &answer;
    let mut all = vec![tables::designs(plan, answer), tables::sensitivity(plan, answer)];
    all.push(tables::candidates(plan, answer));
    if !answer.known.is_empty() {
        all.push(tables::known(plan, answer));
    }
    AssayResult {
        tables: all,
        figures: vec![(plan.name.clone(), front(study, plan, answer))],
        sentences: sentences(plan, answer),
        summary: summary(plan, answer),
        text: text(plan, answer),
        warnings: warnings(plan, answer),
        checks: checks(plan, answer),
        picture: picture(plan, answer),
        failed: answer.failed[0].0,
        failed_draws: answer.failed[1].clone(),
        ..AssayResult::default()
    }
}

/// The first panel for the terminal, without the lines between measured and predicted results.
fn picture(plan: &Plan, answer: &Answer) -> Option<Panel> {
    let mut panel =
        panels(plan, answer).into_iter().next().filter(|_| !answer.designs.is_empty())?;
    if let Content::Lines(series) = &mut panel.content {
        series.retain(|one| !one.label.is_empty());
    }
    Some(panel)
}

fn summary(plan: &Plan, answer: &Answer) -> serde_json::Value {
    let results = |found: &Evaluated| -> serde_json::Map<String, serde_json::Value> {
        let all = plan.objectives.iter().zip(&found.spread);
        let ends = |v: f64| if v.is_finite() { json!(v) } else { json!(null) };
        all.map(|(objective, spread)| {
            let value =
                json!({"value": ends(spread.middle), "low": ends(spread.low), "high": ends(spread.high)});
            (objective.name.clone(), value)
        })
        .collect()
    };
    let designs = answer.designs.iter().map(|found| {
        let own = plan.varied.iter().zip(&found.candidate.numbers);
        let numbers: serde_json::Map<String, serde_json::Value> =
            own.map(|(varied, value)| (varied.name.clone(), json!(value))).collect();
        let (valency, form) = match &plan.forms[found.candidate.molecule] {
            Form::Copies(copies) => (Some(copies), None),
            Form::Ligand(label) => (None, Some(label)),
        };
        json!({
            "numbers": numbers,
            "dose_pm": plan.dose.map(|_| found.candidate.dose),
            "valency": valency,
            "form": form,
            "results": results(found),
        })
    });
    let known = answer.known.iter().map(|found| {
        json!({ "molecule": plan.names[found.candidate.molecule], "results": results(found) })
    });
    json!({
        "kind": "design",
        "candidates": answer.tried.len(),
        "front": answer.front,
        "interval_level": plan.level,
        "draws": plan.draws,
        "designs": designs.collect::<Vec<_>>(),
        "known": known.collect::<Vec<_>>(),
    })
}

/// A line for each design and known molecule, with as many columns as fit.
fn text(plan: &Plan, answer: &Answer) -> String {
    if answer.designs.is_empty() && answer.known.is_empty() {
        return String::new();
    }
    let with = lines(plan, answer, true);
    if with.0 == 0 { with.1 } else { lines(plan, answer, false).1 }
}

/// The lines, with or without intervals, and the number of columns that do not fit.
fn lines(plan: &Plan, answer: &Answer, intervals: bool) -> (usize, String) {
    let mut heads: Vec<String> = vec!["design".into()];
    heads.extend(plan.varied.iter().map(|v| short(plan, &v.name)));
    heads.extend(plan.dose.map(|_| "dose".to_string()));
    let several = plan.forms.first().filter(|_| plan.forms.len() > 1);
    heads.extend(several.map(|form| form.heading().to_string()));
    heads.extend(plan.objectives.iter().map(|o| o.name.clone()));
    let row = |name: String, found: &Evaluated, designed: bool| {
        let mut row = vec![name];
        let numbers = &found.candidate.numbers;
        row.extend(plan.varied.iter().enumerate().map(|(n, varied)| match numbers.get(n) {
            Some(value) => amount(varied, *value),
            None => String::new(),
        }));
        row.extend(plan.dose.map(|_| readable_concentration(found.candidate.dose)));
        if several.is_some() {
            let form = plan.form(&found.candidate).filter(|_| designed);
            row.push(form.map_or(String::new(), Form::text));
        }
        row.extend(plan.objectives.iter().zip(&found.spread).map(|(o, s)| match s.middle {
            middle if middle.is_nan() => "-".to_string(),
            middle if !intervals => o.said(middle),
            _ => told(o, *s),
        }));
        row
    };
    let designs = answer.designs.iter().enumerate();
    let mut rows: Vec<Vec<String>> =
        designs.map(|(i, found)| row((i + 1).to_string(), found, true)).collect();
    rows.extend(
        answer
            .known
            .iter()
            .map(|found| row(cut(&plan.names[found.candidate.molecule], 20), found, false)),
    );
    let width = |column: usize| {
        let own = rows.iter().filter_map(|row| row.get(column));
        let longest = own.map(|text| text.chars().count()).max().unwrap_or(0);
        longest.max(heads[column].chars().count())
    };
    let mut columns = 0;
    let mut taken = 0;
    while columns < heads.len() && taken + width(columns) <= WIDTH {
        taken += width(columns) + 2;
        columns += 1;
    }
    let line = |row: &Vec<String>| {
        let cells = row.iter().take(columns).enumerate();
        let cells: Vec<String> =
            cells.map(|(i, cell)| format!("{cell:<width$}", width = width(i))).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    let mut text = line(&heads);
    rows.iter().for_each(|row| text += &line(row));
    let left = heads.len() - columns;
    if left > 0 {
        text += &format!("{} more in the table\n", counted(left, "column"));
    }
    (left, text)
}

/// A name without the common part, which is the name of the molecule.
fn short(plan: &Plan, name: &str) -> String {
    let own = name.strip_prefix(&format!("{}.", plan.names[0])).unwrap_or(name);
    cut(own, 24)
}

fn checks(plan: &Plan, answer: &Answer) -> Vec<Check> {
    if plan.doses.is_empty() || answer.designs.is_empty() {
        return vec![];
    }
    vec![Check {
        what: "four times as many doses change no result of a design by more than 5 %".into(),
        found: format!("{} % at most", three_digits(100.0 * answer.finer)),
        holds: answer.finer <= APART,
    }]
}

fn warnings(plan: &Plan, answer: &Answer) -> Vec<String> {
    let mut said = vec![];
    let all = answer.tried.len();
    for (o, objective) in plan.objectives.iter().enumerate() {
        let without = answer.tried.iter().filter_map(|(_, results, _)| results[o].as_ref().err());
        let mut without = without.peekable();
        let first = without.peek().map(|why| why.to_string()).unwrap_or_default();
        let count = without.count();
        if count as f64 > SELDOM * all as f64 {
            let (have, count_as, why, their) = match count {
                1 => ("has", "does not count as a design", "reason", "its EC50"),
                _ => ("have", "do not count as designs", "reason for the first", "their EC50s"),
            };
            said.push(format!(
                "{count} of {} {have} no {} and {count_as} ({why}: {first}); a wider range of \
                 doses may include {their}.",
                counted(all, "candidate"),
                objective.name
            ));
        }
    }
    let shown = answer.known.iter().map(|found| plan.names[found.candidate.molecule].clone());
    let shown = shown.zip(&answer.known);
    let designs = (1..).map(|i| format!("design {i}")).zip(&answer.designs);
    let mut fewer: Vec<String> = vec![];
    for (name, found) in shown.chain(designs) {
        let short = plan.objectives.iter().zip(&found.solved).filter(|(_, n)| **n < plan.draws);
        fewer.extend(short.map(|(o, n)| format!("{} of {name} ({})", o.name, counted(*n, "draw"))));
    }
    if !fewer.is_empty() {
        let more = fewer.len().saturating_sub(MOST_FEWER);
        let more = if more > 0 {
            format!(" and {more} more (columns draws_solved of the tables)")
        } else {
            String::new()
        };
        fewer.truncate(MOST_FEWER);
        said.push(format!(
            "Intervals are based on fewer than {} draws, because the other draws have no result \
             within the doses: {}{more}.",
            plan.draws,
            fewer.join(", ")
        ));
    }
    if answer.finer > APART {
        said.push(format!(
            "With four times as many doses, the result of a design changes by up to {} %; use more \
             doses for the curves.",
            three_digits(100.0 * answer.finer)
        ));
    }
    said
}
