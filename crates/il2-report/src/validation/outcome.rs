//! Outcome of the rows of a folder.

use il2_answer::published::{Is, Published, Status};

/// Outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Inside the tolerance.
    Fits,
    /// Outside, as listed.
    KnownMisfit,
    /// Inside, although listed as a misfit.
    UnexpectedPass,
    /// Outside.
    Fails,
}

/// A row with its simulated value.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What it is.
    pub what: String,
    /// Published number or order, as text.
    pub published: String,
    /// Simulated number or order, as text.
    pub simulated: String,
    /// Allowed difference, as text.
    pub allowed: String,
    /// Measured or model target.
    pub is: Is,
    /// Calibrated on or predicted.
    pub status: Status,
    /// Its outcome.
    pub outcome: Outcome,
    /// Cause of a known misfit, or reason of the tolerance.
    pub note: String,
}

/// A folder's rows.
#[derive(Clone, Debug)]
pub struct Report {
    /// Name of the folder.
    pub name: String,
    /// What was published.
    pub published: Published,
    /// Every row, in the order of the file; orders last.
    pub rows: Vec<Checked>,
}
