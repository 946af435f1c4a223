//! Quantities that jump: comparisons, floors and factorials.
//!
//! A law with a branch has no derivative where the branch changes, and a step across that point is
//! inaccurate, however short it is. Therefore every comparison in a formula becomes a parameter of
//! the network, a mode, which is constant during an integration. The integration stops where the
//! comparison changes, and continues with the new value. Laws are smooth between stops. Conditions
//! of events consist of the same comparisons.

use il2_engine::{Expression, ParameterId};

/// A number that is constant until the state crosses a threshold.
#[derive(Clone, Debug)]
pub struct Mode {
    /// The parameter of the network that contains it.
    pub parameter: ParameterId,
    /// How the number is determined.
    pub kind: ModeKind,
    /// Whether it depends only on time and on quantities that are constant between stops; its next
    /// change is then found exactly.
    pub clocked: bool,
}

/// How a mode is determined.
#[derive(Clone, Debug, PartialEq)]
pub enum ModeKind {
    /// One if this is above zero, otherwise zero.
    Positive(Expression),
    /// One if this is zero, otherwise zero.
    Zero(Expression),
    /// The largest whole number that is not above this.
    Floor(Expression),
    /// The factorial of this, which depends on other modes and constants only.
    Factorial(Expression),
}

impl ModeKind {
    /// The expression that the mode evaluates.
    pub fn of(&self) -> &Expression {
        match self {
            ModeKind::Positive(of)
            | ModeKind::Zero(of)
            | ModeKind::Floor(of)
            | ModeKind::Factorial(of) => of,
        }
    }

    /// The value of the mode for a value of that expression.
    pub fn at(&self, value: f64) -> f64 {
        match self {
            ModeKind::Positive(_) => f64::from(u8::from(value > 0.0)),
            ModeKind::Zero(_) => f64::from(u8::from(value == 0.0)),
            ModeKind::Floor(_) => value.floor(),
            ModeKind::Factorial(_) => {
                crate::evaluate::apply(crate::math::Operator::Factorial, &[value])
            }
        }
    }
}

/// A truth value made of modes.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Always true or never.
    Constant(bool),
    /// True if a mode is one.
    Mode(ParameterId),
    /// True if the other condition is false.
    Not(Box<Condition>),
    /// True if all are true.
    All(Vec<Condition>),
    /// True if any is true.
    Any(Vec<Condition>),
    /// True if an odd number of them are true.
    Odd(Vec<Condition>),
}

use Condition as C;

impl Condition {
    /// Whether the condition is true at these parameters.
    pub fn holds(&self, parameters: &[f64]) -> bool {
        let on = |c: &Condition| c.holds(parameters);
        match self {
            C::Constant(truth) => *truth,
            C::Mode(mode) => parameters[mode.0] != 0.0,
            C::Not(of) => !on(of),
            C::All(of) => of.iter().all(on),
            C::Any(of) => of.iter().any(on),
            C::Odd(of) => of.iter().filter(|c| on(c)).count() % 2 == 1,
        }
    }

    /// The negated condition.
    pub fn negated(self) -> Self {
        match self {
            C::Constant(truth) => C::Constant(!truth),
            C::Not(of) => *of,
            other => C::Not(Box::new(other)),
        }
    }

    /// One if the condition is true, otherwise zero.
    pub fn number(&self) -> Expression {
        let one = || Expression::Number(1.0);
        let of = |all: &[Condition]| all.iter().map(C::number).collect::<Vec<_>>();
        match self {
            C::Constant(truth) => Expression::Number(f64::from(u8::from(*truth))),
            C::Mode(mode) => Expression::Parameter(*mode),
            C::Not(c) => one() - c.number(),
            C::All(all) => of(all).into_iter().fold(one(), |a, b| a * b),
            C::Any(all) => one() - of(all).into_iter().fold(one(), |a, b| a * (one() - b)),
            C::Odd(all) => of(all).into_iter().fold(Expression::Number(0.0), |a, b| {
                // The minimum of the sum and of two minus the sum, as for "exactly one of two".
                Expression::Minimum(
                    Box::new(a.clone() + b.clone()),
                    Box::new(Expression::Number(2.0) - a - b),
                )
            }),
        }
    }
}
