//! Uncertainty of receptor counts, and their variation between the cells of a population, as
//! written in a study.

use crate::error::StudyError;
use crate::study::file::CellPart;
use crate::study::molecule::set;
use crate::study::text::QuantityText;
use crate::values::unknown;
use il2::cell::Cell;
use il2::culture::single_cells::{WITH, correlations_agree};
use il2::parameter::{Interval, Parameter};
use il2::quantity::Quantity;
use il2_engine::words::shown;
use il2_engine::{Dimension, math};
use il2_inference::quantiles::Z_975;

/// Largest standard deviation that is accepted. A larger standard deviation is almost certainly a
/// typing error, because 95 % of the cells would span more than a million-fold range.
const WIDEST: f64 = 3.5;

/// Sets the intervals of receptor counts from their uncertainty.
pub fn uncertainty(at: &str, cell: &mut Cell, part: &CellPart) -> Result<(), StudyError> {
    if part.uncertainty.is_empty() {
        return Ok(());
    }
    let at = format!("{at}.uncertainty");
    let table = cell.quantitation.as_ref().and_then(|q| cell.receptors.get_mut(q));
    let Some(numbers) = table else {
        let message = "applies to numbers of chains, but this cell has synthesis rates; leave it \
                       out, or give receptors";
        return Err(StudyError::at(at, message));
    };
    for (chain, text) in &part.uncertainty {
        let at = format!("{at}.{chain}");
        let Some(number) = numbers.get_mut(chain).filter(|number| !number.absent) else {
            let known = numbers.keys().map(String::as_str);
            return Err(unknown(&at, "chain", chain, known, "this cell"));
        };
        let deviation = deviation(&at, text)?.value;
        let end = |z: f64| number.value * math::exp(z * deviation);
        let [low, high] = [end(-Z_975), end(Z_975)];
        number.interval = Some(Interval { low, high, kind: "95 % of its uncertainty".into() });
    }
    Ok(())
}

/// Sets the spread of the receptor counts of a cell, and their correlations.
pub fn spread(at: &str, cell: &mut Cell, part: &CellPart) -> Result<(), StudyError> {
    let chains: Vec<String> = cell.numbers().map_or(vec![], |n| n.keys().cloned().collect());
    for (chain, text) in &part.spread {
        let at = format!("{at}.spread.{chain}");
        if !chains.contains(chain) {
            let known = chains.iter().map(String::as_str);
            return Err(unknown(&at, "chain", chain, known, "this cell"));
        }
        cell.spread.insert(chain.clone(), deviation(&at, text)?);
    }
    for (name, text) in &part.correlation {
        let at = format!("{at}.correlation.{name}");
        let varies = |chain: &str| cell.spread.contains_key(chain);
        let both = name.split_once(WITH);
        if both.is_none_or(|(a, b)| a == b || !varies(a) || !varies(b)) {
            let message = "is not a pair of chains with a spread; write for example \
                           il2r_beta_with_gamma_c = \"0.6\", and give both chains a spread";
            return Err(StudyError::at(at, message));
        }
        cell.correlation.insert(name.clone(), correlation(&at, text)?);
    }
    if !correlations_agree(cell) {
        let message = "cannot all be true: two chains that both correlate with a third also \
                       correlate with each other; give the missing pair, or weaker correlations";
        return Err(StudyError::at(format!("{at}.correlation"), message));
    }
    Ok(())
}

/// Reads the standard deviation of a logarithm, which may be given as a coefficient of variation.
fn deviation(at: &str, text: &QuantityText) -> Result<Parameter, StudyError> {
    let written = text.0.trim();
    let plain = Quantity::parse(written).ok();
    let plain = plain.filter(|read| read.dimension == Dimension::DIMENSIONLESS);
    if plain.as_ref().is_some_and(|read| read.value == 0.0) {
        let message =
            format!("\"{}\" is no spread; leave it out: then the number is exact", shown(written));
        return Err(StudyError::at(at, message));
    }
    if plain.is_none_or(|read| read.value < 0.0) {
        return Err(no_spread(at, written));
    }
    let read = set(at, text, Dimension::DIMENSIONLESS, false, None)?;
    let value = match written.ends_with('%') {
        // For a log-normal number: CV^2 = exp(sd^2) - 1.
        true => math::ln(1.0 + read.value * read.value).sqrt(),
        false => read.value,
    };
    if !(value > 0.0 && value <= WIDEST) {
        return Err(no_spread(at, written));
    }
    Ok(Parameter { value, ..read })
}

fn no_spread(at: &str, written: &str) -> StudyError {
    let message = format!(
        "\"{}\" is not a spread; give the standard deviation of the logarithm, for example \
         \"0.5\", or a coefficient of variation, for example \"50 %\"",
        shown(written)
    );
    StudyError::at(at, message)
}

fn correlation(at: &str, text: &QuantityText) -> Result<Parameter, StudyError> {
    let written = text.0.trim();
    let value: Option<f64> = written.parse().ok().filter(|v: &f64| v.abs() <= 1.0);
    match value {
        Some(value) => {
            Ok(Parameter::from_study(value, Dimension::DIMENSIONLESS, written.to_string()))
        }
        None => {
            let message = format!(
                "\"{}\" is not a correlation, which is a number from -1 to 1; write for example \"0.6\"",
                shown(written)
            );
            Err(StudyError::at(at, message))
        }
    }
}
