//! Species in compartments of size zero, which have an amount but no concentration.

use crate::math::Math;
use crate::model::{Model, Stoichiometry};
use std::collections::BTreeSet;

/// The id of such a species means its amount, if no element of the model reads or sets the
/// concentration.
pub(super) fn mean_amounts(model: &mut Model) {
    let empty = model.compartments.iter().filter(|c| c.size == Some(0.0));
    let mut empty: BTreeSet<String> = empty.map(|c| c.id.clone()).collect();
    if empty.is_empty() {
        return;
    }
    let mut used: BTreeSet<String> = BTreeSet::new();
    for formula in formulas(model) {
        formula.symbols(&mut |id| {
            used.insert(id.to_string());
        });
    }
    let rules = model.assignment_rules.iter().chain(&model.rate_rules);
    let events = model.events.iter().flat_map(|e| &e.assignments);
    for of in rules.chain(&model.initial_assignments).chain(events) {
        used.insert(of.target.clone());
        empty.remove(&of.target);
    }
    for species in &mut model.species {
        species.only_substance |=
            empty.contains(&species.compartment) && !used.contains(&species.id);
    }
}

fn formulas(model: &Model) -> impl Iterator<Item = &Math> {
    let assignments = model.initial_assignments.iter().chain(&model.assignment_rules);
    let assignments = assignments.chain(&model.rate_rules).chain(&model.algebraic_rules);
    let assignments = assignments.chain(model.events.iter().flat_map(|e| &e.assignments));
    let events = model.events.iter().flat_map(|e| [&e.trigger, &e.delay, &e.priority]);
    let laws = model.reactions.iter().map(|r| &r.law);
    let references = model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products));
    let counts = references.filter_map(|p| match &p.stoichiometry {
        Stoichiometry::Formula(formula) => Some(formula),
        _ => None,
    });
    assignments.map(|a| &a.math).chain(events).chain(laws).flatten().chain(counts)
}
