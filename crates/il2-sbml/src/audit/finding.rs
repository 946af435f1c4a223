//! What an audit finds.

/// Something odd.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Its kind.
    pub kind: Kind,
    /// The part of the model.
    pub place: String,
    /// A sentence that says what is odd.
    pub sentence: String,
}

/// Kinds of findings, the most serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An amount that one species loses is not gained by another.
    Leak,
    /// A reaction runs backwards, or goes on when nothing is left.
    Direction,
    /// A law or rule does not depend on a variable in it.
    Frozen,
    /// A law has no limit where similar laws have one.
    Unbounded,
    /// Units that disagree.
    Units,
    /// Mass comes from nothing or goes to nothing, as it may in an open system.
    Open,
    /// Nothing uses it.
    Unused,
    /// The file does not give it.
    Assumed,
}

impl Kind {
    /// All kinds, the most serious first.
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
            Kind::Direction => "Reactions that run backwards, or go on when nothing is left",
            Kind::Frozen => "Laws and rules that do not depend on what they read",
            Kind::Unbounded => "Laws without a limit where similar laws have one",
            Kind::Units => "Units that disagree",
            Kind::Open => "Mass from nothing and to nothing",
            Kind::Unused => "What nothing uses",
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

/// Adds a finding.
pub(super) fn add(
    findings: &mut Vec<Finding>,
    kind: Kind,
    place: impl Into<String>,
    sentence: String,
) {
    findings.push(Finding { kind, place: place.into(), sentence });
}
