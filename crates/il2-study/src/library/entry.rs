//! What the library contains: ligands, cells, models, posteriors, references, ranges and the patient.

use il2::cell::Cell;
use il2::culture::uncertainty::Posterior;
use il2::culture::{Model, Stat5};
use il2::ligand::Ligand;
use il2::parameter::{Interval, Parameter, Parameters, Reference};
use il2::patient::physiology::Physiology;
use il2::tumour::disease as tumour;
use indexmap::IndexMap;
use serde::Deserialize;

/// A model with its description.
#[derive(Clone, Debug)]
pub struct ModelEntry {
    /// Equations and numbers.
    pub model: Model,
    /// Full name.
    pub title: String,
    /// Description in a sentence or two.
    pub description: String,
    /// Known uncertainties.
    pub caveats: Vec<String>,
    /// Warnings where its answers are known to be wrong.
    pub limits: ModelLimits,
    /// Key of its paper.
    pub source: String,
    /// Name of the posterior behind its intervals.
    pub posterior: Option<String>,
}

/// Warnings about answers of a model that go beyond the data to which it was fitted; empty if there are none.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct ModelLimits {
    /// For molecules that were measured as fusions.
    pub of_fusions: String,
    /// For soluble molecules whose affinities the study sets or varies.
    pub of_muteins: String,
    /// For molecules of several arms that bind as soluble ones.
    pub of_soluble_arms: String,
    /// For comparisons between lineages of cells.
    pub of_selectivity: String,
    /// For cytokines of the family that were not in its fit.
    pub of_family: String,
    /// For fusions in the presence of soluble chains.
    pub of_soluble_chains: String,
    /// For media that cells deplete.
    pub of_depletion: String,
}

/// The plausible range of a quantity of a study.
#[derive(Clone, Debug)]
pub struct Range {
    /// Description of the quantity in words.
    pub what: String,
    /// Keys of a study to which it applies, in parts; `*` matches any one part, a final `**` any that follow.
    pub keys: Vec<Vec<String>>,
    /// Kinds of assay in which those keys have this range; all if empty.
    pub kinds: Vec<String>,
    /// Ligands to which the range applies, or `fusion`; all if empty.
    pub molecules: Vec<String>,
    /// Ending of the quantity's text if it is per unit of body size: `/kg`.
    pub ending: String,
    /// The example given in errors.
    pub example: String,
    /// The range in usual studies.
    pub usual: Parameter,
    /// The range of physically possible values.
    pub possible: Option<Interval>,
}

/// What cells of a culture do in addition to binding ligand.
#[derive(Clone, Debug)]
pub struct BehaviourEntry {
    /// Full name.
    pub title: String,
    /// Description in a sentence.
    pub description: String,
    /// Known uncertainties.
    pub caveats: Vec<String>,
    /// The ligand that the cells secrete.
    pub secretes: Option<String>,
    /// Whether the cells secrete their ligand in proportion to antigen.
    pub by_antigen: bool,
    /// Parameters of the behaviour by name: `secretion.rate`, `division.half_at`.
    pub numbers: Parameters,
}

/// A published model that is complete in itself: of a whole well, or of a tumour.
#[derive(Clone, Debug)]
pub struct PublishedModelEntry {
    /// Full name.
    pub title: String,
    /// Key of its paper.
    pub source: String,
    /// Description in a sentence or two.
    pub description: String,
    /// Known uncertainties.
    pub caveats: Vec<String>,
    /// Its numbers by name.
    pub parameters: Parameters,
}

/// Tumours, treatments given with or instead of interleukin-2, and criteria of response, each by name.
#[derive(Clone, Debug, Default)]
pub struct Tumours {
    /// Kinds of tumours.
    pub diseases: IndexMap<String, tumour::Entry>,
    /// Treatments given with or instead of interleukin-2.
    pub partners: IndexMap<String, tumour::Entry>,
    /// Criteria of response.
    pub criteria: IndexMap<String, tumour::Entry>,
}

impl Tumours {
    /// All entries, each with its kind.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &String, &tumour::Entry)> {
        let diseases = self.diseases.iter().map(|(id, e)| ("disease", id, e));
        let partners = self.partners.iter().map(|(id, e)| ("partner", id, e));
        diseases.chain(partners).chain(self.criteria.iter().map(|(id, e)| ("criteria", id, e)))
    }
}

/// The whole library.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// By id, in the order of the file.
    pub ligands: IndexMap<String, Ligand>,
    /// By id, in the order of the file.
    pub cells: IndexMap<String, Cell>,
    /// By name, in the order of the files.
    pub models: IndexMap<String, ModelEntry>,
    /// STAT5 downstream of a receptor, by name: "stat5" and "stat5-NAME".
    pub stat5: IndexMap<String, Stat5Entry>,
    /// By name.
    pub posteriors: IndexMap<String, Posterior>,
    /// By key.
    pub references: IndexMap<String, Reference>,
    /// Published models of a whole well, by name.
    pub culture_models: IndexMap<String, PublishedModelEntry>,
    /// Published models of a tumour, by name.
    pub tumour_models: IndexMap<String, PublishedModelEntry>,
    /// Behaviours of cells in a culture, by name.
    pub behaviours: IndexMap<String, BehaviourEntry>,
    /// The patient.
    pub physiology: Physiology,
    /// Tumours, treatments given with or instead of interleukin-2, and criteria of response.
    pub tumours: Tumours,
    /// Plausible ranges of numbers of a study, by name.
    pub ranges: IndexMap<String, Range>,
    /// Other names under which ligands and cells are found.
    pub aliases: IndexMap<String, String>,
}

impl Library {
    /// Published models that are complete in themselves.
    pub fn published_models(&self) -> impl Iterator<Item = (&String, &PublishedModelEntry)> {
        self.culture_models.iter().chain(&self.tumour_models)
    }

    /// A ligand by its id or alias.
    pub fn ligand(&self, name: &str) -> Option<&Ligand> {
        self.ligands.get(name).or_else(|| self.ligands.get(self.aliases.get(&key(name))?))
    }

    /// A cell by its id or alias.
    pub fn cell(&self, name: &str) -> Option<&Cell> {
        self.cells.get(name).or_else(|| self.cells.get(self.aliases.get(&key(name))?))
    }
}

/// A name in the form in which aliases are stored.
pub(super) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// STAT5 downstream of a receptor: equations with their numbers.
#[derive(Clone, Debug)]
pub struct Stat5Entry {
    /// Full name.
    pub title: String,
    /// What users should know before using the equations.
    pub caveats: Vec<String>,
    /// Its equations and numbers.
    pub stat5: Stat5,
}
