//! The measurement of a row: a value, a range, a limit, or none.

use crate::csv_file::{self, CsvFile, Fields, missing};
use crate::error::StudyError;
use crate::headings::{Sign, Signs};
use crate::limits::{self, beyond_a_limit};
use crate::measurements::reader::MeasurementReader;
use il2_engine::math;
use il2_inference::bound::Bound;
use il2_inference::quantiles::Z_975;

/// Refuses columns that distinguish rows in a way that a table of measurements cannot express.
pub(super) fn signs_of_no_use(file: &CsvFile, signs: &Signs) -> Result<(), StudyError> {
    let dosing = "distinguishes rows by how a dose was given, which the study defines (ligands, \
                  regimens); name the ligand or regimen in a separate column, and remove this one";
    let kinds = "indicates that the rows measured different quantities; name them in a column \
                 readout, and remove this one";
    for (sign, why) in [
        (Sign::Duration, dosing),
        (Sign::Administration, dosing),
        (Sign::Route, dosing),
        (Sign::Kind, kinds),
    ] {
        let Some(column) = signs.place(sign) else { continue };
        let mut first: Option<String> = None;
        for (line, fields) in file.rows().filter(|(_, fields)| !missing(&fields[column])) {
            let first = first.get_or_insert_with(|| fields[column].to_string());
            if *first != fields[column] {
                return Err(file.refuse(line, &file.header[column], why));
            }
        }
    }
    Ok(())
}

/// Flag columns that are not needed: those on how doses were given, if they are the same in all
/// rows, and the other end of limits, if no value is a limit.
pub(super) fn not_read(file: &CsvFile, signs: &Signs, value: Option<usize>) -> Vec<usize> {
    let same = [Sign::Duration, Sign::Administration, Sign::Route, Sign::Kind];
    let mut all: Vec<usize> = same.into_iter().filter_map(|sign| signs.place(sign)).collect();
    let limits = [Sign::Censored, Sign::Below, Sign::Above, Sign::LowerLimit, Sign::UpperLimit];
    let signed = |value: usize| file.rows().any(|(_, f)| beyond_a_limit(&f[value]).is_some());
    if limits.into_iter().all(|sign| signs.place(sign).is_none()) && !value.is_some_and(signed) {
        all.extend(signs.place(Sign::Limit));
    }
    all
}

impl MeasurementReader<'_> {
    /// Whether a row is marked as not measured or to be ignored.
    pub(super) fn leaves_out(&self, line: usize, fields: &Fields) -> Result<bool, StudyError> {
        let row = (self.file, line, fields);
        if self.signs.leaves_out(row)?
            || self.signs.flag(row, Sign::Missing, &[0.0, 1.0, 100.0, 101.0])? % 100.0 != 0.0
        {
            return Ok(true);
        }
        for column in self.events.iter().flatten() {
            let number = csv_file::number(&fields[*column]);
            let number =
                number.map_err(|m| self.file.refuse(line, &self.file.header[*column], m))?;
            if number.is_some_and(|v| v != 0.0) {
                return Ok(true);
            }
        }
        let measured = self.signs.text(fields, Sign::Measured);
        if measured.is_some() && self.column("value").is_some() {
            let column = self.signs.place(Sign::Measured).expect("it says something");
            let name = &self.file.header[column];
            let message = format!(
                "contains measurements, as does column {}; remove one of the two",
                self.file.header[self.column("value").expect("checked")]
            );
            return Err(self.file.refuse(line, name, message));
        }
        Ok(false)
    }

    /// The measured value and its standard deviation: as written, or from a range that contains it in 95 % of
    /// cases. None where nothing was measured; such rows are counted.
    pub(super) fn value(
        &self,
        line: usize,
        fields: &Fields,
    ) -> Result<Option<(f64, Option<f64>, Bound)>, StudyError> {
        let number = |name: &str| self.number(line, fields, name);
        let absent = |name: &str| self.column(name).is_none();
        if absent("value") && (absent("low") || absent("high")) {
            let remedy = format!("name the column in the study as {}.columns.value", self.at);
            let message =
                format!("is missing, as are low and high; {}", self.file.lacking(&remedy));
            return Err(self.file.refuse(1, "value", message));
        }
        let limited = self.limited(line, fields)?;
        let value = match limited {
            Some((value, _)) => Some(value),
            None => number("value")?,
        };
        match (value, number("low")?, number("high")?) {
            (Some(value), None, None) => {
                let bound = limited.map_or(Bound::None, |(_, bound)| bound);
                // A relative scatter is a fraction of the value that the row gives, rather than of
                // the other end of a range or of a limit of quantification; the caller divides by
                // the value.
                let written = csv_file::number(&fields[self.column("value").expect("checked")]);
                let relative = self.part.error.as_deref() != Some("absolute");
                let part = match written {
                    Ok(Some(written)) if relative && written > 0.0 => value / written,
                    _ => 1.0,
                };
                Ok(Some((value, number("sd")?.map(|sd| sd * self.unit_of_sd * part), bound)))
            }
            (None, Some(low), Some(high)) => {
                let absolute = self.part.error.as_deref() == Some("absolute");
                if high <= low || (low <= 0.0 && !absolute) {
                    let message = format!(
                        "{low} to {high} is not a range; give a lower end above zero and a larger \
                         upper end"
                    );
                    return Err(self.refuse(line, "low", &message));
                }
                Ok(Some(match absolute {
                    true => (0.5 * (low + high), Some(0.5 * (high - low) / Z_975), Bound::None),
                    // The caller divides by the value: as a fraction of it, the scatter is that of
                    // its logarithm.
                    false => {
                        let middle = (low * high).sqrt();
                        let sd = middle * 0.5 * math::ln(high / low) / Z_975;
                        (middle, Some(sd), Bound::None)
                    }
                }))
            }
            (None, None, None) => Ok(None),
            _ => {
                let message = "has a value and a range, or only one end of a range; give value \
                               (and sd), or both low and high";
                Err(self.refuse(line, "value", message))
            }
        }
    }

    /// The limit that replaces a value beyond it, if the row is marked so.
    fn limited(&self, line: usize, fields: &Fields) -> Result<Option<(f64, Bound)>, StudyError> {
        let text = self.column("value").map_or("", |c| &fields[c]);
        let refuse = |message: &str| self.refuse(line, "value", message);
        limits::limited(&self.signs, (self.file, line, fields), (text, None), &refuse)
    }
}
