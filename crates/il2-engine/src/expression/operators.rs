//! Arithmetic of laws.

use super::{Expression, is_zero};
use crate::id::{ParameterId, SpeciesId};
use std::ops::{Add, Div, Mul, Sub};

use Expression as E;

fn is_one(e: &Expression) -> bool {
    matches!(e, E::Number(v) if *v == 1.0)
}

// The operators drop zeros and ones, so that derivatives stay as short as if written by hand.
impl Add for Expression {
    type Output = Expression;
    fn add(self, other: Expression) -> Expression {
        match (self, other) {
            (a, b) if is_zero(&a) => b,
            (a, b) if is_zero(&b) => a,
            (E::Sum(mut a), b) => {
                a.push(b);
                E::Sum(a)
            }
            (a, b) => E::Sum(vec![a, b]),
        }
    }
}

impl Sub for Expression {
    type Output = Expression;
    fn sub(self, other: Expression) -> Expression {
        match (self, other) {
            (a, b) if is_zero(&b) => a,
            (E::Number(a), E::Number(b)) => E::Number(a - b),
            (a, b) => a + E::Number(-1.0) * b,
        }
    }
}

impl Mul for Expression {
    type Output = Expression;
    fn mul(self, other: Expression) -> Expression {
        match (self, other) {
            (a, b) if is_zero(&a) || is_zero(&b) => E::Number(0.0),
            (a, b) if is_one(&a) => b,
            (a, b) if is_one(&b) => a,
            (E::Product(mut a), b) => {
                a.push(b);
                E::Product(a)
            }
            (a, b) => E::Product(vec![a, b]),
        }
    }
}

impl Div for Expression {
    type Output = Expression;
    fn div(self, other: Expression) -> Expression {
        match (self, other) {
            (a, _) if is_zero(&a) => E::Number(0.0),
            (a, b) if is_one(&b) => a,
            (a, b) => E::Quotient(Box::new(a), Box::new(b)),
        }
    }
}

impl From<f64> for Expression {
    fn from(value: f64) -> Self {
        E::Number(value)
    }
}

impl From<SpeciesId> for Expression {
    fn from(id: SpeciesId) -> Self {
        E::Species(id)
    }
}

impl From<ParameterId> for Expression {
    fn from(id: ParameterId) -> Self {
        E::Parameter(id)
    }
}
