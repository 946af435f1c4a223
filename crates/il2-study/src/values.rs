//! Names, quantities, doses and grids of a study, read or refused with a remedy.

use crate::chains::chain_or_letter;
use crate::error::StudyError;
use crate::library::Library;
use crate::ranges;
use crate::study::text::{Grid, QuantityText};
use crate::whole;
use il2::ligand::Ligand;
use il2::quantity::{Like, Quantity};
use il2_engine::words::{closest, shown, some_of};
use il2_engine::{Dimension, math};

/// An error for an unknown name.
pub fn unknown<'a>(
    at: &str,
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    place: &str,
) -> StudyError {
    if what == "readout"
        && name.to_lowercase().contains("pstat5")
        && !known.clone().any(|k| k == "pstat5")
    {
        let message = "pstat5 requires a model with stat5 = true; define it under [models.NAME] \
                       and set model = \"NAME\" in the assay";
        return StudyError::at(at, format!("unknown readout \"{}\"; {message}", shown(name)));
    }
    if let Some(hint) = in_library(at, what, name, place) {
        return StudyError::at(
            at,
            format!("unknown {what} \"{}\" in {place}; {hint}", shown(name)),
        );
    }
    let chain = chain_or_letter(name).filter(|chain| known.clone().any(|k| k == *chain));
    let hint = match chain.or_else(|| closest(name, known.clone())) {
        Some(near) => format!("did you mean {near}?"),
        None => {
            let all = some_of(name, known.clone());
            match all.is_empty() {
                true => format!("{place} is empty; add the {what} there"),
                false if *place == format!("{what}s") => match known.count() {
                    1 => format!("use \"{all}\""),
                    _ => format!("the {place} are {all}"),
                },
                false => {
                    let plural = ["models", "draws", "parameters", "those before it"];
                    let several = plural.iter().any(|word| place.ends_with(*word));
                    format!("{place} {} {all}", if several { "have" } else { "has" })
                }
            }
        }
    };
    StudyError::at(at, format!("unknown {what} \"{}\"; {hint}", shown(name)))
}

/// The remedy for a ligand or cell that is in the library but not in the study.
fn in_library(at: &str, what: &str, name: &str, place: &str) -> Option<String> {
    let library = Library::builtin();
    let has = match (what, place) {
        ("ligand", "[ligands]") => library.ligand(name).is_some(),
        ("cell", "[cells]") => library.cell(name).is_some(),
        _ => false,
    };
    let from = format!("from = \"{name}\"");
    has.then(|| match at.ends_with(".like") {
        true => format!("the library contains it: use {from} instead of like"),
        false => format!("the library contains it: add [{what}s.{name}] with {from}"),
    })
}

/// The fraction of draws inside an interval: 0.95 if the study does not set it.
pub fn level(at: &str, asked: Option<f64>) -> Result<f64, StudyError> {
    let level = asked.unwrap_or(0.95);
    if (0.5..1.0).contains(&level) {
        return Ok(level);
    }
    let part = level / 100.0;
    let meant = match (0.5..1.0).contains(&part) {
        true => format!("; did you mean {part}?"),
        false => String::new(),
    };
    Err(StudyError::at(at, format!("{level} is not allowed; use 0.5 to 0.99{meant}")))
}

/// A value that suits a key, for a remedy.
pub fn example(at: &str, needed: Dimension) -> String {
    let like = ranges::like(at).map(|(_, like)| like.example);
    let like = like.filter(|example| Quantity::parse_as(example, needed).is_ok());
    like.map_or_else(|| il2::quantity::example(needed).into_owned(), str::to_string)
}

/// A quantity of the dimension `needed`, finite and not negative, in base units.
pub fn quantity(at: &str, text: &QuantityText, needed: Dimension) -> Result<f64, StudyError> {
    match ranges::like(at).filter(|(_, like)| Quantity::parse_as(like.example, needed).is_ok()) {
        Some((_, like)) => quantity_like(at, text, needed, &like),
        None => {
            let example = il2::quantity::example(needed);
            let like = Like { example: &example, low: 0.0, high: f64::MAX };
            quantity_like(at, text, needed, &like)
        }
    }
}

/// The same, with an example for the error that suits the key.
pub fn quantity_like(
    at: &str,
    text: &QuantityText,
    needed: Dimension,
    like: &Like,
) -> Result<f64, StudyError> {
    let value = Quantity::parse_like(&text.0, needed, like).map_err(|e| StudyError::at(at, e.0))?;
    not_negative(at, &text.0, value, like.example)
}

/// A unit of the dimension `needed`, written without a number, in base units.
pub fn unit(at: &str, text: &str, needed: Dimension) -> Result<f64, StudyError> {
    let read = Quantity::parse_as(&format!("1 {text}"), needed);
    read.map_err(|_| StudyError::at(at, not_a_unit(text, needed)))
}

/// The sentence about a word that is not a unit of the dimension `needed`.
pub fn not_a_unit(text: &str, needed: Dimension) -> String {
    let example = il2::quantity::example(needed);
    let usual = example.split_once(' ').map_or("", |(_, unit)| unit);
    let hint = match il2::quantity::unit_meant(text, needed) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None if usual.is_empty() => "write no unit, or \"%\"".to_string(),
        None => format!("write for example \"{usual}\""),
    };
    let what = il2::quantity::what(needed);
    format!("\"{}\" is not a unit of {what}; {hint}", shown(text))
}

/// A concentration of a ligand, in mol, mass or IU per volume, converted to pM.
pub fn dose(at: &str, ligand: &Ligand, text: &QuantityText) -> Result<f64, StudyError> {
    let like = ranges::like(at).map_or(ANY_DOSE, |(_, like)| like);
    let read = ligand.preparation().concentration_like(&text.0, &like);
    not_negative(at, &text.0, read.map_err(|e| StudyError::at(at, e.0))?, like.example)
}

const ANY_DOSE: Like = Like { example: "50 pM", low: 0.0, high: f64::MAX };

fn not_negative(at: &str, text: &str, value: f64, example: &str) -> Result<f64, StudyError> {
    if value < 0.0 {
        let text = shown(text);
        let message =
            format!("\"{text}\" is negative; it must be zero or more, for example \"{example}\"");
        return Err(StudyError::at(at, message));
    }
    Ok(value)
}

/// Spacing of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Even steps.
    Even,
    /// Even ratios; both ends above zero.
    Logarithmic,
}

/// The values of a list, each read by `read`.
pub fn list(
    at: &str,
    all: &[QuantityText],
    read: &impl Fn(&str, &QuantityText) -> Result<f64, StudyError>,
) -> Result<Vec<f64>, StudyError> {
    let one = |(i, text): (usize, &QuantityText)| {
        let at = format!("{at}[{i}]");
        // Units of the other values, beginning with the preceding ones.
        let others = all[..i].iter().rev().chain(&all[i + 1..]);
        read(&at, text).map_err(|e| like_another(&at, text, others, read, e))
    };
    all.iter().enumerate().map(one).collect()
}

/// The error about a value without a unit, which suggests the unit of a neighbouring value: `"14"` after `"7
/// d"`.
fn like_another<'a>(
    at: &str,
    text: &QuantityText,
    mut others: impl Iterator<Item = &'a QuantityText>,
    read: &impl Fn(&str, &QuantityText) -> Result<f64, StudyError>,
    error: StudyError,
) -> StudyError {
    if text.0.trim().parse::<f64>().is_err() {
        return error;
    }
    let unit = others.find_map(|other| {
        let (unit, _) = Quantity::unit_of(&other.0).ok().filter(|(unit, _)| !unit.is_empty())?;
        Some(unit.to_string())
    });
    let offered = unit.map(|unit| format!("{} {unit}", text.0.trim()));
    match offered.filter(|offered| read(at, &QuantityText(offered.clone())).is_ok()) {
        Some(offered) => {
            let text = shown(&text.0);
            let message = format!("\"{text}\" has no unit; write for example \"{offered}\"");
            StudyError::at(at, message)
        }
        None => error,
    }
}

/// The values of a grid, each read by `read`, increasing.
pub fn grid(
    at: &str,
    grid: &Grid,
    spacing: Spacing,
    read: impl Fn(&str, &QuantityText) -> Result<f64, StudyError>,
) -> Result<Vec<f64>, StudyError> {
    match grid {
        Grid::List(all) => {
            if all.is_empty() {
                return Err(StudyError::at(at, "is an empty list; give at least one value"));
            }
            let values = list(at, all, &read)?;
            for (i, pair) in values.windows(2).enumerate() {
                if pair[1] <= pair[0] {
                    let at = format!("{at}[{}]", i + 1);
                    let text = shown(&all[i + 1].0);
                    return Err(StudyError::at(
                        at,
                        format!(
                            "\"{text}\" is not larger than the value before it; list the values in \
                             increasing order"
                        ),
                    ));
                }
            }
            Ok(values)
        }
        Grid::Range(range) => {
            let ends = [("from", &range.from, &range.to), ("to", &range.to, &range.from)];
            let [from, to] = ends.map(|(key, text, other)| {
                let at = format!("{at}.{key}");
                read(&at, text).map_err(|e| like_another(&at, text, [other].into_iter(), &read, e))
            });
            let (from, to) = (from?, to?);
            let points = range.points;
            whole::checked(&format!("{at}.points"), points)?;
            if to <= from {
                let (from, to) = (shown(&range.from.0), shown(&range.to.0));
                return Err(StudyError::at(
                    format!("{at}.to"),
                    format!("\"{to}\" is not larger than from (\"{from}\"); swap the two values"),
                ));
            }
            if spacing == Spacing::Logarithmic && from <= 0.0 {
                let from = shown(&range.from.0);
                return Err(StudyError::at(
                    format!("{at}.from"),
                    format!(
                        "\"{from}\" is not above zero, but values with equal ratios must be; start \
                         above zero or give a list"
                    ),
                ));
            }
            let last = f64::from(points - 1);
            // Multiplies before dividing, and recognises whole decades (a quotient of two decimal numbers may
            // miss them by one bit), so that round values stay round.
            let ratio = math::log10(to / from);
            let decades = if (ratio - ratio.round()).abs() < 1e-14 { ratio.round() } else { ratio };
            let between = |i: f64| match spacing {
                Spacing::Even => (from * (last - i) + to * i) / last,
                Spacing::Logarithmic => from * math::pow(10.0, decades * i / last),
            };
            let mut values: Vec<f64> =
                (0..points).map(|i| math::fifteen_digits(between(f64::from(i)))).collect();
            // The ends are exactly what was written.
            values[0] = from;
            values[points as usize - 1] = to;
            if values.windows(2).any(|pair| pair[1] <= pair[0]) {
                return Err(StudyError::at(
                    format!("{at}.points"),
                    format!(
                        "{points} values between \"{}\" and \"{}\" are too close together for \
                         64-bit numbers; use fewer, such as 2",
                        shown(&range.from.0),
                        shown(&range.to.0)
                    ),
                ));
            }
            Ok(values)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::text::GridRange;

    fn range(from: &str, to: &str, points: u32) -> Grid {
        let text = |t: &str| QuantityText(t.into());
        Grid::Range(GridRange { from: text(from), to: text(to), points })
    }

    fn values(of: &Grid, spacing: Spacing, dimension: Dimension) -> Result<Vec<f64>, StudyError> {
        grid("at", of, spacing, |at, text| quantity(at, text, dimension))
    }

    #[test]
    fn grids_of_round_steps_are_round() {
        let time =
            |to: &str, points| values(&range("0 h", to, points), Spacing::Even, Dimension::TIME);
        // Steps of 10 min over 5 d, and of 0.1 h over 100 h.
        for (to, points, step) in [("5 d", 721, 10.0), ("100 h", 1001, 6.0), ("1 h", 601, 0.1)] {
            for (i, value) in time(to, points).unwrap().into_iter().enumerate() {
                let wanted: f64 = format!("{:.1}", i as f64 * step).parse().unwrap();
                assert_eq!(value, wanted, "{to}");
            }
        }
        let doses = |from: &str, to: &str, points| {
            let dimension = Dimension::CONCENTRATION;
            values(&range(from, to, points), Spacing::Logarithmic, dimension).unwrap()
        };
        let decades = doses("0.01 pM", "100 nM", 57);
        let whole: Vec<f64> = decades.iter().copied().step_by(8).collect();
        assert_eq!(whole, [0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0, 100_000.0]);
        assert!((decades[1] / 0.01 - 10_f64.powf(0.125)).abs() < 1e-14);
        let twofold: Vec<f64> = (0..11).map(|i| f64::from(1 << i)).collect();
        assert_eq!(doses("1 pM", "1024 pM", 11), twofold);
    }

    #[test]
    fn a_value_without_a_unit_is_offered_that_of_its_neighbours() {
        let list =
            |all: &[&str]| Grid::List(all.iter().map(|t| QuantityText((*t).into())).collect());
        let said = |of: &Grid| values(of, Spacing::Even, Dimension::TIME).unwrap_err().to_string();
        let wanted = "at, item 2: \"14\" has no unit; write for example \"14 d\"";
        assert_eq!(said(&list(&["7 d", "14"])), wanted);
        assert_eq!(said(&list(&["7 d", "14", "500 h"])), wanted);
        let wanted = "at.to: \"14\" has no unit; write for example \"14 d\"";
        assert_eq!(said(&range("0 d", "14", 4)), wanted);
        let wanted = "at, item 1: \"14\" has no unit; write for example \"14 h\"";
        assert_eq!(said(&list(&["14"])), wanted);
    }

    #[test]
    fn a_unit_of_something_else_is_offered_the_one_that_was_meant() {
        let said = |text: &str, needed| unit("at", text, needed).unwrap_err().message;
        let concentration = Dimension::CONCENTRATION;
        for (text, needed, wanted) in [
            ("nm", concentration, "\"nm\" is not a unit of a concentration; did you mean \"nM\"?"),
            ("NM", concentration, "\"NM\" is not a unit of a concentration; did you mean \"nM\"?"),
            (
                "h",
                concentration,
                "\"h\" is not a unit of a concentration; write for example \"pM\"",
            ),
            ("hrs", Dimension::TIME, "\"hrs\" is not a unit of a time; did you mean \"h\"?"),
        ] {
            assert_eq!(said(text, needed), wanted);
        }
    }

    #[test]
    fn the_ends_of_a_grid_are_what_was_written_and_values_increase() {
        for spacing in [Spacing::Even, Spacing::Logarithmic] {
            let found = values(&range("0.3 fM", "0.7 mM", 777), spacing, Dimension::CONCENTRATION);
            let found = found.unwrap();
            let end = |text: &str| {
                il2::quantity::Quantity::parse_as(text, Dimension::CONCENTRATION).unwrap()
            };
            assert_eq!((found[0], found[776]), (end("0.3 fM"), end("0.7 mM")));
            assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        }
        let close = range("1 pM", "1.000000000001 pM", 100_000);
        let said = values(&close, Spacing::Even, Dimension::CONCENTRATION).unwrap_err().to_string();
        assert!(
            said.contains("are too close together for 64-bit numbers; use fewer, such as 2"),
            "{said}"
        );
    }
}
