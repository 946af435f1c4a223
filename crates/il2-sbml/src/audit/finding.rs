//! Findings of an audit, and names in their sentences.

use crate::model::Model;

/// Something suspicious in a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Kind of the finding.
    pub kind: Kind,
    /// The part of the model.
    pub place: String,
    /// A sentence that describes the finding.
    pub sentence: String,
}

/// Kinds of findings, the most serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An amount that one species loses is not gained by another.
    Leak,
    /// A reaction runs backwards, or continues when a reactant is used up.
    Direction,
    /// A law or rule does not depend on a variable in it.
    Frozen,
    /// A law has no limit where similar laws have one.
    Unbounded,
    /// Units that disagree.
    Units,
    /// Mass appears or disappears, as it may in an open system.
    Open,
    /// An element is not used.
    Unused,
    /// A value is not given in the file.
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

    /// The kind as a heading.
    pub fn heading(self) -> &'static str {
        match self {
            Kind::Leak => "Mass lost or gained",
            Kind::Direction => "Reactions that run backwards or continue without reactants",
            Kind::Frozen => "Rate laws and rules independent of their inputs",
            Kind::Unbounded => "Rate laws without a limit where similar laws have one",
            Kind::Units => "Inconsistent units",
            Kind::Open => "Sources and sinks",
            Kind::Unused => "Unused elements",
            Kind::Assumed => "Missing values",
        }
    }

    /// The kind as a word in tables.
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

/// Names in a sentence; if there are many, only the first.
pub(super) fn list(names: &[String]) -> String {
    match names {
        many if many.len() > 8 => format!("{} and {} more", many[..6].join(", "), many.len() - 6),
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The id of a species, with its name if it has another.
pub(super) fn name(model: &Model, id: &str) -> String {
    match model.species_of(id).and_then(|s| s.name.as_deref()) {
        Some(name) if name != id => format!("{id} ({})", crate::words::short(name)),
        _ => id.to_string(),
    }
}
