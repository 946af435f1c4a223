//! What is read off one ligand on one cell at one time, and off the draws behind its interval.

use il2_inference::curve::{Curve, HalfMaximal};
use il2_inference::statistics::central_interval;

/// Everything read off one pair at one time.
pub struct Reading {
    pub curve: Curve,
    /// Half-maximal dose of every draw.
    pub drawn: Vec<HalfMaximal>,
    /// Draws whose half-maximal dose is read across a gap.
    pub across: usize,
    /// Dose, and the interval of the response over the draws.
    pub band: Vec<(f64, f64, f64)>,
}

impl Reading {
    /// Whether an end of the interval over the draws is read across a gap that the curve's own EC50 is not.
    pub fn interval_across(&self, level: f64) -> bool {
        let tail = 0.5 * (1.0 - level) * self.drawn.len() as f64;
        self.curve.gap.is_none() && self.across as f64 > tail
    }

    /// EC50s of the draws that were solved; infinite on its side where one lies beyond the doses.
    pub fn solved(&self) -> Vec<f64> {
        self.drawn.iter().filter_map(|ec50| sided(*ec50)).collect()
    }
}

/// A half-maximal dose, infinite on its side where it lies beyond the doses.
fn sided(ec50: HalfMaximal) -> Option<f64> {
    match ec50 {
        HalfMaximal::At(dose) => Some(dose),
        HalfMaximal::Below(_) => Some(f64::NEG_INFINITY),
        HalfMaximal::Above(_) | HalfMaximal::Flat => Some(f64::INFINITY),
        HalfMaximal::Unknown => None,
    }
}

/// Interval of the ratio of two half-maximal doses over the draws, in which both stand on the same rates
/// and counts. Where both lie beyond the doses on one side, their ratio may be anything.
pub fn ratio_interval(above: &Reading, below: &Reading, level: f64) -> (f64, f64) {
    let both = above.drawn.iter().zip(&below.drawn);
    let both = both.filter_map(|(a, b)| sided(*a).zip(sided(*b)));
    let ratios = |unknown: f64| {
        both.clone().map(move |(a, b)| match (a.is_finite(), b.is_finite()) {
            (true, true) => a / b,
            (false, true) => a,
            (true, false) => -b,
            (false, false) if a == b => unknown,
            (false, false) => a,
        })
    };
    let low = central_interval(ratios(f64::NEG_INFINITY).collect(), level).0;
    let high = central_interval(ratios(f64::INFINITY).collect(), level).1;
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_engine::Tolerance;
    use il2_inference::curve::read_curve;

    #[test]
    fn draws_beyond_the_doses_open_an_interval_on_their_side() {
        let reading = |drawn: Vec<HalfMaximal>| Reading {
            curve: read_curve(&[1.0, 2.0, 3.0], &[0.1, 0.5, 1.0], 0.0, &Tolerance::default()),
            drawn,
            across: 0,
            band: vec![],
        };
        let (at, below, above) =
            (HalfMaximal::At, HalfMaximal::Below(1.0), HalfMaximal::Above(3.0));
        let low = reading(vec![below, at(2.0), at(2.0)]);
        let high = reading(vec![at(1.5), above, at(2.5)]);
        assert_eq!(central_interval(low.solved(), 0.9), (f64::NEG_INFINITY, 2.0));
        assert_eq!(ratio_interval(&low, &high, 0.9), (f64::NEG_INFINITY, 0.8));
    }

    #[test]
    fn a_draw_that_was_not_solved_is_left_out() {
        let reading = Reading {
            curve: read_curve(&[1.0, 2.0, 3.0], &[0.1, 0.5, 1.0], 0.0, &Tolerance::default()),
            drawn: vec![HalfMaximal::At(2.0), HalfMaximal::Unknown, HalfMaximal::Above(3.0)],
            across: 0,
            band: vec![],
        };
        // What lies beyond the doses counts, what is not known does not.
        assert_eq!(reading.solved(), [2.0, f64::INFINITY]);
    }
}
