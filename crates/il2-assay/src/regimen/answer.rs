//! What a regimen assay answers, as tables for the report, and what it checked.

use crate::answer::Check;
use crate::event_table;
use crate::regimen::doses;
use crate::regimen::plan::Plan;
use crate::regimen::report::{extreme, last, words};
use crate::regimen::treat::Outcome;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::study::Study;

/// The arms side by side, then each arm: highest, lowest and last median of what is shown.
pub fn tables(study: &Study, plan: &Plan, outcomes: &[Outcome]) -> Vec<(String, Table)> {
    let mut arms = Table::new(
        "arms",
        &[
            ("arm", true),
            ("ligand", true),
            ("dose", true),
            ("route", true),
            ("doses planned", false),
            ("given (median)", false),
            ("given (lower quartile)", false),
            ("given (upper quartile)", false),
            ("patients", false),
        ],
    );
    for (arm, outcome) in plan.arms.iter().zip(outcomes) {
        arms.push(vec![
            arm.regimen.name.as_str().into(),
            arm.regimen.ligand.as_str().into(),
            study.regimens[&arm.regimen.name].dose_text().into(),
            doses::route(&arm.regimen.route).as_str().into(),
            (outcome.planned as f64).into(),
            outcome.doses_given(0.5).into(),
            outcome.doses_given(0.25).into(),
            outcome.doses_given(0.75).into(),
            ((plan.patients - outcome.failed) as f64).into(),
        ]);
    }
    let mut all = vec![("Doses of every arm, planned and given".to_string(), arms)];
    for (arm, outcome) in plan.arms.iter().zip(outcomes) {
        let columns = [
            ("quantity", true),
            ("unit", true),
            ("highest", false),
            ("day of highest", false),
            ("lowest", false),
            ("day of lowest", false),
            ("last", false),
        ];
        let mut table = Table::new(&arm.regimen.name, &columns);
        for name in &plan.show {
            let (title, unit) = words(plan, name);
            let high = extreme(plan, outcome, name, true);
            let low = extreme(plan, outcome, name, false);
            let last = last(plan, outcome, name);
            let mut row: Vec<Value> = vec![title.as_str().into(), unit.as_str().into()];
            row.extend([high.1, high.0, low.1, low.0, last].map(Value::from));
            table.push(row);
        }
        let whose = match plan.patients {
            1 => "the typical patient".to_string(),
            n => format!("medians over {n} patients of their own extremes, and at the last output"),
        };
        all.push((format!("{}: {whose}", arm.regimen.name), table));
    }
    all
}

/// The balance of drug of every arm.
pub fn checks(plan: &Plan, outcomes: &[Outcome]) -> Vec<Check> {
    let arms = plan.arms.iter().zip(outcomes);
    arms.map(|(arm, outcome)| {
        event_table::balance(&format!("arm {}", arm.regimen.name), outcome.worst_imbalance)
    })
    .collect()
}
