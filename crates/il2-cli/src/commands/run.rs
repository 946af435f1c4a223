//! `il2 run`: a study to a folder of results.

use super::{Done, print, wrapped};
use il2_study::figure::terminal_plot;
use il2_study::{Study, StudyError, assay, output};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

/// Held while the folder is written: a stop waits for that, so that results are whole or not there.
static WRITING: Mutex<()> = Mutex::new(());

/// Ctrl-C ends the run at once, with the folder as it was or whole, and exit code 130.
fn stop_cleanly() {
    // Without a handler the system ends the program all the same; only the message is lost.
    let _ = ctrlc::set_handler(|| {
        let _whole = WRITING.lock();
        eprintln!("\nstopped: the results of earlier runs are as they were");
        std::process::exit(130);
    });
}

/// Runs every assay, writes the folder, prints the short of it.
pub fn run(path: &Path, out: Option<PathBuf>, json: bool, threads: Option<usize>) -> Done {
    let study = Study::read(path)?;
    if let Some(threads) = threads {
        if !(1..=1024).contains(&threads) {
            return Err(StudyError::at(
                "--threads",
                format!("{threads} is not allowed; use 1 to 1024"),
            ));
        }
        il2_study::assay::use_threads(threads);
    }
    let folder = out.unwrap_or_else(|| Path::new("out").join(path.file_stem().unwrap_or_default()));
    let plans: Vec<_> = study
        .assays
        .keys()
        .map(|name| Ok((name.clone(), assay::plan(&study, name)?)))
        .collect::<Result<_, StudyError>>()
        .map_err(|e| study.located(e))?;
    stop_cleanly();
    let lanes: usize = plans.iter().map(|(_, p)| p.lanes()).sum();
    let bar = progress(lanes);
    let results: Vec<_> = plans
        .iter()
        .map(|(name, plan)| (name.clone(), plan.run(&study, &|n| bar.inc(n as u64))))
        .collect();
    bar.finish_and_clear();
    let files = output::files(&study, &results);
    {
        let _whole = WRITING.lock();
        output::write(&folder, &files)?;
    }
    if json {
        let summary = output::summary(&study, &results);
        return print(&format!("{}\n", serde_json::to_string_pretty(&summary).expect("JSON")));
    }
    let mut text = wrapped(&study.question, 0);
    let colour = std::io::stdout().is_terminal();
    for (name, result) in &results {
        text += &format!("\n{name}\n{}", result.text);
        if let Some(picture) = &result.picture {
            text += &format!("\n{}", terminal_plot(picture, 96, 16, colour));
        }
        if result.failed > 0 {
            text += &format!(
                "{} lanes did not solve; column status of the table says why for each\n",
                result.failed
            );
        }
    }
    text += &format!("\n{} files in {}\n", files.len(), folder.display());
    for (name, bytes) in &files {
        text += &format!("  {name:<44} {:>9} bytes\n", bytes.len());
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// On a terminal a bar with the remaining time; in a pipe nothing.
fn progress(lanes: usize) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} lanes, {eta} left")
        .expect("a template that a test ran");
    ProgressBar::with_draw_target(Some(lanes as u64), target).with_style(style)
}
