//! Binding schemes, independent of where they take place.

use il2_engine::{Dimension, Limits};

/// Name of the cross-linking constant, by which equilibria divide.
pub const CROSS_LINKING: &str = "cross_linking_constant";

/// Factor on doses in an experiment: 1, unless it is drawn for the difference between experiments.
pub const EXPERIMENT: &str = "experiment_factor";

/// A chain of the receptor, or a pre-assembled pair that acts as one.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Name, for example `il2r_alpha`.
    pub name: String,
}

/// A ligand with the network names of its rate constants.
#[derive(Clone, Debug)]
pub struct BindingLigand {
    /// Prefix of its species.
    pub label: String,
}

/// A chain without its membrane, dissolved in the medium, and the ligands that it binds there.
#[derive(Clone, Debug)]
pub struct Solute {
    /// Prefix of its species.
    pub label: String,
    /// Ligands that it binds, with the names of the association and dissociation rate constants.
    pub binds: Vec<(usize, String, String)>,
}

/// A masked form in the medium that becomes another ligand there.
#[derive(Clone, Debug)]
pub struct Release {
    /// The masked form.
    pub from: usize,
    /// The ligand that it releases.
    pub to: usize,
    /// Network parameter of the rate (1/min).
    pub rate: String,
}

/// A complex of a ligand and chains.
#[derive(Clone, Debug)]
pub struct Complex {
    /// Name without its location, for example `il2_alpha_beta`.
    pub name: String,
    /// Which ligand.
    pub ligand: usize,
    /// How many of each chain, in the order of [`Scheme::chains`].
    pub chains: Vec<u32>,
    /// Number of signalling pairs of chains; a complex with any is internalised and degraded like signalling
    /// receptors.
    pub signals: u32,
}

/// The partner that a chain joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// Free ligand from the medium (or the lumen of the endosome).
    Ligand(usize),
    /// A complex on the same membrane.
    Complex(usize),
}

/// One reversible step: a chain joins, a complex forms.
#[derive(Clone, Debug)]
pub struct Step {
    /// The partner of the chain.
    pub joined: Joined,
    /// The chain that joins.
    pub chain: usize,
    /// The product.
    pub forms: usize,
    /// Network parameter of the association: of the ligand (1/pM/min) or on a membrane
    /// (cell/molecule/min).
    pub on: String,
    /// Equivalent free sites, times the association.
    pub on_ways: f64,
    /// Network parameter of the dissociation (1/min).
    pub off: String,
    /// Number of equivalent bonds, times the dissociation rate.
    pub off_ways: f64,
    /// Network parameter of the dissociation in the endosome (1/min), where it is not that outside times the
    /// common factor.
    pub off_inside: Option<String>,
    /// Whether the chain binds to the other kind of site: a complex may form by both kinds of bond.
    pub wrong_site: bool,
}

/// A rate constant of the scheme: given, or derived from those before it.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Network name.
    pub name: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Its value.
    pub value: ConstantValue,
}

/// Where a rate constant of a scheme comes from.
#[derive(Clone, Debug)]
pub enum ConstantValue {
    /// Base units.
    Given(f64),
    /// A fixed reference for another constant, in base units.
    Reference(f64),
    /// Product of the first names divided by the product of the second.
    Ratio(Vec<String>, Vec<String>),
    /// The same, where detailed balance leaves no choice: it closes a cycle of bonds.
    Closing(Vec<String>, Vec<String>),
}

/// A whole binding scheme.
#[derive(Clone, Debug, Default)]
pub struct Scheme {
    /// Chains that cells make.
    pub chains: Vec<Chain>,
    /// Ligands in the medium.
    pub ligands: Vec<BindingLigand>,
    /// Dissolved chains in the medium.
    pub solutes: Vec<Solute>,
    /// Masked forms in the medium.
    pub releases: Vec<Release>,
    /// All complexes.
    pub complexes: Vec<Complex>,
    /// Their reactions.
    pub steps: Vec<Step>,
    /// Rate constants, each after those that it is derived from.
    pub constants: Vec<Constant>,
}

impl Scheme {
    /// Adds a constant with a value in base units.
    pub fn given(&mut self, name: &str, dimension: Dimension, value: f64) {
        let value = ConstantValue::Given(value);
        self.constants.push(Constant { name: name.into(), dimension, value });
    }

    /// Adds a fixed reference for another constant.
    pub fn reference(&mut self, name: &str, dimension: Dimension, value: f64) {
        let value = ConstantValue::Reference(value);
        self.constants.push(Constant { name: name.into(), dimension, value });
    }

    /// Limits of a constant: positive if another is divided by it, or if it is an affinity.
    pub fn limits(&self, constant: &Constant) -> Limits {
        let divides = |other: &Constant| match &other.value {
            ConstantValue::Ratio(_, below) => below.contains(&constant.name),
            ConstantValue::Given(_) | ConstantValue::Reference(_) | ConstantValue::Closing(..) => {
                false
            }
        };
        match constant.value {
            ConstantValue::Reference(_) => return Limits::Constant,
            ConstantValue::Closing(..) => return Limits::Follows,
            ConstantValue::Given(_) | ConstantValue::Ratio(..) => {}
        }
        let affinity = constant.dimension == Dimension::CONCENTRATION;
        match affinity || constant.name == CROSS_LINKING || self.constants.iter().any(divides) {
            true => Limits::Positive,
            false => Limits::NotNegative,
        }
    }

    /// Adds a constant derived as a ratio of products.
    pub fn ratio(&mut self, name: &str, dimension: Dimension, above: &[&str], below: &[&str]) {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let value = ConstantValue::Ratio(own(above), own(below));
        self.constants.push(Constant { name: name.into(), dimension, value });
    }

    /// Adds a constant that closes a cycle of bonds: detailed balance leaves no choice about it.
    pub fn closing(&mut self, name: &str, dimension: Dimension, above: &[&str], below: &[&str]) {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let value = ConstantValue::Closing(own(above), own(below));
        self.constants.push(Constant { name: name.into(), dimension, value });
    }
}
