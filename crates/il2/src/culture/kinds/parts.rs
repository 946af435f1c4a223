//! Parts of a prepared culture: which states contain a ligand, in the medium and in each kind.

use il2_engine::{ParameterId, SpeciesId};

/// A ligand in the medium.
#[derive(Clone, Debug)]
pub struct Free {
    /// Its label.
    pub label: String,
    /// Free molecules.
    pub free: SpeciesId,
    /// Free molecules, and those bound to soluble chains.
    pub in_medium: Vec<SpeciesId>,
    /// Molecules that were lost in the medium, if any are.
    pub lost: Option<SpeciesId>,
}

/// A kind of cell in a prepared culture.
#[derive(Clone, Debug)]
pub struct PreparedKind {
    /// Its name.
    pub name: String,
    /// Names of the cells that represent it; the names of their own readouts begin with these.
    pub members: Vec<String>,
    /// Parameters of their initial densities (cells per litre), which are equal fractions of the
    /// total.
    pub densities: Vec<ParameterId>,
    /// For each ligand of the culture, the species of this kind that contain it.
    pub holds: Vec<Held>,
}

/// Species of a kind that contain a ligand.
#[derive(Clone, Debug)]
pub struct Held {
    /// States that contain it.
    pub held: Vec<SpeciesId>,
    /// What was degraded, and what was lost with dead cells.
    pub gone: Vec<SpeciesId>,
    /// What the kind secreted.
    pub made: Vec<SpeciesId>,
}
