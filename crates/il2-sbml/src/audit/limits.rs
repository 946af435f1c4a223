//! Laws with a product of two variables divided by a constant alone, in a model whose other laws
//! divide by the sum of a constant and a variable.

use super::finding::{Finding, Kind, add, list};
use crate::math::{Math, Operator};
use crate::model::{Model, Reaction};
use std::collections::BTreeMap;

/// Finds laws without a limit where similar laws have one.
pub fn unbounded(model: &Model, findings: &mut Vec<Finding>) {
    let mut plain: Vec<(&Reaction, String, Vec<String>)> = vec![];
    let mut saturating: Vec<String> = vec![];
    for reaction in &model.reactions {
        let Some(law) = &reaction.law else { continue };
        let inlined = inline(model, law, &BTreeMap::new(), 0);
        quotients(&inlined, &mut |above, below| match below {
            Math::Symbol(id) if !changes(model, id) && is_number(model, id) => {
                let mut factors = vec![];
                variables(model, above, &mut factors);
                // The product of the reactants over a volume is the law of mass action.
                let mass_action =
                    factors.iter().all(|f| reaction.reactants.iter().any(|p| p.species == *f));
                if factors.len() > 1 && !mass_action {
                    plain.push((reaction, id.clone(), factors));
                }
            }
            Math::Apply(Operator::Plus, of) => {
                let constant = of.iter().find_map(|m| match m {
                    Math::Symbol(id) if !changes(model, id) => Some(id.clone()),
                    _ => None,
                });
                let moving = of.iter().any(|m| matches!(m, Math::Symbol(id) if changes(model, id)));
                saturating.extend(constant.filter(|_| moving));
            }
            _ => {}
        });
    }
    saturating.sort();
    saturating.dedup();
    for (reaction, constant, factors) in plain {
        // What several formulas divide by, or multiply with, is a volume or another conversion.
        let once = uses(model, reaction, &constant) == 1;
        if !saturating.is_empty() && !saturating.contains(&constant) && once {
            let last = factors.last().expect("two or more");
            let sentence = format!(
                "a product of {} is divided by {constant} alone and so has no limit; other rate \
                 laws of the model divide by the sum of a constant ({}) and a species: should the \
                 divisor be {constant} + {last}?",
                list(&factors),
                list(&saturating)
            );
            add(findings, Kind::Unbounded, format!("reaction {}", reaction.id), sentence);
        }
    }
}

/// Changing quantities that a product contains as factors.
fn variables(model: &Model, product: &Math, found: &mut Vec<String>) {
    match product {
        Math::Symbol(id) if changes(model, id) && !found.contains(id) => found.push(id.clone()),
        Math::Apply(Operator::Times, of) => of.iter().for_each(|m| variables(model, m, found)),
        Math::Apply(Operator::Divide | Operator::Power, of) => variables(model, &of[0], found),
        _ => {}
    }
}

/// How often the laws and rules of a model contain a constant of a reaction.
fn uses(model: &Model, reaction: &Reaction, constant: &str) -> usize {
    let local = |r: &Reaction| r.local.iter().any(|p| p.id == constant);
    let laws = model.reactions.iter().filter(|r| match local(reaction) {
        true => r.id == reaction.id,
        false => !local(r),
    });
    let rules = model.assignment_rules.iter().chain(&model.rate_rules);
    let rules = rules.filter(|_| !local(reaction)).filter_map(|r| r.math.as_ref());
    let mut count = 0;
    for formula in laws.filter_map(|r| r.law.as_ref()).chain(rules) {
        let inlined = inline(model, formula, &BTreeMap::new(), 0);
        inlined.symbols(&mut |id| count += usize::from(id == constant));
    }
    count
}

fn is_number(model: &Model, id: &str) -> bool {
    model.parameters.iter().any(|p| p.id == id)
        || model.reactions.iter().any(|r| r.local.iter().any(|p| p.id == id))
}

/// Whether reactions or a rate rule change a quantity.
pub fn changes(model: &Model, id: &str) -> bool {
    model.rate_rule(id).is_some() || model.species_of(id).is_some_and(|s| model.moves(s))
}

/// Calls `see` for every quotient in a formula.
fn quotients(math: &Math, see: &mut impl FnMut(&Math, &Math)) {
    match math {
        Math::Apply(operator, of) => {
            if let (Operator::Divide, [above, below]) = (operator, &of[..]) {
                see(above, below);
            }
            of.iter().for_each(|m| quotients(m, see));
        }
        Math::Call(_, of) => of.iter().for_each(|m| quotients(m, see)),
        Math::Piecewise(pieces, otherwise) => {
            pieces.iter().for_each(|(v, c)| {
                quotients(v, see);
                quotients(c, see);
            });
            otherwise.iter().for_each(|m| quotients(m, see));
        }
        _ => {}
    }
}

/// A formula with the functions of the model expanded; parts that are nested too deeply are left
/// unchanged.
pub fn inline(model: &Model, math: &Math, scope: &BTreeMap<String, Math>, depth: usize) -> Math {
    let all = |of: &[Math]| of.iter().map(|m| inline(model, m, scope, depth)).collect::<Vec<_>>();
    match math {
        Math::Symbol(id) => scope.get(id).cloned().unwrap_or_else(|| math.clone()),
        Math::Apply(operator, of) => Math::Apply(*operator, all(of)),
        Math::Call(name, of) => {
            let of = all(of);
            match model.called(name, of.len()) {
                Ok(function) if depth < 8 && function.body.is_some() => {
                    let inner = function.arguments.iter().cloned().zip(of).collect();
                    inline(model, function.body.as_ref().expect("there"), &inner, depth + 1)
                }
                _ => Math::Call(name.clone(), of),
            }
        }
        Math::Piecewise(pieces, otherwise) => Math::Piecewise(
            pieces
                .iter()
                .map(|(v, c)| (inline(model, v, scope, depth), inline(model, c, scope, depth)))
                .collect(),
            otherwise.as_ref().map(|o| Box::new(inline(model, o, scope, depth))),
        ),
        other => other.clone(),
    }
}
