//! A well: the medium before the doses are given, the doses, additions and changes of the medium,
//! and the times of the readouts.

/// A well: doses and times.
#[derive(Clone, Debug, Default)]
pub struct Well {
    /// Label of each ligand and its concentration at time zero (pM).
    pub doses: Vec<(String, f64)>,
    /// When the medium is replaced by medium without ligand (min), if ever.
    pub wash: Option<f64>,
    /// Media of the cells before time zero, in order.
    pub before: Vec<Stage>,
    /// Changes of the medium after time zero.
    pub changes: Vec<MediumChange>,
    /// Times of the readouts (min), in order.
    pub times: Vec<f64>,
}

/// Ligands by label and their concentrations (pM).
pub type Contents = Vec<(String, f64)>;

/// A medium in which the cells are kept before time zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Ligands that it contains.
    pub contents: Contents,
    /// How long the cells are in it (min).
    pub duration: f64,
    /// The rate of the change that ends this medium, if the change is gradual (1/min).
    pub ramp: Option<f64>,
}

/// A change of the medium.
#[derive(Clone, Debug, PartialEq)]
pub struct MediumChange {
    /// When it happens (min), from time zero.
    pub at: f64,
    /// What happens to the old medium.
    pub kind: Exchange,
    /// Ligands that are added, or that the new medium contains.
    pub contents: Contents,
    /// The rate of a gradual change (1/min): it approaches `at` as `exp(-ramp (at - t))`.
    pub ramp: Option<f64>,
}

/// What happens to the old medium.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exchange {
    /// It stays, and ligand is added.
    Add,
    /// This fraction is removed and replaced by the same volume of new medium.
    Replace(f64),
}

impl Well {
    /// How long before time zero the well begins (min).
    pub fn lead(&self) -> f64 {
        self.before.iter().map(|stage| stage.duration).sum()
    }

    /// The initial content of the medium, and every change of it from the start, in order.
    pub(super) fn medium(&self) -> (&Contents, Vec<MediumChange>) {
        let lead = self.lead();
        let next = self.before.iter().skip(1).map(|stage| &stage.contents).chain([&self.doses]);
        let mut time = 0.0;
        let mut changes = vec![];
        for (stage, contents) in self.before.iter().zip(next) {
            time += stage.duration;
            changes.push(MediumChange {
                at: time,
                kind: Exchange::Replace(1.0),
                contents: contents.clone(),
                ramp: stage.ramp,
            });
        }
        changes.extend(self.wash.map(|at| MediumChange {
            at: at + lead,
            kind: Exchange::Replace(1.0),
            contents: vec![],
            ramp: None,
        }));
        changes.extend(self.changes.iter().map(|c| MediumChange { at: c.at + lead, ..c.clone() }));
        changes.sort_by(|a, b| a.at.total_cmp(&b.at));
        (self.before.first().map_or(&self.doses, |stage| &stage.contents), changes)
    }
}
