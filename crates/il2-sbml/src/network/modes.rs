//! Quantities that jump: comparisons, floors and factorials.
//!
//! A law with a branch has no derivative where it changes branch, and a step across that place is wrong however
//! short it is. So every comparison inside formulas becomes a parameter of the network, a mode, that holds while
//! the lane runs; the lane stops where the comparison changes sides, and goes on with the other value. Laws are
//! smooth between stops. Conditions of events are made of the same comparisons.

use il2_engine::{Expression, ParameterId};

/// A number that holds until the state crosses something.
#[derive(Clone, Debug)]
pub struct Mode {
    /// The parameter of the network that holds it.
    pub parameter: ParameterId,
    /// What it is.
    pub kind: ModeKind,
    /// Whether it depends only on time and on what stands still between stops: then its next change is found
    /// exactly.
    pub clocked: bool,
}

/// What a mode is.
#[derive(Clone, Debug, PartialEq)]
pub enum ModeKind {
    /// One where this is above zero, else zero.
    Positive(Expression),
    /// One where this is zero, else zero.
    Zero(Expression),
    /// The largest whole number that is not above this.
    Floor(Expression),
    /// The factorial of this, which other modes and constants determine.
    Factorial(Expression),
}

impl ModeKind {
    /// The expression that it evaluates.
    pub fn of(&self) -> &Expression {
        match self {
            ModeKind::Positive(of)
            | ModeKind::Zero(of)
            | ModeKind::Floor(of)
            | ModeKind::Factorial(of) => of,
        }
    }

    /// Its value for a value of that expression.
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
    /// Always or never.
    Constant(bool),
    /// Where a mode is one.
    Mode(ParameterId),
    /// Where the other does not hold.
    Not(Box<Condition>),
    /// Where all hold.
    All(Vec<Condition>),
    /// Where any holds.
    Any(Vec<Condition>),
    /// Where an odd number of them holds.
    Odd(Vec<Condition>),
}

use Condition as C;

impl Condition {
    /// Whether it holds at these parameters.
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

    /// The same, negated.
    pub fn negated(self) -> Self {
        match self {
            C::Constant(truth) => C::Constant(!truth),
            C::Not(of) => *of,
            other => C::Not(Box::new(other)),
        }
    }

    /// One where it holds, else zero.
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
                // The smaller of their number and of what it lacks to two.
                Expression::Minimum(
                    Box::new(a.clone() + b.clone()),
                    Box::new(Expression::Number(2.0) - a - b),
                )
            }),
        }
    }
}
