//! Meaning of the numbers and columns of an event table for a model.

use il2::patient::compartments::Named;
use il2::treatment::record::{Delivery, Record};
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
    /// What the study says of doses into the first compartment, base units; NaN where the table has to say it.
    pub of_doses: Delivery,
    /// What the column DVID may say, in the order of [`Subject::kinds`](crate::event_table::Subject::kinds); empty
    /// where one quantity is measured.
    pub kinds: &'a [String],
    /// Lower limit of quantification of each of these quantities, or of the only one, in the unit of
    /// DV, for lines that give none. NaN for none; empty if the study gives no limit.
    pub lower_limits: &'a [f64],
    /// Names that the study gives to columns of the table.
    pub columns: &'a IndexMap<String, String>,
}

/// Of a study that says nothing of doses.
pub const LEFT_TO_THE_TABLE: Delivery =
    Delivery { lag: f64::NAN, bioavailability: f64::NAN, duration: f64::NAN, rate: f64::NAN };

impl TableMeaning<'_> {
    /// A record with what the study says of its doses.
    pub(super) fn with_study(&self, record: &Record) -> Record {
        let mut record = record.clone();
        if record.compartment != 0 {
            return record;
        }
        let (own, study) = (&mut record.delivery, &self.of_doses);
        for (own, study, always) in [
            (&mut own.lag, study.lag, true),
            (&mut own.bioavailability, study.bioavailability, true),
            // A row may have an infusion of its own.
            (&mut own.duration, study.duration, false),
            (&mut own.rate, study.rate, false),
        ] {
            if !study.is_nan() && (always || own.is_nan()) {
                *own = study;
            }
        }
        record
    }
}
