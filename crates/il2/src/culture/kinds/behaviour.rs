//! What the cells of a kind do in addition to binding ligand: they secrete, upregulate chains,
//! divide and die.
//!
//! With P the signal of a cell, H(P; K, h) = P^h / (K^h + P^h), and the antigen level between 0 and
//! 1 within its window of time:
//!
//! ```text
//! secretion     q on [antigen] / (1 + P / inhibiting)                    molecules per cell and time
//! synthesis     s (1 + (by_signal - 1) H(P) + (by_antigen - 1) antigen)  of a chain
//! division      p on H(P)                                                of each cell
//! death         d / (1 + P / protecting)                                 of each cell
//! ```
//!
//! Suppression by another kind reduces secretion and division: with S suppressors and O other cells
//! per volume,
//!
//! ```text
//! contact       1 / (1 + contact S / O)
//! cytokine      1 / (1 + F)              F' = k (S / half_at - F), and F leaves with the medium
//! ```
//!
//! If a culture carries at most a density K of cells, crowding multiplies division by 1 - N / K,
//! with N the density of the cells of all kinds, and by zero above K.
//!
//! Cells divide at random, at a rate that is the same for all cells of a kind. With G = ∫ p dt,
//! which `divisions` counts, the number of divisions that live cells have undergone is
//! Poisson-distributed with mean 2 G, because cells that divide early leave more progeny; a founder
//! has divided G times on average.

use crate::parameter::{MissingParameter, Parameters, required};
use il2_engine::Dimension;

/// An interval of time (min), whose end is infinite if it never ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Start of the interval (min).
    pub from: f64,
    /// End of the interval (min).
    pub to: f64,
}

impl Default for Window {
    fn default() -> Self {
        Self { from: 0.0, to: f64::INFINITY }
    }
}

/// The signal at which a response is half of its maximum, and the steepness of the response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfAt {
    /// The signal (per cell).
    pub signal: f64,
    /// Hill coefficient.
    pub steepness: f64,
}

/// Contact of cells with antigen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Antigen {
    /// Level, from none (0) to maximal activation (1).
    pub level: f64,
    /// When cells are in contact with antigen.
    pub window: Window,
}

/// Secretion of a ligand by cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Secretion {
    /// Label of the ligand.
    pub ligand: String,
    /// Secretion rate in molecules per cell and minute.
    pub rate: f64,
    /// When cells secrete.
    pub window: Window,
    /// Whether secretion is proportional to the antigen level.
    pub by_antigen: bool,
    /// The signal (per cell) that halves secretion, if signals inhibit it.
    pub inhibiting_signal: Option<f64>,
}

/// Upregulation of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct UpRegulation {
    /// The chain.
    pub chain: String,
    /// Fold increase of its synthesis under the strongest signal, and the signal that gives half of
    /// the increase.
    pub by_signal: Option<(f64, HalfAt)>,
    /// Fold increase of its synthesis under the highest antigen level.
    pub by_antigen: Option<f64>,
}

/// Division of cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Division {
    /// Divisions per cell and minute at the strongest signal.
    pub rate: f64,
    /// The signal at which the rate is half of this.
    pub half_at: HalfAt,
    /// When cells divide.
    pub window: Window,
}

/// Death of cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Death {
    /// Rate without signal (1/min).
    pub rate: f64,
    /// The signal (per cell) that halves the death rate, if signals protect.
    pub protecting_signal: Option<f64>,
}

/// Suppression of cells by other kinds: suppressed cells secrete and divide less.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suppression {
    /// Names of the kinds that suppress; the other cells are those of all other kinds.
    pub by: Vec<String>,
    /// Strength of suppression by contact, at one suppressor per other cell.
    pub contact: f64,
    /// The suppressive cytokine that they secrete, if any.
    pub cytokine: Option<SuppressiveCytokine>,
}

/// A suppressive cytokine in the medium, such as TGF-beta or IL-10, modelled without its receptors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuppressiveCytokine {
    /// Suppressors per litre that halve secretion and division once their cytokine has accumulated.
    pub half_at: f64,
    /// Half-life of the cytokine in the medium (min), which also sets how fast it accumulates.
    pub half_life: f64,
}

/// All behaviours of the cells of a kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behaviour {
    /// Whether they bind ligand without taking it from the medium: an option to examine the effect
    /// of ligand capture.
    pub spares_ligand: bool,
    /// The suppression that acts on them.
    pub suppression: Option<Suppression>,
    /// Their contact with antigen, if any.
    pub antigen: Option<Antigen>,
    /// The ligands that they secrete.
    pub secretion: Vec<Secretion>,
    /// The chains that they upregulate.
    pub up_regulation: Vec<UpRegulation>,
    /// Their division, if any.
    pub division: Option<Division>,
    /// Their death, if any.
    pub death: Option<Death>,
}

impl Behaviour {
    /// Whether the number of cells is a state variable.
    pub fn grows(&self) -> bool {
        self.division.is_some() || self.death.is_some()
    }
}

/// The dimension of a number of a behaviour, by name: `secretion.rate`,
/// `up_regulation.il2r_alpha.by_signal`.
pub fn dimension_of(name: &str) -> Option<Dimension> {
    let parts: Vec<&str> = name.split('.').collect();
    let plain = Dimension::DIMENSIONLESS;
    Some(match parts.as_slice() {
        ["antigen" | "secretion" | "division", "from" | "to"] => Dimension::TIME,
        ["antigen", "level"] => plain,
        ["secretion", "rate"] => Dimension::PER_CELL * Dimension::RATE,
        ["division" | "death", "rate"] => Dimension::RATE,
        ["secretion", "inhibiting_signal"] | ["death", "protecting_signal"] => Dimension::PER_CELL,
        ["division", "half_at"] | ["up_regulation", _, "half_at"] => Dimension::PER_CELL,
        ["division", "steepness"] | ["up_regulation", _, "steepness"] => plain,
        ["up_regulation", _, "by_signal" | "by_antigen"] => plain,
        _ => return None,
    })
}

impl Behaviour {
    /// The behaviour with these numbers, which determine what the cells do. `secretes` is the
    /// ligand that they secrete, and whether the rate is proportional to the antigen level.
    pub fn of(
        numbers: &Parameters,
        owner: &str,
        secretes: Option<(&str, bool)>,
    ) -> Result<Behaviour, MissingParameter> {
        let number = |name: &str| {
            required(numbers, owner, name, dimension_of(name).expect("a number of a behaviour"))
        };
        let optional = |name: &str| {
            let given = numbers.get(name).filter(|number| !number.absent);
            given.map(|_| number(name)).transpose()
        };
        let window = |of: &str| -> Result<Window, MissingParameter> {
            let from = optional(&format!("{of}.from"))?.unwrap_or(0.0);
            Ok(Window { from, to: optional(&format!("{of}.to"))?.unwrap_or(f64::INFINITY) })
        };
        let half_at = |of: &str| -> Result<HalfAt, MissingParameter> {
            let steepness = optional(&format!("{of}.steepness"))?.unwrap_or(1.0);
            Ok(HalfAt { signal: number(&format!("{of}.half_at"))?, steepness })
        };
        let level = optional("antigen.level")?;
        let antigen = level.map(|level| Ok(Antigen { level, window: window("antigen")? }));
        let mut secretion = vec![];
        if let Some((ligand, by_antigen)) = secretes {
            secretion.push(Secretion {
                ligand: ligand.into(),
                rate: number("secretion.rate")?,
                window: window("secretion")?,
                by_antigen,
                inhibiting_signal: optional("secretion.inhibiting_signal")?,
            });
        }
        let chain = |name: &String| {
            let (of, _) = name.strip_prefix("up_regulation.")?.split_once('.')?;
            Some(of.to_string())
        };
        let mut chains: Vec<String> = numbers.keys().filter_map(chain).collect();
        chains.sort_unstable();
        chains.dedup();
        let up_regulation = chains.into_iter().map(|chain| {
            let of = format!("up_regulation.{chain}");
            let by_signal = optional(&format!("{of}.by_signal"))?;
            let by_signal = by_signal.map(|fold| Ok((fold, half_at(&of)?))).transpose()?;
            Ok(UpRegulation {
                chain,
                by_signal,
                by_antigen: optional(&format!("{of}.by_antigen"))?,
            })
        });
        let up_regulation = up_regulation.collect::<Result<_, MissingParameter>>()?;
        let division = optional("division.rate")?.map(|rate| -> Result<_, MissingParameter> {
            let (half_at, window) = (half_at("division")?, window("division")?);
            Ok(Division { rate, half_at, window })
        });
        let death = optional("death.rate")?.map(|rate| -> Result<_, MissingParameter> {
            Ok(Death { rate, protecting_signal: optional("death.protecting_signal")? })
        });
        Ok(Behaviour {
            antigen: antigen.transpose()?,
            secretion,
            up_regulation,
            division: division.transpose()?,
            death: death.transpose()?,
            spares_ligand: false,
            suppression: None,
        })
    }
}
