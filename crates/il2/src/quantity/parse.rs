//! Reads text as a quantity of the required dimension, or returns an error with an example.

use crate::quantity::remedy::{Like, example, near, refusal, what};
use crate::quantity::text::{Problem, Quantity, QuantityError, number_length};
use il2_engine::Dimension;
use il2_engine::words::shown;

impl Quantity {
    /// Reads `number unit`, for example `50 pM`, `8000 /cell`, `0.6 /nM/min`, `1e6 cells/mL`.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        Self::read(text).map_err(|problem| {
            let text = shown(text);
            QuantityError(match problem {
                Problem::NoNumber => {
                    format!("\"{text}\" does not start with a number; write for example \"50 pM\"")
                }
                Problem::Beyond => {
                    format!("\"{text}\" is too large for a number; use a smaller value")
                }
                Problem::UnknownUnit(word) => {
                    let hint = match near(&word).first() {
                        Some(near) => format!("did you mean {near}?"),
                        None => "units are M, g, IU, L, s, min, h, d, /cell, ... with the usual prefixes"
                            .into(),
                    };
                    format!("\"{text}\": unknown unit {}; {hint}", shown(&word))
                }
                Problem::Unit(what) => format!("\"{text}\": {what}"),
            })
        })
    }

    /// Reads text with the dimension `needed`; returns the value in base units.
    ///
    /// Molecules may be omitted (`8000 /cell`), and so may the cells of a cell density (`1e6 /mL`).
    pub fn parse_as(text: &str, needed: Dimension) -> Result<f64, QuantityError> {
        let example = example(needed);
        Self::parse_like(text, needed, &Like { example: &example, low: 0.0, high: f64::MAX })
    }

    /// The unit in the text as written, and this unit in base units; empty and 1 if there is none.
    pub fn unit_of(text: &str) -> Result<(&str, f64), QuantityError> {
        let trimmed = text.trim();
        let unit = trimmed[number_length(trimmed)..].trim();
        Ok((unit, Self::parse(&format!("1 {unit}"))?.value))
    }

    /// Reads text with the dimension `needed`; the example in error messages suits the key.
    pub fn parse_like(text: &str, needed: Dimension, like: &Like) -> Result<f64, QuantityError> {
        let read = |text: &str| -> Option<f64> {
            let quantity = Self::read(text).ok()?;
            quantity.measures(needed).then_some(quantity.value)
        };
        match Self::read(text) {
            Ok(quantity) if quantity.measures(needed) => Ok(quantity.value),
            found => Err(refusal(text, found, what(needed), like, &read)),
        }
    }
}
