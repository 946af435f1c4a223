//! Output of a trial.

use crate::event_table;
use crate::trial::figures::figures;
use crate::trial::markers::show::described;
use crate::trial::plan::Plan;
use crate::trial::quantities::{Quantity, interval, over_trials, patients, quantities};
use crate::trial::run::Answer;
use crate::trial::sample_size::show as sample_size;
use crate::trial::sentence::sentences;
use crate::trial::tables::tables;
use il2_answer::answer::{AssayResult, Check};
use il2_answer::sentence::number;
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// Turns an answer into tables, figures, text and sentences.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let figures = figures(study, plan, &answer);
    let failed = answer.subjects.iter().flatten().filter(|s| s.failure.is_some()).count();
    let tables = tables(plan, &answer);
    AssayResult {
        sentences: sentences(plan, &answer),
        text: text(plan, &answer),
        picture: figures.first().and_then(|(_, figure)| figure.panels.first().cloned()),
        figures,
        warnings: plan.warnings(),
        answer: told(plan, &tables),
        summary: summary(plan, &answer),
        checks: checks(plan, &answer),
        tables,
        failed,
        ..AssayResult::default()
    }
}

/// A text table with a row for each quantity and a column for each arm.
fn text(plan: &Plan, answer: &Answer) -> String {
    let mut text = match &plan.sample_size {
        Some(asked) => sample_size::text(plan, asked, &answer.sizes),
        None => String::new(),
    };
    text += &format!(
        "{} of the simulated {} candidates{} have progressive disease and are enrolled\n",
        il2_answer::sentence::percent(answer.entered),
        plan.disease,
        if plan.markers.eligible.is_empty() { "" } else { " with the required markers" }
    );
    for marker in &plan.markers.all {
        text += &format!("{}\n", described(marker));
    }
    let all = quantities(plan);
    for (a, arm) in plan.arms.iter().enumerate() {
        let entered = patients(&answer.trials, a);
        let of_planned = match entered == arm.patients as f64 {
            true => String::new(),
            false => format!(" of {} planned", arm.patients),
        };
        text += &format!(
            "{} ({}{of_planned} patients; {})\n",
            arm.name,
            number(entered),
            interval(plan)
        );
        for q in &all {
            let over = over_trials(answer.trials.iter().map(|t| (q.of)(t, a)));
            if let Some(said) = over.said(q.unit) {
                text += &format!("  {:<44} {said}\n", q.name);
            }
        }
    }
    text
}

/// The tables that a report shows.
fn told(plan: &Plan, tables: &[Table]) -> Vec<(String, Table)> {
    let mut all = vec![("Results by arm".to_string(), tables[0].clone())];
    if plan.arms.len() > 1 {
        all.push(("Comparisons with the first arm".to_string(), tables[1].clone()));
    }
    for (of, title) in [("markers", "Results by marker"), ("replication", "Markers tried again")] {
        let found = tables.iter().find(|table| table.name.ends_with(&format!("_{of}")));
        all.extend(found.map(|table| (title.to_string(), table.clone())));
    }
    if plan.sample_size.is_some() {
        let table = tables[tables.len() - 1].clone();
        all.push(("Power by number of patients".to_string(), table));
    }
    all
}

fn summary(plan: &Plan, answer: &Answer) -> serde_json::Value {
    let arm = |(a, arm): (usize, &crate::trial::plan::Arm)| {
        let of = |q: Quantity| {
            let over = over_trials(answer.trials.iter().map(|t| (q.of)(t, a)));
            let e = over.estimate;
            let finite = |v: f64| if v.is_finite() { json!(v) } else { json!(null) };
            (
                q.name,
                json!({"unit": q.unit, "value": finite(e.value), "low": finite(e.low), "high": finite(e.high),
                    "trials": over.trials, "not_reached_in": over.not_reached}),
            )
        };
        let values: serde_json::Map<String, serde_json::Value> =
            quantities(plan).into_iter().map(of).collect();
        json!({"arm": arm.name, "patients": patients(&answer.trials, a),
            "patients_planned": arm.patients, "results": values})
    };
    let arms: Vec<_> = plan.arms.iter().enumerate().map(arm).collect();
    let mut all = json!({"kind": "trial", "disease": plan.disease, "trials": plan.replicates,
        "interval": interval(plan), "entered": answer.entered, "arms": arms});
    if let Some(asked) = &plan.sample_size {
        all["sample_size"] = sample_size::summary(plan, asked, &answer.sizes);
    }
    all
}

/// The mass balance of the drug in every arm.
fn checks(plan: &Plan, answer: &Answer) -> Vec<Check> {
    let arms = plan.arms.iter().zip(&answer.subjects).filter(|(arm, _)| arm.drug.is_some());
    arms.map(|(arm, all)| {
        let solved = all.iter().filter(|s| s.failure.is_none());
        let worst = solved.map(|s| s.course.delivered.imbalance.abs()).fold(0.0, f64::max);
        event_table::balance(&format!("arm {}", arm.name), worst)
    })
    .collect()
}
