//! Evaluates laws and rules at many states: in which direction reactions run, which laws do not
//! depend on their variables, and which have no limit.

use super::finding::{Finding, Kind, add};
use crate::error::SbmlError;
use crate::evaluate::Start;
use crate::math::{Math, Operator};
use crate::model::Model;
use crate::network::{Place, SbmlNetwork};
use il2_engine::{Expression, SpeciesId};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Number of states that are tried.
const STATES: usize = 24;

/// States at which laws are evaluated: the initial state, and others around it, all positive.
pub struct Probe {
    /// Initial values by id.
    pub start: BTreeMap<String, f64>,
    /// Parameters at the start, with the values of modes there.
    pub parameters: Vec<f64>,
    /// States, the initial state first.
    pub states: Vec<Vec<f64>>,
}

impl Probe {
    /// Prepares the states around the initial state of a model.
    pub fn new(model: &Model, network: &SbmlNetwork) -> Result<Self, SbmlError> {
        let given = BTreeMap::new();
        let mut start = Start::new(model, &given);
        let mut values = BTreeMap::new();
        let mut parameters = network.network.parameter_values(&[]);
        let mut state = vec![0.0; network.network.species.len()];
        for (id, symbol) in &network.symbols {
            let value = start.value(id)?;
            values.insert(id.clone(), value);
            match &symbol.place {
                Some(Place::Parameter(p)) if !value.is_nan() => parameters[p.0] = value,
                Some(Place::State(s, factor)) if !value.is_nan() => {
                    state[s.0] = value * factor.value(&state, &parameters, 0.0);
                }
                _ => {}
            }
        }
        let states = spread(&state);
        let mut probe = Self { start: values, parameters, states };
        let first = probe.states[0].clone();
        probe.parameters = probe.with_modes(network, &first).into_owned();
        Ok(probe)
    }

    /// Parameters with the values of modes at a state.
    fn with_modes<'a>(&'a self, network: &SbmlNetwork, state: &[f64]) -> Cow<'a, [f64]> {
        if network.modes.is_empty() {
            return Cow::Borrowed(&self.parameters);
        }
        let mut parameters = self.parameters.clone();
        for mode in &network.modes {
            let value = mode.kind.of().value(state, &parameters, 0.0);
            parameters[mode.parameter.0] = mode.kind.at(value);
        }
        Cow::Owned(parameters)
    }

    /// Values of an expression at all states, each with its own modes.
    pub fn all(&self, network: &SbmlNetwork, of: &Expression) -> Vec<f64> {
        let at = |state: &Vec<f64>| of.value(state, &self.with_modes(network, state), 0.0);
        self.states.iter().map(at).collect()
    }

    /// The same with another value of one species.
    fn all_with(
        &self,
        network: &SbmlNetwork,
        of: &Expression,
        (species, factor): (SpeciesId, f64),
    ) -> Vec<f64> {
        let at = |state: &Vec<f64>| {
            let mut state = state.clone();
            state[species.0] *= factor;
            of.value(&state, &self.with_modes(network, &state), 0.0)
        };
        self.states.iter().map(at).collect()
    }

    /// Whether a value does not depend on a species, where the value is finite.
    fn ignores(&self, network: &SbmlNetwork, of: &Expression, species: SpeciesId) -> bool {
        self.states.iter().all(|state| {
            let at = |number: f64| {
                let mut state = state.clone();
                state[species.0] = number;
                of.value(&state, &self.with_modes(network, &state), 0.0)
            };
            let here = state[species.0];
            let base = at(here);
            [0.0, 1e-3, 1.0, 0.01 * here, 3.0 * here].into_iter().map(at).all(|other| {
                let apart = (base - other).abs();
                !apart.is_finite() || apart <= 1e-12 * base.abs().max(other.abs())
            })
        })
    }
}

/// States around an initial state: every number is multiplied by a power of two that differs
/// between states; numbers that start at zero get the typical size of the others.
fn spread(start: &[f64]) -> Vec<Vec<f64>> {
    let positive = || start.iter().copied().filter(|x| *x > 0.0);
    let count = positive().count().max(1) as f64;
    let typical = il2_engine::math::exp(positive().map(il2_engine::math::ln).sum::<f64>() / count);
    let mut drawn: u64 = 1;
    let mut next = || {
        // Knuth's multiplier (The Art of Computer Programming, volume 2, section 3.3.4).
        drawn =
            drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (drawn >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let mut all = vec![start.to_vec()];
    for _ in 1..STATES {
        let other = start.iter().map(|&x| {
            let size = if x > 0.0 { x } else { typical };
            size * il2_engine::math::exp2(8.0 * next() - 4.0)
        });
        all.push(other.collect());
    }
    all
}

fn name(model: &Model, id: &str) -> String {
    match model.species_of(id).and_then(|s| s.name.as_deref()) {
        Some(name) if name != id => format!("{id} ({})", crate::words::short(name)),
        _ => id.to_string(),
    }
}

/// Reactions that run backwards, and those that continue when a reactant is used up.
pub fn directions(
    model: &Model,
    network: &SbmlNetwork,
    probe: &Probe,
    findings: &mut Vec<Finding>,
) {
    for reaction in &model.reactions {
        let Some(law) = network.symbols.get(&reaction.id).map(|s| &s.value) else { continue };
        let place = format!("reaction {}", reaction.id);
        let rates: Vec<f64> = probe.all(network, law)[1..].to_vec();
        let taken: Vec<&str> = reaction
            .reactants
            .iter()
            .map(|p| p.species.as_str())
            .filter(|id| model.species_of(id).is_some_and(|s| model.moves(s)))
            .collect();
        let made: Vec<String> = reaction.products.iter().map(|p| name(model, &p.species)).collect();
        if !rates.is_empty() && rates.iter().all(|r| *r < 0.0) {
            let sentence = match (&taken[..], made.len()) {
                ([], 0) => continue,
                ([], _) => {
                    format!(
                        "its rate law was negative in every state tested, so it consumes {}",
                        made.join(", ")
                    )
                }
                (taken, 0) => {
                    let taken: Vec<String> = taken.iter().map(|id| name(model, id)).collect();
                    format!(
                        "its rate law was negative in every state tested, so it produces {} \
                         instead of consuming it",
                        taken.join(", ")
                    )
                }
                _ => "its rate law was negative in every state tested, so it runs backwards".into(),
            };
            add(findings, Kind::Direction, place, sentence);
            continue;
        }
        for id in taken {
            let Some(Place::State(s, _)) = &network.symbols[id].place else { continue };
            let empty = &probe.all_with(network, law, (*s, 0.0))[1..];
            let scale = rates.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
            if empty.iter().any(|r| r.is_finite() && *r > 1e-9 * scale) {
                let sentence = format!(
                    "it continues to consume {} when none is left, so the amount becomes negative",
                    name(model, id)
                );
                add(findings, Kind::Direction, place.clone(), sentence);
            }
        }
    }
}

/// Laws and rules that do not depend on a variable in them, and rules that use initial values in
/// place of current ones.
pub fn frozen(model: &Model, network: &SbmlNetwork, probe: &Probe, findings: &mut Vec<Finding>) {
    let reactions = model.reactions.iter().filter(|r| r.law.is_some());
    let laws = reactions.map(|r| (format!("reaction {}", r.id), r.id.as_str(), "rate law"));
    let rules = model.assignment_rules.iter();
    let rules = rules.map(|r| (format!("rule for {}", r.target), r.target.as_str(), "value"));
    for (place, id, what) in laws.chain(rules) {
        let Some(value) = network.symbols.get(id).map(|s| &s.value) else { continue };
        let base = probe.all(network, value);
        let read = value.species();
        if what == "rate law" && !read.is_empty() && base.iter().all(|v| *v == 0.0) {
            add(findings, Kind::Frozen, place, never(model, network, probe, id));
            continue;
        }
        let unmoved: Vec<String> = read
            .iter()
            .filter(|s| probe.ignores(network, value, **s))
            .map(|s| name(model, &network.network.species[s.0].name))
            .collect();
        if !unmoved.is_empty() {
            let them = if unmoved.len() == 1 { "it: it cancels" } else { "them: they cancel" };
            let sentence =
                format!("its {what} contains {} but does not depend on {them}", list(&unmoved));
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

/// Why a reaction never runs.
fn never(model: &Model, network: &SbmlNetwork, probe: &Probe, id: &str) -> String {
    let law = model.reaction(id).and_then(|r| r.law.as_ref());
    let mut zero = vec![];
    if let Some(law) = law {
        law.symbols(&mut |s| {
            let value = probe.start.get(s);
            let moves = network.symbols.get(s).is_some_and(|s| !s.value.species().is_empty());
            let rule = model.assignment_rule(s).is_some();
            if value == Some(&0.0) && (!moves || rule) && !zero.iter().any(|z| z == s) {
                zero.push(s.to_string());
            }
        });
    }
    match &zero[..] {
        [] => "it never runs: its rate law was zero in every state tested".into(),
        zero => format!("it never runs: {} is always zero", list(zero)),
    }
}

/// Parameters of a rule to which initial assignments give the initial values of changing
/// quantities, and these quantities.
fn taken_at_start(model: &Model, rule: &str) -> Option<(Vec<String>, Vec<String>)> {
    let math = model.assignment_rule(rule)?.math.as_ref()?;
    let (mut by, mut from) = (vec![], vec![]);
    math.symbols(&mut |id| {
        let assigned = model.initial_assignments.iter().find(|a| a.target == id);
        let ruled = model.rate_rule(id).is_some() || model.assignment_rule(id).is_some();
        if let Some(source) = assigned.and_then(|a| a.math.as_ref()).filter(|_| !ruled) {
            let before = from.len();
            source.symbols(&mut |s| {
                let set = model.events.iter().flat_map(|e| &e.assignments).any(|a| a.target == s);
                let varies = changes(model, s) || set || model.assignment_rule(s).is_some();
                if varies && !from.iter().any(|f| f == s) {
                    from.push(s.to_string());
                }
            });
            if from.len() > before && !by.iter().any(|b| b == id) {
                by.push(id.to_string());
            }
        }
    });
    // A copy of a constant is not a problem.
    (!by.is_empty()).then_some((by, from))
}

/// Names in a sentence; if there are many, only the first.
pub fn list(names: &[String]) -> String {
    match names {
        many if many.len() > 8 => format!("{} and {} more", many[..6].join(", "), many.len() - 6),
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Laws with a product of two variables divided by a constant alone, in a model whose other laws
/// divide by the sum of a constant and a variable.
pub fn unbounded(model: &Model, findings: &mut Vec<Finding>) {
    let mut plain: Vec<(String, String, Vec<String>)> = vec![];
    let mut saturating: Vec<String> = vec![];
    for reaction in &model.reactions {
        let Some(law) = &reaction.law else { continue };
        let inlined = inline(model, law, &BTreeMap::new(), 0);
        quotients(&inlined, &mut |above, below| {
            let mut states = vec![];
            above.symbols(&mut |id| {
                if changes(model, id) && !states.iter().any(|s| s == id) {
                    states.push(id.to_string());
                }
            });
            match below {
                Math::Symbol(id)
                    if !changes(model, id) && is_number(model, id) && states.len() > 1 =>
                {
                    plain.push((reaction.id.clone(), id.clone(), states));
                }
                Math::Apply(Operator::Plus, of) => {
                    let constant = of.iter().find_map(|m| match m {
                        Math::Symbol(id) if !changes(model, id) => Some(id.clone()),
                        _ => None,
                    });
                    let moving =
                        of.iter().any(|m| matches!(m, Math::Symbol(id) if changes(model, id)));
                    saturating.extend(constant.filter(|_| moving));
                }
                _ => {}
            }
        });
    }
    saturating.sort();
    saturating.dedup();
    for (reaction, constant, states) in plain {
        if !saturating.is_empty() && !saturating.contains(&constant) {
            let last = states.last().expect("two or more");
            let sentence = format!(
                "a product of {} is divided by {constant} alone and so has no limit; other rate \
                 laws of the model divide by the sum of a constant ({}) and a species: should the \
                 divisor be {constant} + {last}?",
                list(&states),
                list(&saturating)
            );
            add(findings, Kind::Unbounded, format!("reaction {reaction}"), sentence);
        }
    }
}

fn is_number(model: &Model, id: &str) -> bool {
    model.parameters.iter().any(|p| p.id == id)
        || model.reactions.iter().any(|r| r.local.iter().any(|p| p.id == id))
}

fn changes(model: &Model, id: &str) -> bool {
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
