//! Functions of MathML, expressed with those of the engine.

use crate::math::Operator;
use il2_engine::{Expression, Trigonometric};

pub(super) fn minus(e: Expression) -> Expression {
    Expression::Number(-1.0) * e
}

/// The engine counts a negative base as zero, since an integration may leave a state slightly below it.
/// A base below this value is no such error, and its power is undefined.
const NEGATIVE: f64 = -0.01;

pub(super) fn power(base: Expression, exponent: Expression) -> Expression {
    let undefined = matches!(exponent, Expression::Number(n) if n.fract() != 0.0);
    let value = Expression::Power(Box::new(base.clone()), Box::new(exponent));
    match undefined {
        false => value,
        true => Expression::WhereAtLeast {
            left: Box::new(base),
            right: Box::new(Expression::Number(NEGATIVE)),
            then: Box::new(value),
            otherwise: Box::new(Expression::Number(f64::NAN)),
        },
    }
}

/// Of what cannot be negative.
fn square_root(e: Expression) -> Expression {
    Expression::Power(Box::new(e), Box::new(Expression::Number(0.5)))
}

pub(super) fn ln(e: Expression) -> Expression {
    Expression::Logarithm(Box::new(e))
}

/// Exponentials of larger numbers are replaced by that of this number. In a sigmoid, 1 / (1 + exp(x)),
/// the function itself would not change, but its derivative would be the quotient of two infinities.
const LARGEST_EXPONENT: f64 = 700.0;

fn exp(e: Expression) -> Expression {
    let most = Expression::Number(LARGEST_EXPONENT);
    Expression::Exponential(Box::new(Expression::Minimum(Box::new(e), Box::new(most))))
}

/// A function of one argument, expressed with those of the engine.
pub(super) fn function(operator: Operator, a: Expression) -> Expression {
    use Operator as O;
    let one = || Expression::Number(1.0);
    let half = |e: Expression| Expression::Number(0.5) * e;
    let zero = || Expression::Number(0.0);
    let where_positive =
        |e: &Expression, then: Expression, otherwise: Expression| Expression::WhereAtLeast {
            left: Box::new(e.clone()),
            right: Box::new(zero()),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
    let wave = |which, e: &Expression| Expression::Trigonometric(which, Box::new(e.clone()));
    let sin = |e: &Expression| wave(Trigonometric::Sine, e);
    let cos = |e: &Expression| wave(Trigonometric::Cosine, e);
    let arctan = |e: Expression| Expression::Trigonometric(Trigonometric::Arctangent, Box::new(e));
    let inverse = |e: Expression| one() / e;
    let arcsin = |e: Expression| arctan(e.clone() / square_root(one() - e.clone() * e));
    let arccos = |e: Expression| Expression::Number(std::f64::consts::FRAC_PI_2) - arcsin(e);
    // Of the size of the argument: for a negative one, two large numbers would cancel.
    let arcsinh = |e: Expression| {
        let of = |e: Expression| ln(e.clone() + square_root(e.clone() * e + one()));
        let negative = minus(e.clone());
        where_positive(&e.clone(), of(e), minus(of(negative)))
    };
    let arccosh = |e: Expression| ln(e.clone() + square_root(e.clone() * e - one()));
    let arctanh = |e: Expression| half(ln((one() + e.clone()) / (one() - e)));
    let sinh = |e: Expression| half(exp(e.clone()) - exp(minus(e)));
    let cosh = |e: Expression| half(exp(e.clone()) + exp(minus(e)));
    let tanh = |e: Expression| {
        one() - Expression::Number(2.0) / (exp(Expression::Number(2.0) * e) + one())
    };
    match operator {
        O::Minus => minus(a),
        O::Abs => Expression::Maximum(Box::new(a.clone()), Box::new(minus(a))),
        O::Exp => exp(a),
        O::Ln => ln(a),
        O::Sin => sin(&a),
        O::Cos => cos(&a),
        O::Tan => sin(&a) / cos(&a),
        O::Sec => inverse(cos(&a)),
        O::Csc => inverse(sin(&a)),
        O::Cot => cos(&a) / sin(&a),
        O::Sinh => sinh(a),
        O::Cosh => cosh(a),
        O::Tanh => tanh(a),
        O::Sech => inverse(cosh(a)),
        O::Csch => inverse(sinh(a)),
        O::Coth => inverse(tanh(a)),
        O::Arcsin => arcsin(a),
        O::Arccos => arccos(a),
        O::Arctan => arctan(a),
        O::Arcsec => arccos(inverse(a)),
        O::Arccsc => arcsin(inverse(a)),
        O::Arccot => arctan(inverse(a)),
        O::Arcsinh => arcsinh(a),
        O::Arccosh => arccosh(a),
        O::Arctanh => arctanh(a),
        O::Arcsech => arccosh(inverse(a)),
        O::Arccsch => arcsinh(inverse(a)),
        O::Arccoth => arctanh(inverse(a)),
        _ => unreachable!("all others are handled before"),
    }
}
