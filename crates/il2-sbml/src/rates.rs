//! Rates of change as formulas, and the solution of algebraic rules.

use crate::error::SbmlError;
use crate::math::{Math, Operator};
use crate::model::{Assignment, Function, Model, Participant, Reaction, Species, Stoichiometry};

impl Model {
    /// Whether the id of a species means an amount, rather than a concentration, in formulas.
    pub fn means_amount(&self, species: &Species) -> bool {
        let point = self.compartment_of(&species.compartment).is_none_or(|c| c.dimensions == 0.0);
        species.only_substance || point
    }

    /// A function that a formula calls with this number of arguments.
    pub fn called(&self, name: &str, arguments: usize) -> Result<&Function, SbmlError> {
        let place = || format!("function \"{}\"", crate::words::short(name));
        let Some(function) = self.function(name) else {
            return Err(SbmlError::new(place(), "is called but is not defined in the model"));
        };
        if function.arguments.len() != arguments {
            let needed = function.arguments.len();
            let what = format!("is called with {arguments} arguments, but it takes {needed}");
            return Err(SbmlError::new(place(), what));
        }
        Ok(function)
    }

    /// Whether reactions change a species.
    pub fn moves(&self, species: &Species) -> bool {
        let ruled = self.rate_rule(&species.id).is_some();
        !(species.boundary || species.constant || ruled)
            && self.assignment_rule(&species.id).is_none()
    }

    /// Whether rules, start values or events set the stoichiometry of a participant.
    pub fn is_set(&self, participant: &Participant) -> bool {
        let Some(id) = &participant.id else { return false };
        let events = self.events.iter().flat_map(|e| &e.assignments);
        let rules = self.assignment_rules.iter().chain(&self.rate_rules);
        rules.chain(&self.initial_assignments).chain(events).any(|a| a.target == *id)
    }

    /// The stoichiometry of a participant, as a formula.
    pub fn stoichiometry(&self, participant: &Participant) -> Math {
        match (&participant.id, &participant.stoichiometry) {
            (Some(id), _) if self.is_set(participant) => Math::Symbol(id.clone()),
            (_, Stoichiometry::Number(number)) => Math::Number(*number, None),
            (_, Stoichiometry::Formula(formula)) => formula.clone(),
            // A stoichiometry that is not given counts as one, the default of level 2.
            (_, Stoichiometry::Unknown) => Math::Number(1.0, None),
        }
    }

    /// Factor from the extent of reactions to the amount of a species.
    pub fn conversion(&self, species: &Species) -> Option<Math> {
        let id = species.conversion_factor.as_ref().or(self.conversion_factor.as_ref())?;
        Some(Math::Symbol(id.clone()))
    }
}

fn times(a: Math, b: Math) -> Math {
    Math::Apply(Operator::Times, vec![a, b])
}

/// The net number of a species that a unit extent of a reaction produces, as terms of a sum.
pub fn changes<'m>(
    model: &'m Model,
    reaction: &'m Reaction,
) -> impl Iterator<Item = (&'m str, Math)> {
    let taken = reaction.reactants.iter().map(|p| (p, -1.0));
    let made = reaction.products.iter().map(|p| (p, 1.0));
    taken.chain(made).map(|(p, sign)| {
        let count = model.stoichiometry(p);
        let count = match count {
            Math::Number(n, _) => Math::Number(sign * n, None),
            other => times(Math::Number(sign, None), other),
        };
        (p.species.as_str(), count)
    })
}

/// The rate of change of an id, in the meaning that it has in formulas.
pub fn rate_of(model: &Model, id: &str) -> Result<Math, SbmlError> {
    if let Some(rule) = model.rate_rule(id) {
        return Ok(rule.math.clone().expect("kept"));
    }
    let refused = |what: &str| Err(SbmlError::new(format!("rateOf(\"{id}\")"), what));
    if model.assignment_rule(id).is_some() {
        return refused(
            "is not allowed in SBML, because an assignment rule determines this quantity",
        );
    }
    let Some(species) = model.species_of(id) else { return Ok(Math::Number(0.0, None)) };
    let mut terms = vec![];
    if model.moves(species) {
        for reaction in &model.reactions {
            for (moved, count) in changes(model, reaction) {
                if moved == id && reaction.law.is_some() {
                    terms.push(times(count, Math::Symbol(reaction.id.clone())));
                }
            }
        }
    }
    let mut rate = Math::Apply(Operator::Plus, terms);
    if let Some(factor) = model.conversion(species) {
        rate = times(factor, rate);
    }
    if model.means_amount(species) {
        return Ok(rate);
    }
    if model.assignment_rule(&species.compartment).is_some() {
        return refused(
            "is not supported, because an assignment rule changes the size of the compartment",
        );
    }
    let size = Math::Symbol(species.compartment.clone());
    if let Some(growth) = model.rate_rule(&species.compartment) {
        let dilution = times(Math::Symbol(id.into()), growth.math.clone().expect("kept"));
        rate = Math::Apply(Operator::Minus, vec![rate, dilution]);
    }
    Ok(Math::Apply(Operator::Divide, vec![rate, size]))
}

/// Turns algebraic rules into assignment rules, each for the one variable that nothing else determines and in
/// which it is linear.
pub fn solve_algebraic_rules(model: &mut Model) -> Result<(), SbmlError> {
    let rules = std::mem::take(&mut model.algebraic_rules);
    let mut open: Vec<Assignment> = rules.into_iter().filter(|r| r.math.is_some()).collect();
    while !open.is_empty() {
        let solved = open.iter().enumerate().find_map(|(place, rule)| {
            let math = rule.math.as_ref().expect("kept");
            let mut free = vec![];
            math.symbols(&mut |id| {
                if is_free(model, id) && !free.iter().any(|f| f == id) {
                    free.push(id.to_string());
                }
            });
            let [id] = &free[..] else { return None };
            is_linear(math, id).then(|| (place, id.clone()))
        });
        let Some((place, id)) = solved else {
            let line = open[0].line;
            let what = "cannot be solved, because this requires exactly one variable that is not \
                        determined elsewhere and in which the rule is linear; write it as an \
                        assignment rule";
            return Err(SbmlError::new(format!("algebraicRule (line {line})"), what));
        };
        let rule = open.remove(place);
        let math = rule.math.expect("kept");
        let at = |value: f64| replaced(&math, &id, &Math::Number(value, None));
        // f(0) + (f(1) - f(0)) v = 0.
        let slope = Math::Apply(Operator::Minus, vec![at(0.0), at(1.0)]);
        let math = Some(Math::Apply(Operator::Divide, vec![at(0.0), slope]));
        model.assignment_rules.push(Assignment { target: id, math, line: rule.line });
        model.note_places();
    }
    Ok(())
}

/// Whether an algebraic rule may determine an id.
fn is_free(model: &Model, id: &str) -> bool {
    if model.assignment_rule(id).is_some() || model.rate_rule(id).is_some() {
        return false;
    }
    if let Some(species) = model.species_of(id) {
        let reacts = model
            .reactions
            .iter()
            .any(|r| r.reactants.iter().chain(&r.products).any(|p| p.species == id));
        return !species.constant && (species.boundary || !reacts);
    }
    let varies = model.parameters.iter().any(|p| p.id == id && !p.constant);
    varies || model.compartments.iter().any(|c| c.id == id && !c.constant)
}

/// Whether a formula is linear in an id.
fn is_linear(math: &Math, id: &str) -> bool {
    let reads = |m: &Math| {
        let mut found = false;
        m.symbols(&mut |s| found |= s == id);
        found
    };
    match math {
        m if !reads(m) => true,
        Math::Symbol(_) => true,
        Math::Apply(Operator::Plus | Operator::Minus, of) => of.iter().all(|m| is_linear(m, id)),
        Math::Apply(Operator::Times, of) => {
            of.iter().filter(|m| reads(m)).count() == 1 && of.iter().all(|m| is_linear(m, id))
        }
        Math::Apply(Operator::Divide, of) => is_linear(&of[0], id) && !reads(&of[1]),
        _ => false,
    }
}

/// A formula in which an id is replaced.
fn replaced(math: &Math, id: &str, by: &Math) -> Math {
    let all = |of: &[Math]| of.iter().map(|m| replaced(m, id, by)).collect();
    match math {
        Math::Symbol(s) if s == id => by.clone(),
        Math::Apply(operator, of) => Math::Apply(*operator, all(of)),
        Math::Call(name, of) => Math::Call(name.clone(), all(of)),
        Math::Piecewise(pieces, otherwise) => Math::Piecewise(
            pieces.iter().map(|(v, c)| (replaced(v, id, by), replaced(c, id, by))).collect(),
            otherwise.as_ref().map(|o| Box::new(replaced(o, id, by))),
        ),
        other => other.clone(),
    }
}
