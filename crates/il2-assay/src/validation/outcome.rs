//! How the rows of a folder came out.

use crate::validation::file::{Is, Published, Status};

/// How a row came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Inside the tolerance.
    Fits,
    /// Outside, and known to be.
    KnownMisfit,
    /// Inside, though listed as a misfit.
    FitsAfterAll,
    /// Outside.
    Fails,
}

/// A row with what the simulation gave.
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
    /// How it came out.
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
