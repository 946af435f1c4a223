//! Molecules that bind the chains: the cytokines of the common
//! gamma chain, their analogues, fusions and antagonists.

use crate::parameter::{MissingParameter, Parameter, Parameters, required};
use crate::quantity::Preparation;
use il2_engine::Dimension;

/// The private chain of a ligand: the one that no other of the family binds. A cytokine that is added here is
/// known everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrivateChain {
    /// CD25.
    Il2rAlpha,
    /// CD215.
    Il15rAlpha,
    /// CD127.
    Il7rAlpha,
    /// CD129.
    Il9rAlpha,
    /// CD124.
    Il4rAlpha,
    /// CD360, which has no other name in the field than IL-21R.
    Il21rAlpha,
}

/// The chains that ligands of the family share.
pub const SHARED_CHAINS: [&str; 2] = ["il2r_beta", "gamma_c"];

impl PrivateChain {
    /// All of them, in the order in which networks list them.
    pub const ALL: [PrivateChain; 6] = [
        PrivateChain::Il2rAlpha,
        PrivateChain::Il15rAlpha,
        PrivateChain::Il7rAlpha,
        PrivateChain::Il9rAlpha,
        PrivateChain::Il4rAlpha,
        PrivateChain::Il21rAlpha,
    ];

    /// Name of the chain, as in the library.
    pub fn name(self) -> &'static str {
        match self {
            PrivateChain::Il2rAlpha => "il2r_alpha",
            PrivateChain::Il15rAlpha => "il15r_alpha",
            PrivateChain::Il7rAlpha => "il7r_alpha",
            PrivateChain::Il9rAlpha => "il9r_alpha",
            PrivateChain::Il4rAlpha => "il4r_alpha",
            PrivateChain::Il21rAlpha => "il21r_alpha",
        }
    }

    /// The chain of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.name() == name)
    }

    /// The native ligand of the chain, as the library calls it.
    pub fn cytokine(self) -> &'static str {
        match self {
            PrivateChain::Il2rAlpha => "il2",
            PrivateChain::Il15rAlpha => "il15",
            PrivateChain::Il7rAlpha => "il7",
            PrivateChain::Il9rAlpha => "il9",
            PrivateChain::Il4rAlpha => "il4",
            PrivateChain::Il21rAlpha => "il21",
        }
    }

    /// Whether its ligands bind beta, too, and signal through beta and gamma_c; those of the others signal
    /// through the private chain and gamma_c.
    pub fn shares_beta(self) -> bool {
        matches!(self, PrivateChain::Il2rAlpha | PrivateChain::Il15rAlpha)
    }
}

/// Every chain that a cell may carry, in the order in which tables list them.
pub fn chains() -> Vec<&'static str> {
    let [beta, gamma] = SHARED_CHAINS;
    let [alpha, rest @ ..] = PrivateChain::ALL.map(PrivateChain::name);
    [alpha, beta, gamma].into_iter().chain(rest).collect()
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
    pub private_chain: PrivateChain,
    /// Whether its complexes join gamma_c; without it nothing signals.
    pub joins_gamma_c: bool,
    /// Whether it is the private chain itself, shed into the medium, where it binds ligands.
    pub is_soluble_chain: bool,
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

    /// Whether it has a number, in solution or inside, of any name that begins so.
    pub fn knows_any(&self, table: &str) -> bool {
        self.parameters.keys().any(|name| name.starts_with(table))
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
