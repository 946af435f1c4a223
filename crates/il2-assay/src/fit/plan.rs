//! A fit put together: what is estimated, from what, and how it is run.

use crate::regimen::arm::Arm;
use il2::culture::Setup;
use il2_engine::{Dimension, Threads};
use il2_inference::posterior::Posterior;
use il2_inference::sample::ChainSettings;
use il2_study::measurements::Row;
use std::path::PathBuf;

/// A number of the model that is estimated.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Name in the study.
    pub name: String,
    /// Numbers of the model that it stands for.
    pub sets: Vec<String>,
    /// What it measures; the density knows its values in base units.
    pub dimension: Dimension,
    /// Unit in which the study writes its prior and answers are told, and one of it in base units.
    pub unit: (String, f64),
    /// Ends that hold 95 % of the prior, base units.
    pub prior: [f64; 2],
}

/// A table of measurements.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Name in the study.
    pub name: String,
    /// File as the study names it, and its SHA-256.
    pub file: (String, String),
    /// Where it was read.
    pub path: PathBuf,
    /// Rows that the study or a column leaves out.
    pub left_out: usize,
    /// What must be said of it.
    pub warnings: Vec<String>,
    /// Whether its rows are wells, with ligand, cell and dose.
    pub wells: bool,
    /// Unit that the study gives its values, empty where it gives none, and one of it in the units of
    /// [`Posterior::observed`].
    pub counted_in: (String, f64),
    /// Unit of its values or, where they have none, the name of their column: for axes.
    pub unit: String,
}

/// A fit put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// What is estimated.
    pub fitted: Vec<Fitted>,
    /// From what.
    pub measured: Vec<Measured>,
    /// Rows with the place of their table, in the order of [`Posterior::observed`].
    pub rows: Vec<(usize, Row)>,
    /// The density.
    pub posterior: Posterior,
    /// Model, ligand, cell and medium of each network of wells.
    pub setups: Vec<Setup>,
    /// Regimens whose patients are read.
    pub arms: Vec<Arm>,
    /// Searches.
    pub starts: usize,
    /// Chains of the posterior.
    pub chains: usize,
    /// How each is run.
    pub asked: ChainSettings,
    /// Threads on which searches, profiles and chains run side by side.
    pub threads: Threads,
    /// Whether the likelihood is followed along each number.
    pub profiles: bool,
    /// Part of the posterior inside intervals.
    pub level: f64,
}

impl Plan {
    /// The unit in which an unknown is told, empty for plain numbers, and one of it in base units.
    pub fn unit(&self, unknown: usize) -> (&str, f64) {
        self.fitted.get(unknown).map_or(("", 1.0), |f| (&f.unit.0, f.unit.1))
    }

    /// An unknown in that unit, at `z` spreads from the centre of its prior.
    pub fn told(&self, unknown: usize, z: f64) -> f64 {
        self.posterior.unknowns[unknown].value(z) / self.unit(unknown).1
    }
}

/// The name behind a key path.
pub(super) fn part_name(at: &str) -> &str {
    at.rsplit('.').next().unwrap_or(at)
}
