//! Builds the network of a model.

use super::lower::{Lowering, Scope, local_name};
use super::modes::Condition;
use super::{EventLaw, Place, SbmlNetwork, Symbol};
use crate::error::SbmlError;
use crate::math::Math;
use crate::model::{Model, Reaction, Species};
use il2_engine::network::Rate;
use il2_engine::{Dimension, Expression, Network, SpeciesId};
use std::collections::BTreeMap;

const PLAIN: Dimension = Dimension::DIMENSIONLESS;

/// The network of a model whose algebraic rules are solved.
pub fn build(model: &Model) -> Result<SbmlNetwork, SbmlError> {
    let mut network = Network::default();
    let start = network.add_parameter("start of the lane", PLAIN, 0.0);
    let mut lowering = Lowering::new(model, network, start);
    let places = add_places(&mut lowering)?;
    let mut symbols = BTreeMap::new();
    let mut concentrations = vec![];
    add_species(&mut lowering, &mut symbols, &mut concentrations)?;
    add_rules(&mut lowering)?;
    for reaction in &model.reactions {
        add_reaction(&mut lowering, reaction)?;
    }
    let events = add_events(&mut lowering)?;
    let numbers = model.compartments.iter().map(|c| &c.id);
    let numbers = numbers.chain(model.parameters.iter().map(|p| &p.id));
    let references = model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products));
    let numbers = numbers.chain(references.filter_map(|r| r.id.as_ref()));
    for id in numbers {
        // What has no value is shown without one.
        let (value, place) = match lowering.missing.contains(id) {
            true => (Expression::Number(f64::NAN), None),
            false => (lowering.symbol(id)?, places.get(id).cloned()),
        };
        symbols.insert(id.clone(), Symbol { value, place, species: None });
    }
    for reaction in model.reactions.iter().filter(|r| r.law.is_some()) {
        let value = lowering.symbol(&reaction.id)?;
        symbols.insert(reaction.id.clone(), Symbol { value, place: None, species: None });
    }
    if lowering.network.species.is_empty() {
        // The engine advances a state.
        let clock = add_state(&mut lowering.network, "time since the last stop");
        lowering.network.add_law("time passes", &[], &[clock], Expression::Number(1.0));
    }
    for rule in &model.assignment_rules {
        let value = lowering.symbol(&rule.target)?;
        lowering.network.add_observable(&rule.target, PLAIN, value);
    }
    let Lowering { network, modes, .. } = lowering;
    Ok(SbmlNetwork { network, symbols, start, modes, events, concentrations })
}

/// Adds a state for a quantity that changes continuously, a parameter for one that only events
/// change, and nothing for others.
fn add_places(lowering: &mut Lowering) -> Result<BTreeMap<String, Place>, SbmlError> {
    let model = lowering.model;
    let mut places = BTreeMap::new();
    let is_initial = |id: &str| model.initial_assignments.iter().any(|a| a.target == id);
    let is_set =
        |id: &str| model.events.iter().flat_map(|e| &e.assignments).any(|a| a.target == id);
    let compartments = model.compartments.iter().map(|c| (&c.id, Some(c.size.unwrap_or(1.0))));
    let parameters = model.parameters.iter().map(|p| (&p.id, p.value));
    let references = model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products));
    let references = references
        .filter_map(|r| r.id.as_ref().filter(|_| model.is_set(r)).map(|id| (id, Some(1.0))));
    for (id, value) in compartments.chain(parameters).chain(references) {
        if model.assignment_rule(id).is_some() {
            continue;
        }
        // What changes begins at zero without a value; a constant has none.
        let changes = model.rate_rule(id).is_some() || is_set(id);
        if value.is_none() && !is_initial(id) && !changes {
            lowering.missing.insert(id.clone());
        }
        // Infinite values and NaN are written into the laws, because a simulation accepts only
        // finite parameters.
        if let Some(constant) = value.filter(|v| !v.is_finite() && !is_initial(id) && !is_set(id)) {
            lowering.known.insert(id.clone(), Expression::Number(constant));
            continue;
        }
        let place = if model.rate_rule(id).is_some() {
            let species = add_state(&mut lowering.network, id);
            lowering.known.insert(id.clone(), species.into());
            Place::State(species, Expression::Number(1.0))
        } else {
            let parameter = lowering.network.add_parameter(id, PLAIN, value.unwrap_or(0.0));
            lowering.known.insert(id.clone(), parameter.into());
            Place::Parameter(parameter)
        };
        places.insert(id.clone(), place);
    }
    for reaction in &model.reactions {
        for p in &reaction.local {
            let name = local_name(&reaction.id, &p.id);
            if p.value.is_none() {
                lowering.missing.insert(name.clone());
            }
            lowering.network.add_parameter(name, PLAIN, p.value.unwrap_or(0.0));
        }
    }
    // A stoichiometry that is not set elsewhere is a number in the model.
    for reference in model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products)) {
        if let (Some(id), false) = (&reference.id, model.is_set(reference))
            && let Math::Number(n, _) = model.stoichiometry(reference)
        {
            lowering.known.insert(id.clone(), Expression::Number(n));
        }
    }
    Ok(places)
}

fn add_state(network: &mut Network, id: &str) -> SpeciesId {
    let species = network.add_species(id, PLAIN);
    network.species[species.0].signed = true;
    species
}

/// How the amount of a species is represented in the state.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    /// Not in the state, because a rule gives it.
    Not,
    /// With the meaning of its id. This is a concentration if the size of its compartment is
    /// constant: numbers then have the magnitude of the file's values, for which the tolerance of a
    /// step is meant.
    AsMeant,
    /// As an amount, because the size of the compartment changes.
    AsAmount,
}

fn held(model: &Model, species: &Species) -> Held {
    if model.assignment_rule(&species.id).is_some() {
        return Held::Not;
    }
    let size = &species.compartment;
    let set = model.events.iter().flat_map(|e| &e.assignments).any(|a| a.target == *size);
    let changes = set || model.assignment_rule(size).is_some() || model.rate_rule(size).is_some();
    match changes && !model.means_amount(species) && model.rate_rule(&species.id).is_none() {
        true => Held::AsAmount,
        false => Held::AsMeant,
    }
}

fn add_species(
    lowering: &mut Lowering,
    symbols: &mut BTreeMap<String, Symbol>,
    concentrations: &mut Vec<(SpeciesId, Expression)>,
) -> Result<(), SbmlError> {
    let model = lowering.model;
    let mut states = BTreeMap::new();
    for species in model.species.iter().filter(|s| held(model, s) != Held::Not) {
        let state = add_state(&mut lowering.network, &species.id);
        states.insert(species.id.as_str(), state);
        if held(model, species) == Held::AsMeant {
            lowering.known.insert(species.id.clone(), state.into());
        }
    }
    // Sizes may be given by rules that read other species, which come first.
    let by_rule = |s: &&Species| model.assignment_rule(&s.compartment).is_some();
    let amounts = || model.species.iter().filter(|s| held(model, s) == Held::AsAmount);
    for species in amounts().filter(|s| !by_rule(s)).chain(amounts().filter(by_rule)) {
        let size = lowering.symbol(&species.compartment)?;
        let value = Expression::from(states[species.id.as_str()]) / size;
        lowering.known.insert(species.id.clone(), value);
    }
    for species in &model.species {
        let size = lowering.symbol(&species.compartment)?;
        let value = lowering.symbol(&species.id)?;
        let extensive = model.means_amount(species);
        let point = model.compartment_of(&species.compartment).is_some_and(|c| c.dimensions == 0.0);
        let both = match extensive {
            true if point => (value.clone(), value.clone()),
            true => (value.clone(), value.clone() / size.clone()),
            false => (value.clone() * size.clone(), value.clone()),
        };
        let one = Expression::Number(1.0);
        let factor =
            if held(model, species) == Held::AsAmount { size.clone() } else { one.clone() };
        let place = states.get(species.id.as_str()).map(|&state| Place::State(state, factor));
        symbols.insert(species.id.clone(), Symbol { value, place, species: Some(both) });
        let Some(&state) = states.get(species.id.as_str()) else { continue };
        let ruled = model.rate_rule(&species.id).is_some();
        if ruled && !extensive {
            concentrations.push((state, size.clone()));
        }
        let scale = match model.conversion(species) {
            _ if ruled => one,
            _ if !model.moves(species) => Expression::Number(0.0),
            Some(factor) => lowering.number(&factor, &Scope::new())?,
            None => one,
        };
        let intensive = held(model, species) == Held::AsMeant && !extensive && !ruled;
        lowering.network.species[state.0].scale = if intensive { scale / size } else { scale };
    }
    Ok(())
}

/// A rate rule becomes a law that produces one unit of its target.
fn add_rules(lowering: &mut Lowering) -> Result<(), SbmlError> {
    let model = lowering.model;
    for rule in &model.rate_rules {
        let Some(state) = lowering.network.species_named(&rule.target) else {
            let place = format!("rateRule (line {})", rule.line);
            let what = format!("the start value of \"{}\" is not a finite number", rule.target);
            return Err(SbmlError::new(place, what));
        };
        let law = lowering.number(rule.math.as_ref().expect("kept"), &Scope::new())?;
        lowering.network.add_law(format!("rate of {}", rule.target), &[], &[state], law);
    }
    for rule in &model.assignment_rules {
        lowering.symbol(&rule.target)?;
    }
    Ok(())
}

/// Adds a reaction of the network if all stoichiometries are whole numbers; otherwise one law for
/// each species.
fn add_reaction(lowering: &mut Lowering, reaction: &Reaction) -> Result<(), SbmlError> {
    let model = lowering.model;
    if reaction.law.is_none() {
        return Ok(());
    }
    let rate = lowering.symbol(&reaction.id)?;
    let part = |id: &str| {
        let species = model.species_of(id).expect("checked");
        let held = model.assignment_rule(id).is_none() && model.rate_rule(id).is_none();
        held.then(|| species.id.clone())
    };
    let whole = |p: &crate::model::Participant| match model.stoichiometry(p) {
        Math::Number(n, _) if n.fract() == 0.0 && (0.0..=1000.0).contains(&n) => Some(n as u32),
        _ => None,
    };
    let side = |lowering: &Lowering, all: &[crate::model::Participant]| {
        let mut counted: Vec<(SpeciesId, u32)> = vec![];
        for p in all.iter().filter(|p| part(&p.species).is_some()) {
            let (count, id) = (whole(p)?, lowering.network.species_named(&p.species)?);
            match counted.iter_mut().find(|(s, _)| *s == id) {
                Some((_, n)) => *n += count,
                None => counted.push((id, count)),
            }
        }
        Some(counted)
    };
    let sides = side(lowering, &reaction.reactants).zip(side(lowering, &reaction.products));
    if let Some((reactants, products)) = sides {
        lowering.network.reactions.push(il2_engine::network::Reaction {
            name: reaction.id.clone(),
            reactants,
            products,
            rate: Rate::Law(rate),
        });
        return Ok(());
    }
    let all: Vec<(String, Math)> = crate::rates::changes(model, reaction)
        .filter(|(id, _)| part(id).is_some())
        .map(|(id, count)| (id.to_string(), count))
        .collect();
    for (k, (id, count)) in all.into_iter().enumerate() {
        let count = lowering.number(&count, &Scope::new())?;
        let state = lowering.network.species_named(&id).expect("held");
        let name = format!("{}, {id} ({})", reaction.id, k + 1);
        lowering.network.add_law(name, &[], &[state], count * rate.clone());
    }
    Ok(())
}

fn add_events(lowering: &mut Lowering) -> Result<Vec<EventLaw>, SbmlError> {
    let model = lowering.model;
    let none = Scope::new();
    let mut events = vec![];
    for event in &model.events {
        let place = |what: String| {
            SbmlError::new(format!("event \"{}\" (line {})", event.id, event.line), what)
        };
        let trigger = match &event.trigger {
            Some(trigger) => lowering.truth(trigger, &none)?,
            None => Condition::Constant(false),
        };
        let delay = match &event.delay {
            Some(delay) => lowering.number(delay, &none)?,
            None => Expression::Number(0.0),
        };
        let priority = event.priority.as_ref().map(|p| lowering.number(p, &none)).transpose()?;
        let mut assignments = vec![];
        for a in &event.assignments {
            // A rule may have been solved from an algebraic one.
            if model.assignment_rule(&a.target).is_some() {
                return Err(place(format!(
                    "sets \"{}\", which a rule determines at all times; delete the assignment or \
                     the rule",
                    a.target
                )));
            }
            let math = lowering.number(a.math.as_ref().expect("kept"), &none)?;
            assignments.push((a.target.clone(), math));
        }
        events.push(EventLaw {
            id: event.id.clone(),
            trigger,
            initial: event.initial,
            persistent: event.persistent,
            delay,
            priority,
            values_from_trigger: event.values_from_trigger,
            assignments,
        });
    }
    Ok(events)
}
