//! What the library holds: ligands, cells, models, posteriors, references, ranges and the patient.

use il2::cell::Cell;
use il2::culture::Model;
use il2::culture::uncertainty::Posterior;
use il2::ligand::Ligand;
use il2::parameter::{Interval, Parameter, Parameters, Reference};
use il2::patient::physiology::Physiology;
use indexmap::IndexMap;

/// A model with its words.
#[derive(Clone, Debug)]
pub struct ModelEntry {
    /// Equations and numbers.
    pub model: Model,
    /// Full name.
    pub title: String,
    /// What it is, in a sentence or two.
    pub description: String,
    /// What is uncertain about it.
    pub caveats: Vec<String>,
    /// What is to be known of its answers about molecules that were measured as fusions.
    pub of_fusions: String,
    /// Key of its paper.
    pub source: String,
    /// Name of the posterior behind its intervals.
    pub posterior: Option<String>,
}

/// Where a quantity of a study makes sense.
#[derive(Clone, Debug)]
pub struct Range {
    /// What it is, in words.
    pub what: String,
    /// Keys of a study at which it stands, in parts; `*` is any one part, a last `**` any that follow.
    pub keys: Vec<Vec<String>>,
    /// Kinds of assay in which those keys mean it; all if empty.
    pub kinds: Vec<String>,
    /// Ligands for which it holds, or `fusion`; all if empty.
    pub molecules: Vec<String>,
    /// How its text ends, where it is counted for a part of a body: `/kg`.
    pub ending: String,
    /// What errors offer.
    pub example: String,
    /// The ends between which studies lie.
    pub usual: Parameter,
    /// Ends outside of which nothing can be.
    pub possible: Option<Interval>,
}

/// Everything that is known.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// By id, in the order of the file.
    pub ligands: IndexMap<String, Ligand>,
    /// By id, in the order of the file.
    pub cells: IndexMap<String, Cell>,
    /// By name, in the order of the files.
    pub models: IndexMap<String, ModelEntry>,
    /// Numbers of the STAT5 cycle.
    pub stat5: Parameters,
    /// What to know before trusting them.
    pub stat5_caveats: Vec<String>,
    /// By name.
    pub posteriors: IndexMap<String, Posterior>,
    /// By key.
    pub references: IndexMap<String, Reference>,
    /// The patient.
    pub physiology: Physiology,
    /// Where numbers of a study make sense, by name.
    pub ranges: IndexMap<String, Range>,
    /// Other names under which ligands and cells are found.
    pub aliases: IndexMap<String, String>,
}

impl Library {
    /// A ligand by id or alias.
    pub fn ligand(&self, name: &str) -> Option<&Ligand> {
        self.ligands.get(name).or_else(|| self.ligands.get(self.aliases.get(&key(name))?))
    }

    /// A cell by id or alias.
    pub fn cell(&self, name: &str) -> Option<&Cell> {
        self.cells.get(name).or_else(|| self.cells.get(self.aliases.get(&key(name))?))
    }
}

/// A name as aliases are kept.
pub(super) fn key(name: &str) -> String {
    name.to_lowercase()
}
