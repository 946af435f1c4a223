//! Evaluates formulas numerically, for initial values.

use crate::error::SbmlError;
use crate::math::{Math, Operator};
use crate::model::Model;
use il2_engine::math;
use std::collections::BTreeMap;

/// Greatest depth of formulas that refer to one another.
const DEEPEST: usize = 500;

/// Initial values, each computed when first needed.
pub struct Start<'m> {
    model: &'m Model,
    /// Values given by the caller in place of the model's own.
    given: &'m BTreeMap<String, f64>,
    known: BTreeMap<String, f64>,
    /// Values of functions by the bits of their arguments.
    called: BTreeMap<String, BTreeMap<Vec<u64>, f64>>,
    asked: Vec<String>,
    depth: usize,
}

type Scope = BTreeMap<String, f64>;

impl<'m> Start<'m> {
    /// The initial values of a model in which `given` replaces the values of some ids.
    pub fn new(model: &'m Model, given: &'m BTreeMap<String, f64>) -> Self {
        Self {
            model,
            given,
            known: BTreeMap::new(),
            called: BTreeMap::new(),
            asked: vec![],
            depth: 0,
        }
    }

    /// The value of an id in formulas at the start.
    pub fn value(&mut self, id: &str) -> Result<f64, SbmlError> {
        if let Some(&known) = self.known.get(id) {
            return Ok(known);
        }
        if self.asked.iter().any(|a| a == id) {
            let circle = self.asked.join(", ");
            let what = format!(
                "its initial value depends on itself (through {circle}); give one of them a value of \
                 its own"
            );
            return Err(SbmlError::new(format!("\"{id}\""), what));
        }
        self.asked.push(id.to_string());
        let value = self.work_out(id)?;
        self.asked.pop();
        self.known.insert(id.to_string(), value);
        Ok(value)
    }

    fn work_out(&mut self, id: &str) -> Result<f64, SbmlError> {
        let model = self.model;
        if let Some(rule) = model.assignment_rule(id) {
            return self.formula(rule.math.as_ref().expect("kept"), &Scope::new());
        }
        if let Some(&value) = self.given.get(id) {
            return Ok(value);
        }
        if let Some(assigned) = model.initial_assignments.iter().find(|a| a.target == id) {
            return self.formula(assigned.math.as_ref().expect("kept"), &Scope::new());
        }
        if let Some(c) = model.compartment_of(id) {
            return Ok(c.size.unwrap_or(1.0));
        }
        if let Some(p) = model.parameters.iter().find(|p| p.id == id) {
            return Ok(p.value.unwrap_or(f64::NAN));
        }
        if let Some(species) = model.species_of(id) {
            return self.species(species);
        }
        if let Some(reaction) = model.reaction(id) {
            let local = reaction.local.iter().map(|p| (p.id.clone(), p.value.unwrap_or(f64::NAN)));
            return match &reaction.law {
                Some(law) => self.formula(law, &local.collect()),
                None => Ok(f64::NAN),
            };
        }
        let references = model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products));
        if let Some(reference) = references.into_iter().find(|r| r.id.as_deref() == Some(id)) {
            return match &reference.stoichiometry {
                crate::model::Stoichiometry::Number(n) => Ok(*n),
                crate::model::Stoichiometry::Formula(f) => self.formula(f, &Scope::new()),
                crate::model::Stoichiometry::Unknown => Ok(f64::NAN),
            };
        }
        Err(SbmlError::new(format!("\"{}\"", crate::words::short(id)), "is not in the model"))
    }

    fn species(&mut self, species: &'m crate::model::Species) -> Result<f64, SbmlError> {
        use crate::model::Initial;
        let extensive = self.model.means_amount(species);
        match species.initial {
            Initial::Amount(amount) if extensive => Ok(amount),
            Initial::Concentration(concentration) if !extensive => Ok(concentration),
            Initial::Amount(amount) => Ok(amount / self.value(&species.compartment)?),
            Initial::Concentration(concentration) => {
                Ok(concentration * self.value(&species.compartment)?)
            }
            Initial::Unknown => Ok(f64::NAN),
        }
    }

    /// The value of a formula; true counts as one.
    pub fn formula(&mut self, formula: &Math, scope: &Scope) -> Result<f64, SbmlError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let what = format!("its formulas contain references more than {DEEPEST} levels deep");
            return Err(SbmlError::new("model", what));
        }
        let value = match formula {
            Math::Number(value, _) => *value,
            Math::Truth(truth) => f64::from(u8::from(*truth)),
            Math::Time => 0.0,
            Math::Avogadro => crate::units::AVOGADRO,
            Math::Symbol(id) => match scope.get(id) {
                Some(&value) => value,
                None => self.value(id)?,
            },
            Math::RateOf(id) => {
                // The rate is a formula of the model, in which local names have no meaning.
                let rate = crate::rates::rate_of(self.model, id)?;
                self.formula(&rate, &Scope::new())?
            }
            Math::Apply(operator, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.formula(argument, scope)?);
                }
                apply(*operator, &values)
            }
            Math::Call(name, arguments) => self.call(name, arguments, scope)?,
            Math::Piecewise(pieces, otherwise) => self.pieces(pieces, otherwise, scope)?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn call(&mut self, name: &str, arguments: &[Math], scope: &Scope) -> Result<f64, SbmlError> {
        let function = self.model.called(name, arguments.len())?;
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            given.push(self.formula(argument, scope)?);
        }
        let bits: Vec<u64> = given.iter().map(|value| value.to_bits()).collect();
        if let Some(known) = self.called.get(name).and_then(|all| all.get(&bits)) {
            return Ok(*known);
        }
        let inner = function.arguments.iter().cloned().zip(given).collect();
        let value = match &function.body {
            Some(body) => self.formula(body, &inner)?,
            None => f64::NAN,
        };
        self.called.entry(name.to_string()).or_default().insert(bits, value);
        Ok(value)
    }

    fn pieces(
        &mut self,
        pieces: &[(Math, Math)],
        otherwise: &Option<Box<Math>>,
        scope: &Scope,
    ) -> Result<f64, SbmlError> {
        for (value, condition) in pieces {
            if self.formula(condition, scope)? != 0.0 {
                return self.formula(value, scope);
            }
        }
        match otherwise {
            Some(value) => self.formula(value, scope),
            None => Ok(f64::NAN),
        }
    }
}

/// The value of an operator; truth values are one and zero.
pub fn apply(operator: Operator, a: &[f64]) -> f64 {
    use Operator as O;
    let truth = |holds: bool| f64::from(u8::from(holds));
    let chain = |f: fn(&f64, &f64) -> bool| truth(a.windows(2).all(|w| f(&w[0], &w[1])));
    let angle = std::f64::consts::FRAC_PI_2;
    let arcsin = |x: f64| math::atan(x / (1.0 - x * x).sqrt());
    let arcsinh = |x: f64| x.signum() * math::ln(x.abs() + (x * x + 1.0).sqrt());
    let arccosh = |x: f64| math::ln(x + (x * x - 1.0).sqrt());
    let arctanh = |x: f64| 0.5 * math::ln((1.0 + x) / (1.0 - x));
    let (sinh, cosh) = (
        |x: f64| 0.5 * (math::exp(x) - math::exp(-x)),
        |x: f64| 0.5 * (math::exp(x) + math::exp(-x)),
    );
    let tanh = |x: f64| 1.0 - 2.0 / (math::exp(2.0 * x) + 1.0);
    match operator {
        O::Plus => a.iter().sum(),
        O::Minus if a.len() == 1 => -a[0],
        O::Minus => a[0] - a[1],
        O::Times => a.iter().product(),
        O::Divide => a[0] / a[1],
        O::Power => math::pow(a[0], a[1]),
        O::Root if a[0] == 2.0 => a[1].sqrt(),
        O::Root => math::pow(a[1], 1.0 / a[0]),
        O::Abs => a[0].abs(),
        O::Exp => math::exp(a[0]),
        O::Ln => math::ln(a[0]),
        O::Log if a[0] == 10.0 => math::log10(a[1]),
        O::Log => math::ln(a[1]) / math::ln(a[0]),
        O::Floor => a[0].floor(),
        O::Ceiling => a[0].ceil(),
        O::Factorial => (1..=a[0].min(200.0) as u32).map(f64::from).product(),
        O::Quotient => (a[0] / a[1]).trunc(),
        O::Rem => a[0] - a[1] * (a[0] / a[1]).trunc(),
        O::Min => a.iter().copied().fold(f64::INFINITY, f64::min),
        O::Max => a.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        O::Sin => math::sin(a[0]),
        O::Cos => math::cos(a[0]),
        O::Tan => math::sin(a[0]) / math::cos(a[0]),
        O::Sec => 1.0 / math::cos(a[0]),
        O::Csc => 1.0 / math::sin(a[0]),
        O::Cot => math::cos(a[0]) / math::sin(a[0]),
        O::Sinh => sinh(a[0]),
        O::Cosh => cosh(a[0]),
        O::Tanh => tanh(a[0]),
        O::Sech => 1.0 / cosh(a[0]),
        O::Csch => 1.0 / sinh(a[0]),
        O::Coth => 1.0 / tanh(a[0]),
        O::Arcsin => arcsin(a[0]),
        O::Arccos => angle - arcsin(a[0]),
        O::Arctan => math::atan(a[0]),
        O::Arcsec => angle - arcsin(1.0 / a[0]),
        O::Arccsc => arcsin(1.0 / a[0]),
        O::Arccot => math::atan(1.0 / a[0]),
        O::Arcsinh => arcsinh(a[0]),
        O::Arccosh => arccosh(a[0]),
        O::Arctanh => arctanh(a[0]),
        O::Arcsech => arccosh(1.0 / a[0]),
        O::Arccsch => arcsinh(1.0 / a[0]),
        O::Arccoth => arctanh(1.0 / a[0]),
        O::Eq => chain(|a, b| a == b),
        O::Neq => truth(a[0] != a[1]),
        O::Gt => chain(|a, b| a > b),
        O::Lt => chain(|a, b| a < b),
        O::Geq => chain(|a, b| a >= b),
        O::Leq => chain(|a, b| a <= b),
        O::And => truth(a.iter().all(|&v| v != 0.0)),
        O::Or => truth(a.iter().any(|&v| v != 0.0)),
        O::Xor => truth(a.iter().filter(|&&v| v != 0.0).count() % 2 == 1),
        O::Not => truth(a[0] == 0.0),
        O::Implies => truth(a[0] == 0.0 || a[1] != 0.0),
    }
}
