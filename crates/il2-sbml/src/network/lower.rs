//! Translates formulas to expressions of the engine.

use super::arithmetic::arithmetic;
use super::modes::{Condition, Mode, ModeKind};
use crate::error::SbmlError;
use crate::math::{Math, Operator};
use crate::model::Model;
use crate::words::short;
use il2_engine::{Dimension, Expression, Network, ParameterId, Shared};
use std::collections::{BTreeMap, BTreeSet};

/// Greatest depth of formulas that refer to one another.
const DEEPEST: usize = 400;
/// Largest number of operations of all formulas together.
const MOST_OPERATIONS: usize = 3_000_000;
/// A formula of a rule, function or reaction with at most this number of operations is repeated
/// where it is read, so that its sums and products join those around it; a longer one is shared.
const LONGEST_REPEATED: usize = 30;
/// Largest number of comparisons of a model.
const MOST_MODES: usize = 5_000;

/// The value of a formula: a number or a truth value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(Expression),
    /// A truth value.
    Truth(Condition),
}

/// Names that are local to one formula.
pub type Scope = BTreeMap<String, Value>;

/// Translates formulas of a model to expressions.
pub struct Lowering<'m> {
    /// The model.
    pub model: &'m Model,
    /// The network, whose states and parameters exist before any formula is translated.
    pub network: Network,
    /// The time at which the current simulation segment began.
    pub start: ParameterId,
    /// The meaning of ids known so far.
    pub known: BTreeMap<String, Expression>,
    /// Ids without a value, which no formula may use.
    pub missing: BTreeSet<String>,
    /// All comparisons, each after those on which it depends.
    pub modes: Vec<Mode>,
    /// Values of functions, by name, each with its arguments.
    called: BTreeMap<String, Vec<(Vec<Value>, Value)>>,
    /// Rates of change that formulas read.
    rates: BTreeMap<String, Expression>,
    asked: Vec<String>,
    depth: usize,
    operations: usize,
}

impl<'m> Lowering<'m> {
    /// Starts with only the states and parameters of a network.
    pub fn new(model: &'m Model, network: Network, start: ParameterId) -> Self {
        Self {
            model,
            network,
            start,
            known: BTreeMap::new(),
            missing: BTreeSet::new(),
            modes: vec![],
            called: BTreeMap::new(),
            rates: BTreeMap::new(),
            asked: vec![],
            depth: 0,
            operations: 0,
        }
    }

    /// The meaning of an id in formulas.
    pub fn symbol(&mut self, id: &str) -> Result<Expression, SbmlError> {
        if self.missing.contains(id) {
            let what = "has no value; set its value in the model or for the simulation";
            return Err(SbmlError::new(format!("\"{id}\""), what));
        }
        if !self.known.contains_key(id) {
            if self.asked.iter().any(|a| a == id) {
                let circle = self.asked.join(", ");
                let what = format!("depends on itself through {circle}");
                return Err(SbmlError::new(format!("\"{id}\""), what));
            }
            self.asked.push(id.to_string());
            let expression = self.work_out(id)?;
            self.asked.pop();
            self.known.insert(id.to_string(), read_elsewhere(expression));
        }
        let (operations, depth) = self.known[id].size();
        self.operations += operations;
        if self.operations > MOST_OPERATIONS || depth > DEEPEST {
            return Err(SbmlError::new(format!("\"{}\"", short(id)), too_deep()));
        }
        Ok(self.known[id].clone())
    }

    fn work_out(&mut self, id: &str) -> Result<Expression, SbmlError> {
        let model = self.model;
        if let Some(rule) = model.assignment_rule(id) {
            return self.number(rule.math.as_ref().expect("kept"), &Scope::new());
        }
        if let Some(reaction) = model.reaction(id) {
            let Some(law) = &reaction.law else {
                let what = "is used in a formula but has no kinetic law";
                return Err(SbmlError::new(format!("reaction \"{id}\""), what));
            };
            let mut scope = Scope::new();
            for p in &reaction.local {
                let name = local_name(&reaction.id, &p.id);
                let place = self.network.parameter_named(&name).expect("added");
                if self.missing.contains(&name) {
                    let what = "has no value; set its value in the model or for the simulation";
                    return Err(SbmlError::new(format!("local parameter \"{name}\""), what));
                }
                scope.insert(p.id.clone(), Value::Number(place.into()));
            }
            return self.number(law, &scope);
        }
        Err(SbmlError::new(
            format!("\"{}\"", short(id)),
            "is used in a formula but is not in the model",
        ))
    }

    /// A formula as a number; a truth value becomes one or zero.
    pub fn number(&mut self, math: &Math, scope: &Scope) -> Result<Expression, SbmlError> {
        Ok(match self.value(math, scope)? {
            Value::Number(number) => number,
            Value::Truth(truth) => truth.number(),
        })
    }

    /// A formula as a truth value; a number is true unless it is zero.
    pub fn truth(&mut self, math: &Math, scope: &Scope) -> Result<Condition, SbmlError> {
        match self.value(math, scope)? {
            Value::Truth(truth) => Ok(truth),
            Value::Number(Expression::Number(n)) => Ok(Condition::Constant(n != 0.0)),
            Value::Number(number) => Ok(self.mode(ModeKind::Zero(number))?.negated()),
        }
    }

    fn value(&mut self, math: &Math, scope: &Scope) -> Result<Value, SbmlError> {
        self.depth += 1;
        self.operations += 1;
        if self.depth > DEEPEST || self.operations > MOST_OPERATIONS {
            return Err(SbmlError::new("model", too_deep()));
        }
        let value = match math {
            Math::Number(value, _) => Value::Number(Expression::Number(*value)),
            Math::Truth(truth) => Value::Truth(Condition::Constant(*truth)),
            Math::Time => Value::Number(Expression::Time + self.start.into()),
            Math::Avogadro => Value::Number(Expression::Number(crate::units::AVOGADRO)),
            Math::Symbol(id) => match scope.get(id) {
                Some(value) => value.clone(),
                None => Value::Number(self.symbol(id)?),
            },
            Math::RateOf(id) => {
                // The rate is a formula of the model, in which local names have no meaning.
                if !self.rates.contains_key(id) {
                    let rate = crate::rates::rate_of(self.model, id)?;
                    let rate = read_elsewhere(self.number(&rate, &Scope::new())?);
                    self.rates.insert(id.clone(), rate);
                }
                Value::Number(self.rates[id].clone())
            }
            Math::Apply(operator, arguments) if is_logical(*operator) => {
                Value::Truth(self.logical(*operator, arguments, scope)?)
            }
            Math::Apply(operator, arguments) => {
                let mut numbers = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    numbers.push(self.number(argument, scope)?);
                }
                Value::Number(arithmetic(*operator, numbers, &mut |kind| {
                    self.mode_parameter(kind)
                })?)
            }
            Math::Call(name, arguments) => self.call(name, arguments, scope)?,
            Math::Piecewise(pieces, otherwise) => self.piecewise(pieces, otherwise, scope)?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn call(&mut self, name: &str, arguments: &[Math], scope: &Scope) -> Result<Value, SbmlError> {
        let function = self.model.called(name, arguments.len())?;
        let shared = |value: Value| match value {
            Value::Number(number) => Value::Number(read_elsewhere(number)),
            truth => truth,
        };
        let mut given = vec![];
        for argument in arguments {
            given.push(shared(self.value(argument, scope)?));
        }
        let before = self.called.get(name).and_then(|all| all.iter().find(|(g, _)| *g == given));
        if let Some((_, value)) = before {
            return Ok(value.clone());
        }
        let inner = function.arguments.iter().cloned().zip(given.iter().cloned()).collect();
        let value = match &function.body {
            Some(body) => shared(self.value(body, &inner)?),
            None => Value::Number(Expression::Number(f64::NAN)),
        };
        self.called.entry(name.to_string()).or_default().push((given, value.clone()));
        Ok(value)
    }

    fn piecewise(
        &mut self,
        pieces: &[(Math, Math)],
        otherwise: &Option<Box<Math>>,
        scope: &Scope,
    ) -> Result<Value, SbmlError> {
        let mut all = vec![];
        for (value, condition) in pieces {
            all.push((self.value(value, scope)?, self.truth(condition, scope)?));
        }
        let last = match otherwise {
            Some(value) => self.value(value, scope)?,
            None => Value::Number(Expression::Number(f64::NAN)),
        };
        Ok(all.into_iter().rev().fold(last, |rest, (value, condition)| match (value, rest) {
            (value, _) if condition == Condition::Constant(true) => value,
            (_, rest) if condition == Condition::Constant(false) => rest,
            (Value::Truth(value), Value::Truth(rest)) => {
                let here = Condition::All(vec![condition.clone(), value]);
                let there = Condition::All(vec![condition.negated(), rest]);
                Value::Truth(Condition::Any(vec![here, there]))
            }
            (value, rest) => Value::Number(Expression::WhereAtLeast {
                left: Box::new(condition.number()),
                right: Box::new(Expression::Number(0.5)),
                then: Box::new(plain(value)),
                otherwise: Box::new(plain(rest)),
            }),
        }))
    }

    fn logical(
        &mut self,
        operator: Operator,
        arguments: &[Math],
        scope: &Scope,
    ) -> Result<Condition, SbmlError> {
        use Operator as O;
        if matches!(operator, O::And | O::Or | O::Xor | O::Not | O::Implies) {
            let mut all = vec![];
            for argument in arguments {
                all.push(self.truth(argument, scope)?);
            }
            return Ok(match operator {
                O::And => Condition::All(all),
                O::Or => Condition::Any(all),
                O::Xor => Condition::Odd(all),
                O::Not => all.remove(0).negated(),
                _ => {
                    let then = all.remove(1);
                    Condition::Any(vec![all.remove(0).negated(), then])
                }
            });
        }
        let mut values = vec![];
        for argument in arguments {
            values.push(self.value(argument, scope)?);
        }
        let mut links = vec![];
        for pair in values.windows(2) {
            links.push(self.comparison(operator, &pair[0], &pair[1])?);
        }
        Ok(match links.len() {
            1 => links.remove(0),
            _ => Condition::All(links),
        })
    }

    fn comparison(
        &mut self,
        operator: Operator,
        a: &Value,
        b: &Value,
    ) -> Result<Condition, SbmlError> {
        use Operator as O;
        if let (Value::Truth(a), Value::Truth(b)) = (a, b) {
            let differ = Condition::Odd(vec![a.clone(), b.clone()]);
            match operator {
                O::Neq => return Ok(differ),
                O::Eq => return Ok(differ.negated()),
                _ => {}
            }
        }
        let (a, b) = (plain(a.clone()), plain(b.clone()));
        match operator {
            O::Gt => self.mode(ModeKind::Positive(a - b)),
            O::Lt => self.mode(ModeKind::Positive(b - a)),
            O::Geq => Ok(self.mode(ModeKind::Positive(b - a))?.negated()),
            O::Leq => Ok(self.mode(ModeKind::Positive(a - b))?.negated()),
            O::Eq => self.mode(ModeKind::Zero(a - b)),
            _ => Ok(self.mode(ModeKind::Zero(a - b))?.negated()),
        }
    }

    /// The condition that a mode is one; identical modes are shared.
    pub(super) fn mode(&mut self, kind: ModeKind) -> Result<Condition, SbmlError> {
        if let Expression::Number(n) = kind.of() {
            return Ok(Condition::Constant(kind.at(*n) != 0.0));
        }
        Ok(Condition::Mode(self.mode_parameter(kind)?))
    }

    pub(super) fn mode_parameter(&mut self, kind: ModeKind) -> Result<ParameterId, SbmlError> {
        if let Some(known) = self.modes.iter().find(|m| m.kind == kind) {
            return Ok(known.parameter);
        }
        if self.modes.len() >= MOST_MODES {
            let what = format!("has more than {MOST_MODES} comparisons and cannot be simulated");
            return Err(SbmlError::new("model", what));
        }
        let name = format!("mode {}", self.modes.len() + 1);
        let parameter = self.network.add_parameter(name, Dimension::DIMENSIONLESS, 0.0);
        let clocked = kind.of().species().is_empty() && kind.of().reads_time();
        self.modes.push(Mode { parameter, kind, clocked });
        Ok(parameter)
    }
}

/// Name of a local parameter of a reaction.
pub fn local_name(reaction: &str, parameter: &str) -> String {
    format!("{reaction}.{parameter}")
}

/// Why formulas that refer to one another without end, or almost, are refused.
fn too_deep() -> String {
    format!(
        "formulas with references more than {DEEPEST} levels deep, or with more than \
         {MOST_OPERATIONS} operations, cannot be simulated"
    )
}

fn is_logical(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Eq
            | O::Neq
            | O::Gt
            | O::Lt
            | O::Geq
            | O::Leq
            | O::And
            | O::Or
            | O::Xor
            | O::Not
            | O::Implies
    )
}

fn plain(value: Value) -> Expression {
    match value {
        Value::Number(number) => number,
        Value::Truth(truth) => truth.number(),
    }
}

/// A formula that is read elsewhere; a long one is shared.
fn read_elsewhere(of: Expression) -> Expression {
    match of.size().0 > LONGEST_REPEATED {
        true => Expression::Shared(Shared::new(of)),
        false => of,
    }
}
