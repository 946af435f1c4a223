//! The result of an assay.

use il2_inference::no_answer::NoAnswer;
use il2_output::figure::{Figure, Panel};
use il2_output::table::Table;
use std::fmt::Display;

/// The result of an assay.
#[derive(Clone, Debug, Default)]
pub struct AssayResult {
    /// The main table first.
    pub tables: Vec<Table>,
    /// File name without ending, and figure.
    pub figures: Vec<(String, Figure)>,
    /// The answer in at most two or three sentences, with units and, where known, intervals. Terminal,
    /// summary and report begin with them.
    pub sentences: Vec<String>,
    /// Numbers that other assays of the study may give, too, for [`crate::across`].
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
    /// Checks that the run made of itself.
    pub checks: Vec<Check>,
    /// The most informative panel, for the terminal.
    pub picture: Option<Panel>,
    /// Why a fit found nothing; there is then no answer.
    pub no_answer: Option<NoAnswer>,
    /// Simulations that did not solve; each is a row with its reason.
    pub failed: usize,
    /// Simulations of draws that did not solve and are missing from intervals, and the reason of the first.
    pub failed_draws: (usize, String),
    /// Other files read: name in the study, SHA-256.
    pub inputs: Vec<(String, String)>,
}

/// A number that other assays of the study may give, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The beginning of its sentence, the same in every assay: `Share of 100 pM il2 that treg use by 24 h:`.
    pub of: String,
    /// The number with its unit and interval: `14 %`.
    pub value: String,
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

/// Text of the column `status` of a table: `ok`, or why a lane was given up. Up to this point a failure is
/// typed.
pub fn status(why: Option<&impl Display>) -> String {
    why.map_or("ok".to_string(), ToString::to_string)
}
