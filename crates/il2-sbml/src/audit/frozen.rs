//! Laws and rules that do not depend on a variable in them, and rules that use initial values in
//! place of current ones.

use super::finding::{Finding, Kind, add, list, name};
use super::limits::changes;
use super::probe::Probe;
use crate::math::{Math, Operator};
use crate::model::Model;
use crate::network::{Place, SbmlNetwork};
use il2_engine::{Expression, ParameterId, SpeciesId};

/// Finds laws and rules that do not depend on what they contain.
pub fn frozen(model: &Model, network: &SbmlNetwork, probe: &Probe, findings: &mut Vec<Finding>) {
    let reactions = model.reactions.iter().filter(|r| r.law.is_some());
    let laws = reactions.map(|r| (format!("reaction {}", r.id), r.id.as_str(), "rate law"));
    let rules = model.assignment_rules.iter();
    let rules = rules.map(|r| (format!("rule for {}", r.target), r.target.as_str(), "value"));
    for (place, id, what) in laws.chain(rules) {
        let Some(value) = network.symbols.get(id).map(|s| &s.value) else { continue };
        let read = value.species();
        if probe.is_zero_with(value, &vec![]) {
            if !read.is_empty() && probe.is_zero(value) {
                add(findings, Kind::Frozen, place, zero(model, network, probe, id));
            }
            continue;
        }
        // The size of a compartment cancels as soon as a law is written for amounts.
        let size =
            |s: &SpeciesId| model.compartment_of(&network.network.species[s.0].name).is_some();
        let unmoved: Vec<SpeciesId> =
            read.into_iter().filter(|s| !size(s) && probe.ignores(value, *s, &vec![])).collect();
        if !unmoved.is_empty() {
            let sentence = format!(
                "its {what} contains {} but does not depend on {}",
                list(&names(model, network, &unmoved)),
                why(network, probe, value, &unmoved)
            );
            add(findings, Kind::Frozen, place.clone(), sentence);
        }
    }
    for rule in &model.assignment_rules {
        if let Some((by, from)) = taken_at_start(model, &rule.target) {
            let constant = network
                .symbols
                .get(&rule.target)
                .is_some_and(|s| s.value.species().is_empty() && !s.value.reads_time());
            let some = if constant { "" } else { "a part of " };
            let are = if by.len() == 1 { "is" } else { "are" };
            let values = if from.len() == 1 { "value" } else { "values" };
            let sentence = format!(
                "{some}{} never changes: it depends on {}, which {are} set only once, from the \
                 initial {values} of {}",
                rule.target,
                list(&by),
                list(&from)
            );
            add(findings, Kind::Frozen, format!("rule for {}", rule.target), sentence);
        }
    }
}

fn names(model: &Model, network: &SbmlNetwork, species: &[SpeciesId]) -> Vec<String> {
    species.iter().map(|s| name(model, &network.network.species[s.0].name)).collect()
}

/// Why a law does not depend on species that it contains.
fn why(network: &SbmlNetwork, probe: &Probe, law: &Expression, unmoved: &[SpeciesId]) -> String {
    let moves = |p: &ParameterId| !probe.ignores(law, unmoved[0], &vec![(*p, 1.0)]);
    let zeros: Vec<String> = probe
        .zeros(law)
        .into_iter()
        .filter(moves)
        .map(|p| network.network.parameters[p.0].name.clone())
        .collect();
    match (&zeros[..], unmoved.len()) {
        ([], 1) => "it: it cancels".into(),
        ([], _) => "them: they cancel".into(),
        (zeros, count) => {
            let them = if count == 1 { "it" } else { "them" };
            format!("{them} because {}", always_zero(zeros))
        }
    }
}

/// Why a law or the value of a rule is zero.
fn zero(model: &Model, network: &SbmlNetwork, probe: &Probe, id: &str) -> String {
    let reaction = model.reaction(id);
    let formula = reaction.and_then(|r| r.law.as_ref());
    let formula = formula.or(model.assignment_rule(id).and_then(|r| r.math.as_ref()));
    let mut zeros: Vec<String> = vec![];
    if let Some(formula) = formula {
        formula.symbols(&mut |s| {
            let local = reaction.and_then(|r| r.local.iter().find(|p| p.id == s));
            let is_zero = match local {
                Some(parameter) => parameter.value == Some(0.0),
                None => network.symbols.get(s).is_some_and(|s| probe.is_zero(&s.value)),
            };
            if is_zero && !zeros.iter().any(|z| z == s) {
                zeros.push(s.to_string());
            }
        });
    }
    // Of several, those count without which the value would not be zero.
    let needed = |z: &&String| match network.symbols.get(*z).and_then(|s| s.place.as_ref()) {
        Some(Place::Parameter(p)) => {
            let value = &network.symbols[id].value;
            !probe.is_zero_with(value, &vec![(*p, 1.0)])
        }
        _ => false,
    };
    let causes: Vec<String> = zeros.iter().filter(needed).cloned().collect();
    let causes = if causes.is_empty() { zeros } else { causes };
    match (reaction.is_some(), &causes[..]) {
        (true, []) => "it never runs: its rate law was zero in every state tested".into(),
        (true, causes) => format!("it never runs: {}", always_zero(causes)),
        (false, []) => "its value was zero in every state tested".into(),
        (false, causes) => format!("its value is always zero because {}", always_zero(causes)),
    }
}

fn always_zero(names: &[String]) -> String {
    format!("{} {} always zero", list(names), if names.len() == 1 { "is" } else { "are" })
}

/// Parameters of a rule to which initial assignments give the initial values of changing
/// quantities, and these quantities.
fn taken_at_start(model: &Model, rule: &str) -> Option<(Vec<String>, Vec<String>)> {
    let math = model.assignment_rule(rule)?.math.as_ref()?;
    let (mut by, mut from) = (vec![], vec![]);
    let mut see = |id: &str| {
        let sources = sources(model, id);
        if !sources.is_empty() && !by.iter().any(|b| b == id) {
            by.push(id.to_string());
        }
        for source in sources {
            if !from.contains(&source) {
                from.push(source);
            }
        }
    };
    compared(model, math, &mut see);
    // A copy of a constant is not a problem.
    (!by.is_empty()).then_some((by, from))
}

/// Changing quantities from whose initial values an initial assignment computes a constant.
fn sources(model: &Model, id: &str) -> Vec<String> {
    let assigned = model.initial_assignments.iter().find(|a| a.target == id);
    let ruled = model.rate_rule(id).is_some() || model.assignment_rule(id).is_some();
    let mut from = vec![];
    if let Some(source) = assigned.and_then(|a| a.math.as_ref()).filter(|_| !ruled) {
        source.symbols(&mut |s| {
            let set = model.events.iter().flat_map(|e| &e.assignments).any(|a| a.target == s);
            let varies = changes(model, s) || set || model.assignment_rule(s).is_some();
            if varies && !from.iter().any(|f| f == s) {
                from.push(s.to_string());
            }
        });
    }
    from
}

/// Calls `see` for the symbols of a formula, except initial values to which it compares the current
/// ones, as a fold change (`x / x_at_start`) or a change from baseline (`x - x_at_start`) does.
fn compared(model: &Model, math: &Math, see: &mut impl FnMut(&str)) {
    match math {
        Math::Apply(Operator::Divide | Operator::Minus, of) if of.len() == 2 => {
            for (one, other) in [(&of[0], &of[1]), (&of[1], &of[0])] {
                let (mut started, mut current) = (false, true);
                one.symbols(&mut |id| {
                    for source in sources(model, id) {
                        started = true;
                        current &= reads(model, other, &source, 0);
                    }
                });
                if !(started && current) {
                    compared(model, one, see);
                }
            }
        }
        Math::Apply(_, of) | Math::Call(_, of) => of.iter().for_each(|m| compared(model, m, see)),
        Math::Piecewise(pieces, otherwise) => {
            let pieces = pieces.iter().flat_map(|(value, condition)| [value, condition]);
            pieces.chain(otherwise.as_deref()).for_each(|m| compared(model, m, see));
        }
        leaf => leaf.symbols(see),
    }
}

/// Whether a formula contains a symbol, itself or through rules.
pub fn reads(model: &Model, formula: &Math, id: &str, depth: usize) -> bool {
    let mut read = false;
    formula.symbols(&mut |s| {
        read |= s == id;
        if !read
            && depth < 8
            && let Some(rule) = model.assignment_rule(s).and_then(|r| r.math.as_ref())
        {
            read |= reads(model, rule, id, depth + 1);
        }
    });
    read
}
