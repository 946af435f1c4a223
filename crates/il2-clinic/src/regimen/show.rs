//! Output of patients under regimens.

use crate::beyond::IN_FIGURE;
use crate::regimen::plan::Plan;
use crate::regimen::run::Answer;
use crate::regimen::search;
use crate::regimen::{answer, population, report};
use il2_answer::answer::AssayResult;
use il2_study::study::Study;

/// Turns an answer into tables, figure, text and sentences.
pub fn show(study: &Study, plan: &Plan, found: Answer) -> AssayResult {
    let Answer { tables, chosen, outcomes, counted, tried } = found;
    let population = plan.choice.as_ref().zip(chosen.as_ref());
    if let Some((choice, chosen)) = population.filter(|_| counted == 0) {
        return population::nobody(plan, choice, chosen);
    }
    let beyond = answer::beyond(plan, &outcomes);
    let mut figure = report::figure(study, plan, counted, &outcomes);
    if !beyond.is_empty() {
        figure.footnote = format!("{} · {}", IN_FIGURE, figure.footnote);
    }
    let mut result = AssayResult {
        figures: vec![(plan.name.clone(), figure)],
        summary: report::summary(plan, &outcomes),
        sentences: answer::sentences(plan, &outcomes),
        text: answer::table_of_arms(plan, &outcomes)
            + &report::text(study, plan, counted, &outcomes),
        warnings: plan.warnings().into_iter().chain(beyond).collect(),
        answer: answer::tables(study, plan, &outcomes),
        checks: answer::checks(plan, &outcomes),
        picture: Some(report::panel(plan, &outcomes, &plan.answer[0])),
        tables: tables.into(),
        failed: outcomes.iter().map(|o| o.failed).sum(),
        inputs: plan.inputs(),
        ..AssayResult::default()
    };
    if let Some((choice, chosen)) = population {
        let table = population::table(plan, choice, chosen);
        result.text = population::text(plan, choice, chosen) + &result.text;
        result.summary["population"] = population::summary(plan, choice, chosen);
        result.checks.extend(population::checks(plan, choice, chosen));
        let title = "Distributions: published, simulated, and after weighting";
        result.answer.insert(0, (title.into(), table.clone()));
        result.tables.push(table);
    }
    if let Some(found) = &plan.search {
        let sentences =
            search::sentence::sentences(found, &plan.arms[found.arm].regimen.name, &tried);
        let beyond = search::sentence::beyond(plan, found, &tried);
        result.sentences.splice(0..0, sentences.into_iter().chain(beyond.clone()));
        let few = search::sentence::few(found, &tried);
        let failed = search::sentence::failed(plan, &tried);
        result.warnings.extend(beyond.into_iter().chain(few).chain(failed));
        result.text = search::report::text(plan, found, &tried) + &result.text;
        result.summary["search"] = search::report::summary(plan, found, &tried);
        let title = "Search: doses that meet all requirements";
        result.answer.insert(0, (title.into(), search::report::ranges_table(found, &tried)));
        result.checks.push(search::report::check(&tried));
        let figure = search::figure::figure(study, plan, found, &tried);
        result.picture = figure.panels.first().cloned();
        result.figures.push((format!("{}_search", plan.name), figure));
        result.tables.push(search::report::table(plan, found, &tried));
        result.failed += tried.iter().map(|t| t.failed.len()).sum::<usize>();
    }
    result
}
