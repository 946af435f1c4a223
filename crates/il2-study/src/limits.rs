//! Values beyond a limit of quantification, in every table of measurements.

use crate::csv_file::{self, CsvFile, Fields};
use crate::error::StudyError;
use crate::headings::{Sign, Signs};
use il2_engine::words::shown;
use il2_inference::bound::Bound;

/// The limit that replaces a value beyond it, where the row says so: by a sign before the number
/// (`<500`), by a flag (CENS, BLQ), or by a limit of quantification that the value does not reach.
/// `text` is the value as written in the row, `usual` the lower limit for rows that give none;
/// `refuse` makes an error about it.
pub fn limited(
    signs: &Signs,
    row: (&CsvFile, usize, &Fields),
    (text, usual): (&str, Option<f64>),
    refuse: &dyn Fn(&str) -> StudyError,
) -> Result<Option<(f64, Bound)>, StudyError> {
    let (sign, rest) = beyond_a_limit(text).unwrap_or((0.0, ""));
    let cens = signs.flag(row, Sign::Censored, &[0.0, 1.0, -1.0])?;
    let blq = signs.flag(row, Sign::Below, &[0.0, 1.0])? == 1.0;
    let alq = signs.flag(row, Sign::Above, &[0.0, 1.0])? == 1.0;
    let lower = signs.number(row, Sign::LowerLimit)?.or(usual);
    let upper = signs.number(row, Sign::UpperLimit)?;
    let other = signs.number(row, Sign::Limit)?;
    let refused = |message: String| Err(refuse(&message));
    let number = match sign == 0.0 {
        true => csv_file::number(text),
        // The limit itself may be in a separate column.
        false if Sign::of(rest).is_some() => Ok(None),
        false => csv_file::number(rest),
    };
    let number = number.map_err(|m| refuse(&m))?;
    let below = sign < 0.0 || cens == 1.0 || blq;
    let above = sign > 0.0 || cens == -1.0 || alq;
    if below && above {
        return refused(format!(
            "\"{}\" is marked as below one limit and above another, by its sign or by flags in its \
             row; remove one of the marks",
            shown(text)
        ));
    }
    // A value on the wrong side of the limit counts as beyond it, with or without a flag.
    let (below, above) = match number.filter(|_| sign == 0.0 && !below && !above) {
        Some(v) => (lower.is_some_and(|l| v < l), upper.is_some_and(|u| v > u)),
        None => (below, above),
    };
    if !below && !above {
        return Ok(None);
    }
    let own = if below { lower } else { upper };
    // BLQ alone does not say whether the value is the limit, half of it, or zero.
    let says_limit = sign != 0.0 || cens != 0.0;
    let limit = match (number.filter(|_| says_limit), own) {
        (Some(v), Some(own)) if (v - own).abs() > 1e-9 * own.abs() => {
            return refused(format!(
                "is {v}, but the limit of quantification of this row is {own}; give the limit \
                 itself"
            ));
        }
        (Some(v), _) => v,
        (None, Some(own)) => own,
        (None, None) => {
            let (column, sign) = if below { ("LLOQ", '<') } else { ("ULOQ", '>') };
            return refused(format!(
                "\"{}\" is beyond a limit that no column contains; add a column {column} with the \
                 limit, or write the value as {sign} and the limit, such as {sign}500",
                shown(text)
            ));
        }
    };
    let Some(other) = other else {
        return Ok(Some((limit, if below { Bound::Below } else { Bound::Above })));
    };
    let (low, high) = if below { (other, limit) } else { (limit, other) };
    if low >= high {
        return refused(format!(
            "{limit} and LIMIT {other} do not form a range; LIMIT must be below a value with CENS \
             1, and above a value with CENS -1"
        ));
    }
    Ok(Some((high, Bound::Between(low))))
}

/// A measurement written as beyond a limit instead of as a number: `<5`, `> 500`, `BLQ`. Returns -1
/// (below) or 1 (above), and the text after the sign.
pub fn beyond_a_limit(text: &str) -> Option<(f64, &str)> {
    let behind = |sign: [char; 2]| {
        let rest = text.strip_prefix(sign)?;
        Some(rest.trim_start_matches('=').trim())
    };
    if let Some(rest) = behind(['<', '≤']) {
        return Some((-1.0, rest));
    }
    if let Some(rest) = behind(['>', '≥']) {
        return Some((1.0, rest));
    }
    match Sign::of(text)? {
        Sign::Below => Some((-1.0, "")),
        Sign::Above => Some((1.0, "")),
        _ => None,
    }
}
