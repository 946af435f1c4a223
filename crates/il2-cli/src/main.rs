//! The program `il2`.
//!
//! `main` is the table of contents: each command is a function in [`commands`] and ends with an
//! exit code: 0 for success, 1 for a failed validation, and one for each kind of error
//! ([`exit_code`]). A signal has its own exit code.

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
    /// Run a study and write tables, figures and a summary to a folder
    Run {
        #[command(flatten)]
        run: commands::run::RunArgs,
        /// Compute one part of the results, such as 3/7; all parts share --out
        #[arg(long, value_name = "I/N")]
        shard: Option<String>,
    },
    /// Merge the results of all shards into the same files as those of an undivided run
    Merge(commands::shard::MergeArgs),
    /// Fit model parameters to tables of measurements, or continue a fit that was stopped
    Fit(commands::run::RunArgs),
    /// Search for molecules and report the Pareto front of the designs
    Design(commands::run::RunArgs),
    /// Print the plan of a study, the values that it sets and warnings, without running it
    Check {
        /// The study file
        study: PathBuf,
        /// Print every resolved value with its unit and source, and every dose
        #[arg(long)]
        full: bool,
        /// Print everything as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a study and its tables to one JSON file that can be run on another machine
    Request {
        /// The study file
        study: PathBuf,
        /// Output file [default: standard output]; an existing file is never replaced
        file: Option<PathBuf>,
    },
    /// Show the library: ligands, cells, models, references, or a single entry
    List {
        /// `ligands`, `cells`, `models`, `references`, `patient`, or the id of an entry
        what: Option<String>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a template of a study, with comments
    New {
        /// Kind of assay: dose-response, regimen, ...; any other word lists all kinds
        kind: String,
        /// Output file [default: KIND.toml]; an existing file is never replaced
        file: Option<PathBuf>,
    },
    /// Print the BibTeX of every model and parameter that a study uses
    Cite {
        /// The study file [default: cite the whole library]
        study: Option<PathBuf>,
    },
    /// Compare simulated values with published values
    Validate {
        /// A validation folder, or a folder that contains several
        #[arg(default_value = "validation")]
        folder: PathBuf,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        /// Also write the comparison as a page of HTML to this file
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        #[command(flatten)]
        threads: commands::run::ThreadArgs,
    },
    /// Write the reaction networks of a study as SBML, or as equations for other programs
    #[command(group(clap::ArgGroup::new("languages").required(true).multiple(true)
        .args(["sbml", "mrgsolve", "rxode2", "julia"])))]
    Export {
        /// The study file
        study: PathBuf,
        /// Folder for SBML, with units, references and events; existing files are never replaced
        #[arg(long, value_name = "FOLDER")]
        sbml: Option<PathBuf>,
        /// Folder for models of mrgsolve (R)
        #[arg(long, value_name = "FOLDER")]
        mrgsolve: Option<PathBuf>,
        /// Folder for models of rxode2 (R)
        #[arg(long, value_name = "FOLDER")]
        rxode2: Option<PathBuf>,
        /// Folder for functions for DifferentialEquations.jl (Julia)
        #[arg(long, value_name = "FOLDER")]
        julia: Option<PathBuf>,
    },
    /// Print the conserved quantities, mass losses and inconsistent units of an SBML model
    Audit {
        /// The model file, in SBML level 2 or 3
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
        Command::Validate { folder, json, html, threads } => {
            threads.threads().and_then(|threads| {
                commands::validate::validate(&folder, json, html.as_deref(), threads)
            })
        }
        Command::Export { study, sbml, mrgsolve, rxode2, julia } => {
            commands::export::export(&study, [sbml, mrgsolve, rxode2, julia])
        }
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

/// An error of the command line with a tip on what to write, if the error has no helpful tip
/// itself.
fn with_tip(mut error: clap::Error) -> clap::Error {
    use clap::error::ErrorKind::{InvalidSubcommand, UnknownArgument};
    // The option may belong to another command.
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
            "the study file specifies what is computed; run a command with `--help` to list its \
             options"
                .to_string()
        }
        _ => return error,
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// The exit code after an error. Invalid options also give 2, and a panic gives 101.
fn exit_code(kind: ErrorKind) -> ExitCode {
    ExitCode::from(match kind {
        ErrorKind::Input => 2,
        ErrorKind::Model => 3,
        ErrorKind::Io => 4,
        ErrorKind::Internal => 101,
    })
}
