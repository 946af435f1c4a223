//! Formulas as written in a model: numbers, symbols, operators, branches, calls.

use crate::units::UnitName;

/// A formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Math {
    /// A number, in the unit that the file gives it, if it gives one.
    Number(f64, Option<UnitName>),
    /// True or false.
    Truth(bool),
    /// The quantity with this id.
    Symbol(String),
    /// Simulated time.
    Time,
    /// Number of molecules per mole, as defined by the specification of the level.
    Avogadro,
    /// The rate of change of a quantity.
    RateOf(String),
    /// An operator and its arguments.
    Apply(Operator, Vec<Math>),
    /// A function of the model and its arguments.
    Call(String, Vec<Math>),
    /// The value of the first piece whose condition is true; otherwise the default, if there is
    /// one.
    Piecewise(Vec<(Math, Math)>, Option<Box<Math>>),
}

/// An operator of MathML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The variants have the names of MathML.
pub enum Operator {
    Plus,
    Minus,
    Times,
    Divide,
    Power,
    /// The degree, then the radicand.
    Root,
    Abs,
    Exp,
    Ln,
    /// The base, then the argument.
    Log,
    Floor,
    Ceiling,
    Factorial,
    Quotient,
    Rem,
    Min,
    Max,
    Sin,
    Cos,
    Tan,
    Sec,
    Csc,
    Cot,
    Sinh,
    Cosh,
    Tanh,
    Sech,
    Csch,
    Coth,
    Arcsin,
    Arccos,
    Arctan,
    Arcsec,
    Arccsc,
    Arccot,
    Arcsinh,
    Arccosh,
    Arctanh,
    Arcsech,
    Arccsch,
    Arccoth,
    Eq,
    Neq,
    Gt,
    Lt,
    Geq,
    Leq,
    And,
    Or,
    Xor,
    Not,
    Implies,
}

use Operator as O;

/// All operators with their names in MathML, and their least and greatest number of arguments.
pub const OPERATORS: [(&str, Operator, usize, usize); 52] = {
    const MANY: usize = usize::MAX;
    [
        ("plus", O::Plus, 0, MANY),
        ("minus", O::Minus, 1, 2),
        ("times", O::Times, 0, MANY),
        ("divide", O::Divide, 2, 2),
        ("power", O::Power, 2, 2),
        ("root", O::Root, 2, 2),
        ("abs", O::Abs, 1, 1),
        ("exp", O::Exp, 1, 1),
        ("ln", O::Ln, 1, 1),
        ("log", O::Log, 2, 2),
        ("floor", O::Floor, 1, 1),
        ("ceiling", O::Ceiling, 1, 1),
        ("factorial", O::Factorial, 1, 1),
        ("quotient", O::Quotient, 2, 2),
        ("rem", O::Rem, 2, 2),
        ("min", O::Min, 1, MANY),
        ("max", O::Max, 1, MANY),
        ("sin", O::Sin, 1, 1),
        ("cos", O::Cos, 1, 1),
        ("tan", O::Tan, 1, 1),
        ("sec", O::Sec, 1, 1),
        ("csc", O::Csc, 1, 1),
        ("cot", O::Cot, 1, 1),
        ("sinh", O::Sinh, 1, 1),
        ("cosh", O::Cosh, 1, 1),
        ("tanh", O::Tanh, 1, 1),
        ("sech", O::Sech, 1, 1),
        ("csch", O::Csch, 1, 1),
        ("coth", O::Coth, 1, 1),
        ("arcsin", O::Arcsin, 1, 1),
        ("arccos", O::Arccos, 1, 1),
        ("arctan", O::Arctan, 1, 1),
        ("arcsec", O::Arcsec, 1, 1),
        ("arccsc", O::Arccsc, 1, 1),
        ("arccot", O::Arccot, 1, 1),
        ("arcsinh", O::Arcsinh, 1, 1),
        ("arccosh", O::Arccosh, 1, 1),
        ("arctanh", O::Arctanh, 1, 1),
        ("arcsech", O::Arcsech, 1, 1),
        ("arccsch", O::Arccsch, 1, 1),
        ("arccoth", O::Arccoth, 1, 1),
        ("eq", O::Eq, 0, MANY),
        ("neq", O::Neq, 2, 2),
        ("gt", O::Gt, 0, MANY),
        ("lt", O::Lt, 0, MANY),
        ("geq", O::Geq, 0, MANY),
        ("leq", O::Leq, 0, MANY),
        ("and", O::And, 0, MANY),
        ("or", O::Or, 0, MANY),
        ("xor", O::Xor, 0, MANY),
        ("not", O::Not, 1, 1),
        ("implies", O::Implies, 2, 2),
    ]
};

impl Math {
    /// Calls `see` for all ids that a formula reads, except functions.
    pub fn symbols(&self, see: &mut impl FnMut(&str)) {
        match self {
            Math::Symbol(id) | Math::RateOf(id) => see(id),
            Math::Number(..) | Math::Truth(_) | Math::Time | Math::Avogadro => {}
            Math::Apply(_, of) | Math::Call(_, of) => of.iter().for_each(|m| m.symbols(see)),
            Math::Piecewise(pieces, otherwise) => {
                for (value, condition) in pieces {
                    value.symbols(see);
                    condition.symbols(see);
                }
                otherwise.iter().for_each(|m| m.symbols(see));
            }
        }
    }

    /// Calls `see` for all functions of the model that a formula calls.
    pub fn calls(&self, see: &mut impl FnMut(&str)) {
        match self {
            Math::Call(name, of) => {
                see(name);
                of.iter().for_each(|m| m.calls(see));
            }
            Math::Apply(_, of) => of.iter().for_each(|m| m.calls(see)),
            Math::Piecewise(pieces, otherwise) => {
                for (value, condition) in pieces {
                    value.calls(see);
                    condition.calls(see);
                }
                otherwise.iter().for_each(|m| m.calls(see));
            }
            _ => {}
        }
    }
}
