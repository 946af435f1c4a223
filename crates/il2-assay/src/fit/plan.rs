//! A planned fit: what is estimated, from which measurements, and with which settings.

use il2::culture::Prepared;
use il2_answer::labels::named;
use il2_clinic::regimen::arm::Arm;
use il2_engine::{Dimension, Threads};
use il2_inference::draws::normal;
use il2_inference::posterior::Posterior;
use il2_inference::sample::ChainSettings;
use il2_study::measurements::Row;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::path::PathBuf;

/// A number of the model that is estimated.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Name in the study.
    pub name: String,
    /// Numbers of the model that it sets.
    pub sets: Vec<String>,
    /// Dimension; the density uses values in base units.
    pub dimension: Dimension,
    /// Unit of the prior in the study and of all output, and one such unit in base units.
    pub unit: (String, f64),
    /// Ends of the central 95 % of the prior, in base units.
    pub prior: [f64; 2],
}

/// A table of measurements.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Name in the study.
    pub name: String,
    /// File as named in the study, and its SHA-256.
    pub file: (String, String),
    /// Where it was read.
    pub path: PathBuf,
    /// Rows that the study or a column leaves out.
    pub left_out: usize,
    /// Warnings about the table.
    pub warnings: Vec<String>,
    /// Whether its rows are wells, with ligand, cell and dose.
    pub wells: bool,
    /// Unit of its values in the study (empty if there is none), and one such unit in the units of
    /// [`Posterior::observed`].
    pub counted_in: (String, f64),
    /// Unit of its doses in the study; pM if it gives none.
    pub dose_unit: String,
    /// Label for axes: the unit of its values or, if they have none, the name of their column.
    pub unit: String,
}

/// A planned fit.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Numbers that are estimated.
    pub fitted: Vec<Fitted>,
    /// Tables of measurements.
    pub measured: Vec<Measured>,
    /// Rows with the index of their table, in the order of [`Posterior::observed`].
    pub rows: Vec<(usize, Row)>,
    /// The posterior density.
    pub posterior: Posterior,
    /// Model, ligand, cell and medium of each network of wells.
    pub prepared: Vec<Prepared>,
    /// Arms whose patients are simulated.
    pub arms: Vec<Arm>,
    /// Number of searches.
    pub starts: usize,
    /// Number of chains of the posterior.
    pub chains: usize,
    /// Settings of each chain.
    pub asked: ChainSettings,
    /// Threads on which searches, profiles and chains run in parallel.
    pub threads: Threads,
    /// Whether profile likelihoods are computed.
    pub profiles: bool,
    /// Level of the intervals.
    pub level: f64,
}

impl Plan {
    /// Number of pieces: searches, profiles and chains.
    pub fn pieces(&self) -> usize {
        self.starts + self.followed() + self.chains
    }

    /// Number of steps: searches, profiles, and draws of the chains.
    pub fn steps(&self) -> usize {
        self.starts + self.followed() + self.chains * self.asked.all()
    }

    /// Number of parameters with a profile likelihood.
    pub fn followed(&self) -> usize {
        if self.profiles { self.posterior.numbers } else { 0 }
    }

    /// Start of search `index`: the first is at the centre of the priors, the others are draws from
    /// them.
    pub fn start(&self, index: usize) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.asked.seed);
        rng.set_stream(index as u64);
        let own = f64::from(u8::from(index > 0));
        let draw = |_: usize| own * normal(&mut rng);
        (0..self.posterior.unknowns.len()).map(draw).collect()
    }

    /// Number of searches, profiles and draws that the fit will compute.
    pub fn lanes(&self) -> usize {
        self.steps()
    }

    /// The prepared cells and ligands.
    pub fn prepared(&self) -> Vec<&Prepared> {
        self.prepared.iter().collect()
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let tables = ["parameters", "predictions", "starts", "profiles", "draws"];
        let own = |m: &Measured| named(&self.name, &[&m.name, &format!("{}_agreement", m.name)]);
        let figures = self.measured.iter().flat_map(own);
        let all = named(&self.name, &["parameters", "profiles"]);
        (named(&self.name, &tables), figures.chain(all).collect())
    }

    /// The unit in which an unknown is reported, empty for plain numbers, and one such unit in base
    /// units.
    pub fn unit(&self, unknown: usize) -> (&str, f64) {
        self.fitted.get(unknown).map_or(("", 1.0), |f| (&f.unit.0, f.unit.1))
    }

    /// The value of an unknown in its unit, at `z` spreads from the centre of its prior.
    pub fn in_study_unit(&self, unknown: usize, z: f64) -> f64 {
        self.posterior.unknowns[unknown].value(z) / self.unit(unknown).1
    }
}

/// The name at the end of a key path.
pub(super) fn part_name(at: &str) -> &str {
    at.rsplit('.').next().unwrap_or(at)
}
