//! `il2 run`: runs a study and writes a folder of results.

use super::progress::ProgressReport;
use super::{Done, MOST_OF_A_QUESTION, lines_cut, print_coloured, print_json, say, stop, wrapped};
use il2_answer::{AssayResult, across};
use il2_assay::{Answer, Plan, plans};
use il2_clinic::population_fit::run::{Progress, outcome};
use il2_engine::words::{counted, cut, visible};
use il2_output::figure::terminal_plot;
use il2_output::folder::Folder;
use il2_report::results;
use il2_study::{Study, StudyError, Threads};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Largest number of lines of one assay on the terminal, so that the other assays stay visible.
const MOST_LINES: usize = 100;
/// Number of these lines that are the last lines of the text.
const LAST_LINES: usize = 4;

/// Arguments of `il2 run`, `il2 fit` and `il2 design`.
#[derive(clap::Args)]
pub struct RunArgs {
    /// The study file
    pub study: PathBuf,
    /// Output folder [default: out/NAME-OF-THE-STUDY]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Print the summary as JSON instead of text
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub threads: ThreadArgs,
}

/// How many threads a command uses.
#[derive(clap::Args)]
pub struct ThreadArgs {
    /// Number of threads [default: all]; does not affect results
    #[arg(long)]
    threads: Option<usize>,
}

impl ThreadArgs {
    /// The number of threads that all parts of a run use.
    pub fn threads(&self) -> Result<Threads, StudyError> {
        match self.threads {
            None => Ok(Threads::offered()),
            Some(count) if (1..=1024).contains(&count) => Ok(Threads::new(count)),
            Some(count) => {
                let message = format!("{count} is not allowed; use 1 to 1024");
                Err(StudyError::at("--threads", message))
            }
        }
    }
}

impl RunArgs {
    /// The study, with the requested number of threads.
    pub fn study(&self) -> Result<Study, StudyError> {
        let threads = self.threads.threads()?;
        Ok(Study { threads, ..Study::read(&self.study)? })
    }

    /// Claims the folder for the results.
    pub fn folder(&self, study: &Study, plans: &[(String, Plan)]) -> Result<Folder, StudyError> {
        let planned = results::planned(study, plans);
        let taken = match &self.out {
            Some(folder) => Folder::take(folder, &planned, None),
            None => {
                let name = self.study.file_stem().unwrap_or_default();
                Folder::take(&Path::new("out").join(name), &planned, Some(&self.study))
            }
        };
        taken.map_err(results::refused)
    }
}

/// Runs every assay, writes the folder and prints a summary.
pub fn run(asked: &RunArgs) -> Done {
    let study = asked.study()?;
    let plans = plans(&study)?;
    all(asked, &study, &plans)
}

/// Runs an assay and reports its progress.
pub fn one(study: &Study, told: &ProgressReport, name: &str, plan: &Plan) -> AssayResult {
    let Plan::PopulationFit(fit) = plan else {
        let step = if matches!(plan, Plan::Fit(_)) { "step" } else { "simulation" };
        told.begin(name, step, plan.lanes());
        return plan.run(study, &|n| told.done(n));
    };
    let answer = outcome(fit, &|progress| match progress {
        Progress::Begins(step, steps) => told.begin(name, step, steps),
        Progress::Done(steps) => told.done(steps),
        Progress::Searches(search, points, objective) => told.at(&format!(
            "search {} of {}, point {points}, -2 log likelihood {objective:.2}",
            search + 1,
            fit.starts
        )),
    });
    plan.shown(study, Answer::PopulationFit(answer))
}

/// The same for a study whose assays are already planned.
pub fn all(asked: &RunArgs, study: &Study, plans: &[(String, Plan)]) -> Done {
    let folder = asked.folder(study, plans)?;
    stop::on_signals(folder.unfinished(), "");
    let told = ProgressReport::default();
    let results: Results =
        plans.iter().map(|(name, plan)| (name.clone(), one(study, &told, name, plan))).collect();
    told.end();
    write_and_print(study, plans, &results, &folder, asked.json)
}

/// Result of every assay, by name.
pub type Results = Vec<(String, AssayResult)>;

/// Writes the folder and prints a summary.
pub fn write_and_print(
    study: &Study,
    plans: &[(String, Plan)],
    results: &Results,
    folder: &Folder,
    json: bool,
) -> Done {
    // A fit that found nothing does not replace the result of an earlier fit.
    for (name, result) in results {
        if let Some(why) = &result.no_answer {
            let message = format!("{why} (the results of earlier runs are unchanged)");
            return Err(study.located(StudyError::model(format!("assay.{name}"), message)));
        }
    }
    let staged = results::stage(folder, study, plans, results).map_err(results::refused)?;
    let files = stop::whole(|| staged.swap()).map_err(results::refused)?;
    for note in folder.notes(&study.hash) {
        say(&wrapped(&format!("note: {note}"), 0));
    }
    if json {
        let summary = results::summary(study, results);
        return print_json(&summary);
    }
    let colour = std::io::stdout().is_terminal();
    let mut all = visible(&wrapped(&cut(&study.question, MOST_OF_A_QUESTION), 0)).into_owned();
    let across: String = across::sentences(results).iter().map(|one| wrapped(one, 0)).collect();
    if !across.is_empty() {
        all += &visible(&format!("\n{across}"));
    }
    for (name, result) in results {
        let answer: String = result.sentences.iter().map(|one| wrapped(one, 0)).collect();
        all += &visible(&format!("\n{name}\n{answer}{}", lines_cut(&shortened(&result.text))));
        if let Some(picture) = &result.picture {
            all += &format!("\n{}", terminal_plot(picture, 96, 16, colour));
        }
        let mut text = String::new();
        if result.failed > 0 {
            text += &format!(
                "{} failed; the column status of the table gives the reasons\n",
                counted(result.failed, "simulation")
            );
        }
        for warning in &result.warnings {
            text += &wrapped(&format!("! {warning}"), 2);
        }
        if result.failed_draws.0 > 0 {
            let (count, reason) = &result.failed_draws;
            let note = format!(
                "! {} of draws failed, and the intervals use the other draws (column \
                 draws_solved). First reason: {reason}",
                counted(*count, "simulation")
            );
            text += &wrapped(&note, 2);
        }
        all += &visible(&text);
    }
    let mut text = format!("\n{} files in {}\n", files.len(), folder.shown.display());
    for file in &files {
        text += &format!("  {:<44} {:>9} bytes\n", file.name, file.bytes);
    }
    print_coloured(&(all + &visible(&text)))?;
    Ok(ExitCode::SUCCESS)
}

/// The text of an assay. Of a long text, only the beginning and the last lines (which apply to the
/// whole assay) are kept, with the number of lines left out between them.
fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let Some(more @ 1..) = lines.len().checked_sub(MOST_LINES) else { return text.to_string() };
    let (first, rest) = lines.split_at(MOST_LINES - LAST_LINES);
    let more_lines = counted(more, "more line");
    let between = format!("... {more_lines}; report.html and the tables contain all lines");
    let shown = first.iter().copied().chain([between.as_str()]).chain(rest[more..].iter().copied());
    shown.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_in_its_middle_and_says_by_how_much() {
        let of = |count: usize| (0..count).map(|i| format!("{i}\n")).collect::<String>();
        assert_eq!(shortened(&of(MOST_LINES)), of(MOST_LINES));
        let cut = shortened(&of(MOST_LINES + 13));
        let lines: Vec<&str> = cut.lines().collect();
        assert_eq!(lines.len(), MOST_LINES + 1);
        assert_eq!(
            lines[MOST_LINES - LAST_LINES],
            "... 13 more lines; report.html and the tables contain all lines"
        );
        assert_eq!(lines[MOST_LINES], "112");
        let numbers = lines.iter().filter(|line| line.parse::<usize>().is_ok()).count();
        assert_eq!(numbers + 13, MOST_LINES + 13);
    }
}
