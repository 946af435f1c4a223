//! What a dose-response gives: curves, and the potency read off each of them at each time.

use crate::dose_response::plan::Plan;
use crate::sentence::Spread;
use crate::wells::Responses;
use il2_inference::curve::{Curve, HalfMaximal};
use il2_inference::statistics::central_interval;

/// What a dose-response gives.
pub struct Answer {
    /// By pair: its curve, and then those of its draws.
    pub(super) curves: Vec<Vec<Responses>>,
    /// `[pair][time]`.
    pub potencies: Vec<Vec<Potency>>,
}

/// What is read off one ligand on one cell at one time.
pub struct Potency {
    /// Half-maximal dose, top and baseline.
    pub curve: Curve,
    /// Half-maximal dose of every draw.
    pub drawn: Vec<HalfMaximal>,
    /// Draws whose half-maximal dose is read across a gap.
    pub across: usize,
    /// The response over the draws, dose by dose, that of no ligand first; empty without draws.
    pub bands: Vec<Band>,
}

/// A response over the draws of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Lower end of the interval, in base units.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Draws that were solved.
    pub solved: usize,
}

impl Answer {
    /// Simulations that were not solved.
    pub fn failed(&self) -> usize {
        self.curves.iter().map(|of| of[0].failures.len()).sum()
    }

    /// Simulations of draws that were not solved, and the reason of the first.
    pub fn failed_draws(&self) -> (usize, String) {
        let drawn = self.curves.iter().flat_map(|of| &of[1..]);
        let mut reasons = drawn.flat_map(|responses| responses.failures.values());
        let first = reasons.next();
        let reason = first.map_or(String::new(), |why| why.to_string());
        (usize::from(first.is_some()) + reasons.count(), reason)
    }

    /// Half-maximal dose (pM) of a pair at a time, with its interval over the draws.
    pub fn ec50(&self, plan: &Plan, (pair, time): (usize, usize)) -> Spread {
        let potency = &self.potencies[pair][time];
        let (low, high) = central_interval(potency.solved(), plan.level);
        Spread { middle: potency.curve.ec50.value().unwrap_or(f64::NAN), low, high }
    }

    /// Ratio of the half-maximal dose of a pair to that of another at the same time, draw by draw: in a
    /// draw both stand on the same rates and counts.
    pub fn ratio(&self, plan: &Plan, (pair, other, time): (usize, usize, usize)) -> Spread {
        let (above, below) = (&self.potencies[pair][time], &self.potencies[other][time]);
        let value = above.curve.ec50.value().zip(below.curve.ec50.value()).map(|(a, b)| a / b);
        let (low, high) = ratio_interval(above, below, plan.level);
        Spread { middle: value.unwrap_or(f64::NAN), low, high }
    }
}

impl Potency {
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
fn ratio_interval(above: &Potency, below: &Potency, level: f64) -> (f64, f64) {
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
        let potency = |drawn: Vec<HalfMaximal>| Potency {
            curve: read_curve(&[1.0, 2.0, 3.0], &[0.1, 0.5, 1.0], 0.0, &Tolerance::default()),
            drawn,
            across: 0,
            bands: vec![],
        };
        let (at, below, above) =
            (HalfMaximal::At, HalfMaximal::Below(1.0), HalfMaximal::Above(3.0));
        let low = potency(vec![below, at(2.0), at(2.0)]);
        let high = potency(vec![at(1.5), above, at(2.5)]);
        assert_eq!(central_interval(low.solved(), 0.9), (f64::NEG_INFINITY, 2.0));
        assert_eq!(ratio_interval(&low, &high, 0.9), (f64::NEG_INFINITY, 0.8));
    }

    #[test]
    fn a_draw_that_was_not_solved_is_left_out() {
        let potency = Potency {
            curve: read_curve(&[1.0, 2.0, 3.0], &[0.1, 0.5, 1.0], 0.0, &Tolerance::default()),
            drawn: vec![HalfMaximal::At(2.0), HalfMaximal::Unknown, HalfMaximal::Above(3.0)],
            across: 0,
            bands: vec![],
        };
        // What lies beyond the doses counts, what is not known does not.
        assert_eq!(potency.solved(), [2.0, f64::INFINITY]);
    }

    #[test]
    fn a_draw_that_was_not_solved_is_left_out_and_counted() {
        let curve = |failed: Option<(usize, &str)>| Responses {
            values: vec![1.0; 2],
            times: 1,
            failures: failed
                .map(|(dose, why)| (dose, il2_engine::LaneFailure::NoSteadyState(why.into())))
                .into_iter()
                .collect(),
        };
        // Two pairs of a middle curve and two draws.
        let lanes = [
            curve(Some((1, "the middle fails"))),
            curve(None),
            curve(Some((1, "too many steps"))),
            curve(None),
            curve(Some((0, "too small a step"))),
            curve(None),
        ];
        let [a, b, c, d, e, f] = lanes;
        let answer = Answer { curves: vec![vec![a, b, c], vec![d, e, f]], potencies: vec![] };
        assert_eq!(
            (answer.failed(), answer.failed_draws()),
            (1, (2, "no steady state was found: too many steps".to_string()))
        );
        let answer = Answer { curves: vec![vec![curve(None)]], potencies: vec![] };
        assert_eq!((answer.failed(), answer.failed_draws()), (0, (0, String::new())));
    }
}
