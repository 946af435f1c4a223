//! Molecules that bind the receptor chains: the cytokines of the common gamma chain, their
//! analogues, fusions and antagonists.

use crate::parameter::{How, MissingParameter, Parameter, Parameters, required};
use crate::quantity::Preparation;
use il2_engine::Dimension;

/// The private chain of a ligand, which no other ligand of the family binds. A new chain also needs
/// entries in the library and in lists of names; ARCHITECTURE.md says where.
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
    /// CD360, usually called IL-21R.
    Il21rAlpha,
    /// Not a receptor chain: the antigen on the cell that a targeting arm binds.
    Antigen,
}

/// The chains that ligands of the family share.
pub const SHARED_CHAINS: [&str; 2] = ["il2r_beta", "gamma_c"];

impl PrivateChain {
    /// All private chains, in the order in which networks list them.
    pub const ALL: [PrivateChain; 7] = [
        PrivateChain::Il2rAlpha,
        PrivateChain::Il15rAlpha,
        PrivateChain::Il7rAlpha,
        PrivateChain::Il9rAlpha,
        PrivateChain::Il4rAlpha,
        PrivateChain::Il21rAlpha,
        PrivateChain::Antigen,
    ];

    /// Name of the chain in the library.
    pub fn name(self) -> &'static str {
        match self {
            PrivateChain::Il2rAlpha => "il2r_alpha",
            PrivateChain::Il15rAlpha => "il15r_alpha",
            PrivateChain::Il7rAlpha => "il7r_alpha",
            PrivateChain::Il9rAlpha => "il9r_alpha",
            PrivateChain::Il4rAlpha => "il4r_alpha",
            PrivateChain::Il21rAlpha => "il21r_alpha",
            PrivateChain::Antigen => "antigen",
        }
    }

    /// The chain with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.name() == name)
    }

    /// Library name of the native ligand of the chain (for the antigen, of the arm that binds it).
    pub fn cytokine(self) -> &'static str {
        match self {
            PrivateChain::Il2rAlpha => "il2",
            PrivateChain::Il15rAlpha => "il15",
            PrivateChain::Il7rAlpha => "il7",
            PrivateChain::Il9rAlpha => "il9",
            PrivateChain::Il4rAlpha => "il4",
            PrivateChain::Il21rAlpha => "il21",
            PrivateChain::Antigen => "targeting-arm",
        }
    }

    /// Whether its ligands also bind beta and signal through beta and gamma_c; ligands of other
    /// chains signal through the private chain and gamma_c.
    pub fn shares_beta(self) -> bool {
        matches!(self, PrivateChain::Il2rAlpha | PrivateChain::Il15rAlpha)
    }
}

/// Every chain that a cell may carry, in the order used in tables.
pub fn chains() -> Vec<&'static str> {
    let [beta, gamma] = SHARED_CHAINS;
    let [alpha, rest @ ..] = PrivateChain::ALL.map(PrivateChain::name);
    [alpha, beta, gamma].into_iter().chain(rest).collect()
}

/// Name of the affinity for beta on the membrane, relative to the molecule for which the rates were
/// fitted.
pub const BETA_BOND_RATIO: &str = "gamma_chain.beta_bond_ratio";

/// Name of the rate at which a masked form is converted to the ligand that it releases.
pub const RELEASE_RATE: &str = "release_rate";

/// A molecule as described in the library or in a study.
#[derive(Clone, Debug)]
pub struct Ligand {
    /// Key in the library.
    pub id: String,
    /// The name in the study, which is also the prefix of its species.
    pub label: String,
    /// Full name.
    pub name: String,
    /// Description of the molecule, in one sentence.
    pub description: String,
    /// Uncertainties about the molecule.
    pub caveats: Vec<String>,
    /// Its private chain.
    pub private_chain: PrivateChain,
    /// Whether its complexes recruit gamma_c, without which they do not signal.
    pub joins_gamma_c: bool,
    /// Whether it is the soluble form of its private chain, which binds ligands in the medium.
    pub is_soluble_chain: bool,
    /// Number of copies of the cytokine in one molecule.
    pub valency: u32,
    /// The arms of a molecule that consists of several molecules, each under its own name; none for
    /// a single molecule. Two arms of the same kind have the same label.
    pub parts: Vec<Ligand>,
    /// The reference molecule for its fusion affinities.
    pub parent: Option<Box<Ligand>>,
    /// For a masked form, the label of the ligand that it releases in the medium, at its
    /// `release_rate`.
    pub releases: Option<String>,
    /// By dotted name: `affinity.il2r_alpha`, `fusion_affinity.il2r_beta_gamma`, ...
    pub parameters: Parameters,
}

impl Ligand {
    /// A parameter in base units.
    pub fn get(&self, name: &str, dimension: Dimension) -> Result<f64, MissingParameter> {
        required(&self.parameters, &format!("ligand {}", self.label), name, dimension)
    }

    /// Whether a parameter is known, with a value or as absent.
    pub fn knows(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    /// Whether it has any number, in solution or inside the cell, whose name begins with this
    /// prefix.
    pub fn knows_any(&self, table: &str) -> bool {
        self.parameters.keys().any(|name| name.starts_with(table))
    }

    /// Whether a parameter states that this binding does not exist.
    pub fn lacks(&self, name: &str) -> bool {
        self.parameters.get(name).is_some_and(|p| p.absent)
    }

    /// The kinds of arm of the molecule and the number of each: the arms of which it consists, or
    /// copies of itself. Their order does not depend on the order in which they are listed, so that
    /// the same molecule has the same network.
    pub fn arms(&self) -> Vec<(&Ligand, u32)> {
        if self.parts.is_empty() {
            return vec![(self, self.valency)];
        }
        let mut arms: Vec<(&Ligand, u32)> = vec![];
        for part in &self.parts {
            match arms.iter_mut().find(|(arm, _)| arm.label == part.label) {
                Some((_, copies)) => *copies += part.valency,
                None => arms.push((part, part.valency)),
            }
        }
        arms.sort_by(|(a, _), (b, _)| {
            (a.private_chain, &a.label).cmp(&(b.private_chain, &b.label))
        });
        arms
    }

    /// The preparation, by which mass and activity are converted.
    pub fn preparation(&self) -> Preparation {
        let value = |name: &str| self.parameters.get(name).filter(|p| !p.absent).map(|p| p.value);
        Preparation {
            molar_mass: value("molar_mass"),
            specific_activity: value("specific_activity"),
        }
    }
}

impl Ligand {
    /// A molecule that consists of several others, its arms. Its mass is the sum of theirs.
    pub fn joined(label: &str, parts: Vec<Ligand>) -> Option<Ligand> {
        let first = parts.iter().find(|p| p.private_chain.shares_beta()).or(parts.first())?;
        let mass = || parts.iter().map(|p| p.preparation().molar_mass).sum::<Option<f64>>();
        let names: Vec<&str> = parts.iter().map(|p| p.name.as_str()).collect();
        let mut joined = Ligand {
            id: String::new(),
            label: label.into(),
            name: names.join(" + "),
            description: String::new(),
            caveats: vec![],
            private_chain: first.private_chain,
            joins_gamma_c: parts.iter().any(|p| p.joins_gamma_c),
            is_soluble_chain: false,
            valency: 1,
            parent: None,
            releases: None,
            parameters: Parameters::default(),
            parts: vec![],
        };
        if let (Some(mass), Some(old)) = (mass(), first.parameters.get("molar_mass")) {
            let note = "sum of the arms".to_string();
            let sum =
                Parameter { value: mass, interval: None, how: How::Derived, note, ..old.clone() };
            let text = format!("{mass} Da");
            joined.parameters.insert("molar_mass".into(), Parameter { text, ..sum });
        }
        joined.parts = parts;
        for part in &mut joined.parts {
            part.label = format!("{label}.{}", part.label);
        }
        Some(joined)
    }

    /// Changes the affinity of the molecule for beta. The contact is the same in solution and on
    /// the membrane, so that the ratio of the new value to the old applies to the membrane, too
    /// (`gamma_chain.beta_bond_ratio`).
    pub fn set_beta_affinity(&mut self, new: Parameter) {
        let old = self.parameters.get("affinity.il2r_beta").map(|p| p.value);
        if let Some(old) = old.filter(|old| old.is_finite() && *old > 0.0) {
            let name = BETA_BOND_RATIO.to_string();
            let before = self.parameters.get(&name).map_or(1.0, |p| p.value);
            let ratio = before * new.value / old;
            let note = "affinity for beta relative to the molecule for which the rates were fitted";
            let plain = Dimension::DIMENSIONLESS;
            let bond = Parameter::from_study(ratio, plain, format!("{ratio}"));
            self.parameters
                .insert(name, Parameter { how: How::Derived, note: note.into(), ..bond });
        }
        self.parameters.insert("affinity.il2r_beta".into(), new);
    }
}
