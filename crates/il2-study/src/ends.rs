//! The two ends of a range, before the key that they are for is known.

use crate::error::StudyError;
use crate::whole::MOST_POINTS;
use il2::quantity::{Quantity, what};
use il2_engine::words::shown;

/// Refuses two ends of a range that differ in what they measure; text that is no quantity is left to
/// whoever reads it.
pub fn ends(from: &str, to: &str) -> Result<(), StudyError> {
    let (Ok(first), Ok(last)) = (Quantity::parse(from), Quantity::parse(to)) else { return Ok(()) };
    if first.dimension == last.dimension {
        return Ok(());
    }
    let ends = format!("\"{}\" is {}", shown(from), what(first.dimension));
    let message = format!(
        "{ends} and \"{}\" is {}; give both in the same unit",
        shown(to),
        what(last.dimension)
    );
    Err(StudyError::at("", message))
}

/// Evenly spaced quantities between two ends, both included, in the unit of the second; none if these
/// are not two quantities of one dimension, or fewer than two points are asked for.
pub fn spaced(from: &str, to: &str, points: usize) -> Option<Vec<String>> {
    let (first, last) = (Quantity::parse(from).ok()?, Quantity::parse(to).ok()?);
    let (unit, one) = Quantity::unit_of(to).ok()?;
    if first.dimension != last.dimension || !(2..=MOST_POINTS as usize).contains(&points) {
        return None;
    }
    let part = |i: usize| i as f64 / (points - 1) as f64;
    let at = |i: usize| first.value + (last.value - first.value) * part(i);
    Some((0..points).map(|i| format!("{} {unit}", at(i) / one)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_measure_the_same() {
        assert!(
            ends("1 pM", "1 uM").is_ok() && ends("0 h", "2 d").is_ok() && ends("x", "1 h").is_ok()
        );
        let said = ends("1 pM", "1 h").unwrap_err().message;
        assert_eq!(
            said,
            "\"1 pM\" is a concentration and \"1 h\" is a time; give both in the same unit"
        );
    }

    #[test]
    fn quantities_are_spaced_in_the_unit_of_the_last() {
        let all = |from, to, points| spaced(from, to, points).unwrap_or_default().join(", ");
        assert_eq!(all("0 min", "24 h", 5), "0 h, 6 h, 12 h, 18 h, 24 h");
        assert_eq!(all("12 h", "2 d", 2), "0.5 d, 2 d");
        assert_eq!((all("1 pM", "1 h", 3), all("0 h", "1 h", 1)), (String::new(), String::new()));
    }
}
