//! Operators on numbers, expressed with those of the engine.

use super::functions::{function, ln, minus, power};
use super::modes::ModeKind;
use crate::error::SbmlError;
use crate::math::Operator;
use il2_engine::{Expression, ParameterId};

/// Gives the parameter of a mode, which the simulation sets.
pub(super) type Mode<'a> = dyn FnMut(ModeKind) -> Result<ParameterId, SbmlError> + 'a;

fn floor(of: Expression, mode: &mut Mode) -> Result<Expression, SbmlError> {
    match of {
        Expression::Number(n) => Ok(Expression::Number(n.floor())),
        of => Ok(mode(ModeKind::Floor(of))?.into()),
    }
}

/// The integer part, rounded towards zero.
fn whole(of: Expression, mode: &mut Mode) -> Result<Expression, SbmlError> {
    let below = floor(of.clone(), mode)?;
    let above = minus(floor(minus(of.clone()), mode)?);
    let kind = ModeKind::Positive(minus(of));
    let negative = match kind.of() {
        Expression::Number(n) => Expression::Number(kind.at(*n)),
        _ => mode(kind)?.into(),
    };
    Ok(Expression::WhereAtLeast {
        left: Box::new(negative),
        right: Box::new(Expression::Number(0.5)),
        then: Box::new(above),
        otherwise: Box::new(below),
    })
}

/// The value of an operator on numbers.
pub(super) fn arithmetic(
    operator: Operator,
    mut of: Vec<Expression>,
    mode: &mut Mode,
) -> Result<Expression, SbmlError> {
    use Operator as O;
    if let Some(numbers) = of
        .iter()
        .map(|e| if let Expression::Number(n) = e { Some(*n) } else { None })
        .collect::<Option<Vec<f64>>>()
    {
        return Ok(Expression::Number(crate::evaluate::apply(operator, &numbers)));
    }
    Ok(match operator {
        O::Plus => of.into_iter().fold(Expression::Number(0.0), |a, b| a + b),
        O::Times => of.into_iter().fold(Expression::Number(1.0), |a, b| a * b),
        O::Min | O::Max => {
            let smaller = operator == O::Min;
            let first = of.remove(0);
            of.into_iter().fold(first, |a, b| match smaller {
                true => Expression::Minimum(Box::new(a), Box::new(b)),
                false => Expression::Maximum(Box::new(a), Box::new(b)),
            })
        }
        O::Quotient => whole(of.remove(0) / of.remove(0), mode)?,
        O::Rem => {
            let (a, b) = (of.remove(0), of.remove(0));
            let whole = whole(a.clone() / b.clone(), mode)?;
            a - b * whole
        }
        O::Floor => floor(of.remove(0), mode)?,
        O::Ceiling => minus(floor(minus(of.remove(0)), mode)?),
        O::Factorial => {
            let of = of.remove(0);
            if !of.species().is_empty() || of.reads_time() {
                let what = "a factorial of a number that changes continuously is not supported";
                return Err(SbmlError::new("formula", what));
            }
            mode(ModeKind::Factorial(of))?.into()
        }
        O::Minus if of.len() == 2 => {
            let a = of.remove(0);
            a - of.remove(0)
        }
        O::Divide => {
            let a = of.remove(0);
            a / of.remove(0)
        }
        O::Power => {
            let a = of.remove(0);
            power(a, of.remove(0))
        }
        O::Root => {
            let inverse = match of.remove(0) {
                Expression::Number(degree) => Expression::Number(1.0 / degree),
                degree => Expression::Number(1.0) / degree,
            };
            power(of.remove(0), inverse)
        }
        O::Log => {
            let base = of.remove(0);
            ln(of.remove(0)) / ln(base)
        }
        _ => function(operator, of.remove(0)),
    })
}
