//! Conversion of a preparation's units to amounts, which is needed for IU and mass.

use crate::quantity::digits::{readable_concentration, three_digits};
use crate::quantity::remedy::{Like, refusal};
use crate::quantity::text::{Quantity, QuantityError};
use crate::quantity::units::{ACTIVITY, MASS, NONE, SUBSTANCE};
use il2_engine::Dimension;
use il2_engine::words::shown;

/// Molar mass and specific activity of a preparation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preparation {
    /// Molar mass (pg/pmol = g/mol), if known.
    pub molar_mass: Option<f64>,
    /// Specific activity (IU/pg), if known.
    pub specific_activity: Option<f64>,
}

const ANY_CONCENTRATION: Like = Like { example: "50 pM", low: 0.0, high: f64::MAX };
const ANY_AMOUNT: Like = Like { example: "50 nmol", low: 0.0, high: f64::MAX };

impl Preparation {
    /// Reads a concentration written in mol, mass or IU per volume; returns pM.
    pub fn concentration(&self, text: &str) -> Result<f64, QuantityError> {
        self.concentration_like(text, &ANY_CONCENTRATION)
    }

    /// The same, with an example in error messages that suits the key.
    pub fn concentration_like(&self, text: &str, like: &Like) -> Result<f64, QuantityError> {
        self.counted(text, "", Dimension::VOLUME, like)
    }

    /// Reads an amount written in mol, mass or IU; returns pmol.
    pub fn amount(&self, text: &str) -> Result<f64, QuantityError> {
        self.amount_like(text, "", &ANY_AMOUNT)
    }

    /// The same, with an example in error messages that suits the key. `over` is the end of the
    /// text if it gives the amount per unit of body size: `/kg`, `/m2`.
    pub fn amount_like(&self, text: &str, over: &str, like: &Like) -> Result<f64, QuantityError> {
        self.counted(text, over, NONE, like)
    }

    /// Activity (IU) of an amount (pmol), if molar mass and specific activity are known.
    pub fn activity(&self, amount: f64) -> Option<f64> {
        Some(amount * self.molar_mass? * self.specific_activity?)
    }

    /// A quantity converted to pmol or pM; none if it is something else, or cannot be converted.
    fn worth(&self, quantity: &Quantity, over: Dimension) -> Option<f64> {
        let needed = if over == NONE { SUBSTANCE } else { Dimension::CONCENTRATION };
        match quantity.dimension {
            d if d == MASS / over => Some(quantity.value / self.molar_mass?),
            d if d == ACTIVITY / over => {
                Some(quantity.value / self.specific_activity? / self.molar_mass?)
            }
            _ => quantity.measures(needed).then_some(quantity.value),
        }
    }

    fn counted(
        &self,
        text: &str,
        ending: &str,
        over: Dimension,
        like: &Like,
    ) -> Result<f64, QuantityError> {
        let read = |text: &str| -> Option<f64> {
            let text = text.trim().strip_suffix(ending)?;
            self.worth(&Quantity::read(text).ok()?, over)
        };
        if let Some(value) = read(text) {
            return Ok(value);
        }
        let middle = (like.low * like.high).sqrt();
        let middle = match over == NONE {
            true => format!("{} nmol{ending}", three_digits(middle / 1000.0)),
            false => readable_concentration(middle),
        };
        let usual = if over == NONE { format!("50 nmol{ending}") } else { "50 pM".into() };
        let offers = [like.example.to_string(), middle, usual];
        let fits = |text: &&String| read(text).is_some_and(|value| like.holds(value));
        let example = offers.iter().find(fits).unwrap_or(&offers[2]).as_str();
        let like = Like { example, ..*like };
        let found = Quantity::read(text.trim().strip_suffix(ending).unwrap_or(text));
        let lacks = |what: &str, hint: &str| {
            let text = shown(text);
            Err(QuantityError(format!(
                "\"{text}\" needs the {what} of this ligand, which the library does not \
                 contain{hint}; write for example \"{example}\""
            )))
        };
        if let Ok(quantity) = &found {
            match quantity.dimension {
                d if d == MASS / over
                    || (d == ACTIVITY / over && self.specific_activity.is_some()) =>
                {
                    return lacks("molar mass", "");
                }
                d if d == ACTIVITY / over => {
                    let hint =
                        " (it does for aldesleukin, the licensed drug: from = \"aldesleukin\")";
                    return lacks("specific activity", hint);
                }
                _ => {}
            }
        }
        let what = if over == NONE { "an amount" } else { "a concentration" };
        // For a number without a unit, the first unit in which it is plausible is suggested.
        if found.as_ref().is_ok_and(|q| !q.has_unit) {
            let units: &[&str] = match over == NONE {
                true => &["MIU", "IU", "mg", "ug", "nmol"],
                false => &["pM", "IU/mL", "ng/mL", "nM"],
            };
            let body = text.trim().strip_suffix(ending).unwrap_or(text).trim();
            let own = format!("{body} {}", unit_of(example));
            let with = units.iter().map(|unit| format!("{body} {unit}{ending}"));
            if let Some(offered) = std::iter::once(own).chain(with).find(|text| fits(&text)) {
                let text = shown(text);
                let message = format!("\"{text}\" has no unit; write for example \"{offered}\"");
                return Err(QuantityError(message));
            }
        }
        Err(refusal(text, found, what.to_string(), &like, &read))
    }
}

fn unit_of(text: &str) -> &str {
    text.split_once(' ').map_or("", |(_, unit)| unit)
}
