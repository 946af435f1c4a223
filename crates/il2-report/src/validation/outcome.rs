//! Outcomes of the rows of a folder.

use crate::validation::interval::Interval;
use crate::validation::power::Power;
use il2_answer::published::{Is, Published, Status};

/// Outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Inside the tolerance.
    Fits,
    /// Outside, as listed for known misfits.
    KnownMisfit,
    /// Inside, although listed as a misfit.
    UnexpectedPass,
    /// Outside.
    Fails,
}

impl Outcome {
    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Outcome::Fits => "fits",
            Outcome::KnownMisfit => "MISFIT (known)",
            Outcome::UnexpectedPass => "unexpected pass",
            Outcome::Fails => "FAILS",
        }
    }
}

/// A row with its simulated value.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Description of the row.
    pub what: String,
    /// Published number or order, as text.
    pub published: String,
    /// Simulated number or order, as text.
    pub simulated: String,
    /// Interval of the simulated number, if its table has one.
    pub interval: Option<Interval>,
    /// Allowed difference, as text.
    pub allowed: String,
    /// Whether the number was measured or is a model target.
    pub is: Is,
    /// Whether the number was used for calibration or is predicted.
    pub status: Status,
    /// Molecule of a held-out number.
    pub held_out: Option<String>,
    /// Whether the row has a published number or range; a bound or an order is only a sign.
    pub is_number: bool,
    /// Probability that the rule would fail under an alternative, if the row has one.
    pub power: Option<Power>,
    /// Outcome of the comparison.
    pub outcome: Outcome,
    /// Cause of a known misfit, or reason for the tolerance.
    pub note: String,
}

/// Results of a folder.
#[derive(Clone, Debug)]
pub struct Report {
    /// Name of the folder.
    pub name: String,
    /// Contents of its `published.toml`.
    pub published: Published,
    /// All rows in the order of the file, followed by the orders.
    pub rows: Vec<Checked>,
}
