//! Output of a dose-response: tables, figures, text and warnings.

use crate::dose_response::answer::Answer;
use crate::dose_response::compare::{answer_in_sentences, bells, shared};
use crate::dose_response::figures::{figures, forest};
use crate::dose_response::plan::{MOST_TIMES_DRAWN, Plan, reference_of};
use crate::dose_response::rank_by::RankBy;
use crate::dose_response::ranking::{self, rank};
use crate::dose_response::single_cells;
use crate::dose_response::tables;
use crate::dose_response::text::text;
use il2::culture::Stat5Kind;
use il2_answer::answer::AssayResult;
use il2_answer::curves;
use il2_answer::labels::{MOST_TOLD, time_text};
use il2_study::study::Study;
use serde_json::json;

/// Turns an answer into tables, figures and text.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let answer = &answer;
    let result = AssayResult {
        tables: vec![tables::responses(plan, answer), tables::ec50(plan, answer)],
        figures: figures(study, plan, answer),
        sentences: answer_in_sentences(study, plan, answer),
        shared: shared(plan, answer),
        summary: summary(plan, answer),
        text: text(plan, answer),
        warnings: warnings(plan, answer),
        picture: Some(forest(plan, answer, plan.times.len() - 1)),
        failed: answer.failed(),
        failed_draws: answer.failed_draws(),
        ..AssayResult::default()
    };
    let mut result = match &plan.rank_by {
        Some(by) => ranked(study, plan, by, answer, result),
        None => result,
    };
    if let Some(asked) = &plan.single_cells {
        result.tables.push(single_cells::show::table(plan, &answer.cells));
        result.figures.push(single_cells::show::figure(study, plan, &answer.cells));
        result.sentences.extend(single_cells::sentence::sentences(plan, asked, &answer.cells));
        let unsolved = answer.cells.iter().flatten().flat_map(|population| &population.doses);
        let unsolved: usize = unsolved.map(|at| asked.count - at.solved).sum();
        if unsolved > 0 {
            result.warnings.push(format!(
                "Left out: {} of single cells that failed (see column cells_solved).",
                il2_engine::words::counted(unsolved, "simulation")
            ));
        }
    }
    result
}

/// A result that begins with the ranking of its ligands.
fn ranked(
    study: &Study,
    plan: &Plan,
    by: &RankBy,
    answer: &Answer,
    mut result: AssayResult,
) -> AssayResult {
    let rankings: Vec<_> = (0..plan.times.len()).map(|time| rank(plan, by, answer, time)).collect();
    let last = rankings.last().expect("an assay has a time");
    result.tables.push(ranking::table(plan, answer, &rankings));
    let (name, figure) = ranking::figure(study, plan, by, answer, last);
    result.picture = figure.panels.first().cloned();
    result.figures.push((name, figure));
    result.summary["ranking"] =
        last.ligands.iter().map(|ligand| ligand.ligand.clone()).collect::<Vec<_>>().into();
    result.sentences = ranking::sentences(plan, by, answer, last);
    result.sentences.extend(bells(plan, answer, last.time));
    result.text = ranking::text(plan, by, answer, last);
    result
}

fn summary(plan: &Plan, answer: &Answer) -> serde_json::Value {
    let places = (0..plan.pairs.len()).flat_map(|p| (0..plan.times.len()).map(move |t| (p, t)));
    let row = |(p, t): (usize, usize)| {
        let (pair, curve) = (&plan.pairs[p], &answer.potencies[p][t].curve);
        let ec50 = answer.ec50(plan, (p, t));
        let ratio = answer.ratio(plan, (p, reference_of(plan, pair), t));
        json!({
            "ligand": pair.ligand,
            "cell": pair.cell,
            "time_min": plan.times[t],
            "ec50_pm": ec50.middle,
            "ec50_low_pm": ec50.low,
            "ec50_high_pm": ec50.high,
            "ec50_is": curves::whereabouts(curve),
            "falls_beyond_top": curve.bell.is_some(),
            "ec50_over_reference_cell": ratio.middle,
        })
    };
    let rows: Vec<_> = places.clone().take(MOST_TOLD).map(row).collect();
    json!({
        "kind": "dose-response",
        "readout": plan.readout,
        "reference_cell": plan.reference,
        "interval_level": if plan.draws > 0 { json!(plan.level) } else { serde_json::Value::Null },
        "draws": plan.draws,
        "ec50_listed": rows.len(),
        "ec50_in_all": places.count(),
        "ec50": rows,
    })
}

/// Warnings about EC50s of the plan's readout, and about individual curves.
fn warnings(plan: &Plan, answer: &Answer) -> Vec<String> {
    let potencies = &answer.potencies;
    let places = || (0..plan.pairs.len()).flat_map(|p| (0..plan.times.len()).map(move |t| (p, t)));
    let name = |(p, t): (usize, usize)| {
        let pair = &plan.pairs[p];
        format!("{} on {} at {}", pair.ligand, pair.cell, time_text(plan.times[t]))
    };
    let named: Vec<_> = places().map(|(p, t)| (name((p, t)), potencies[p][t].curve)).collect();
    let mut said = curves::warnings(&named);
    let those = |is: &dyn Fn(usize, usize) -> bool| {
        let found: Vec<String> = places().filter(|&(p, t)| is(p, t)).map(name).collect();
        (found.len(), curves::first_of_table(&found))
    };
    let (count, names) = those(&|p, t| potencies[p][t].interval_across(plan.level));
    if count > 0 {
        said.push(format!(
            "For {count} of the EC50s, an end of the interval is in a gap between doses ({names}) and \
             therefore uncertain: add doses in the gap."
        ));
    }
    let open = |&(p, t): &(usize, usize)| {
        let potency = &potencies[p][t];
        potency.curve.ec50.value().is_some() && potency.undetermined(plan.level).contains(&true)
    };
    let few = |place: (usize, usize)| {
        let count = potencies[place.0][place.1].undetermined_draws();
        format!("{}: {count} of {} draws", name(place), plan.draws)
    };
    let all: Vec<String> = places().filter(open).map(few).collect();
    if !all.is_empty() {
        said.push(format!(
            "For {} of the EC50s, an end of the interval is not determined: in some draws the curve has \
             no top or no response within the doses ({}), so add higher doses.",
            all.len(),
            curves::first_of(&all)
        ));
    }
    let (count, names) = those(&|p, t| {
        let of = reference_of(plan, &plan.pairs[p]);
        of != p && potencies[p][t].curve.gap.is_none() && potencies[of][t].curve.gap.is_some()
    });
    if count > 0 {
        said.push(format!(
            "For {count} of the ratios, the EC50 on {} was read across a gap between doses ({names}): \
             add doses in the gap.",
            plan.reference
        ));
    }
    let kinds = plan.prepared().into_iter().filter_map(|p| p.setup.model.stat5.as_ref());
    let published = plan.readout.contains("stat5")
        && kinds.map(|stat5| stat5.kind).any(|kind| kind == Stat5Kind::GcsolverJl);
    let stat5 = "The published STAT5 model saturates at a few tens of complexes per cell, so its EC50s are \
                 far below measured EC50s; with stat5 = true, the EC50s match measured ones.";
    let all = plan.times.len();
    let drawn = format!(
        "Figures show the curves for the first {MOST_TIMES_DRAWN} of {all} times; the tables have all."
    );
    let said = said.into_iter().chain((all > MOST_TIMES_DRAWN).then_some(drawn));
    published.then(|| stat5.to_string()).into_iter().chain(said).collect()
}
