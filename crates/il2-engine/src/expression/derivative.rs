//! Exact derivatives of laws.

use super::{Expression, Shared, SharedKey, Trigonometric, is_zero};
use crate::id::{ParameterId, SpeciesId};
use std::collections::BTreeMap;

use Expression as E;

impl Expression {
    /// The exact derivative with respect to one species; `Number(0)` if the law does not depend on
    /// it.
    pub fn derivative(&self, species: SpeciesId) -> Expression {
        let is = |e: &Expression| matches!(e, E::Species(s) if *s == species);
        self.derivative_where(&is, &mut BTreeMap::new())
    }

    /// The exact derivative with respect to one parameter that occurs in the law itself.
    pub fn derivative_by(&self, parameter: ParameterId) -> Expression {
        let is = |e: &Expression| matches!(e, E::Parameter(p) if *p == parameter);
        self.derivative_where(&is, &mut BTreeMap::new())
    }

    /// The derivative with respect to the leaves for which `is` returns true.
    fn derivative_where(
        &self,
        is: &impl Fn(&Expression) -> bool,
        known: &mut BTreeMap<SharedKey, Expression>,
    ) -> Expression {
        let mut d = |e: &Expression| e.derivative_where(is, known);
        match self {
            E::Number(_) | E::Parameter(_) | E::Time | E::Species(_) => {
                E::Number(if is(self) { 1.0 } else { 0.0 })
            }
            E::Sum(terms) => terms.iter().map(d).fold(E::Number(0.0), |a, b| a + b),
            E::Product(factors) => (0..factors.len())
                .map(|i| {
                    let others = factors.iter().enumerate().filter(|(j, _)| *j != i);
                    others.fold(d(&factors[i]), |product, (_, f)| product * f.clone())
                })
                .fold(E::Number(0.0), |a, b| a + b),
            E::Quotient(a, b) => {
                let (a, b) = (a.as_ref(), b.as_ref());
                d(a) / b.clone() - a.clone() * d(b) / (b.clone() * b.clone())
            }
            E::Power(a, n) => {
                let (a, n) = (a.as_ref(), n.as_ref());
                let lowered = E::Power(Box::new(a.clone()), Box::new(n.clone() - E::Number(1.0)));
                let base = n.clone() * lowered * d(a);
                let dn = d(n);
                if is_zero(&dn) {
                    return base;
                }
                base + self.clone() * E::Logarithm(Box::new(a.clone())) * dn
            }
            E::Exponential(a) => self.clone() * d(a),
            E::Logarithm(a) => d(a) / a.as_ref().clone(),
            E::Trigonometric(which, a) => match which {
                Trigonometric::Sine => E::Trigonometric(Trigonometric::Cosine, a.clone()) * d(a),
                Trigonometric::Cosine => {
                    E::Number(-1.0) * E::Trigonometric(Trigonometric::Sine, a.clone()) * d(a)
                }
                Trigonometric::Arctangent => {
                    let a = a.as_ref();
                    d(a) / (E::Number(1.0) + a.clone() * a.clone())
                }
            },
            E::Minimum(a, b) => branch(b, a, d(a), d(b)),
            E::Maximum(a, b) => branch(a, b, d(a), d(b)),
            E::WhereAtLeast { left, right, then, otherwise } => {
                branch(left, right, d(then), d(otherwise))
            }
            E::Shared(part) => {
                if let Some(known) = known.get(&part.key()) {
                    return known.clone();
                }
                let derivative = match part.law().derivative_where(is, known) {
                    number @ E::Number(_) => number,
                    other => E::Shared(Shared::new(other)),
                };
                known.insert(part.key(), derivative.clone());
                derivative
            }
        }
    }
}

fn branch(left: &Expression, right: &Expression, then: E, otherwise: E) -> Expression {
    if is_zero(&then) && is_zero(&otherwise) {
        return E::Number(0.0);
    }
    E::WhereAtLeast {
        left: Box::new(left.clone()),
        right: Box::new(right.clone()),
        then: Box::new(then),
        otherwise: Box::new(otherwise),
    }
}
