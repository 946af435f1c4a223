//! Binding schemes, independent of their location.

use il2_engine::{Dimension, Limits};

/// Name of the cross-linking constant, by which equilibria divide.
pub const CROSS_LINKING: &str = "cross_linking_constant";

/// Factor by which the doses of an experiment are multiplied: 1, unless it is drawn to represent
/// the difference between experiments.
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
    /// Prefix of the names of its species.
    pub label: String,
}

/// A soluble chain (without its membrane part) in the medium, and the ligands that it binds there.
#[derive(Clone, Debug)]
pub struct Solute {
    /// Prefix of the names of its species.
    pub label: String,
    /// Ligands that it binds, with the names of the association and dissociation rate constants.
    pub binds: Vec<(usize, String, String)>,
}

/// A masked form in the medium that is converted to another ligand there.
#[derive(Clone, Debug)]
pub struct Release {
    /// The masked form.
    pub from: usize,
    /// The ligand that it releases.
    pub to: usize,
    /// Network parameter of the conversion rate (1/min).
    pub rate: String,
}

/// A complex of a ligand and chains.
#[derive(Clone, Debug)]
pub struct Complex {
    /// Name without its location, for example `il2_alpha_beta`.
    pub name: String,
    /// Index of the ligand.
    pub ligand: usize,
    /// Number of each chain, in the order of [`Scheme::chains`].
    pub chains: Vec<u32>,
    /// Number of signalling pairs of chains; a complex with at least one is internalised and
    /// degraded like signalling receptors.
    pub signals: u32,
}

/// The partner to which a chain binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// Free ligand in the medium (or in the lumen of the endosome).
    Ligand(usize),
    /// A complex on the same membrane.
    Complex(usize),
}

/// One reversible step, in which a chain binds and a complex forms.
#[derive(Clone, Debug)]
pub struct Step {
    /// The partner of the chain.
    pub joined: Joined,
    /// The chain that binds.
    pub chain: usize,
    /// The product.
    pub forms: usize,
    /// Network parameter of the association: with the ligand (1/pM/min) or on a membrane
    /// (cell/molecule/min).
    pub on: String,
    /// Number of equivalent free sites, by which the association rate is multiplied.
    pub on_ways: f64,
    /// Network parameter of the dissociation (1/min).
    pub off: String,
    /// Number of equivalent bonds, by which the dissociation rate is multiplied.
    pub off_ways: f64,
    /// Network parameter of the dissociation in the endosome (1/min), if it is not the usual
    /// multiple of that outside.
    pub off_inside: Option<String>,
    /// Whether the chain binds to the other kind of site, since a complex may form by either kind
    /// of bond.
    pub wrong_site: bool,
}

/// A rate constant of the scheme, given or derived from earlier ones.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Network name.
    pub name: String,
    /// Dimension of the constant.
    pub dimension: Dimension,
    /// Value of the constant.
    pub value: ConstantValue,
}

/// The source of a rate constant of a scheme.
#[derive(Clone, Debug)]
pub enum ConstantValue {
    /// Value in base units.
    Given(f64),
    /// A fixed reference value for another constant, in base units.
    Reference(f64),
    /// Product of the constants in the first list divided by the product of those in the second.
    Ratio(Vec<String>, Vec<String>),
    /// The same, if detailed balance determines the constant because it closes a cycle of bonds.
    Closing(Vec<String>, Vec<String>),
}

/// A complete binding scheme.
#[derive(Clone, Debug, Default)]
pub struct Scheme {
    /// Chains that cells synthesise.
    pub chains: Vec<Chain>,
    /// Ligands in the medium.
    pub ligands: Vec<BindingLigand>,
    /// Soluble chains in the medium.
    pub solutes: Vec<Solute>,
    /// Masked forms in the medium.
    pub releases: Vec<Release>,
    /// All complexes.
    pub complexes: Vec<Complex>,
    /// Reactions of the complexes.
    pub steps: Vec<Step>,
    /// Rate constants, each after those from which it is derived.
    pub constants: Vec<Constant>,
}

impl Scheme {
    /// Adds a constant with a value in base units.
    pub fn given(&mut self, name: &str, dimension: Dimension, value: f64) {
        let value = ConstantValue::Given(value);
        self.constants.push(Constant { name: name.into(), dimension, value });
    }

    /// Adds a fixed reference value for another constant.
    pub fn reference(&mut self, name: &str, dimension: Dimension, value: f64) {
        let value = ConstantValue::Reference(value);
        self.constants.push(Constant { name: name.into(), dimension, value });
    }

    /// Limits of a constant: positive if it is a divisor of another constant, or if it is an
    /// affinity.
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

    /// Adds a constant that closes a cycle of bonds and is determined by detailed balance.
    pub fn closing(&mut self, name: &str, dimension: Dimension, above: &[&str], below: &[&str]) {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let value = ConstantValue::Closing(own(above), own(below));
        self.constants.push(Constant { name: name.into(), dimension, value });
    }
}
