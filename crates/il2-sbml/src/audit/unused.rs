//! Finds unused elements, reactions without reactants or products, and values that the file does
//! not give.

use super::balance::balance;
use super::finding::{Finding, Kind, add, list};
use crate::math::Math;
use crate::model::{Initial, Model, Participant};
use std::collections::BTreeSet;

/// All formulas of a model.
fn formulas(model: &Model) -> impl Iterator<Item = &Math> {
    let assignments = model
        .initial_assignments
        .iter()
        .chain(&model.assignment_rules)
        .chain(&model.rate_rules)
        .chain(model.events.iter().flat_map(|e| &e.assignments));
    let events =
        model.events.iter().flat_map(|e| [&e.trigger, &e.delay, &e.priority].into_iter().flatten());
    let participants = model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products));
    let counts = participants.filter_map(|p| match &p.stoichiometry {
        crate::model::Stoichiometry::Formula(f) => Some(f),
        _ => None,
    });
    assignments
        .filter_map(|a| a.math.as_ref())
        .chain(events)
        .chain(counts)
        .chain(model.functions.iter().filter_map(|f| f.body.as_ref()))
}

/// Parameters, functions, compartments, species and units that are not used.
pub fn unused(model: &Model, findings: &mut Vec<Finding>) {
    let (mut read, mut called) = (BTreeSet::new(), BTreeSet::new());
    for formula in formulas(model) {
        formula.symbols(&mut |id| {
            read.insert(id.to_string());
        });
        formula.calls(&mut |id| {
            called.insert(id.to_string());
        });
    }
    for reaction in &model.reactions {
        let Some(law) = &reaction.law else { continue };
        let mut local = BTreeSet::new();
        law.symbols(&mut |id| match reaction.local.iter().any(|p| p.id == id) {
            true => drop(local.insert(id.to_string())),
            false => drop(read.insert(id.to_string())),
        });
        law.calls(&mut |id| {
            called.insert(id.to_string());
        });
        for p in reaction.local.iter().filter(|p| !local.contains(&p.id)) {
            let place = format!("local parameter {} of reaction {}", p.id, reaction.id);
            add(findings, Kind::Unused, place, "the rate law does not use it".into());
        }
        let reads = |id: &str| super::frozen::reads(model, law, id, 0);
        for modifier in reaction.modifiers.iter().filter(|id| !reads(id)) {
            let sentence =
                format!("it lists {modifier} as a modifier, but its rate law does not use it");
            add(findings, Kind::Unused, format!("reaction {}", reaction.id), sentence);
        }
    }
    read.extend(model.conversion_factor.clone());
    for species in &model.species {
        read.extend(species.conversion_factor.clone());
    }
    for p in model.parameters.iter().filter(|p| !read.contains(&p.id)) {
        let ruled = model.assignment_rule(&p.id).is_some() || model.rate_rule(&p.id).is_some();
        if !ruled {
            let sentence = "no formula uses it".into();
            add(findings, Kind::Unused, format!("parameter {}", p.id), sentence);
        }
    }
    for f in model.functions.iter().filter(|f| !called.contains(&f.id)) {
        add(findings, Kind::Unused, format!("function {}", f.id), "no formula calls it".into());
    }
    for c in &model.compartments {
        let used = read.contains(&c.id) || model.species.iter().any(|s| s.compartment == c.id);
        if !used {
            let sentence = "it contains no species, and no formula uses it".into();
            add(findings, Kind::Unused, format!("compartment {}", c.id), sentence);
        }
    }
    for s in &model.species {
        let reacts = |p: &Participant| p.species == s.id;
        let used = read.contains(&s.id)
            || model.reactions.iter().any(|r| r.reactants.iter().chain(&r.products).any(reacts))
            || model.rate_rule(&s.id).is_some()
            || model.assignment_rule(&s.id).is_some();
        if !used {
            let sentence = "no reaction, rule or formula uses it".into();
            add(findings, Kind::Unused, format!("species {}", s.id), sentence);
        }
    }
}

/// Reactions that only make, or only take.
pub fn open(model: &Model, findings: &mut Vec<Finding>) {
    let (mut from, mut to) = (vec![], vec![]);
    for reaction in &model.reactions {
        let net = balance(model, reaction);
        let names: Vec<String> = net.iter().map(|(id, _)| id.to_string()).collect();
        let named = || format!("{} ({})", reaction.id, list(&names));
        match (net.iter().any(|(_, n)| *n < 0.0), net.iter().any(|(_, n)| *n > 0.0)) {
            (false, true) => from.push(named()),
            (true, false) => to.push(named()),
            _ => {}
        }
    }
    for (all, what) in [(from, "make material from nothing"), (to, "make material disappear")] {
        if !all.is_empty() {
            let count = all.len();
            let them =
                if count == 1 { "reaction".to_string() } else { format!("{count} reactions") };
            let what = if count == 1 { what.replace("make", "makes") } else { what.to_string() };
            add(findings, Kind::Open, format!("{them} that {what}"), list(&all));
        }
    }
}

/// Values that the file does not give.
pub fn assumed(model: &Model, findings: &mut Vec<Finding>) {
    let assigned = |id: &str| {
        model.initial_assignments.iter().any(|a| a.target == id)
            || model.assignment_rule(id).is_some()
    };
    for c in model.compartments.iter().filter(|c| c.size.is_none() && !assigned(&c.id)) {
        if c.dimensions > 0.0 {
            let sentence = "it has no size; 1 is assumed".into();
            add(findings, Kind::Assumed, format!("compartment {}", c.id), sentence);
        }
    }
    for s in model.species.iter().filter(|s| s.initial == Initial::Unknown && !assigned(&s.id)) {
        let sentence = "it has no initial value; 0 is assumed".into();
        add(findings, Kind::Assumed, format!("species {}", s.id), sentence);
    }
    let changes = |id: &str| {
        model.rate_rules.iter().any(|r| r.target == id)
            || model.events.iter().any(|e| e.assignments.iter().any(|a| a.target == id))
    };
    for p in model.parameters.iter().filter(|p| p.value.is_none() && !assigned(&p.id)) {
        let sentence =
            if changes(&p.id) { "it has no value; 0 is assumed" } else { "it has no value" }.into();
        add(findings, Kind::Assumed, format!("parameter {}", p.id), sentence);
    }
}
