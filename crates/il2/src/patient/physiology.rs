//! Known and assumed numbers of the patient, by group.

use crate::cell::Cell;
use crate::parameter::Parameters;
use indexmap::IndexMap;

/// All numbers of the patient's equations.
#[derive(Clone, Debug, Default)]
pub struct Physiology {
    /// Sets of pharmacokinetics, which must not be mixed, by name; values are per m2 of body
    /// surface area.
    pub pharmacokinetics: IndexMap<String, Entry>,
    /// Numbers of compartment models of whole animals, by name.
    pub animals: IndexMap<String, Entry>,
    /// Animal species: `weight` and `height`, allometric exponents, and numbers by their name in
    /// the network, which replace the human ones.
    pub species: IndexMap<String, Entry>,
    /// Populations of cells in the order of the library.
    pub populations: IndexMap<String, Entry>,
    /// `absorption`, `sensing`, `migration`, `eosinophils`, `toxicity`, `rules`, `covariates`, `variability`
    /// and others.
    pub groups: IndexMap<String, Parameters>,
    /// Draws of the fitted numbers from their posterior: name in the network, value in base units.
    pub draws: Vec<Vec<(String, f64)>>,
}

/// Numbers with their description.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Full name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Uncertainties about this entry.
    pub caveats: Vec<String>,
    /// Cell in the library whose receptors it carries; empty if none.
    pub cell: String,
    /// Population that it matures into; empty if none.
    pub matures_into: String,
    /// Ligands to which a set of pharmacokinetics applies, or `fusion` for any fusion: ids of the
    /// library, or names of other forms that a study may assign to its own ligands.
    pub molecules: Vec<String>,
    /// Data that a set of pharmacokinetics is known not to reproduce; empty if there are none.
    pub misfit: String,
    /// Numbers of this entry.
    pub parameters: Parameters,
    /// Published properties of the molecule of a set of pharmacokinetics, including uptake by
    /// cells: `half_life`, and `lowest_dose` and `highest_dose`, between which exposure is
    /// proportional to the dose; empty if none.
    pub stated: Parameters,
}

impl Physiology {
    /// The same numbers with the body of a species: its weight and height, with the same relative
    /// variability.
    ///
    /// # Panics
    /// If the species lacks one of these numbers, which the reader of the library excludes.
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

    /// The height (cm) of a body of known weight (kg) and unknown height: the usual height or, for
    /// a small body, the height at the lowest body mass index allowed.
    pub fn height_of(&self, weight: f64) -> f64 {
        let of = |name: &str| self.number("covariates", name);
        let slender = weight / of("weight") / of("slenderest");
        of("height") * slender.min(1.0).sqrt()
    }

    /// The numbers of a set of pharmacokinetics; missing numbers have their defaults
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

/// A population, with the cell whose receptors it carries.
#[derive(Clone, Debug)]
pub struct Population {
    /// Name in the library, such as `treg`.
    pub id: String,
    /// Numbers of the population.
    pub entry: Entry,
    /// The cell.
    pub cell: Cell,
}

impl Population {
    /// Copies of a chain per cell; 0 if there is none (/cell).
    pub fn count(&self, chain: &str) -> f64 {
        let table = self.cell.quantitation.as_ref().and_then(|q| self.cell.receptors.get(q));
        table.and_then(|t| t.get(chain)).filter(|p| !p.absent).map_or(0.0, |p| p.value)
    }
}
