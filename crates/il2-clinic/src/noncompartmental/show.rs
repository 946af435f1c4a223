//! Output of a noncompartmental analysis.

use crate::noncompartmental::figure::figure;
use crate::noncompartmental::numbers::Numbers;
use crate::noncompartmental::plan::{Plan, Route};
use crate::noncompartmental::profile::{Profile, profiles};
use crate::noncompartmental::sentences::{sentences, text};
use crate::noncompartmental::table::table;
use crate::population_fit::doubts;
use il2_answer::answer::AssayResult;
use il2_answer::labels::subject;
use il2_engine::words::counted;
use il2_study::headings;
use il2_study::study::Study;
use serde_json::json;

/// Every profile with its numbers.
pub type Answer = Vec<(Profile, Numbers)>;

/// Reads the numbers of every subject.
pub fn run(_: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let volume = plan.factors.amount / plan.concentration / plan.factors.volume;
    let of = |i: usize| {
        progress(1);
        profiles(plan, i).into_iter().map(|p| {
            let numbers = p.numbers(volume, plan.route == Route::Intravenous);
            (p, numbers)
        })
    };
    (0..plan.table.subjects.len()).flat_map(of).collect()
}

/// Makes table, figure, text and sentences.
pub fn show(study: &Study, plan: &Plan, found: Answer) -> AssayResult {
    let figure = figure(study, plan, &found);
    let dosed = || found.iter().filter(|(p, _)| p.dose > 0);
    AssayResult {
        tables: vec![table(plan, &found)],
        picture: figure.panels.first().cloned(),
        figures: vec![(plan.name.clone(), figure)],
        sentences: sentences(plan, &found),
        text: text(plan, &found),
        warnings: warnings(plan, &found),
        answer: vec![("Each subject".into(), table(plan, &found))],
        summary: json!({
            "kind": "noncompartmental",
            "subjects": plan.table.subjects.len(),
            "subjects_without_dose": found.len() - dosed().count(),
            "profiles": dosed().count(),
            "without_last_phase": dosed().filter(|(_, n)| n.terminal.is_none()).count(),
        }),
        inputs: vec![(plan.file.clone(), plan.table.hash.clone())],
        ..AssayResult::default()
    }
}

fn warnings(plan: &Plan, found: &[(Profile, Numbers)]) -> Vec<String> {
    /// If a larger fraction of the area is beyond the last level, the answer warns of
    /// extrapolation.
    const MOST_EXTRAPOLATED: f64 = 0.2;
    /// The least adjusted squared correlation of a terminal phase without a warning.
    const FITS: f64 = 0.8;
    let mut all: Vec<String> =
        headings::not_read_of(&plan.file, &plan.table.not_read).into_iter().collect();
    all.extend(doubts::at_limit(&plan.file, &plan.table));
    let count = |of: &dyn Fn(&Profile, &Numbers) -> bool| {
        let all = found.iter().filter(|(p, n)| of(p, n)).count();
        (all > 0).then(|| counted(all, "profile"))
    };
    let between = found.iter().find(|(p, _)| p.levels.between > 0);
    if let Some((first, profiles)) = between.zip(count(&|p, _| p.levels.between > 0)) {
        all.push(format!(
            "a value below the limit lies between quantifiable ones in {profiles} (first: {}, dose \
             {}); it is left out, as if nothing had been measured: check the sample",
            subject(&plan.table.subjects[first.0.subject].id),
            first.0.dose
        ));
    }
    if let Some(profiles) = count(&|_, n| n.highest.is_some() && n.terminal.is_none()) {
        all.push(format!("no terminal phase was found in {profiles}; the column note says why"));
    }
    if let Some(profiles) = count(&|_, n| n.terminal.is_some_and(|t| t.fits < FITS)) {
        all.push(format!(
            "the terminal phase of {profiles} is no straight line: adjusted R² is below {FITS}"
        ));
    }
    if let Some(profiles) = count(&|_, n| n.area.is_some_and(|a| a.1 > MOST_EXTRAPOLATED)) {
        all.push(format!(
            "AUC and clearance of {profiles} are strongly extrapolated: more than a fifth of the area \
             is after the last concentration"
        ));
    }
    all
}
