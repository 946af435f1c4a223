//! Names, quantities, doses and grids of a study, read or refused with a remedy.

use crate::error::StudyError;
use crate::ranges;
use crate::study::text::{Grid, QuantityText};
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
        let message = "pstat5 needs a model with stat5 = true, below [models.NAME], named by the assay's model";
        return StudyError::at(at, format!("unknown readout \"{}\"; {message}", shown(name)));
    }
    let chain = chain_called(name).filter(|chain| known.clone().any(|k| k == *chain));
    let hint = match chain.or_else(|| closest(name, known.clone())) {
        Some(near) => format!("did you mean {near}?"),
        None => {
            let all = some_of(name, known);
            match all.is_empty() {
                true => format!("{place} is empty; add it there"),
                false => format!("{place} has {all}"),
            }
        }
    };
    StudyError::at(at, format!("unknown {what} \"{}\"; {hint}", shown(name)))
}

/// Other names of chains, as they stand in the field, in small letters.
pub const CHAINS: [(&str, &[&str]); 8] = [
    ("il2r_alpha", &["cd25", "il2ra"]),
    ("il2r_beta", &["cd122", "il2rb"]),
    ("gamma_c", &["cd132", "il2rg"]),
    ("il15r_alpha", &["cd215", "il15ra"]),
    ("il7r_alpha", &["cd127", "il7ra"]),
    ("il9r_alpha", &["cd129", "il9ra"]),
    ("il4r_alpha", &["cd124", "il4ra"]),
    ("il21r_alpha", &["cd360", "il21r"]),
];

/// The chain that the field calls so.
fn chain_called(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    CHAINS.iter().find(|(_, others)| others.contains(&name.as_str())).map(|(chain, _)| *chain)
}

/// A quantity of the dimension `needed`, finite and not negative; base units.
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

/// The same, with an example for the error that suits the place.
pub fn quantity_like(
    at: &str,
    text: &QuantityText,
    needed: Dimension,
    like: &Like,
) -> Result<f64, StudyError> {
    let value = Quantity::parse_like(&text.0, needed, like).map_err(|e| StudyError::at(at, e.0))?;
    not_negative(at, &text.0, value, like.example)
}

/// A concentration of a ligand, in mol, mass or IU per volume; pM.
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

/// Points of a range.
pub const MOST_POINTS: u32 = 100_000;

/// Spacing of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Even steps.
    Even,
    /// Even ratios; both ends above zero.
    Logarithmic,
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
            let values: Vec<f64> = all
                .iter()
                .enumerate()
                .map(|(i, text)| read(&format!("{at}[{i}]"), text))
                .collect::<Result<_, _>>()?;
            for (i, pair) in values.windows(2).enumerate() {
                if pair[1] <= pair[0] {
                    let at = format!("{at}[{}]", i + 1);
                    let text = shown(&all[i + 1].0);
                    return Err(StudyError::at(
                        at,
                        format!(
                            "\"{text}\" is not above the value before it; list them in \
                             increasing order"
                        ),
                    ));
                }
            }
            Ok(values)
        }
        Grid::Range(range) => {
            let (from, to) =
                (read(&format!("{at}.from"), &range.from)?, read(&format!("{at}.to"), &range.to)?);
            let points = range.points;
            if !(2..=MOST_POINTS).contains(&points) {
                let at = format!("{at}.points");
                let message = format!("{points} is not allowed; use 2 to {MOST_POINTS}");
                return Err(StudyError::at(at, message));
            }
            if to <= from {
                let to = shown(&range.to.0);
                return Err(StudyError::at(
                    format!("{at}.to"),
                    format!("\"{to}\" is not above from; swap them"),
                ));
            }
            if spacing == Spacing::Logarithmic && from <= 0.0 {
                let from = shown(&range.from.0);
                return Err(StudyError::at(
                    format!("{at}.from"),
                    format!("\"{from}\" has no logarithm; start above zero or give a list"),
                ));
            }
            let last = f64::from(points - 1);
            // Multiply before dividing, and recognise whole decades (a quotient of two decimal numbers may
            // miss them by a bit), so that round values stay round.
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
                        "{points} values between \"{}\" and \"{}\" are too close for numbers of \
                         64 bits; use fewer, such as 2",
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
            said.contains("are too close for numbers of 64 bits; use fewer, such as 2"),
            "{said}"
        );
    }
}
