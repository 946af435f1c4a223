//! Units of the columns of a table of measurements.

use crate::error::StudyError;
use crate::study::fitting::MeasuredPart;
use il2::quantity::Quantity;
use il2_engine::Dimension;
use il2_engine::words::shown;

/// The unit of the value in base units of the readout; 1 where a factor is fitted.
pub fn value_unit(
    at: &str,
    part: &MeasuredPart,
    readout: &str,
    dimension: Dimension,
) -> Result<f64, StudyError> {
    let at = format!("{at}.units.value");
    match (&part.scale, part.units.get("value")) {
        (Some(_), _) => Ok(1.0),
        (None, None) if dimension == Dimension::DIMENSIONLESS => Ok(1.0),
        (None, None) => {
            let message = format!(
                "is missing; give the unit of {readout} ({dimension} or similar), or fit a factor \
                 with scale = []"
            );
            Err(StudyError::at(at, message))
        }
        (None, Some(text)) => {
            let value = Quantity::parse_as(&format!("1 {text}"), dimension);
            value.map_err(|e| StudyError::at(at, e.0))
        }
    }
}

/// The unit of the column `sd`, divided by the unit of the value; 1 if the study gives none.
pub fn unit_of_sd(at: &str, part: &MeasuredPart) -> Result<f64, StudyError> {
    let Some(text) = part.units.get("sd") else { return Ok(1.0) };
    let value = part.units.get("value");
    if value == Some(text) {
        return Ok(1.0);
    }
    let at = format!("{at}.units.sd");
    if part.scale.is_some() {
        let message = format!(
            "\"{}\" has no meaning for values with a fitted factor (key scale); leave it out: sd \
             is in the unit of the value",
            shown(text)
        );
        return Err(StudyError::at(at, message));
    }
    let read = |text: &str| {
        let unit = Quantity::parse(&format!("1 {text}")).map_err(|e| StudyError::at(&at, e.0))?;
        // A unit may be written without "molecules".
        Ok((unit.value, Dimension { molecule: 0, ..unit.dimension }))
    };
    let value = value.map_or("", String::as_str);
    let (sd, of_value) = (read(text)?, read(value)?);
    if sd.1 != of_value.1 {
        let message = format!(
            "\"{}\" is not a unit of the measured quantity; use \"{}\" or a similar unit",
            shown(text),
            shown(value)
        );
        return Err(StudyError::at(at, message));
    }
    Ok(sd.0 / of_value.0)
}
