//! A number with its unit as read from text, before its dimension is checked.

use crate::quantity::units::{NONE, UNITS};
use il2_engine::words::shown;
use il2_engine::{Dimension, math};

/// A number read from text.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Value in base units.
    pub value: f64,
    /// Dimension of the text, which may omit molecules.
    pub dimension: Dimension,
    /// Whether the text had a unit.
    pub has_unit: bool,
    /// The text as written.
    pub text: String,
}

/// Why text is not a usable quantity. The sentence quotes the text and ends with advice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QuantityError(pub String);

/// Why text is not a quantity, before its dimension is checked.
pub(super) enum Problem {
    NoNumber,
    Beyond,
    UnknownUnit(String),
    Unit(String),
}

impl Quantity {
    /// Reads a number and its unit, if there is one.
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let trimmed = text.trim();
        let split = number_length(trimmed);
        let (number, rest) = trimmed.split_at(split);
        let value: f64 = number.parse().map_err(|_| Problem::NoNumber)?;
        let unit_text = rest.trim();
        let (factor, dimension) = unit_product(unit_text)?;
        let value = value * factor;
        if !value.is_finite() {
            return Err(Problem::Beyond);
        }
        Ok(Self { value, dimension, has_unit: !unit_text.is_empty(), text: trimmed.to_string() })
    }

    /// Whether this quantity has the dimension `needed`, with a unit if one is required; molecules,
    /// and the cells of a density, may be omitted.
    pub(super) fn measures(&self, needed: Dimension) -> bool {
        let mut found = self.dimension;
        if found.molecule == 0 {
            found.molecule = needed.molecule;
        }
        if needed == Dimension::CELL_DENSITY && found.cell == 0 {
            found.cell = 1;
        }
        found == needed && (self.has_unit || needed == NONE)
    }
}

/// Length, in bytes, of the number at the start.
pub(super) fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut i: usize| {
        while i < bytes.len() && bytes[i].is_ascii_digit() {
            i += 1;
        }
        i
    };
    let mut end = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    end = digits(end);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// Factor and dimension of `pM`, `/nM/min`, `cells/mL`, `M cell/molecule`, `um^2/s`.
fn unit_product(text: &str) -> Result<(f64, Dimension), Problem> {
    let (mut factor, mut dimension) = (1.0, NONE);
    let mut below = false;
    let mut word = String::new();
    let mut expects = false; // a unit must follow a slash
    let mut finish = |word: &mut String, below: bool| -> Result<(), Problem> {
        let (f, d) = one_unit(word)?;
        let sign = if below { -1 } else { 1 };
        factor *= if below { 1.0 / f } else { f };
        dimension = dimension * d.power(sign as i8);
        word.clear();
        Ok(())
    };
    for c in text.chars() {
        match c {
            '/' | ' ' | '*' | '·' => {
                if !word.is_empty() {
                    finish(&mut word, below)?;
                    expects = false;
                    below = false;
                }
                if c == '/' {
                    if expects {
                        let what = "there are two slashes in a row; write a unit between them";
                        return Err(Problem::Unit(what.into()));
                    }
                    (below, expects) = (true, true);
                }
            }
            'µ' | 'μ' => word.push('u'),
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        finish(&mut word, below)?;
    } else if expects {
        let what = "the unit ends with a slash; write a unit after it";
        return Err(Problem::Unit(what.into()));
    }
    Ok((factor, dimension))
}

fn one_unit(word: &str) -> Result<(f64, Dimension), Problem> {
    let (symbol, power) = match word.split_once('^') {
        Some((symbol, power)) => {
            let power: i8 =
                power.parse().ok().filter(|p: &i8| (-9..=9).contains(p)).ok_or_else(|| {
                    let word = shown(word);
                    Problem::Unit(format!("the power in {word} is not a whole number from -9 to 9"))
                })?;
            (symbol, power)
        }
        None => (word, 1),
    };
    let found = UNITS.iter().find(|u| u.symbol == symbol);
    let found = found.ok_or_else(|| Problem::UnknownUnit(symbol.to_string()))?;
    Ok((math::whole_power(found.factor, i32::from(power)), found.dimension.power(power)))
}
