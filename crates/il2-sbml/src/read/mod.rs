//! Reads a file into a [`Model`].
//!
//! Omitted values have the defaults of the specification (SBML Level 2 Version 5 and Level 3
//! Version 2). Unsupported elements that would change trajectories are refused; notes, annotations
//! and constraints, which do not change them, are ignored.

mod elements;
mod file;
mod formula;
mod kinetics;
mod units;

use crate::error::SbmlError;
use crate::model::Model;
use file::File;
use roxmltree::{Document, ParsingOptions};
use std::collections::BTreeMap;

/// Longest file (bytes).
const MOST_BYTES: usize = 64 << 20;
/// Largest number of nodes of a file.
const MOST_NODES: u32 = 4_000_000;
/// Largest number of compartments, species, parameters, rules, reactions and events together.
const MOST_PARTS: usize = 50_000;

/// Reads a model from the text of its file.
pub fn read(text: &str) -> Result<Model, SbmlError> {
    if text.len() > MOST_BYTES {
        let what = format!("has {} MB; at most {} MB are read", text.len() >> 20, MOST_BYTES >> 20);
        return Err(SbmlError::new("the file", what));
    }
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        // Entities that it may define can make a small file fill the memory.
        roxmltree::Error::DtdDetected => SbmlError::new(
            "the file",
            "has a document type declaration (<!DOCTYPE ...>), which SBML does not use and which is \
             not read; delete it, and write out the entities that it defines",
        ),
        error => SbmlError::new("the file", format!("is not well-formed XML: {error}")),
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "sbml" {
        let what = format!("is <{}>; an SBML file begins with <sbml>", root.tag_name().name());
        return Err(SbmlError::new("first element", what));
    }
    let lines = text.match_indices('\n').map(|(at, _)| at).collect();
    let file = File { lines, namespace: root.tag_name().namespace().unwrap_or("") };
    let number = |name| file.text(root, name).and_then(|t| t.parse().ok()).unwrap_or(0);
    let level: (u32, u32) = (number("level"), number("version"));
    if !matches!(level.0, 2 | 3) {
        let what = format!(
            "level {} version {} is not supported; convert the file to level 2 or 3, for example \
             with libSBML",
            level.0, level.1
        );
        return Err(SbmlError::new("sbml", what));
    }
    // A package may be declared without being used; additional mathematics (min, max, rem, rateOf
    // and others) is that of level 3 version 2.
    let needed = root.attributes().filter(|a| {
        a.name() == "required" && a.namespace().is_some() && matches!(a.value(), "true" | "1")
    });
    let needed = needed.filter_map(|a| a.namespace()).find(|package| {
        let of_it = |n: roxmltree::Node| {
            n.tag_name().namespace() == Some(*package)
                || n.attributes().any(|a| a.namespace() == Some(*package) && a.name() != "required")
        };
        !package.contains("/l3v2extendedmath/") && root.descendants().any(of_it)
    });
    if let Some(package) = needed {
        let what = format!(
            "the model needs the package {package}, but packages that change a model are not \
             supported; flatten the model first"
        );
        return Err(SbmlError::new("sbml", what));
    }
    let Some(model) = file.child(root, "model") else {
        return Err(SbmlError::new("sbml", "has no <model>"));
    };
    let mut model = file.model(model, level)?;
    model.note_places();
    check_ids(&model)?;
    Ok(model)
}

/// Checks that everything that formulas can name has a unique id.
fn check_ids(model: &Model) -> Result<(), SbmlError> {
    let mut seen: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    let functions = model.functions.iter().map(|f| (&f.id, "function", f.line));
    let compartments = model.compartments.iter().map(|c| (&c.id, "compartment", c.line));
    let species = model.species.iter().map(|s| (&s.id, "species", s.line));
    let parameters = model.parameters.iter().map(|p| (&p.id, "parameter", p.line));
    let reactions = model.reactions.iter().map(|r| (&r.id, "reaction", r.line));
    let participants = model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products));
    let references =
        participants.filter_map(|p| p.id.as_ref().map(|id| (id, "speciesReference", p.line)));
    let events = model.events.iter().map(|e| (&e.id, "event", e.line));
    let all = functions.chain(compartments).chain(species).chain(parameters).chain(reactions);
    for (id, kind, line) in all.chain(references).chain(events) {
        if let Some((other, at)) = seen.insert(id, (kind, line)) {
            let what = format!("the {other} in line {at} has the same id; change one of the two");
            return Err(SbmlError::new(format!("{kind} \"{id}\" (line {line})"), what));
        }
    }
    for rules in [&model.assignment_rules, &model.rate_rules] {
        let mut seen = BTreeMap::new();
        for rule in rules {
            if let Some(at) = seen.insert(&rule.target, rule.line) {
                let what = format!("has another rule in line {at}; a variable can have only one");
                let place = format!("rule for \"{}\" (line {})", rule.target, rule.line);
                return Err(SbmlError::new(place, what));
            }
        }
    }
    let both = model.rate_rules.iter().find(|r| model.assignment_rule(&r.target).is_some());
    if let Some(rule) = both {
        let place = format!("rateRule for \"{}\" (line {})", rule.target, rule.line);
        return Err(SbmlError::new(
            place,
            "also has an assignmentRule; a variable can have only one rule",
        ));
    }
    let species = model.species.iter().find(|s| model.compartment_of(&s.compartment).is_none());
    if let Some(s) = species {
        let place = format!("species \"{}\" (line {})", s.id, s.line);
        let what = format!("the model has no compartment \"{}\"", s.compartment);
        return Err(SbmlError::new(place, what));
    }
    for reaction in &model.reactions {
        let all = reaction.reactants.iter().chain(&reaction.products);
        if let Some(p) = all.into_iter().find(|p| model.species_of(&p.species).is_none()) {
            let place = format!("reaction \"{}\" (line {})", reaction.id, p.line);
            let what = format!("the model has no species \"{}\"", p.species);
            return Err(SbmlError::new(place, what));
        }
    }
    let parts = model.compartments.len()
        + model.species.len()
        + model.parameters.len()
        + model.reactions.len()
        + model.events.len()
        + model.assignment_rules.len()
        + model.rate_rules.len();
    if parts > MOST_PARTS {
        let what = format!("has {parts} parts; at most {MOST_PARTS} are read");
        return Err(SbmlError::new("model", what));
    }
    Ok(())
}
