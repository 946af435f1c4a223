//! Numbers of a kind of tumour, and of treatments given with or instead of interleukin-2.

use crate::parameter::{MissingParameter, Parameters, required};
use il2_engine::Dimension;

/// A kind of tumour, or a partner of interleukin-2, with its numbers.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Full name.
    pub name: String,
    /// What it is, in a sentence or two.
    pub description: String,
    /// What is uncertain about it.
    pub caveats: Vec<String>,
    /// Its numbers by name.
    pub parameters: Parameters,
}

impl Entry {
    /// A number in base units, checked to have this dimension.
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
    /// A vaccine: multiplies the number of effector cells of the tumour that the drive of interleukin-2 makes.
    Vaccine {
        /// The factor.
        expansion: f64,
    },
    /// An antibody against a checkpoint: effector cells are exhausted at this fraction of the usual rate.
    Checkpoint {
        /// The part.
        exhaustion: f64,
    },
    /// Chemotherapy in cycles, until progression: kills cells of both clones.
    Chemotherapy {
        /// Rate of killing just after a dose (1/min).
        kill: f64,
        /// Its half-life (min).
        half_life: f64,
        /// Time between doses (min).
        every: f64,
        /// Doses.
        doses: u32,
    },
    /// Tumour-infiltrating cells after lymphodepletion.
    Cells {
        /// Effector cells that arrive at the tumour.
        effectors: f64,
        /// When they are given (min).
        at: f64,
        /// Fraction of regulatory cells that remains meanwhile.
        treg_left: f64,
        /// Growth of effector cells in the empty space (1/min).
        growth: f64,
        /// How long the space stays empty (min).
        depleted: f64,
    },
}

impl Partner {
    /// The partner described by the numbers of an entry.
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
