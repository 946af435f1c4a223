//! Names of elements and attributes: one that no level of SBML has is a typing error, and what it
//! contains would be missing from the model.

use super::file::{File, MATHML};
use crate::error::SbmlError;
use crate::words::short;
use il2_engine::words::{closest, shown, some_of};
use roxmltree::Node;

/// Attributes of every element.
const OF_ALL: [&str; 4] = ["metaid", "sboTerm", "id", "name"];
/// Children of every element, with content of any kind.
const IN_ALL: [&str; 2] = ["notes", "annotation"];

/// Each element with its attributes and children in any version of levels 2 and 3, except lists of
/// one kind of element.
#[rustfmt::skip]
const ELEMENTS: [(&str, &[&str], &[&str]); 33] = [
    ("sbml", &["level", "version", "schemaLocation"], &["model"]),
    ("model",
     &["substanceUnits", "timeUnits", "volumeUnits", "areaUnits", "lengthUnits", "extentUnits",
       "conversionFactor"],
     &["listOfFunctionDefinitions", "listOfUnitDefinitions", "listOfCompartmentTypes",
       "listOfSpeciesTypes", "listOfCompartments", "listOfSpecies", "listOfParameters",
       "listOfInitialAssignments", "listOfRules", "listOfConstraints", "listOfReactions",
       "listOfEvents"]),
    ("functionDefinition", &[], &["math"]),
    ("unitDefinition", &[], &["listOfUnits"]),
    ("unit", &["kind", "exponent", "scale", "multiplier", "offset"], &[]),
    ("compartmentType", &[], &[]),
    ("speciesType", &[], &[]),
    ("compartment",
     &["spatialDimensions", "size", "units", "outside", "constant", "compartmentType"], &[]),
    ("species",
     &["compartment", "initialAmount", "initialConcentration", "substanceUnits",
       "spatialSizeUnits", "hasOnlySubstanceUnits", "boundaryCondition", "charge", "constant",
       "speciesType", "conversionFactor"],
     &[]),
    ("parameter", &["value", "units", "constant"], &[]),
    ("localParameter", &["value", "units", "constant"], &[]),
    ("initialAssignment", &["symbol"], &["math"]),
    ("listOfRules", &[], &["algebraicRule", "assignmentRule", "rateRule"]),
    ("algebraicRule", &[], &["math"]),
    ("assignmentRule", &["variable"], &["math"]),
    ("rateRule", &["variable"], &["math"]),
    ("constraint", &[], &["math", "message"]),
    ("reaction", &["reversible", "fast", "compartment"],
     &["listOfReactants", "listOfProducts", "listOfModifiers", "kineticLaw"]),
    ("listOfReactants", &[], &["speciesReference"]),
    ("listOfProducts", &[], &["speciesReference"]),
    ("listOfModifiers", &[], &["modifierSpeciesReference"]),
    ("speciesReference", &["species", "stoichiometry", "denominator", "constant"],
     &["stoichiometryMath"]),
    ("modifierSpeciesReference", &["species"], &[]),
    ("stoichiometryMath", &[], &["math"]),
    ("kineticLaw", &["timeUnits", "substanceUnits"],
     &["math", "listOfParameters", "listOfLocalParameters"]),
    ("listOfParameters", &[], &["parameter", "localParameter"]),
    ("listOfLocalParameters", &[], &["localParameter", "parameter"]),
    ("event", &["useValuesFromTriggerTime", "timeUnits"],
     &["trigger", "delay", "priority", "listOfEventAssignments"]),
    ("trigger", &["initialValue", "persistent"], &["math"]),
    ("delay", &[], &["math"]),
    ("priority", &[], &["math"]),
    ("eventAssignment", &["variable"], &["math"]),
    ("listOfSpecies", &[], &["species"]),
];

/// Attributes and children that an element may have; none for an element whose content is of any
/// kind.
fn allowed(name: &str) -> Option<(Vec<&'static str>, Vec<&'static str>)> {
    let known = ELEMENTS.iter().find(|(element, ..)| *element == name);
    let (attributes, children) = match known {
        Some((_, attributes, children)) => (attributes.to_vec(), children.to_vec()),
        // The other lists are named after the one element that they contain.
        None => {
            let of = name.strip_prefix("listOf")?;
            let element = ELEMENTS.iter().find(|(element, ..)| {
                let (first, rest) = element.split_at(1);
                of.strip_suffix('s') == Some(&(first.to_uppercase() + rest))
            });
            (vec![], vec![element?.0])
        }
    };
    Some(([attributes, OF_ALL.to_vec()].concat(), [children, IN_ALL.to_vec()].concat()))
}

/// Whether a namespace is none, or that of SBML itself in any version.
fn is_core(namespace: &str) -> bool {
    let of = namespace.strip_prefix("http://www.sbml.org/sbml/level").unwrap_or("");
    namespace.is_empty() || of.starts_with(['1', '2']) || of.ends_with("/core")
}

impl<'a, 'i> File<'a> {
    /// Checks the names in an element, and in its children.
    pub(super) fn check_names(
        &self,
        node: Node<'a, 'i>,
        level: (u32, u32),
    ) -> Result<(), SbmlError> {
        let Some((attributes, children)) = allowed(node.tag_name().name()) else { return Ok(()) };
        for attribute in self.attributes(node) {
            let name = attribute.name();
            if !attributes.contains(&name) {
                let hint = hint(name, &attributes);
                let what = format!("has an unknown attribute \"{}\"; {hint}", short(name));
                return self.wrong(node, what);
            }
        }
        let mut seen: Vec<&str> = vec![];
        for child in node.children().filter(Node::is_element) {
            let (name, line) = (child.tag_name().name(), self.line(child));
            let own = match child.tag_name().namespace() {
                Some(namespace) if namespace == self.namespace => true,
                Some(MATHML) => name == "math",
                other if name == "math" || other.is_none_or(is_core) => {
                    let found = match other {
                        None | Some("") => "without a namespace".to_string(),
                        Some(other) => format!("in the namespace \"{}\"", shown(other)),
                    };
                    let right = if name == "math" { MATHML } else { self.namespace };
                    let what = format!(
                        "contains <{}> (line {line}) {found}; its xmlns must be \"{right}\"",
                        short(name)
                    );
                    return self.wrong(node, what);
                }
                _ => false,
            };
            if !own {
                continue;
            }
            if !children.contains(&name) {
                let hint = hint(name, &children);
                let what = format!("contains an unknown <{}> (line {line}); {hint}", short(name));
                return self.wrong(node, what);
            }
            let many = node.tag_name().name().starts_with("listOf") || IN_ALL.contains(&name);
            if !many && seen.contains(&name) {
                let what = format!("contains a second <{name}> (line {line}); keep one of the two");
                return self.wrong(node, what);
            }
            if name != "math" {
                self.check_names(child, level)?;
            } else if self.children(child).next().is_none() {
                continue;
            }
            seen.push(name);
        }
        // The latest version allows files that are not finished.
        let needed = match node.tag_name().name() {
            "constraint" => None,
            "event" => Some("trigger"),
            _ => children.contains(&"math").then_some("math"),
        };
        match needed {
            Some(needed) if level < (3, 2) && !seen.contains(&needed) => self.wrong(
                node,
                format!(
                    "has no <{needed}>, which may be left out in level 3 version 2 only; write it, \
                     or delete the element"
                ),
            ),
            _ => Ok(()),
        }
    }
}

/// What to write instead of an unknown name.
fn hint(name: &str, allowed: &[&'static str]) -> String {
    match closest(name, allowed.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("use {}, or delete it", some_of(name, allowed.iter().copied())),
    }
}
