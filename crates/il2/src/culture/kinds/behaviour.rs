//! What the cells of a kind do beside binding ligand: they secrete, make more of a chain, divide and die.
//!
//! With P the signal of a cell, H(P; K, h) = P^h / (K^h + P^h) and on, antigen between 0 and 1 in their windows of
//! time:
//!
//! ```text
//! secretion     q on [antigen] / (1 + P / inhibiting)                    molecules per cell and time
//! synthesis     s (1 + (by_signal - 1) H(P) + (by_antigen - 1) antigen)  of a chain
//! division      p on H(P)                                                of each cell
//! death         d / (1 + P / protecting)                                 of each cell
//! ```
//!
//! Secretion and division are less under suppression by another kind: with S suppressors and O other cells per volume,
//!
//! ```text
//! contact       1 / (1 + contact S / O)
//! cytokine      1 / (1 + F)              F' = k (S / half_at - F), and F leaves with the medium
//! ```
//!
//! Cells divide without a clock, at a rate that is the same for all of a kind. With G = ∫ p dt, what `divisions`
//! counts, the divisions behind the live cells are Poisson with mean 2 G, because those that divide early leave
//! more; a founder has divided G times on average.

use crate::parameter::{MissingParameter, Parameters, required};
use il2_engine::Dimension;

/// A stretch of time (min); what never ends has an infinite end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// When it begins.
    pub from: f64,
    /// When it ends.
    pub to: f64,
}

impl Default for Window {
    fn default() -> Self {
        Self { from: 0.0, to: f64::INFINITY }
    }
}

/// The signal at which something is half of its maximum, and how steep it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfAt {
    /// The signal (per cell).
    pub signal: f64,
    /// Hill's exponent.
    pub steepness: f64,
}

/// Cells meet antigen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Antigen {
    /// Between none (0) and what activates them most (1).
    pub level: f64,
    /// When.
    pub window: Window,
}

/// Cells make a ligand.
#[derive(Clone, Debug, PartialEq)]
pub struct Secretion {
    /// Its label.
    pub ligand: String,
    /// Molecules per cell and minute.
    pub rate: f64,
    /// When.
    pub window: Window,
    /// Whether it is in proportion to the antigen.
    pub by_antigen: bool,
    /// The signal (per cell) that halves it, if signals inhibit it.
    pub inhibiting_signal: Option<f64>,
}

/// Cells make more of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct UpRegulation {
    /// Which.
    pub chain: String,
    /// How many times as much under the strongest signal, and which signal gives half of the rise.
    pub by_signal: Option<(f64, HalfAt)>,
    /// How many times as much under the most antigen.
    pub by_antigen: Option<f64>,
}

/// Cells divide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Division {
    /// Divisions of a cell per minute at the strongest signal.
    pub rate: f64,
    /// The signal of half of that.
    pub half_at: HalfAt,
    /// When.
    pub window: Window,
}

/// Cells die.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Death {
    /// Rate without signal (1/min).
    pub rate: f64,
    /// The signal (per cell) that halves it, if signals protect.
    pub protecting_signal: Option<f64>,
}

/// Others suppress cells: they secrete and divide less.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suppression {
    /// Names of the kinds that suppress; others are all cells that do not.
    pub by: Vec<String>,
    /// How strongly by contact, at one suppressor for each other cell.
    pub contact: f64,
    /// What they secrete against them, if they do.
    pub cytokine: Option<SuppressiveCytokine>,
}

/// A cytokine in the medium that suppresses, such as TGF-beta or IL-10, without its receptors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuppressiveCytokine {
    /// Suppressors per litre that halve secretion and division once their cytokine has gathered.
    pub half_at: f64,
    /// Its half-life in the medium (min), with which it gathers, too.
    pub half_life: f64,
}

/// All that cells of a kind do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behaviour {
    /// Whether they bind ligand without taking it from the medium: a switch, to see what their capture of ligand does.
    pub spares_ligand: bool,
    /// Who suppresses them by contact.
    pub suppression: Option<Suppression>,
    /// Whether they meet antigen.
    pub antigen: Option<Antigen>,
    /// What they secrete.
    pub secretion: Vec<Secretion>,
    /// Of which chains they make more.
    pub up_regulation: Vec<UpRegulation>,
    /// How they divide.
    pub division: Option<Division>,
    /// How they die.
    pub death: Option<Death>,
}

impl Behaviour {
    /// Whether the number of cells is a state.
    pub fn grows(&self) -> bool {
        self.division.is_some() || self.death.is_some()
    }
}

/// What a number of a behaviour measures, by its name: `secretion.rate`, `up_regulation.il2r_alpha.by_signal`.
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
    /// The behaviour with these numbers; those that are there say what the cells do. `secretes` is the ligand
    /// that they make, and whether in proportion to antigen.
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
