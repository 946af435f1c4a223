//! Known and assumed numbers of the patient, by group.

use crate::cell::Cell;
use crate::parameter::Parameters;
use indexmap::IndexMap;

/// All numbers of the patient's equations.
#[derive(Clone, Debug, Default)]
pub struct Physiology {
    /// Sets of pharmacokinetics that must not be mixed, by name; per m2 of body surface.
    pub pharmacokinetics: IndexMap<String, Entry>,
    /// Numbers of plain models of whole animals, by name.
    pub animals: IndexMap<String, Entry>,
    /// Animals in place of people: `weight` and `height`, exponents of allometry, and numbers by their name in
    /// the network, which replace those of people.
    pub species: IndexMap<String, Entry>,
    /// Populations of cells in the order of the library.
    pub populations: IndexMap<String, Entry>,
    /// `absorption`, `sensing`, `migration`, `eosinophils`, `toxicity`, `rules`, `covariates`, `variability`
    /// and others.
    pub groups: IndexMap<String, Parameters>,
    /// Draws of the numbers that were fitted, from their posterior: name in the network, base units.
    pub draws: Vec<Vec<(String, f64)>>,
}

/// Numbers with their description.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Full name.
    pub name: String,
    /// Description.
    pub description: String,
    /// What is uncertain about it.
    pub caveats: Vec<String>,
    /// Cell of the library whose receptors it carries; empty if none.
    pub cell: String,
    /// Population that it matures into; empty if none.
    pub matures_into: String,
    /// Ligands for which a set of pharmacokinetics was made, or `fusion` for any fusion: ids of the library,
    /// or names of other forms, which a study may give to its own ligands.
    pub molecules: Vec<String>,
    /// Data that a set of pharmacokinetics is known not to reproduce; empty if none.
    pub misfit: String,
    /// Its numbers.
    pub parameters: Parameters,
    /// Published properties of the molecule of a set of pharmacokinetics, uptake by cells included:
    /// `half_life`, and `lowest_dose` and `highest_dose` between which exposure is proportional to the dose;
    /// empty if none.
    pub stated: Parameters,
}

impl Physiology {
    /// The same with the body of a species: its weight and height, with the same relative spread.
    ///
    /// # Panics
    /// If the species lacks one, which the reader of the library excludes.
    pub fn with_body(&self, species: &Entry) -> Self {
        let mut all = self.clone();
        let covariates = all.groups.get_mut("covariates").expect("of every patient");
        let of = |name: &str| species.parameters[name].value;
        let taller = of("height") / covariates["height"].value;
        covariates["height_spread"].value *= taller;
        covariates["height"].value = of("height");
        covariates["weight"].value = of("weight");
        all
    }

    /// The height (cm) of a body of known weight (kg) and unknown height: the usual one, or for a small body the height
    /// at the lowest body mass index allowed.
    pub fn height_of(&self, weight: f64) -> f64 {
        let of = |name: &str| self.number("covariates", name);
        let slender = weight / of("weight") / of("slenderest");
        of("height") * slender.min(1.0).sqrt()
    }

    /// The numbers of a set of pharmacokinetics; numbers that it leaves out have their defaults
    /// (`[absorption]`: under the skin, active as given, not anchored).
    pub fn kinetics(&self, set: &str) -> Option<Parameters> {
        let mut all = self.groups.get("absorption")?.clone();
        all.extend(self.pharmacokinetics.get(set)?.parameters.clone());
        Some(all)
    }

    /// A number of a group, in base units.
    ///
    /// # Panics
    /// If the library lacks it, which a test of the library excludes.
    pub fn number(&self, group: &str, name: &str) -> f64 {
        self.groups[group][name].value
    }
}

/// A population with the cell whose receptors it carries.
#[derive(Clone, Debug)]
pub struct Population {
    /// Name in the library: `treg`.
    pub id: String,
    /// Its numbers.
    pub entry: Entry,
    /// Its cell.
    pub cell: Cell,
}

impl Population {
    /// Number of a chain on its cell, 0 if there is none (/cell).
    pub fn count(&self, chain: &str) -> f64 {
        let table = self.cell.quantitation.as_ref().and_then(|q| self.cell.receptors.get(q));
        table.and_then(|t| t.get(chain)).filter(|p| !p.absent).map_or(0.0, |p| p.value)
    }
}
