//! The network of a patient under construction, with the numbers from the library.

use crate::parameter::{Parameter, Parameters};
use crate::patient::physiology::Physiology;
use il2_engine::{Dimension, Expression as E, Limits, Network, ParameterId};
use indexmap::IndexMap;

pub(super) const SUBSTANCE: Dimension = Dimension { substance: 1, ..PLAIN };
pub(super) const MOLECULE: Dimension = Dimension { molecule: 1, ..PLAIN };
pub(super) const PLAIN: Dimension = Dimension::DIMENSIONLESS;

/// Groups of numbers in the library that every patient has.
const GROUPS: [&str; 6] =
    ["sensing", "migration", "eosinophils", "toxicity", "tumour", "soluble_cd25"];

/// A network under construction.
pub(super) struct Draft {
    /// The network so far.
    pub network: Network,
    numbers: IndexMap<String, IndexMap<String, ParameterId>>,
}

impl Draft {
    /// A network with only the numbers of every patient and those of a set of pharmacokinetics.
    pub fn new(physiology: &Physiology, kinetics: &Parameters) -> Self {
        let mut draft = Self { network: Network::default(), numbers: IndexMap::new() };
        draft.group("pharmacokinetics", kinetics);
        GROUPS.iter().for_each(|name| draft.group(name, &physiology.groups[*name]));
        draft
    }

    /// Adds all numbers of a group as parameters `group.name`.
    pub fn group(&mut self, name: &str, numbers: &Parameters) {
        let n = &mut self.network;
        let add = |(key, p): (&String, &Parameter)| {
            // The library writes 3 /cell for 3 molecules per cell.
            let dimension = match p.dimension.cell {
                -1 => p.dimension * MOLECULE,
                _ => p.dimension,
            };
            let added = n.add_parameter(format!("{name}.{key}"), dimension, p.value);
            n.limit(added, limits(key));
            (key.clone(), added)
        };
        let added = numbers.iter().map(add).collect();
        self.numbers.insert(name.to_string(), added);
    }

    /// A number of a group.
    pub fn number(&self, group: &str, key: &str) -> E {
        self.numbers[group][key].into()
    }
}

/// Limits of a number, according to its use in the equations.
fn limits(key: &str) -> Limits {
    let divides = [
        "volume",
        "constant",
        "half_amount",
        "count",
        "crowding",
        "half_growth",
        "_most",
        "dialysis",
    ];
    match key {
        "in_blood" => Limits::Fraction { zero: false, one: false },
        "bioavailability" | "renal_part" => Limits::Fraction { zero: true, one: true },
        _ if divides.iter().any(|word| key.ends_with(word)) => Limits::Positive,
        _ => Limits::NotNegative,
    }
}

pub(super) fn plain(value: f64) -> E {
    E::Number(value)
}

/// The larger of two expressions.
pub(super) fn maximum(a: E, b: E) -> E {
    E::Maximum(Box::new(a), Box::new(b))
}

/// The sum, or `none` for an empty list.
pub(super) fn sum(all: impl IntoIterator<Item = E>, none: f64) -> E {
    all.into_iter().reduce(|a, b| a + b).unwrap_or(plain(none))
}
