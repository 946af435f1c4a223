//! Operators on numbers, expressed with those of the engine.

use super::functions::{function, ln, minus, power};
use super::lower::Lowering;
use super::modes::ModeKind;
use crate::error::SbmlError;
use crate::math::Operator;
use il2_engine::Expression;

impl Lowering<'_> {
    fn floor(&mut self, of: Expression) -> Result<Expression, SbmlError> {
        match of {
            Expression::Number(n) => Ok(Expression::Number(n.floor())),
            of => Ok(self.mode_parameter(ModeKind::Floor(of))?.into()),
        }
    }

    /// The integer part, rounded towards zero.
    fn whole(&mut self, of: Expression) -> Result<Expression, SbmlError> {
        let below = self.floor(of.clone())?;
        let above = minus(self.floor(minus(of.clone()))?);
        let negative = self.mode(ModeKind::Positive(minus(of)))?;
        Ok(Expression::WhereAtLeast {
            left: Box::new(negative.number()),
            right: Box::new(Expression::Number(0.5)),
            then: Box::new(above),
            otherwise: Box::new(below),
        })
    }

    pub(super) fn arithmetic(
        &mut self,
        operator: Operator,
        mut of: Vec<Expression>,
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
            O::Quotient => self.whole(of.remove(0) / of.remove(0))?,
            O::Rem => {
                let (a, b) = (of.remove(0), of.remove(0));
                let whole = self.whole(a.clone() / b.clone())?;
                a - b * whole
            }
            O::Floor => self.floor(of.remove(0))?,
            O::Ceiling => minus(self.floor(minus(of.remove(0)))?),
            O::Factorial => {
                let of = of.remove(0);
                if !of.species().is_empty() || of.reads_time() {
                    let what = "a factorial of a number that changes continuously is not supported";
                    return Err(SbmlError::new("formula", what));
                }
                self.mode_parameter(ModeKind::Factorial(of))?.into()
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
                let degree = of.remove(0);
                power(of.remove(0), Expression::Number(1.0) / degree)
            }
            O::Log => {
                let base = of.remove(0);
                ln(of.remove(0)) / ln(base)
            }
            _ => function(operator, of.remove(0)),
        })
    }
}
