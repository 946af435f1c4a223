//! Checks a model that has been read: ids, and which elements may set which quantity.

use crate::error::SbmlError;
use crate::model::{Assignment, Line, Model};
use crate::words::short;
use il2_engine::words::closest;
use std::collections::BTreeMap;

/// Largest number of compartments, species, parameters, rules, reactions and events together.
const MOST_PARTS: usize = 50_000;

/// Checks a model.
pub(super) fn check(model: &Model) -> Result<(), SbmlError> {
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
    check_ids(model)?;
    check_participants(model)?;
    let variables = variables(model);
    let variables = variables.iter().map(|v| (v.id, v)).collect();
    let others = others(model);
    let settable = |kind: &str, a: &Assignment| settable(kind, a, &variables, &others);
    for a in &model.initial_assignments {
        settable("initialAssignment", a)?;
        if let Some(rule) = model.assignment_rule(&a.target) {
            let what = format!(
                "the assignmentRule in line {} gives it at all times, also at the start; delete \
                 one of the two",
                rule.line
            );
            return Err(SbmlError::new(place("initialAssignment", a), what));
        }
    }
    once("initialAssignment", &model.initial_assignments)?;
    for (kind, rules) in
        [("assignmentRule", &model.assignment_rules), ("rateRule", &model.rate_rules)]
    {
        for rule in rules {
            varies(kind, rule, settable(kind, rule)?)?;
        }
        once(kind, rules)?;
    }
    let both = model.rate_rules.iter().find(|r| model.assignment_rule(&r.target).is_some());
    if let Some(rule) = both {
        let what = "also has an assignmentRule; a variable can have only one rule";
        return Err(SbmlError::new(place("rateRule", rule), what));
    }
    for event in &model.events {
        for a in &event.assignments {
            varies("eventAssignment", a, settable("eventAssignment", a)?)?;
        }
        once("eventAssignment", &event.assignments)?;
    }
    Ok(())
}

fn place(kind: &str, of: &Assignment) -> String {
    format!("{kind} for \"{}\" (line {})", short(&of.target), of.line)
}

/// Checks that everything that formulas can name has a unique id.
fn check_ids(model: &Model) -> Result<(), SbmlError> {
    let mut seen: BTreeMap<&str, (&str, Line)> = BTreeMap::new();
    let variables = variables(model).into_iter().map(|v| (v.id, v.kind, v.line));
    for (id, kind, line) in variables.chain(others(model)) {
        if let Some((other, at)) = seen.insert(id, (kind, line)) {
            let what = format!("the {other} in line {at} has the same id; change one of the two");
            return Err(SbmlError::new(format!("{kind} \"{id}\" (line {line})"), what));
        }
    }
    Ok(())
}

/// A quantity that rules, events and initial assignments may set.
struct Variable<'m> {
    id: &'m str,
    kind: &'static str,
    line: Line,
    constant: bool,
}

fn variables(model: &Model) -> Vec<Variable<'_>> {
    let of = |kind, id, line, constant| Variable { id, kind, line, constant };
    let compartments = model.compartments.iter();
    let compartments = compartments.map(|c| of("compartment", &c.id, c.line, c.constant));
    let species = model.species.iter().map(|s| of("species", &s.id, s.line, s.constant));
    let parameters = model.parameters.iter().map(|p| of("parameter", &p.id, p.line, p.constant));
    let references = model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products));
    let references = references
        .filter_map(|p| p.id.as_ref().map(|id| of("speciesReference", id, p.line, p.constant)));
    compartments.chain(species).chain(parameters).chain(references).collect()
}

/// Other elements with an id that formulas and elements may name.
fn others(model: &Model) -> Vec<(&str, &'static str, Line)> {
    let functions = model.functions.iter().map(|f| (f.id.as_str(), "function", f.line));
    let reactions = model.reactions.iter().map(|r| (r.id.as_str(), "reaction", r.line));
    let events = model.events.iter().map(|e| (e.id.as_str(), "event", e.line));
    functions.chain(reactions).chain(events).collect()
}

/// The variable that an assignment sets.
fn settable<'v, 'm>(
    kind: &str,
    of: &Assignment,
    variables: &BTreeMap<&'m str, &'v Variable<'m>>,
    others: &[(&str, &'static str, Line)],
) -> Result<&'v Variable<'m>, SbmlError> {
    if let Some(variable) = variables.get(of.target.as_str()) {
        return Ok(variable);
    }
    let other = others.iter().find(|(id, ..)| *id == of.target);
    let what = match other {
        Some((_, other, line)) => format!(
            "sets the {other} in line {line}, but only compartments, species, parameters and \
             speciesReferences can be set; correct the id, or delete this element"
        ),
        None => {
            let hint = match closest(&of.target, variables.keys().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => "correct the id, or delete this element".to_string(),
            };
            format!(
                "the model has no compartment, species, parameter or speciesReference \"{}\"; {hint}",
                short(&of.target)
            )
        }
    };
    Err(SbmlError::new(place(kind, of), what))
}

/// Checks that a variable that is changed may change.
fn varies(kind: &str, of: &Assignment, variable: &Variable) -> Result<(), SbmlError> {
    if !variable.constant {
        return Ok(());
    }
    let what = format!(
        "changes the {} in line {}, which is constant; write constant=\"false\" there, or delete \
         this element",
        variable.kind, variable.line
    );
    Err(SbmlError::new(place(kind, of), what))
}

/// Checks that no target occurs twice.
fn once(kind: &str, all: &[Assignment]) -> Result<(), SbmlError> {
    let mut seen = BTreeMap::new();
    for of in all {
        if let Some(at) = seen.insert(&of.target, of.line) {
            let what = format!("has another {kind} in line {at}; keep one of the two");
            return Err(SbmlError::new(place(kind, of), what));
        }
    }
    Ok(())
}

/// Checks that species are in compartments, and that reactions change only species that nothing
/// else determines.
fn check_participants(model: &Model) -> Result<(), SbmlError> {
    let species = model.species.iter().find(|s| model.compartment_of(&s.compartment).is_none());
    if let Some(s) = species {
        let place = format!("species \"{}\" (line {})", s.id, s.line);
        let what = format!("the model has no compartment \"{}\"", short(&s.compartment));
        return Err(SbmlError::new(place, what));
    }
    for reaction in &model.reactions {
        for p in reaction.reactants.iter().chain(&reaction.products) {
            let wrong = |what: String| {
                let place = format!("reaction \"{}\" (line {})", reaction.id, p.line);
                Err(SbmlError::new(place, what))
            };
            let id = short(&p.species);
            let Some(species) = model.species_of(&p.species) else {
                return wrong(format!("the model has no species \"{id}\""));
            };
            if species.boundary {
                continue;
            }
            if species.constant {
                return wrong(format!(
                    "changes \"{id}\", which is constant (line {}); list it as a modifier, or write \
                     boundaryCondition=\"true\" if it is held constant from outside, or \
                     constant=\"false\"",
                    species.line
                ));
            }
            let ruled = model.rate_rule(&p.species).or(model.assignment_rule(&p.species));
            if let Some(rule) = ruled {
                return wrong(format!(
                    "changes \"{id}\", which also has a rule (line {}); only one of the two can; \
                     delete the rule, or write boundaryCondition=\"true\" if the rule alone \
                     determines the species",
                    rule.line
                ));
            }
        }
    }
    Ok(())
}
