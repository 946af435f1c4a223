//! What an assay gives.

use il2_inference::no_answer::NoAnswer;
use il2_output::figure::{Figure, Panel};
use il2_output::table::Table;
use std::fmt::Display;

/// What an assay gives.
#[derive(Clone, Debug, Default)]
pub struct AssayResult {
    /// The main table first.
    pub tables: Vec<Table>,
    /// File name without ending, and figure.
    pub figures: Vec<(String, Figure)>,
    /// The answer: two or three sentences at most, in plain words and numbers with their units, and with
    /// intervals where there are any. Terminal, summary and report begin with them.
    pub sentences: Vec<String>,
    /// The short of it, for programs.
    pub summary: serde_json::Value,
    /// The short of it, for the terminal: at most 100 columns.
    pub text: String,
    /// What is to be known before the answer is used, a sentence each. Terminal, summary and report show
    /// all of them, however long the answer is.
    pub warnings: Vec<String>,
    /// The same as tables with what each shows, where the report has more to say than `text`.
    pub answer: Vec<(String, Table)>,
    /// What the run checked of itself.
    pub checks: Vec<Check>,
    /// Panel that says most, for a picture on the terminal.
    pub picture: Option<Panel>,
    /// Why a fit found nothing: there is no answer then to write down.
    pub no_answer: Option<NoAnswer>,
    /// Lanes that did not solve; each is a row with its reason.
    pub failed: usize,
    /// Lanes of draws that did not solve, which intervals then lack, and the reason of the first.
    pub failed_draws: (usize, String),
    /// Files that were read beside the study: name in it, SHA-256.
    pub inputs: Vec<(String, String)>,
}

/// A check that a run makes of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What must hold.
    pub what: String,
    /// What was found.
    pub found: String,
    /// Whether it holds.
    pub holds: bool,
}

/// What the column `status` of a table says: `ok`, or why a lane was given up. Until here a failure is typed.
pub fn status(why: Option<&impl Display>) -> String {
    why.map_or("ok".to_string(), ToString::to_string)
}
