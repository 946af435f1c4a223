//! Numbers with units: read from text, held in base units, written with the unit in the name.

mod preparation;
mod remedy;

use il2_engine::Dimension;
use il2_engine::math;
use il2_engine::words::shown;
pub use preparation::Preparation;
pub use remedy::{Like, example};

/// Molecules in one picomole (exact, SI 2019).
pub const MOLECULES_PER_PMOL: f64 = 6.022_140_76e11;

/// One unit that text may use.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// As written.
    pub symbol: &'static str,
    /// Base units in one of these.
    pub factor: f64,
    /// What it measures.
    pub dimension: Dimension,
}

const NONE: Dimension = Dimension::DIMENSIONLESS;
const SUBSTANCE: Dimension = Dimension { substance: 1, ..NONE };
const MOLECULE: Dimension = Dimension { molecule: 1, ..NONE };
const CELL: Dimension = Dimension { cell: 1, ..NONE };
const LENGTH: Dimension = Dimension { length: 1, ..NONE };
const MASS: Dimension = Dimension { mass: 1, ..NONE };
const MOLAR_MASS: Dimension = Dimension { mass: 1, substance: -1, ..NONE };
const ACTIVITY: Dimension = Dimension { activity: 1, ..NONE };

const fn unit(symbol: &'static str, factor: f64, dimension: Dimension) -> Unit {
    Unit { symbol, factor, dimension }
}

/// Every unit that text may use. IU is kept apart from mass: only a preparation converts it.
pub const UNITS: &[Unit] = &[
    unit("M", 1e12, Dimension::CONCENTRATION),
    unit("mM", 1e9, Dimension::CONCENTRATION),
    unit("uM", 1e6, Dimension::CONCENTRATION),
    unit("nM", 1e3, Dimension::CONCENTRATION),
    unit("pM", 1.0, Dimension::CONCENTRATION),
    unit("fM", 1e-3, Dimension::CONCENTRATION),
    unit("mol", 1e12, SUBSTANCE),
    unit("mmol", 1e9, SUBSTANCE),
    unit("umol", 1e6, SUBSTANCE),
    unit("nmol", 1e3, SUBSTANCE),
    unit("pmol", 1.0, SUBSTANCE),
    unit("fmol", 1e-3, SUBSTANCE),
    unit("molecule", 1.0, MOLECULE),
    unit("molecules", 1.0, MOLECULE),
    unit("site", 1.0, MOLECULE),
    unit("sites", 1.0, MOLECULE),
    unit("#", 1.0, MOLECULE),
    unit("cell", 1.0, CELL),
    unit("cells", 1.0, CELL),
    unit("L", 1.0, Dimension::VOLUME),
    unit("dL", 1e-1, Dimension::VOLUME),
    unit("mL", 1e-3, Dimension::VOLUME),
    unit("uL", 1e-6, Dimension::VOLUME),
    unit("nL", 1e-9, Dimension::VOLUME),
    unit("pL", 1e-12, Dimension::VOLUME),
    unit("fL", 1e-15, Dimension::VOLUME),
    unit("m", 1e1, LENGTH),
    unit("dm", 1.0, LENGTH),
    unit("cm", 1e-1, LENGTH),
    unit("mm", 1e-2, LENGTH),
    unit("um", 1e-5, LENGTH),
    unit("nm", 1e-8, LENGTH),
    unit("s", 1.0 / 60.0, Dimension::TIME),
    unit("min", 1.0, Dimension::TIME),
    unit("h", 60.0, Dimension::TIME),
    unit("d", 1440.0, Dimension::TIME),
    unit("day", 1440.0, Dimension::TIME),
    unit("days", 1440.0, Dimension::TIME),
    unit("week", 10080.0, Dimension::TIME),
    unit("weeks", 10080.0, Dimension::TIME),
    unit("kg", 1e15, MASS),
    unit("g", 1e12, MASS),
    unit("mg", 1e9, MASS),
    unit("ug", 1e6, MASS),
    unit("ng", 1e3, MASS),
    unit("pg", 1.0, MASS),
    unit("Da", 1.0, MOLAR_MASS),
    unit("kDa", 1e3, MOLAR_MASS),
    unit("IU", 1.0, ACTIVITY),
    unit("kIU", 1e3, ACTIVITY),
    unit("MIU", 1e6, ACTIVITY),
    unit("%", 1e-2, NONE),
];

/// A number read from text.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// In base units.
    pub value: f64,
    /// What the text said it measures; molecules may have been left out of it.
    pub dimension: Dimension,
    /// Whether the text had a unit at all.
    pub has_unit: bool,
    /// As written.
    pub text: String,
}

/// Why text is no usable quantity. The sentence quotes the text and ends with the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QuantityError(pub String);

/// Why text is no quantity, before it is known what is needed.
enum Problem {
    NoNumber,
    Beyond,
    UnknownUnit(String),
    Unit(String),
}

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
                    format!("\"{text}\" is beyond what a number can hold; write a finite value")
                }
                Problem::UnknownUnit(word) => {
                    let hint = match remedy::near(&word).first() {
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

    fn read(text: &str) -> Result<Self, Problem> {
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

    /// Reads text that must measure `needed`; the value in base units.
    ///
    /// Molecules may be left out (`8000 /cell`), and cells of a cell density (`1e6 /mL`).
    pub fn parse_as(text: &str, needed: Dimension) -> Result<f64, QuantityError> {
        let example = remedy::example(needed);
        Self::parse_like(text, needed, &Like { example: &example, low: 0.0, high: f64::MAX })
    }

    /// The unit of text as it is written, and one of it in base units; empty and 1 where there is none.
    pub fn unit_of(text: &str) -> Result<(&str, f64), QuantityError> {
        let trimmed = text.trim();
        let unit = trimmed[number_length(trimmed)..].trim();
        Ok((unit, Self::parse(&format!("1 {unit}"))?.value))
    }

    /// Reads text that must measure `needed`, where an error offers what suits the place.
    pub fn parse_like(text: &str, needed: Dimension, like: &Like) -> Result<f64, QuantityError> {
        let read = |text: &str| -> Option<f64> {
            let quantity = Self::read(text).ok()?;
            quantity.measures(needed).then_some(quantity.value)
        };
        match Self::read(text) {
            Ok(quantity) if quantity.measures(needed) => Ok(quantity.value),
            found => Err(remedy::refusal(text, found, remedy::what(needed), like, &read)),
        }
    }

    /// Whether this measures `needed`: with a unit where one is needed, molecules and cells of a density
    /// left out or not.
    fn measures(&self, needed: Dimension) -> bool {
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

/// Length in bytes of the number at the start.
fn number_length(text: &str) -> usize {
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
                        let what = "two slashes stand in a row; write one unit between them";
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
        let what = "the unit ends with a slash; write what it is divided by";
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
                    Problem::Unit(format!("the power in {word} is no whole number from -9 to 9"))
                })?;
            (symbol, power)
        }
        None => (word, 1),
    };
    let found = UNITS.iter().find(|u| u.symbol == symbol);
    let found = found.ok_or_else(|| Problem::UnknownUnit(symbol.to_string()))?;
    Ok((math::whole_power(found.factor, i32::from(power)), found.dimension.power(power)))
}

/// Ending of a column name for values held in base units: `_pm`, `_min`, `_per_cell`; empty for a
/// plain number.
pub fn column_suffix(dimension: Dimension) -> String {
    match dimension {
        NONE => String::new(),
        Dimension::CONCENTRATION => "_pm".into(),
        Dimension::TIME => "_min".into(),
        Dimension::PER_CELL => "_per_cell".into(),
        Dimension::CELL_DENSITY => "_cells_per_l".into(),
        Dimension::RATE => "_per_min".into(),
        other => {
            let text = other.to_string().to_lowercase();
            format!(
                "_{}",
                text.trim_start_matches("1/").replace('/', "_per_").replace([' ', '^'], "_")
            )
        }
    }
}

/// The unit in which base-unit values of this dimension are printed: `pM`, `min`, `/cell`.
pub fn base_unit(dimension: Dimension) -> String {
    match dimension {
        NONE => String::new(),
        Dimension::PER_CELL => "/cell".into(),
        Dimension::RATE => "/min".into(),
        other => other.to_string().trim_start_matches('1').to_string(),
    }
}

/// A concentration as people write it: three digits and the unit that keeps it between 1 and 1000.
pub fn readable_concentration(pm: f64) -> String {
    let units = [(1e-3, "fM"), (1.0, "pM"), (1e3, "nM"), (1e6, "uM"), (1e9, "mM")];
    let (factor, unit) = units
        .into_iter()
        .rev()
        .find(|(factor, _)| pm.abs() >= *factor * 0.9995)
        .unwrap_or(units[0]);
    format!("{} {unit}", three_digits(pm / factor))
}

/// Three significant digits without an exponent where that stays short.
pub fn three_digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = math::log10(value.abs()).floor() as i32;
    if !(-4..=6).contains(&digits) {
        return format!("{value:.2e}");
    }
    // Rounding first: 9.996 has three digits as 10.0, not as 10.00.
    let rounded: f64 = format!("{value:.2e}").parse().expect("a number as printed");
    let decimals = (2 - math::log10(rounded.abs()).floor() as i32).max(0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests;
