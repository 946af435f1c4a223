//! The result of an assay.

use il2_inference::no_answer::NoAnswer;
use il2_output::figure::{Figure, Panel};
use il2_output::table::Table;
use std::fmt::Display;

/// The result of an assay.
#[derive(Clone, Debug, Default)]
pub struct AssayResult {
    /// Tables, the main table first.
    pub tables: Vec<Table>,
    /// Figures, each with its file name without ending.
    pub figures: Vec<(String, Figure)>,
    /// The answer in at most two or three sentences, with units and, where known, intervals. Terminal,
    /// summary and report begin with them.
    pub sentences: Vec<String>,
    /// Numbers that other assays of the study may also report, for [`crate::across`].
    pub shared: Vec<Shared>,
    /// Summary for programs.
    pub summary: serde_json::Value,
    /// Summary for the terminal: at most 100 columns wide.
    pub text: String,
    /// Warnings about the answer, a sentence each. Terminal, summary and report show all of them, however
    /// long the answer is.
    pub warnings: Vec<String>,
    /// Tables with their titles, where the report shows more than `text`.
    pub answer: Vec<(String, Table)>,
    /// Checks of the run.
    pub checks: Vec<Check>,
    /// The most informative panel, for the terminal.
    pub picture: Option<Panel>,
    /// Why a fit found nothing; in this case there is no answer.
    pub no_answer: Option<NoAnswer>,
    /// Number of simulations that failed; each has a row with the reason.
    pub failed: usize,
    /// Number of failed simulations of draws, which are missing from intervals, and the reason for
    /// the first.
    pub failed_draws: (usize, String),
    /// Other files that were read: name in the study and SHA-256.
    pub inputs: Vec<(String, String)>,
}

/// A number that other assays of the study may also report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The beginning of its sentence, the same in every assay: `Share of 100 pM il2 that treg use by 24 h:`.
    pub of: String,
    /// The number with its unit and interval: `14 %`.
    pub value: String,
}

/// A check of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The condition that is checked.
    pub what: String,
    /// The result of the check.
    pub found: String,
    /// Whether the condition is met.
    pub holds: bool,
}

/// Text of the column `status` of a table: `ok`, or why a simulation failed. Before this
/// conversion, failures are typed values.
pub fn status(why: Option<&impl Display>) -> String {
    why.map_or("ok".to_string(), ToString::to_string)
}
