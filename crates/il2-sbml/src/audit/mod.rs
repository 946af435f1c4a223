//! What is odd about a model: what it conserves, where it loses mass, which units disagree, what nothing reads.
//!
//! Nothing here says that a model is wrong: each finding is a fact of the file, in a sentence, for a person to judge.
//! [`totals`] finds conserved totals from the stoichiometry alone, [`leaks`] those that the laws nearly conserve,
//! [`probe`] evaluates laws at many states, [`units`] derives units, and [`unused`] looks for what nothing reads.

mod leaks;
mod probe;
mod totals;
mod units;
mod unused;

use crate::error::SbmlError;
use crate::model::Model;
use crate::network::SbmlNetwork;

/// What was found out about a model.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Sums of amounts that no reaction changes, for example `ligand + complex + 2 dimer`; nothing where the numbers
    /// are too large for exact arithmetic.
    pub totals: Option<Vec<String>>,
    /// What is odd, the gravest first.
    pub findings: Vec<Finding>,
}

/// Something odd.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What sort of thing it is.
    pub kind: Kind,
    /// Which part of the model.
    pub place: String,
    /// What is odd about it, as a sentence.
    pub sentence: String,
}

/// Sorts of findings, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What one species gives another does not get.
    Leak,
    /// A reaction runs the wrong way, or on when nothing is left.
    Direction,
    /// A law or rule does not depend on what it reads.
    Frozen,
    /// A law that has no limit where those beside it have one.
    Unbounded,
    /// Units that disagree.
    Units,
    /// Mass comes from nothing or goes to nothing, as it may in an open system.
    Open,
    /// Nothing reads it.
    Unused,
    /// The file leaves it open.
    Assumed,
}

impl Kind {
    /// All, the gravest first.
    pub const ALL: [Kind; 8] = [
        Kind::Leak,
        Kind::Direction,
        Kind::Frozen,
        Kind::Unbounded,
        Kind::Units,
        Kind::Open,
        Kind::Unused,
        Kind::Assumed,
    ];

    /// As a heading.
    pub fn heading(self) -> &'static str {
        match self {
            Kind::Leak => "Mass that is lost or gained on the way",
            Kind::Direction => "Reactions that run the wrong way, or on when nothing is left",
            Kind::Frozen => "Laws and rules that do not depend on what they read",
            Kind::Unbounded => "Laws without a limit where those beside them have one",
            Kind::Units => "Units that disagree",
            Kind::Open => "Mass from nothing and to nothing",
            Kind::Unused => "What nothing reads",
            Kind::Assumed => "What the file leaves open",
        }
    }

    /// As a word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Leak => "leak",
            Kind::Direction => "direction",
            Kind::Frozen => "frozen",
            Kind::Unbounded => "unbounded",
            Kind::Units => "units",
            Kind::Open => "open",
            Kind::Unused => "unused",
            Kind::Assumed => "assumed",
        }
    }
}

/// Audits a model.
pub fn audit(model: &Model, network: &SbmlNetwork) -> Result<Audit, SbmlError> {
    let probe = probe::Probe::new(model, network)?;
    let mut findings = vec![];
    leaks::leaks(model, network, &probe, &mut findings);
    probe::directions(model, network, &probe, &mut findings);
    probe::frozen(model, network, &probe, &mut findings);
    probe::unbounded(model, &mut findings);
    units::units(model, &mut findings);
    unused::open(model, &mut findings);
    unused::unused(model, &mut findings);
    unused::assumed(model, &mut findings);
    findings.sort();
    findings.dedup();
    Ok(Audit { totals: totals::totals(model), findings })
}

fn add(findings: &mut Vec<Finding>, kind: Kind, place: impl Into<String>, sentence: String) {
    findings.push(Finding { kind, place: place.into(), sentence });
}
