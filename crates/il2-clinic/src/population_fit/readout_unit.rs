//! The unit of DV on lines that measure a readout of the patient.

use crate::patients::{is_clinical, unit as usual_unit};
use il2::quantity::{Quantity, example};
use il2_engine::network::Observable;
use il2_engine::words::shown;
use il2_study::error::StudyError;
use il2_study::study::text::QuantityText;
use il2_study::values::{self, quantity};

/// The unit of DV, as the study writes it.
pub struct ReadoutUnit<'a> {
    of: &'a Observable,
    /// The unit as written; empty for a plain number.
    pub written: String,
    /// One such unit in the unit of the readout.
    pub factor: f64,
}

impl<'a> ReadoutUnit<'a> {
    /// Reads the unit. Only a plain number may have none: the unit of the readout itself, such as
    /// cells per litre, is seldom that of a laboratory.
    pub fn read(at: &str, given: Option<&str>, of: &'a Observable) -> Result<Self, StudyError> {
        let at = format!("{at}.unit");
        let usual = usual_unit(of);
        let name = &of.name;
        let refuse = |message: String| Err(StudyError::at(&at, message));
        let with = |written: &str, factor| Ok(Self { of, written: written.to_string(), factor });
        let Some(written) = given.map(str::trim) else {
            if usual.is_empty() {
                return with("", 1.0);
            }
            let example = example(of.dimension);
            let own = example.split_once(' ').map_or(usual.as_str(), |(_, unit)| unit);
            let own = if is_clinical(of) { &usual } else { own };
            return refuse(format!(
                "is missing, but {name} has a unit; write the unit of DV, for example unit = \
                 \"{own}\""
            ));
        };
        if !is_clinical(of) {
            return with(written, values::unit(&at, written, of.dimension)?);
        }
        let short = usual.split(" of ").next().unwrap_or_default();
        if [usual.as_str(), short].contains(&written) {
            return with(written, 1.0);
        }
        let parsed = |unit: &str| Quantity::parse(&format!("1 {unit}")).ok();
        match (parsed(written), parsed(&usual)) {
            (Some(own), Some(usual)) if own.dimension == usual.dimension => {
                with(written, own.value / usual.value)
            }
            _ => refuse(format!(
                "\"{}\" is not a unit of {name} that il2 can convert; write DV in {usual}, and unit \
                 = \"{usual}\"",
                shown(written)
            )),
        }
    }

    /// A value with its unit, as a number of the unit of DV.
    pub fn value(&self, at: &str, text: &QuantityText) -> Result<f64, StudyError> {
        if !is_clinical(self.of) {
            return Ok(quantity(at, text, self.of.dimension)? / self.factor);
        }
        let number = text.0.trim().strip_suffix(self.written.as_str());
        let number = number.and_then(|number| number.trim_end().parse::<f64>().ok());
        match number.filter(|v| *v >= 0.0 && v.is_finite()) {
            Some(value) => Ok(value),
            None => {
                let message = format!(
                    "\"{}\" is not a value of {} in the unit of DV; write a number with {unit}, such \
                     as \"10 {unit}\"",
                    shown(&text.0),
                    self.of.name,
                    unit = self.written
                );
                Err(StudyError::at(at, message))
            }
        }
    }
}
