//! Numbers of a kind of tumour, and of treatments given with interleukin-2 or instead of it.

use crate::parameter::{MissingParameter, Parameters, required};
use il2_engine::Dimension;

/// A kind of tumour, or a treatment combined with interleukin-2, with its numbers.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Full name.
    pub name: String,
    /// Description of the tumour or treatment, in one or two sentences.
    pub description: String,
    /// Uncertainties about this entry.
    pub caveats: Vec<String>,
    /// Numbers by name.
    pub parameters: Parameters,
}

impl Entry {
    /// A number in base units, checked for its dimension.
    pub fn number(&self, name: &str, dimension: Dimension) -> Result<f64, MissingParameter> {
        required(&self.parameters, &self.name, name, dimension)
    }

    /// A plain number.
    pub fn plain(&self, name: &str) -> Result<f64, MissingParameter> {
        self.number(name, Dimension::DIMENSIONLESS)
    }
}

/// A treatment given with interleukin-2 or instead of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Partner {
    /// A vaccine, which multiplies the number of effector cells of the tumour that are produced
    /// under the drive of interleukin-2.
    Vaccine {
        /// The factor.
        expansion: f64,
    },
    /// A checkpoint antibody: effector cells are exhausted at this fraction of the usual rate.
    Checkpoint {
        /// The fraction.
        exhaustion: f64,
    },
    /// Chemotherapy in cycles until progression, which kills cells of both clones.
    Chemotherapy {
        /// Rate of killing just after a dose (1/min).
        kill: f64,
        /// Half-life of the killing effect (min).
        half_life: f64,
        /// Time between doses (min).
        every: f64,
        /// Number of doses.
        doses: u32,
    },
    /// Tumour-infiltrating lymphocytes after lymphodepletion.
    Cells {
        /// Effector cells that arrive at the tumour.
        effectors: f64,
        /// Time at which they are given (min).
        at: f64,
        /// Fraction of regulatory cells that remains during lymphodepletion.
        treg_left: f64,
        /// Growth rate of effector cells during lymphodepletion (1/min).
        growth: f64,
        /// Duration of lymphodepletion (min).
        depleted: f64,
    },
}

impl Partner {
    /// The partner treatment described by the numbers of an entry.
    pub fn of(entry: &Entry) -> Result<Self, MissingParameter> {
        let has = |name: &str| entry.parameters.contains_key(name);
        let time = |name: &str| entry.number(name, Dimension::TIME);
        let rate = |name: &str| entry.number(name, Dimension::RATE);
        if has("kill") {
            return Ok(Partner::Chemotherapy {
                kill: rate("kill")?,
                half_life: time("half_life")?,
                every: time("every")?,
                doses: entry.plain("doses")? as u32,
            });
        }
        if has("effectors") {
            return Ok(Partner::Cells {
                effectors: entry.number("effectors", crate::tumour::lesions::CELL)?,
                at: time("at")?,
                treg_left: entry.plain("treg_left")?,
                growth: rate("growth")?,
                depleted: time("depleted")?,
            });
        }
        match has("exhaustion") {
            true => Ok(Partner::Checkpoint { exhaustion: entry.plain("exhaustion")? }),
            false => Ok(Partner::Vaccine { expansion: entry.plain("expansion")? }),
        }
    }
}
