//! Meaning of the numbers and columns of an event table for a model.

use il2::patient::compartments::Named;
use indexmap::IndexMap;

/// Factors that convert the numbers of a table to base units.
#[derive(Clone, Copy, Debug)]
pub struct Factors {
    /// Minutes.
    pub time: f64,
    /// pmol, pg or IU.
    pub amount: f64,
    /// Litres.
    pub volume: f64,
}

/// Meaning of the numbers and columns of an event table for a model.
pub struct TableMeaning<'a> {
    /// Compartments of the model in the order of NONMEM's numbers.
    pub compartments: &'static [&'static str],
    /// Index of the compartment that each of the table's own numbers or words means, by
    /// [`compartments_told`](crate::event_table::compartments_told).
    pub told: &'a IndexMap<String, usize>,
    /// Whether the study must explain the table's numbers: compartments are numbered as in the
    /// model of the table's author, in which 1 may be a vein.
    pub must_be_told: bool,
    /// Key path of the part of the study that names the table.
    pub at: &'a str,
    /// Numbers of the model that columns may give.
    pub numbers: &'static [Named],
    /// Units.
    pub factors: Factors,
    /// Numbers of the model used where no column gives them, in base units.
    pub given: &'a IndexMap<&'static str, f64>,
    /// Columns whose numbers a fit uses, as its formulas write them.
    pub covariates: &'a [String],
    /// Whether values beyond a limit of quantification are kept, with that limit, and whether zeros
    /// are kept.
    pub limits: bool,
    /// What the column DVID may say, in the order of [`Subject::kinds`](crate::event_table::Subject::kinds); empty
    /// where one quantity is measured.
    pub kinds: &'a [String],
    /// Names that the study gives to columns of the table.
    pub columns: &'a IndexMap<String, String>,
}
