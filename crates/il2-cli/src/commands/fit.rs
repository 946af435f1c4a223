//! `il2 fit`: estimates numbers of a model from measurements; continues where it was stopped.

use super::progress::ProgressReport;
use super::run::{Results, RunArgs, one, write_and_print};
use super::{Done, say, stop};
use il2_assay::fit;
use il2_assay::fit::run::Progress;
use il2_assay::{Answer, Plan, plans};
use il2_engine::words::counted;
use il2_output::folder::Pieces;
use il2_report::results;
use il2_study::{Study, StudyError};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Runs the assays of a study, including its fits, writes the folder and prints a summary.
pub fn fit(asked: &RunArgs) -> Done {
    let study = asked.study()?;
    let plans = plans(&study)?;
    if !plans.iter().any(|(_, p)| matches!(p, Plan::Fit(_) | Plan::PopulationFit(_))) {
        let message = "has no assay of kind \"fit\" or \"population-fit\"; `il2 new fit` and `il2 new \
                       population-fit` write templates, and `il2 run` runs other assays";
        return Err(StudyError::of_file(&asked.study, message));
    }
    let folder = asked.folder(&study, &plans)?;
    let kept = Pieces::open(&folder.shown, &key(&study, &plans)).map_err(results::refused)?;
    stop::on_signals(folder.unfinished(), "; run the same command again to continue");
    if kept.made_before() > 0 {
        say(&format!("continues after {}\n", counted(kept.made_before(), "finished step")));
    }
    let told = ProgressReport::default();
    let mut rates = String::new();
    let mut results: Results = vec![];
    for (name, asked_for) in &plans {
        let begun = Instant::now();
        let result = match asked_for {
            Plan::Fit(plan) => {
                let before = plan.posterior.evaluations.load(Ordering::Relaxed);
                let tell = |progress| match progress {
                    Progress::Begins(step, steps) => told.begin(name, step, steps),
                    Progress::Done(steps) => told.done(steps),
                };
                let answer = Answer::Fit(fit::run::outcome(plan, &kept, &tell));
                let result = asked_for.shown(&study, answer);
                let made = plan.posterior.evaluations.load(Ordering::Relaxed) - before;
                let seconds = begun.elapsed().as_secs_f64();
                rates += &format!(
                    "{name}: {made} evaluations with gradients in {seconds:.1} s, \
                     {:.0} per second\n",
                    made as f64 / seconds
                );
                result
            }
            other => one(&study, &told, name, other),
        };
        results.push((name.clone(), result));
    }
    told.end();
    let done = write_and_print(&study, &plans, &results, &folder, asked.json)?;
    kept.done();
    // Times are printed but not written to a file, so that the same study always gives the same
    // bytes.
    say(&rates);
    Ok(done)
}

/// Hash of everything that determines a fit: program, study, tables.
fn key(study: &Study, plans: &[(String, Plan)]) -> String {
    let tables = plans.iter().flat_map(|(_, plan)| match plan {
        Plan::Fit(plan) => plan.measured.iter().map(|m| m.file.1.as_str()).collect(),
        _ => vec![],
    });
    let all: Vec<&str> =
        [il2_report::program::PROGRAM, &study.hash].into_iter().chain(tables).collect();
    il2_study::hash::sha256(all.join("\n").as_bytes())
}
