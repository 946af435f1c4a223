//! Molecules that bind the chains: native interleukin-2, its analogues and fusions, interleukin-15.

use crate::parameter::{MissingParameter, Parameter, Parameters, required};
use crate::quantity::Preparation;
use il2_engine::Dimension;

/// The private chain of a ligand; beta and gamma_c are shared by all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlphaChain {
    /// CD25.
    Il2rAlpha,
    /// CD215.
    Il15rAlpha,
}

impl AlphaChain {
    /// Name of the chain, as in the library.
    pub fn name(self) -> &'static str {
        match self {
            AlphaChain::Il2rAlpha => "il2r_alpha",
            AlphaChain::Il15rAlpha => "il15r_alpha",
        }
    }
}

/// A molecule as the library or a study describes it.
#[derive(Clone, Debug)]
pub struct Ligand {
    /// Key in the library.
    pub id: String,
    /// The name in the study; prefix of its species.
    pub label: String,
    /// Full name.
    pub name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// What is uncertain about it.
    pub caveats: Vec<String>,
    /// Its private chain.
    pub alpha_chain: AlphaChain,
    /// Copies of the cytokine on one molecule.
    pub valency: u32,
    /// The reference molecule of its fusion affinities.
    pub parent: Option<Box<Ligand>>,
    /// By dotted name: `affinity.il2r_alpha`, `fusion_affinity.il2r_beta_gamma`, ...
    pub parameters: Parameters,
}

impl Ligand {
    /// A parameter in base units.
    pub fn get(&self, name: &str, dimension: Dimension) -> Result<f64, MissingParameter> {
        required(&self.parameters, &format!("ligand {}", self.label), name, dimension)
    }

    /// Whether a parameter exists, with a value or as known to be absent.
    pub fn knows(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    /// Whether a parameter says that there is no such binding.
    pub fn lacks(&self, name: &str) -> bool {
        self.parameters.get(name).is_some_and(|p| p.absent)
    }

    /// Converts its mass and activity.
    pub fn preparation(&self) -> Preparation {
        let value = |name: &str| self.parameters.get(name).filter(|p| !p.absent).map(|p| p.value);
        Preparation {
            molar_mass: value("molar_mass"),
            specific_activity: value("specific_activity"),
        }
    }
}

impl Ligand {
    /// Gives the molecule another affinity for beta. The contact is the same in solution and on the membrane,
    /// so that the ratio to the old value applies there, too (`gamma_chain.beta_bond_ratio`).
    pub fn set_beta_affinity(&mut self, new: Parameter) {
        let old = self.parameters.get("affinity.il2r_beta").map(|p| p.value);
        if let Some(old) = old.filter(|old| old.is_finite() && *old > 0.0) {
            let name = "gamma_chain.beta_bond_ratio".to_string();
            let before = self.parameters.get(&name).map_or(1.0, |p| p.value);
            let ratio = before * new.value / old;
            let note = "affinity for beta relative to the molecule that the rates were fitted for";
            let plain = Dimension::DIMENSIONLESS;
            let bond = Parameter::from_study(ratio, plain, format!("{ratio}"));
            self.parameters.insert(name, Parameter { how: new.how, note: note.into(), ..bond });
        }
        self.parameters.insert("affinity.il2r_beta".into(), new);
    }
}
