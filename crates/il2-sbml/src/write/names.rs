//! Ids: letters, digits and underscores, without duplicates.

use il2_engine::Network;
use std::collections::BTreeSet;

/// Ids of everything in a network.
pub(super) struct Names {
    pub model: String,
    pub system: String,
    /// The litre in which concentrations are.
    pub litre: String,
    pub species: Vec<String>,
    /// Conversion factors of species.
    pub factors: Vec<String>,
    pub parameters: Vec<String>,
    pub observables: Vec<String>,
    pub reactions: Vec<String>,
}

/// A name converted to an id.
pub(super) fn id_of(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let id: String = name.chars().map(letter).collect();
    match id.chars().next() {
        Some(c) if !c.is_ascii_digit() => id,
        _ => format!("_{id}"),
    }
}

impl Names {
    /// The ids of a network and of the model that is named `model`.
    pub fn new(network: &Network, model: &str) -> Self {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut unique = |name: &str| {
            let id = id_of(name);
            let numbered = (2..).map(|k| format!("{id}_{k}"));
            let free = std::iter::once(id.clone()).chain(numbered).find(|id| !taken.contains(id));
            let free = free.expect("one of many");
            taken.insert(free.clone());
            free
        };
        let species = network.species.iter().map(|s| unique(&s.name)).collect();
        let observables = network.observables.iter().map(|o| unique(&o.name)).collect();
        let parameters = network.parameters.iter().map(|p| unique(&p.name)).collect();
        let reactions = network.reactions.iter().map(|r| unique(&r.name)).collect();
        let factors =
            network.species.iter().map(|s| unique(&format!("{}_per_reaction", s.name))).collect();
        // The id of the model is last, so that no quantity loses its name to it.
        let (system, litre, model) = (unique("system"), unique("litre"), unique(model));
        Self { model, system, litre, species, factors, parameters, observables, reactions }
    }
}
