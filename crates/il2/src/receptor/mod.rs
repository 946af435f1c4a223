//! Receptor models: how a ligand binds chains, is taken up, and signals.
//!
//! | name | what | paper |
//! | --- | --- | --- |
//! | `gamma-chain` | ligands of the family on shared beta and gamma_c, surface and endosome | Farhat et al. 2021 |
//! | `gamma-chain-farhat2021` | the same with the published conventions | Farhat et al. 2021 |
//! | `polyvalent` | fusions with several sites, with trafficking and depletion | Orcutt-Jahns et al. 2023 |
//! | `polyvalent-equilibrium` | the same at binding equilibrium, solved exactly | Orcutt-Jahns et al. 2023 |
//! | `fallon2000` | one lumped receptor, ligand depletion, growth; corrected | Fallon & Lauffenburger 2000 |
//! | `fallon2000-cellml`, `fallon2000-biomodels` | its two public encodings, for replication | as above |
//! | `effect` | a response known without receptor numbers | per cell |
//!
//! [`binding`] contains the binding schemes; [`trafficking`] places a scheme on a surface and in an
//! endosome, and [`solution`] in a medium; [`gamma_chain`] (with its [`bonds`] and [`arms`]) and
//! [`polyvalent`] are two schemes. [`fallon2000`] is a separate model.

pub mod arms;
pub mod binding;
pub mod bonds;
pub mod effect;
pub mod equilibrium;
pub mod fallon2000;
pub mod gamma_chain;
pub mod polyvalent;
pub mod solution;
pub mod stat5;
pub mod stat5_gcsolver;
pub mod trafficking;

use crate::parameter::MissingParameter;
use il2_engine::conservation::ConservedTotal;
use il2_engine::{Network, NetworkError, SpeciesId};

/// Supply of a chain on a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ChainSupply {
    /// Molecules on the surface before any ligand (per cell).
    Surface(f64),
    /// Molecules synthesised per cell and minute, from which the surface number follows.
    Synthesis(f64),
}

/// Whether the ligand in the medium is depleted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Medium {
    /// The medium is so large that its concentrations are constant.
    Constant,
    /// The same, but a study changes it gradually at some times, so that the change is part of the
    /// network.
    Gradual,
    /// The medium is shared by this many cells per litre, which deplete it.
    Depleted {
        /// Cells per litre.
        cell_density: f64,
    },
}

/// A receptor model built for one cell: its network and the species of its ligands.
#[derive(Clone, Debug)]
pub struct ReceptorModel {
    /// Species, parameters, reactions and observables by name.
    pub network: Network,
    /// For each ligand, its label and its species in the medium (pM).
    pub medium: Vec<(String, SpeciesId)>,
}

/// Why a model cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// A required number is missing.
    #[error("{0}")]
    Missing(#[from] MissingParameter),
    /// A parameter has an invalid value in the study.
    #[error("{1}")]
    Parameter(String, String),
    /// Ligand, cell and model cannot be combined.
    #[error("{0}")]
    Combination(String),
    /// The network is inconsistent, which is a bug.
    #[error("the network of this model is inconsistent (this is a bug): {0}")]
    Network(#[from] NetworkError),
}

impl ReceptorModel {
    /// The model, unchecked: the many networks of draws differ only in numbers from one that has
    /// been checked.
    pub fn new(network: Network, medium: Vec<(String, SpeciesId)>) -> Self {
        Self { network, medium }
    }

    /// Checks the network and returns the totals that it conserves.
    pub fn check(&self) -> Result<Vec<ConservedTotal>, ModelError> {
        Ok(self.network.check()?)
    }
}
