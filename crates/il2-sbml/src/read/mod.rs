//! A file becomes a [`Model`].
//!
//! What a level or version leaves open has the default of its specification (SBML Level 2 Version 5 and Level 3
//! Version 2). What changes trajectories and is not supported is refused; notes, annotations and constraints, which
//! change none, are passed over.

mod elements;
mod formula;
mod kinetics;
mod units;

use crate::error::SbmlError;
use crate::model::Model;
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeMap;

/// Longest file (bytes).
const MOST_BYTES: usize = 64 << 20;
/// Most nodes of a file.
const MOST_NODES: u32 = 4_000_000;
/// Most compartments, species, parameters, rules, reactions and events together.
const MOST_PARTS: usize = 50_000;

/// Reads a model from the text of its file.
pub fn read(text: &str) -> Result<Model, SbmlError> {
    if text.len() > MOST_BYTES {
        let what = format!("{} MB; at most {} are read", text.len() >> 20, MOST_BYTES >> 20);
        return Err(SbmlError::new("the file", what));
    }
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|e| SbmlError::new("the file", format!("is not well-formed XML: {e}")))?;
    let root = document.root_element();
    if root.tag_name().name() != "sbml" {
        let what = format!("<{}>; a file of SBML begins with <sbml>", root.tag_name().name());
        return Err(SbmlError::new("first element", what));
    }
    let lines = text.match_indices('\n').map(|(at, _)| at).collect();
    let file = File { lines, namespace: root.tag_name().namespace().unwrap_or("") };
    let number = |name| file.text(root, name).and_then(|t| t.parse().ok()).unwrap_or(0);
    let level: (u32, u32) = (number("level"), number("version"));
    if !matches!(level.0, 2 | 3) {
        let what = format!(
            "level {} version {}; levels 2 and 3 are read (convert the file, for example with libSBML)",
            level.0, level.1
        );
        return Err(SbmlError::new("sbml", what));
    }
    let needed = root.attributes().find(|a| {
        a.name() == "required" && a.namespace().is_some() && matches!(a.value(), "true" | "1")
    });
    if let Some(package) = needed {
        let package = package.namespace().unwrap_or_default();
        let what = format!(
            "the model needs the package {package}; packages that change a model are not read \
             (flatten the model first)"
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

/// A file and the namespace of its elements.
struct File<'a> {
    /// Where lines end.
    lines: Vec<usize>,
    namespace: &'a str,
}

impl<'a, 'i> File<'a> {
    fn line(&self, node: Node) -> u32 {
        self.lines.partition_point(|end| *end < node.range().start) as u32 + 1
    }

    /// A child element of this name.
    fn child(&self, node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
        self.children(node).find(|n| n.tag_name().name() == name)
    }

    /// All child elements that belong to SBML itself or to MathML.
    fn children(&self, node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> + use<'a, 'i> {
        let own = self.namespace;
        let math = formula::MATHML;
        node.children().filter(move |n| {
            n.is_element() && n.tag_name().namespace().is_some_and(|ns| ns == own || ns == math)
        })
    }

    /// Elements of a list: `listOfSpecies` holds `species`.
    fn list(&self, node: Node<'a, 'i>, list: &str) -> Vec<Node<'a, 'i>> {
        self.child(node, list).map(|l| self.children(l).collect()).unwrap_or_default()
    }

    fn text(&self, node: Node<'a, 'i>, name: &str) -> Option<&'a str> {
        node.attribute(name).map(str::trim)
    }

    fn owned(&self, node: Node<'a, 'i>, name: &str) -> Option<String> {
        self.text(node, name).map(str::to_string)
    }

    /// What an element is called in messages.
    fn place(&self, node: Node<'a, 'i>) -> String {
        let kind = node.tag_name().name();
        let named =
            ["id", "variable", "symbol", "species"].into_iter().find_map(|a| self.text(node, a));
        let line = self.line(node);
        match named {
            Some(id) => format!("{kind} \"{}\" (line {line})", crate::words::short(id)),
            None => format!("{kind} (line {line})"),
        }
    }

    fn wrong<T>(&self, node: Node<'a, 'i>, what: impl Into<String>) -> Result<T, SbmlError> {
        Err(SbmlError::new(self.place(node), what))
    }

    fn required(&self, node: Node<'a, 'i>, name: &str) -> Result<String, SbmlError> {
        let Some(value) = self.owned(node, name).filter(|v| !v.is_empty()) else {
            return self.wrong(node, format!("has no attribute {name}, which it needs"));
        };
        Ok(value)
    }

    /// An id: letters, digits and underscores.
    fn id(&self, node: Node<'a, 'i>, name: &str) -> Result<String, SbmlError> {
        let id = self.required(node, name)?;
        let fits = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !fits || id.starts_with(|c: char| c.is_ascii_digit()) {
            let what = format!(
                "{name} \"{}\"; an id is made of letters, digits and underscores",
                crate::words::short(&id)
            );
            return self.wrong(node, what);
        }
        Ok(id)
    }

    fn number(&self, node: Node<'a, 'i>, name: &str) -> Result<Option<f64>, SbmlError> {
        let Some(text) = self.text(node, name) else { return Ok(None) };
        let value = match text {
            "INF" => f64::INFINITY,
            "-INF" => f64::NEG_INFINITY,
            "NaN" => f64::NAN,
            _ => match text.parse() {
                Ok(value) => value,
                Err(_) => {
                    let text = crate::words::short(text);
                    return self.wrong(node, format!("{name} = \"{text}\" is not a number"));
                }
            },
        };
        Ok(Some(value))
    }

    fn truth(&self, node: Node<'a, 'i>, name: &str, default: bool) -> Result<bool, SbmlError> {
        match self.text(node, name) {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(other) => {
                let other = crate::words::short(other);
                self.wrong(node, format!("{name} = \"{other}\"; write true or false"))
            }
        }
    }
}

/// Whatever formulas may name has an id of its own.
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
            let what =
                format!("the {other} of line {at} has the same id; give one of them another");
            return Err(SbmlError::new(format!("{kind} \"{id}\" (line {line})"), what));
        }
    }
    for rules in [&model.assignment_rules, &model.rate_rules] {
        let mut seen = BTreeMap::new();
        for rule in rules {
            if let Some(at) = seen.insert(&rule.target, rule.line) {
                let what = format!("has another rule in line {at}; one rule a variable");
                let place = format!("rule for \"{}\" (line {})", rule.target, rule.line);
                return Err(SbmlError::new(place, what));
            }
        }
    }
    let both = model.rate_rules.iter().find(|r| model.assignment_rule(&r.target).is_some());
    if let Some(rule) = both {
        let place = format!("rateRule for \"{}\" (line {})", rule.target, rule.line);
        return Err(SbmlError::new(place, "has an assignmentRule, too; one rule a variable"));
    }
    let species = model.species.iter().find(|s| model.compartment_of(&s.compartment).is_none());
    if let Some(s) = species {
        let place = format!("species \"{}\" (line {})", s.id, s.line);
        let what = format!("its compartment \"{}\" is not in the model", s.compartment);
        return Err(SbmlError::new(place, what));
    }
    for reaction in &model.reactions {
        let all = reaction.reactants.iter().chain(&reaction.products);
        if let Some(p) = all.into_iter().find(|p| model.species_of(&p.species).is_none()) {
            let place = format!("reaction \"{}\" (line {})", reaction.id, p.line);
            let what = format!("its species \"{}\" is not in the model", p.species);
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
