//! Where a ligand of a culture is, and which cells consumed it.

use crate::culture::kinds::network::PreparedCulture;
use crate::culture::kinds::parts::{Free, PreparedKind};
use crate::culture::well::{Contents, Exchange, MediumChange, Well};

/// A ligand at one time, in amount per volume of medium (pM).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Balance {
    /// Amount given from the start on, including every change of medium.
    pub given: f64,
    /// Amount removed with old medium.
    pub removed: f64,
    /// Amount in the medium, free and bound to soluble chains.
    pub medium: f64,
    /// Amount lost in the medium itself.
    pub lost: f64,
    /// Shares of the kinds, in the order of [`PreparedCulture::kinds`].
    pub kinds: Vec<Share>,
}

/// The share of one kind of cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// Amount that the kind secreted.
    pub made: f64,
    /// Amount that the kind holds, on its surface and inside.
    pub held: f64,
    /// Amount that the kind degraded, including what was lost with its dead cells.
    pub used: f64,
}

impl Share {
    /// Amount that the kind has taken from the medium and not returned.
    pub fn taken(&self) -> f64 {
        self.held + self.used
    }
}

impl Balance {
    /// The total amount ever given or secreted.
    pub fn all(&self) -> f64 {
        self.given + self.kinds.iter().map(|kind| kind.made).sum::<f64>()
    }

    /// The total amount that is accounted for.
    pub fn found(&self) -> f64 {
        let taken: f64 = self.kinds.iter().map(Share::taken).sum();
        self.medium + self.lost + self.removed + taken
    }

    /// The share of a kind in what all kinds have taken; none if no kind has taken any.
    pub fn part(&self, kind: usize) -> Option<f64> {
        let all: f64 = self.kinds.iter().map(Share::taken).sum();
        (all > 0.0).then(|| self.kinds[kind].taken() / all)
    }
}

/// What changes of medium add and remove, computed from the states before the changes.
pub struct Ledger {
    start: Contents,
    changes: Vec<MediumChange>,
    ligands: Vec<Free>,
}

impl Ledger {
    /// The ledger of a well.
    pub fn new(ligands: &[Free], well: &Well) -> Self {
        let (start, changes) = well.medium();
        Self { start: start.clone(), changes, ligands: ligands.to_vec() }
    }

    /// Times of the changes of medium (min).
    pub fn times(&self) -> impl Iterator<Item = f64> {
        self.changes.iter().map(|change| change.at)
    }

    /// The balance of every ligand at a time at which the culture has this state; an output at the
    /// time of a change precedes the change. `before` is the state before the first change at a
    /// time.
    pub fn balances<'a>(
        &self,
        culture: &PreparedCulture,
        time: f64,
        state: &[f64],
        before: &dyn Fn(f64) -> &'a [f64],
    ) -> Vec<Balance> {
        let level = |contents: &Contents, label: &str| {
            contents.iter().find(|(l, _)| l == label).map_or(0.0, |(_, level)| *level)
        };
        let one = |(place, ligand): (usize, &Free)| {
            let (mut given, mut removed) = (level(&self.start, &ligand.label), 0.0);
            // If there are several changes at one time, each acts on what the previous one left.
            let mut here = (f64::NAN, 0.0);
            for change in self.changes.iter().filter(|change| change.at < time) {
                if change.at != here.0 {
                    here =
                        (change.at, ligand.in_medium.iter().map(|s| before(change.at)[s.0]).sum());
                }
                let new = level(&change.contents, &ligand.label);
                let (part, new) = match change.kind {
                    Exchange::Add => (0.0, new),
                    Exchange::Replace(part) => (part, part * new),
                };
                removed += part * here.1;
                given += new;
                here.1 = (1.0 - part) * here.1 + new;
            }
            // Not `sum`, which returns a negative zero for an empty sequence.
            let sum =
                |all: &[il2_engine::SpeciesId]| all.iter().fold(0.0, |sum, s| sum + state[s.0]);
            let share = |kind: &PreparedKind| {
                let own = &kind.holds[place];
                let made = sum(&own.made);
                Share { made, held: sum(&own.held), used: sum(&own.gone) }
            };
            Balance {
                given,
                removed,
                medium: sum(&ligand.in_medium),
                lost: ligand.lost.map_or(0.0, |s| state[s.0]),
                kinds: culture.kinds.iter().map(share).collect(),
            }
        };
        self.ligands.iter().enumerate().map(one).collect()
    }
}
