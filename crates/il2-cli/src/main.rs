//! The program `il2`.
//!
//! `main` is the table of contents: each command is a function in [`commands`], and every one ends
//! in an exit code: 0 done, 1 a validation failed, and one for each kind of error ([`exit_code`]); a
//! signal ends in its own.

mod commands;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand};
use il2_engine::words::closest;
use il2_study::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

/// The interleukin-2 system: from a molecule's affinities to the cells that it activates.
#[derive(Parser)]
#[command(name = "il2", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a study: tables, figures and a summary into a folder
    Run {
        #[command(flatten)]
        run: commands::run::RunArgs,
        /// Work out one part of the results, such as 3/7; all parts share --out
        #[arg(long, value_name = "I/N")]
        shard: Option<String>,
    },
    /// Put the results of all shards together: the same files as a run in one piece
    Merge(commands::shard::MergeArgs),
    /// Fit numbers of a model to tables of measurements; a stopped fit continues
    Fit(commands::run::RunArgs),
    /// Search for molecules: the designs that no other beats in every objective
    Design(commands::run::RunArgs),
    /// Print what a study will run, what it sets and what is doubtful, without running it
    Check {
        /// The study file
        study: PathBuf,
        /// Print every resolved value with unit and source, and every dose
        #[arg(long)]
        full: bool,
        /// Print all of it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a study with its tables as one JSON file, to run it elsewhere
    Request {
        /// The study file
        study: PathBuf,
        /// File to write [default: standard output]; an existing file is never replaced
        file: Option<PathBuf>,
    },
    /// Show the library: ligands, cells, models, references, or one entry of it
    List {
        /// `ligands`, `cells`, `models`, `references`, `patient`, or the id of an entry
        what: Option<String>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a commented study to start from
    New {
        /// Kind of assay: dose-response, regimen, ...; any other word lists them all
        kind: String,
        /// File to write [default: KIND.toml]; an existing file is never replaced
        file: Option<PathBuf>,
    },
    /// Print the BibTeX of every model and parameter that a study uses
    Cite {
        /// The study file; without it the whole library is cited
        study: Option<PathBuf>,
    },
    /// Compare published with simulated numbers
    Validate {
        /// One validation folder, or a folder of them
        #[arg(default_value = "validation")]
        folder: PathBuf,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        threads: commands::run::ThreadArgs,
    },
    /// Write the networks of a study as SBML, with units and publications
    Export {
        /// The study file
        study: PathBuf,
        /// Folder to write into; existing files are never replaced
        #[arg(long)]
        sbml: PathBuf,
    },
    /// Print what a model in SBML conserves, where it loses mass, which units disagree
    Audit {
        /// The model's file, SBML level 2 or 3
        model: PathBuf,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of a study file, for editors
    Schema,
    /// Print shell completions
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let command = match Arguments::try_parse() {
        Ok(arguments) => arguments.command,
        Err(error) => with_tip(error).exit(),
    };
    if let Err(error) = commands::use_backend() {
        eprintln!("error: {error}");
        return exit_code(error.kind);
    }
    let done = match command {
        Command::Run { run, shard } => commands::shard::run(&run, shard.as_deref()),
        Command::Merge(asked) => commands::shard::merge(&asked),
        Command::Fit(asked) => commands::fit::fit(&asked),
        Command::Design(asked) => commands::design::design(&asked),
        Command::Check { study, full, json } => commands::check::check(&study, full, json),
        Command::Request { study, file } => commands::request::request(&study, file),
        Command::List { what, json } => commands::list::list(what.as_deref(), json),
        Command::New { kind, file } => commands::new::new(&kind, file),
        Command::Cite { study } => commands::cite::cite(study.as_deref()),
        Command::Validate { folder, json, threads } => threads
            .threads()
            .and_then(|threads| commands::validate::validate(&folder, json, threads)),
        Command::Export { study, sbml } => commands::export::export(&study, &sbml),
        Command::Audit { model, json } => commands::audit::audit(&model, json),
        Command::Schema => commands::print(&il2_study::study::schema()),
        Command::Completions { shell } => {
            let mut script = vec![];
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "il2", &mut script);
            commands::print(&String::from_utf8_lossy(&script))
        }
    };
    commands::stop::wait_if_stopping();
    match done {
        Ok(code) => code,
        Err(error) => {
            commands::say(&format!("error: {error}\n"));
            exit_code(error.kind)
        }
    }
}

/// An error of the command line with a tip on what to write, where it has none that helps.
fn with_tip(mut error: clap::Error) -> clap::Error {
    use clap::error::ErrorKind::{InvalidSubcommand, UnknownArgument};
    // Another command may have the option.
    let elsewhere = match error.get(ContextKind::Suggested) {
        Some(ContextValue::StyledStrs(tips)) => {
            tips.iter().any(|tip| tip.to_string().contains("exists"))
        }
        _ => false,
    };
    let tip = match error.kind() {
        InvalidSubcommand if error.get(ContextKind::SuggestedSubcommand).is_none() => {
            let written = match error.get(ContextKind::InvalidSubcommand) {
                Some(ContextValue::String(word)) => word.as_str(),
                _ => "",
            };
            let command = Arguments::command();
            let names: Vec<&str> = command.get_subcommands().map(|c| c.get_name()).collect();
            match closest(written, names.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => {
                    let (first, rest) = names.split_at(names.len() / 2);
                    format!("the commands are {},\n       {}", first.join(", "), rest.join(", "))
                }
            }
        }
        // Most unknown options are keys of a study.
        UnknownArgument if error.get(ContextKind::SuggestedArg).is_none() && !elsewhere => {
            "what is computed is set in the study file; `--help` after a command lists its options"
                .to_string()
        }
        _ => return error,
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// What the program ends in after an error. Options that cannot be read end in 2, too, and a panic in 101.
fn exit_code(kind: ErrorKind) -> ExitCode {
    ExitCode::from(match kind {
        ErrorKind::Input => 2,
        ErrorKind::Model => 3,
        ErrorKind::Io => 4,
        ErrorKind::Internal => 101,
    })
}
