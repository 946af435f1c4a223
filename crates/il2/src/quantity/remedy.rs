//! Examples in error messages about quantities; they are always valid for the key in question.

use crate::quantity::text::{Problem, Quantity, QuantityError, number_length};
use crate::quantity::units::{
    ACTIVITY, CELL, LENGTH, MASS, MOLAR_MASS, MOLECULE, NONE, SUBSTANCE, UNITS, base_unit,
};
use il2_engine::Dimension;
use il2_engine::words::{is_date, likeness, shown};
use std::borrow::Cow;
use std::f64::consts::LN_2;

/// The example and the plausible range of a quantity, for error messages.
#[derive(Clone, Copy, Debug)]
pub struct Like<'a> {
    /// A valid text for this key.
    pub example: &'a str,
    /// Lowest plausible value, in base units: a number without a unit is suggested with the
    /// example's unit only if it is not below this value.
    pub low: f64,
    /// Highest plausible value, in base units.
    pub high: f64,
}

impl Like<'_> {
    pub(super) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// Other spellings of units that differ too much to be suggested by similarity, and their meaning.
const MEANT: [(&str, &str); 18] = [
    ("U", "IU"),
    ("kU", "kIU"),
    ("MU", "MIU"),
    ("units", "IU"),
    // The usual spelling in much of Europe.
    ("UI", "IU"),
    ("kUI", "kIU"),
    ("MUI", "MIU"),
    ("mcg", "ug"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("mins", "min"),
    ("minute", "min"),
    ("minutes", "min"),
    ("sec", "s"),
    ("seconds", "s"),
    ("l", "L"),
];

/// Units that a word may have been meant to be, the likeliest first.
pub fn near(word: &str) -> Vec<&'static str> {
    let meant = MEANT.iter().find(|(written, _)| *written == word).map(|(_, unit)| *unit);
    let mut all: Vec<(f64, &str)> = UNITS
        .iter()
        .map(|u| (likeness(word, u.symbol), u.symbol))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    meant.into_iter().chain(all.into_iter().map(|(_, unit)| unit)).collect()
}

/// The error for `text`. `read` returns the value of a text for this key, in base units; it accepts
/// every text that is suggested.
pub fn refusal(
    text: &str,
    found: Result<Quantity, Problem>,
    what: String,
    like: &Like,
    read: &dyn Fn(&str) -> Option<f64>,
) -> QuantityError {
    let (trimmed, example) = (text.trim(), like.example);
    let (number, unit) = trimmed.split_at(number_length(trimmed));
    let sensible = |text: &String| read(text).is_some_and(|value| like.holds(value));
    let quoted = shown(text);
    QuantityError(match found {
        Err(Problem::NoNumber) => {
            format!("\"{quoted}\" does not start with a number; write for example \"{example}\"")
        }
        Err(Problem::Beyond) => {
            format!("\"{quoted}\" is too large for a number; write for example \"{example}\"")
        }
        Err(Problem::Unit(_) | Problem::UnknownUnit(_)) if is_date(trimmed) => {
            format!(
                "\"{quoted}\" is a date, which il2 does not read; {what} is needed here, for example \
                 \"{example}\""
            )
        }
        Err(Problem::Unit(problem)) => {
            let problem = problem.split(';').next().unwrap_or_default();
            format!("\"{quoted}\": {problem}; write for example \"{example}\"")
        }
        Err(Problem::UnknownUnit(word)) if word.starts_with(',') => {
            let with_point = trimmed.replacen(',', ".", 1);
            let offered =
                |text: String| Some(text).filter(sensible).unwrap_or_else(|| example.to_string());
            let unit_of_example = example[number_length(example)..].trim();
            let thousands = thousands(trimmed).map(|plain| match sensible(&plain) {
                true => plain,
                false => format!("{plain} {unit_of_example}"),
            });
            match thousands {
                // Both readings are possible and differ by a factor of a thousand.
                Some(plain) => {
                    let (plain, with_point) = (offered(plain), shown(&with_point));
                    format!(
                        "\"{quoted}\" has a comma; write thousands without a comma, for example \
                         \"{plain}\", and decimals with a point, \"{with_point}\""
                    )
                }
                None => {
                    let offered = offered(with_point);
                    format!(
                        "\"{quoted}\" has a comma; write the number with a point, for example \"{offered}\""
                    )
                }
            }
        }
        Err(Problem::UnknownUnit(_)) if thousands(trimmed).is_some() => {
            let offered = thousands(trimmed).filter(sensible);
            let offered = offered.unwrap_or_else(|| example.to_string());
            format!(
                "\"{quoted}\" has separators between thousands; write for example \"{offered}\""
            )
        }
        Err(Problem::UnknownUnit(word)) => {
            // The word was read with u instead of the micro sign.
            let plain = trimmed.replace(['µ', 'μ'], "u");
            let mend = |unit: &str| plain.replacen(&word, unit, 1);
            let powers = word.replace('²', "^2").replace('³', "^3");
            let near = near(&word);
            let units = near.into_iter().chain([powers.as_str()]);
            let offered = units.map(mend).find(sensible);
            let hint = match offered {
                Some(offered) => format!("did you mean \"{offered}\"?"),
                None => format!("{what} is needed here, for example \"{example}\""),
            };
            format!("\"{quoted}\": unknown unit {}; {hint}", shown(&word))
        }
        Ok(found) if !found.has_unit => {
            let unit = &example[number_length(example)..];
            let with_unit = Some(format!("{number} {}", unit.trim()));
            let offered = with_unit.filter(sensible).unwrap_or_else(|| example.to_string());
            format!("\"{quoted}\" has no unit; write for example \"{offered}\"")
        }
        Ok(found) => {
            let measured = match found.dimension {
                NONE if unit.contains('/') => "a ratio, whose units cancel".to_string(),
                dimension => measured(dimension),
            };
            // A unit that differs only in case: nm for nM.
            let other = other_case(unit.trim()).map(|unit| format!("{number} {unit}"));
            if let Some(meant) = other.filter(sensible) {
                return QuantityError(format!(
                    "\"{quoted}\" is {measured}; did you mean \"{meant}\"?"
                ));
            }
            // A half-life or a doubling time was given where a rate is needed.
            let half_life =
                (found.dimension == Dimension::TIME).then(|| number.parse().ok()).flatten();
            let rate = half_life
                .map(|time: f64| format!("{} /{}", three_digits(LN_2 / time), unit.trim()));
            if let Some(rate) = rate.filter(sensible) {
                return QuantityError(format!(
                    "\"{quoted}\" is {measured}; {what} is needed here: ln 2 / {} is \"{rate}\"",
                    shown(trimmed)
                ));
            }
            let bare = Some(number.to_string()).filter(sensible);
            let offered = bare.unwrap_or_else(|| example.to_string());
            format!("\"{quoted}\" is {measured}; {what} is needed here, for example \"{offered}\"")
        }
    })
}

/// Three significant digits, without an exponent if the number is readable that way.
fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().expect("a number")
}

/// A number with commas, spaces or apostrophes between thousands, with these removed; none if the
/// text is not such a number.
pub fn thousands(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !"+-,.' \u{a0}\u{202f}".contains(c));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let number = number.trim();
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let between = whole.chars().find(|c| !c.is_ascii_digit() && !"+-".contains(*c))?;
    let mut groups = whole.trim_start_matches(['+', '-']).split(between);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
    let digits = |group: &str| group.chars().all(|c| c.is_ascii_digit());
    let all = digits(first) && groups.all(|group| group.len() == 3 && digits(group));
    let plain = format!("{}{rest} {}", whole.replace(between, ""), unit.trim());
    all.then(|| plain.trim().to_string())
}

/// A unit that differs only in case: `nM` for `nm`.
fn other_case(unit: &str) -> Option<String> {
    let all = UNITS.iter().map(|u| u.symbol);
    let mut other = all.filter(|symbol| *symbol != unit && symbol.eq_ignore_ascii_case(unit));
    other.next().map(str::to_string)
}

/// The unit with this dimension that a word may have been meant to be: `nM` for `nm` or `NM`, `h`
/// for `hrs`.
pub fn unit_meant(unit: &str, needed: Dimension) -> Option<&'static str> {
    let fits = |unit: &&str| Quantity::parse_as(&format!("1 {unit}"), needed).is_ok();
    near(unit.trim()).into_iter().find(fits)
}

/// An example text with this dimension.
pub fn example(dimension: Dimension) -> Cow<'static, str> {
    match named(dimension) {
        Some((_, example)) => Cow::Borrowed(example),
        None => Cow::Owned(format!("1 {}", base_unit(dimension))),
    }
}

/// The usual name of a dimension.
pub fn what(dimension: Dimension) -> String {
    named(dimension).map_or_else(
        || format!("a number in {}", base_unit(dimension)),
        |(name, _)| name.to_string(),
    )
}

fn measured(dimension: Dimension) -> String {
    match named(dimension) {
        Some((name, _)) => name.to_string(),
        None => format!("in {}", base_unit(dimension)),
    }
}

/// Name and example of the dimensions that occur in a study.
fn named(dimension: Dimension) -> Option<(&'static str, &'static str)> {
    let per_time = Dimension::RATE;
    let table = [
        (NONE, "a plain number", "0.5"),
        (Dimension::CONCENTRATION, "a concentration", "50 pM"),
        (Dimension::PER_CELL, "a number per cell", "8000 /cell"),
        (Dimension { cell: -1, ..NONE }, "a number per cell", "8000 /cell"),
        (Dimension::PER_CELL * per_time, "a number per cell and time", "5 /cell/min"),
        (Dimension { cell: -1, time: -1, ..NONE }, "a number per cell and time", "5 /cell/min"),
        (Dimension::CELL_DENSITY, "a number of cells per volume", "1e6 /mL"),
        (Dimension { length: -3, ..NONE }, "a number per volume", "1e6 /mL"),
        (Dimension::CELL_DENSITY * per_time, "cells per volume and time", "1e6 cells/mL/d"),
        (Dimension::TIME, "a time", "4 h"),
        (per_time, "a first-order rate", "0.1 /min"),
        (per_time / Dimension::CONCENTRATION, "a second-order rate", "0.6 /nM/min"),
        (per_time / Dimension::PER_CELL, "a rate on a surface", "0.003 cell/molecule/min"),
        (
            Dimension::CONCENTRATION / Dimension::PER_CELL,
            "a cross-linking constant",
            "1e-13 M cell/molecule",
        ),
        (Dimension::VOLUME, "a volume", "20 L"),
        (Dimension::VOLUME * per_time, "a clearance", "1.1 L/h"),
        (Dimension::VOLUME / CELL, "a volume per cell", "10 fL/cell"),
        (MOLECULE / SUBSTANCE, "molecules per amount", "6.02214076e11 molecules/pmol"),
        (MASS, "a mass", "1 mg"),
        (LENGTH, "a length", "5 um"),
        (SUBSTANCE, "an amount", "50 nmol"),
        (SUBSTANCE * per_time, "an amount per time", "5 nmol/h"),
        (CELL, "a number of cells", "200000 cells"),
        (MOLAR_MASS, "a molar mass", "15 kDa"),
        (ACTIVITY, "an activity", "1 MIU"),
        (ACTIVITY / MASS, "a specific activity", "1.6e7 IU/mg"),
        (ACTIVITY / Dimension::VOLUME, "an activity per volume", "10 IU/mL"),
        (MASS / Dimension::VOLUME, "a mass per volume", "1 ng/mL"),
    ];
    table.into_iter().find(|(d, ..)| *d == dimension).map(|(_, name, example)| (name, example))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_read_as_what_it_is_an_example_of() {
        for a in UNITS {
            for b in UNITS {
                for dimension in [a.dimension, a.dimension * b.dimension, a.dimension / b.dimension]
                {
                    let text = example(dimension);
                    let read = Quantity::parse_as(&text, dimension);
                    assert!(read.as_ref().is_ok_and(|v| *v > 0.0), "{dimension}: {text}: {read:?}");
                }
            }
        }
    }
}
