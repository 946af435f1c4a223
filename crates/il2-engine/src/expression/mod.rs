//! Rate laws as data, which can be evaluated and differentiated exactly.

mod derivative;
mod operators;

use crate::id::{ParameterId, SpeciesId};
use crate::math;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// A law over species, parameters and time.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A plain number.
    Number(f64),
    /// The present value of a species.
    Species(SpeciesId),
    /// A parameter of the lane.
    Parameter(ParameterId),
    /// Time since the start of the lane (min). For smooth functions of time only: a step does not
    /// look for jumps or pulses between the times at which it evaluates a law, and may miss them.
    /// Anything that switches at a given time must be an event.
    Time,
    /// Sum of the terms, which all have one dimension.
    Sum(Vec<Expression>),
    /// Product of the factors.
    Product(Vec<Expression>),
    /// The first divided by the second.
    Quotient(Box<Expression>, Box<Expression>),
    /// The first to the power of the second, which is dimensionless and does not depend on the
    /// state.
    Power(Box<Expression>, Box<Expression>),
    /// Exponential of a plain number.
    Exponential(Box<Expression>),
    /// Natural logarithm of a plain number.
    Logarithm(Box<Expression>),
    /// The sine or cosine of an angle (radian), or the arctangent of a number.
    Trigonometric(Trigonometric, Box<Expression>),
    /// The smaller of two values; its derivative is that of the smaller one.
    Minimum(Box<Expression>, Box<Expression>),
    /// The larger of two values; its derivative is that of the larger one.
    Maximum(Box<Expression>, Box<Expression>),
    /// `then` if `left` >= `right`, else `otherwise`; the derivative is that of the branch taken.
    WhereAtLeast {
        /// Left-hand side of the comparison.
        left: Box<Expression>,
        /// Right-hand side of the comparison.
        right: Box<Expression>,
        /// Value if left >= right.
        then: Box<Expression>,
        /// Value otherwise.
        otherwise: Box<Expression>,
    },
    /// A law that several laws read and that is computed once for all of them.
    Shared(Shared),
}

/// All other trigonometric functions follow from these three: a tangent is a quotient, an arcsine
/// the arctangent of a quotient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigonometric {
    /// Sine of an angle in radians.
    Sine,
    /// Cosine of an angle in radians.
    Cosine,
    /// The angle between minus and plus a quarter turn (radian).
    Arctangent,
}

impl Trigonometric {
    /// The value of the function.
    pub fn value(self, a: f64) -> f64 {
        match self {
            Trigonometric::Sine => math::sin(a),
            Trigonometric::Cosine => math::cos(a),
            Trigonometric::Arctangent => math::atan(a),
        }
    }
}

use Expression as E;

impl Expression {
    /// The value at a state `x` (by species), parameters `p` and time `t`.
    pub fn value(&self, x: &[f64], p: &[f64], t: f64) -> f64 {
        self.value_with((x, p, t), &mut BTreeMap::new())
    }

    /// The same, with the values of the shared parts that are already known.
    fn value_with(&self, at: (&[f64], &[f64], f64), known: &mut BTreeMap<SharedKey, f64>) -> f64 {
        let mut of = |e: &Expression| e.value_with(at, known);
        match self {
            E::Number(v) => *v,
            E::Species(s) => at.0[s.0],
            E::Parameter(k) => at.1[k.0],
            E::Time => at.2,
            E::Sum(terms) => terms.iter().map(of).sum(),
            E::Product(factors) => factors.iter().map(of).product(),
            E::Quotient(a, b) => of(a) / of(b),
            E::Power(a, b) => {
                let (a, b) = (of(a), of(b));
                math::pow(math::base(a, b), b)
            }
            E::Exponential(a) => math::exp(of(a)),
            E::Logarithm(a) => math::ln(of(a)),
            E::Trigonometric(which, a) => which.value(of(a)),
            // Not `f64::min` and `max`: these drop a NaN, and a NaN must reach the step control.
            E::Minimum(a, b) => {
                let (a, b) = (of(a), of(b));
                if a.is_nan() || a <= b { a } else { b }
            }
            E::Maximum(a, b) => {
                let (a, b) = (of(a), of(b));
                if a.is_nan() || a >= b { a } else { b }
            }
            E::WhereAtLeast { left, right, then, otherwise } => {
                if of(left) >= of(right) {
                    of(then)
                } else {
                    of(otherwise)
                }
            }
            E::Shared(part) => match known.get(&part.key()) {
                Some(value) => *value,
                None => {
                    let value = part.law().value_with(at, known);
                    known.insert(part.key(), value);
                    value
                }
            },
        }
    }

    /// The same law over other species and parameters, for a part of a network that is placed in a
    /// larger one.
    pub fn replaced(
        &self,
        species: &impl Fn(SpeciesId) -> Expression,
        parameter: &impl Fn(ParameterId) -> Expression,
    ) -> Expression {
        self.replaced_with(species, parameter, &mut BTreeMap::new())
    }

    fn replaced_with(
        &self,
        species: &impl Fn(SpeciesId) -> Expression,
        parameter: &impl Fn(ParameterId) -> Expression,
        known: &mut BTreeMap<SharedKey, Shared>,
    ) -> Expression {
        let mut of = |e: &Expression| e.replaced_with(species, parameter, known);
        let mut boxed = |e: &Expression| Box::new(of(e));
        match self {
            E::Number(_) | E::Time => self.clone(),
            E::Species(s) => species(*s),
            E::Parameter(p) => parameter(*p),
            E::Sum(terms) => E::Sum(terms.iter().map(of).collect()),
            E::Product(factors) => E::Product(factors.iter().map(of).collect()),
            E::Quotient(a, b) => E::Quotient(boxed(a), boxed(b)),
            E::Power(a, b) => E::Power(boxed(a), boxed(b)),
            E::Exponential(a) => E::Exponential(boxed(a)),
            E::Logarithm(a) => E::Logarithm(boxed(a)),
            E::Trigonometric(which, a) => E::Trigonometric(*which, boxed(a)),
            E::Minimum(a, b) => E::Minimum(boxed(a), boxed(b)),
            E::Maximum(a, b) => E::Maximum(boxed(a), boxed(b)),
            E::WhereAtLeast { left, right, then, otherwise } => E::WhereAtLeast {
                left: boxed(left),
                right: boxed(right),
                then: boxed(then),
                otherwise: boxed(otherwise),
            },
            E::Shared(part) => {
                if let Some(known) = known.get(&part.key()) {
                    return E::Shared(known.clone());
                }
                let replaced = Shared::new(part.law().replaced_with(species, parameter, known));
                known.insert(part.key(), replaced.clone());
                E::Shared(replaced)
            }
        }
    }

    /// Number of operations, each shared part counted as one, and the depth.
    pub fn size(&self) -> (usize, usize) {
        let one = |e: &Expression| e.size();
        let many = |all: &[&Expression]| {
            all.iter().fold((1, 1), |(operations, depth), e| {
                let (more, below) = one(e);
                (operations + more, depth.max(below + 1))
            })
        };
        match self {
            E::Number(_) | E::Species(_) | E::Parameter(_) | E::Time => (1, 1),
            E::Sum(all) | E::Product(all) => many(&all.iter().collect::<Vec<_>>()),
            E::Quotient(a, b) | E::Power(a, b) | E::Minimum(a, b) | E::Maximum(a, b) => {
                many(&[a, b])
            }
            E::Exponential(a) | E::Logarithm(a) | E::Trigonometric(_, a) => many(&[a]),
            E::WhereAtLeast { left, right, then, otherwise } => {
                many(&[left, right, then, otherwise])
            }
            E::Shared(part) => (1, part.depth()),
        }
    }

    /// The species that this law reads.
    pub fn species(&self) -> BTreeSet<SpeciesId> {
        let mut found = BTreeSet::new();
        self.visit(&mut |e| {
            if let E::Species(s) = e {
                found.insert(*s);
            }
        });
        found
    }

    /// The parameters that this law reads.
    pub fn parameters(&self) -> BTreeSet<ParameterId> {
        let mut found = BTreeSet::new();
        self.visit(&mut |e| {
            if let E::Parameter(p) = e {
                found.insert(*p);
            }
        });
        found
    }

    /// Whether the law itself contains time.
    pub fn reads_time(&self) -> bool {
        let mut found = false;
        self.visit(&mut |e| found |= matches!(e, E::Time));
        found
    }

    /// Calls `see` for every operation; for those of shared parts once.
    pub fn visit(&self, see: &mut impl FnMut(&Expression)) {
        self.visit_new(see, &mut BTreeSet::new());
    }

    fn visit_new(&self, see: &mut impl FnMut(&Expression), seen: &mut BTreeSet<SharedKey>) {
        see(self);
        match self {
            E::Shared(part) if !seen.insert(part.key()) => {}
            _ => self.operands().into_iter().for_each(|e| e.visit_new(see, seen)),
        }
    }

    /// The expressions from which this one is computed, in order.
    pub fn operands(&self) -> Vec<&Expression> {
        match self {
            E::Number(_) | E::Species(_) | E::Parameter(_) | E::Time => vec![],
            E::Sum(all) | E::Product(all) => all.iter().collect(),
            E::Quotient(a, b) | E::Power(a, b) | E::Minimum(a, b) | E::Maximum(a, b) => vec![a, b],
            E::Exponential(a) | E::Logarithm(a) | E::Trigonometric(_, a) => vec![a],
            E::WhereAtLeast { left, right, then, otherwise } => vec![left, right, then, otherwise],
            E::Shared(part) => vec![part.law()],
        }
    }
}

/// Whether the expression is a plain zero. A zero fits every dimension, as in `max(0, rate)`.
pub(crate) fn is_zero(e: &Expression) -> bool {
    matches!(e, E::Number(v) if *v == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Random laws over two positive species and one parameter. They have no branch points, so that
    /// a difference quotient is a fair test of the derivative.
    fn law() -> impl Strategy<Value = Expression> {
        let leaf = prop_oneof![
            (0.1..3.0).prop_map(E::Number),
            Just(E::Species(SpeciesId(0))),
            Just(E::Species(SpeciesId(1))),
            Just(E::Parameter(ParameterId(0))),
            Just(E::Time),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                pair.clone().prop_map(|(a, b)| a + b),
                pair.clone().prop_map(|(a, b)| a * b),
                pair.prop_map(|(a, b)| a / (E::Number(1.0) + b)),
                (inner.clone(), 0.5..3.0f64)
                    .prop_map(|(a, n)| E::Power(Box::new(a), Box::new(E::Number(n)))),
                inner.clone().prop_map(|a| E::Logarithm(Box::new(E::Number(1.0) + a))),
                inner.clone().prop_map(|a| {
                    let wave = E::Trigonometric(Trigonometric::Sine, Box::new(a.clone()))
                        * E::Trigonometric(Trigonometric::Cosine, Box::new(a.clone()));
                    E::Number(2.0) + wave + E::Trigonometric(Trigonometric::Arctangent, Box::new(a))
                }),
                inner.prop_map(|a| {
                    E::Exponential(Box::new(E::Number(-1.0) * a.clone() / (E::Number(1.0) + a)))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn derivatives_agree_with_difference_quotients(
            e in law(), x in 0.2..2.0f64, y in 0.2..2.0f64, p in 0.2..2.0f64, t in 0.1..2.0f64
        ) {
            let h = 1e-5;
            for (i, point) in [(0, [h, 0.0]), (1, [0.0, h])] {
                let at = |s: f64| e.value(&[x + s * point[0], y + s * point[1]], &[p], t);
                let exact = e.derivative(SpeciesId(i)).value(&[x, y], &[p], t);
                let quotient = (at(1.0) - at(-1.0)) / (2.0 * h);
                let size = exact.abs() + at(0.0).abs() + 1.0;
                prop_assert!((exact - quotient).abs() < 1e-4 * size, "{exact} {quotient} {e:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_law_over_other_leaves_has_the_value_of_the_law_at_theirs(
            e in law(), x in 0.2..2.0f64, y in 0.2..2.0f64, p in 0.2..2.0f64, t in 0.1..2.0f64
        ) {
            // Species 0 becomes half of parameter 1, species 1 becomes species 2, and parameter 0
            // becomes parameter 2.
            let moved = e.replaced(
                &|s| match s.0 {
                    0 => E::Number(0.5) * ParameterId(1).into(),
                    other => SpeciesId(other + 1).into(),
                },
                &|_| ParameterId(2).into(),
            );
            let there = moved.value(&[f64::NAN, f64::NAN, y], &[f64::NAN, 2.0 * x, p], t);
            prop_assert_eq!(there.to_bits(), e.value(&[x, y], &[p], t).to_bits());
        }
    }

    #[test]
    fn a_nan_reaches_the_caller_through_minimum_and_maximum() {
        for e in [
            E::Maximum(Box::new(E::Number(f64::NAN)), Box::new(E::Number(0.0))),
            E::Minimum(Box::new(E::Number(0.0)), Box::new(E::Number(f64::NAN))),
        ] {
            assert!(e.value(&[], &[], 0.0).is_nan());
        }
    }
}

/// A law that other laws read without repeating it. Laws that read one another in a chain would
/// otherwise double with each link if each reads the one before it twice.
#[derive(Clone)]
pub struct Shared(Arc<Part>);

struct Part {
    law: Expression,
    key: SharedKey,
    depth: usize,
}

/// Two shared parts with the same key are the same law. The key is made from the law alone, so that
/// it is the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedKey([u8; 16]);

impl Shared {
    /// Shares a law.
    pub fn new(law: Expression) -> Self {
        // Shared parts of the law are printed as their keys, which keeps the text short.
        let hash = Sha256::digest(format!("{law:?}"));
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        let depth = law.size().1;
        Self(Arc::new(Part { law, key: SharedKey(key), depth }))
    }

    /// The law.
    pub fn law(&self) -> &Expression {
        &self.0.law
    }

    /// What identifies the law.
    pub fn key(&self) -> SharedKey {
        self.0.key
    }

    /// The depth of the law with all parts that it shares.
    pub fn depth(&self) -> usize {
        self.0.depth
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Shared(")?;
        self.0.key.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, ")")
    }
}
