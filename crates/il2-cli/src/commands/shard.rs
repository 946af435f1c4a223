//! `il2 run --shard` and `il2 merge`: a run that several machines share.

use super::progress::ProgressReport;
use super::run::{RunArgs, ThreadArgs, write_and_print};
use super::{Done, print, print_json, say, stop, wrapped};
use il2_assay::{Plan, plans};
use il2_engine::words::counted;
use il2_output::folder::Folder;
use il2_output::shards::Shared;
use il2_report::results;
use il2_report::shards::{self, MOST, listed};
use il2_study::{Study, StudyError};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `il2 merge`.
#[derive(clap::Args)]
pub struct MergeArgs {
    /// The folder that contains the shards
    folder: PathBuf,
    /// Output folder [default: FOLDER/results]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Print the summary as JSON instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    threads: ThreadArgs,
}

/// Runs a shard, such as 3/7.
pub fn shard(asked: &RunArgs, which: &str) -> Done {
    let (index, count) = parsed(which)?;
    let Some(folder) = &asked.out else {
        let message = "needs the folder that all shards share; add --out FOLDER";
        return Err(StudyError::at("--shard", message));
    };
    let study = asked.study()?;
    let plans = plans(&study)?;
    let told = ProgressReport::default();
    let made = shards::run(&study, &plans, folder, (index, count), &|name, begins, done| {
        progress(&told, &plans, (name, begins, done));
    })?;
    told.end();
    let shown = folder.display();
    if asked.json {
        return print_json(&json!({
            "shard": index, "of": count, "results": made.results, "results_left": made.left,
            "rounds_made": made.made, "waits_for": made.waits_for,
        }));
    }
    let results = match (counted(made.results as usize, "result"), made.left) {
        (results, 0) => results,
        (results, left) => format!("{results}, including {left} left by an interrupted run"),
    };
    let text = match (made.waits_for.as_slice(), made.made) {
        ([], 0) => format!("shard {index} of {count} is already complete: {results}"),
        ([], _) => format!("shard {index} of {count} is done: {results}"),
        (others, _) => format!(
            "shard {index} of {count} stops after {results}: the remaining simulations need the \
             results of all shards, but {} not complete yet ({}); run this command again when all \
             shards are complete",
            if others.len() == 1 { "one is" } else { "some are" },
            listed(others),
        ),
    };
    let text = match made.waits_for.is_empty() {
        true => format!("{text}; when all shards are complete, run il2 merge {shown}"),
        false => text,
    };
    for (name, plan) in &plans {
        if let Some(why) = plan.in_one_piece() {
            say(&wrapped(&format!("note: `il2 merge` will compute {name}, because {why}"), 0));
        }
    }
    print(&wrapped(&text, 0))?;
    Ok(ExitCode::SUCCESS)
}

/// Merges the shards of a folder.
pub fn merge(asked: &MergeArgs) -> Done {
    let threads = asked.threads.threads()?;
    let mut whole = shards::open(&asked.folder)?;
    whole.study = Study { threads, ..whole.study };
    let out = asked.out.clone().unwrap_or_else(|| asked.folder.join("results"));
    if Shared::holds(&asked.folder, &out) {
        let message = format!(
            "\"{}\" is the folder of the shards, or in the folder of one of them; leave --out out \
             (results), or give another folder",
            il2_engine::words::shown(&out.display().to_string())
        );
        return Err(StudyError::at("--out", message));
    }
    let planned = results::planned(&whole.study, &whole.plans);
    let folder = Folder::take(&out, &planned, None).map_err(results::refused)?;
    stop::on_signals(folder.unfinished(), "");
    let told = ProgressReport::default();
    let merged = whole.merge(&|name, begins, done| {
        progress(&told, &whole.plans, (name, begins, done));
    });
    told.end();
    if merged.computed > 0 {
        let note = format!(
            "note: {} computed here, because no shard had {}; the files are the same",
            match merged.computed {
                1 => "1 result was".to_string(),
                more => format!("{more} results were"),
            },
            if merged.computed == 1 { "it" } else { "them" }
        );
        say(&wrapped(&note, 0));
    }
    write_and_print(&whole.study, &whole.plans, &merged.results, &folder, asked.json)
}

fn progress(
    told: &ProgressReport,
    plans: &[(String, Plan)],
    (name, begins, done): (&str, Option<usize>, usize),
) {
    match begins {
        Some(simulations) => {
            let fit = plans.iter().any(|(own, p)| own == name && matches!(p, Plan::Fit(_)));
            told.begin(name, if fit { "step" } else { "simulation" }, simulations);
        }
        None => told.done(done),
    }
}

/// Reads shard 3 of 7 from `3/7`.
fn parsed(which: &str) -> Result<(u32, u32), StudyError> {
    let number = |text: &str| text.parse::<u32>().ok();
    let parts = which.split_once('/').and_then(|(i, n)| Some((number(i)?, number(n)?)));
    match parts {
        Some((index, count)) if (1..=count).contains(&index) && count <= MOST => Ok((index, count)),
        _ => {
            let which = il2_engine::words::shown(which);
            let message = format!(
                "\"{which}\" is not a shard; give the number of the shard and the total (at most \
                 {MOST}), for example 3/7 for the third of seven"
            );
            Err(StudyError::at("--shard", message))
        }
    }
}

/// `il2 run`: runs a study in one piece, or one shard of it.
pub fn run(asked: &RunArgs, which: Option<&str>) -> Done {
    match which {
        None => super::run::run(asked),
        Some(which) => shard(asked, which),
    }
}
