//! Runs patients under regimens: the selection of patients, then every arm.

use crate::answer::AssayResult;
use crate::patients::column;
use crate::regimen::plan::Plan;
use crate::regimen::treat::{PEOPLE, run_arm};
use crate::regimen::{answer, population, report};
use il2_output::table::Table;
use il2_study::study::Study;

/// Runs every arm.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    let observables = &plan.arms[0].patients.cohort.body.network.observables;
    let names: Vec<String> = observables.iter().map(column).collect();
    let mut columns: Vec<(&str, bool)> = vec![("arm", true), ("patient", false), ("time_d", false)];
    columns.extend(names.iter().map(|n| (n.as_str(), false)));
    let mut tables = [
        Table::new(&plan.name, &report::BANDS),
        Table::new(&format!("{}_patients", plan.name), &PEOPLE),
        Table::new(&format!("{}_courses", plan.name), &columns),
    ];
    let choice = plan.choice.as_ref();
    let chosen = choice.map(|choice| population::choose(study, plan, choice, progress));
    let weights = chosen.as_ref().map_or(vec![1; plan.patients], |c| c.weights.clone());
    if let (Some(choice), Some(chosen)) = (choice, &chosen)
        && weights.iter().all(|w| *w == 0)
    {
        return population::nobody(plan, choice, chosen);
    }
    let counted = weights.iter().filter(|w| **w > 0).count();
    let mut outcomes = vec![];
    for arm in &plan.arms {
        outcomes.push(run_arm(study, plan, arm, &weights, &mut tables, progress));
    }
    let mut result = AssayResult {
        figures: vec![(plan.name.clone(), report::figure(study, plan, counted, &outcomes))],
        summary: report::summary(plan, &outcomes),
        sentences: answer::sentences(plan, &outcomes),
        text: report::text(plan, counted, &outcomes),
        warnings: plan.warnings(),
        answer: answer::tables(study, plan, &outcomes),
        checks: answer::checks(plan, &outcomes),
        picture: Some(report::panel(plan, &outcomes, &plan.show[0])),
        tables: tables.into(),
        failed: outcomes.iter().map(|o| o.failed).sum(),
        inputs: plan.inputs(),
        ..AssayResult::default()
    };
    if let (Some(choice), Some(chosen)) = (choice, &chosen) {
        let table = population::table(plan, choice, chosen);
        result.text = population::text(plan, choice, chosen) + &result.text;
        result.summary["population"] = population::summary(plan, choice, chosen);
        result.checks.extend(population::checks(plan, choice, chosen));
        let title = "Published distributions: published, simulated, and after weighting";
        result.answer.insert(0, (title.into(), table.clone()));
        result.tables.push(table);
    }
    result
}
