//! Results of a dose-response: curves, and the potency read from each curve at each time.

use crate::dose_response::plan::Plan;
use crate::dose_response::single_cells::run::Population;
use crate::wells::Responses;
use il2_answer::sentence::Spread;
use il2_inference::curve::{Curve, HalfMaximal};
use il2_inference::statistics::central_interval;

/// Results of a dose-response.
pub struct Answer {
    /// For each ligand-cell pair: the best-value curve, then one per draw.
    pub(super) curves: Vec<Vec<Responses>>,
    /// Potencies by `[pair][time]`.
    pub potencies: Vec<Vec<Potency>>,
    /// Single cells, `[pair][time]`; empty if none were requested.
    pub cells: Vec<Vec<Population>>,
}

/// Potency of one ligand on one cell at one time.
pub struct Potency {
    /// Half-maximal dose, top and baseline.
    pub curve: Curve,
    /// Half-maximal dose of every draw.
    pub drawn: Vec<HalfMaximal>,
    /// Number of draws whose half-maximal dose is interpolated across a gap.
    pub across: usize,
    /// Band of the response over the draws, by dose, with the well without ligand first; empty
    /// without draws.
    pub bands: Vec<Band>,
}

/// The band of a response over the draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Lower end of the interval, in base units.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Number of draws that were solved.
    pub solved: usize,
}

impl Answer {
    /// Number of simulations that failed.
    pub fn failed(&self) -> usize {
        self.curves.iter().map(|of| of[0].failures.len()).sum()
    }

    /// Number of simulations of draws that failed, and the reason for the first.
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
        let (low, high) = potency.interval(plan.level);
        Spread { middle: potency.curve.ec50.value().unwrap_or(f64::NAN), low, high }
    }

    /// Ratio of the half-maximal dose of a pair to that of another at the same time, computed
    /// within each draw, because each draw uses the same rates and counts for both.
    pub fn ratio(&self, plan: &Plan, (pair, other, time): (usize, usize, usize)) -> Spread {
        let (above, below) = (&self.potencies[pair][time], &self.potencies[other][time]);
        let value = above.curve.ec50.value().zip(below.curve.ec50.value()).map(|(a, b)| a / b);
        let (low, high) = ratio_interval(above, below, plan.level);
        Spread { middle: value.unwrap_or(f64::NAN), low, high }
    }
}

impl Potency {
    /// Whether an end of the interval over the draws is interpolated across a gap although the
    /// curve's own EC50 is not.
    pub fn interval_across(&self, level: f64) -> bool {
        let tail = 0.5 * (1.0 - level) * self.drawn.len() as f64;
        self.curve.gap.is_none() && self.across as f64 > tail
    }

    /// The ends of the interval that these doses do not determine, because too many draws have no
    /// top or no response within them; such an end may be anywhere, even within the doses. An open
    /// lower end is known to be below the doses if every draw responds.
    pub fn undetermined(&self, level: f64) -> [bool; 2] {
        let (low, high) = self.interval(level);
        let flat = self.drawn.iter().any(|ec50| matches!(ec50, HalfMaximal::Flat));
        [low == f64::NEG_INFINITY && flat, high == f64::INFINITY]
    }

    /// Number of draws whose half-maximal dose these doses do not determine.
    pub fn undetermined_draws(&self) -> usize {
        let open = |ec50: &&HalfMaximal| matches!(ec50, HalfMaximal::Above(_) | HalfMaximal::Flat);
        self.drawn.iter().filter(open).count()
    }

    /// Interval of the half-maximal dose over the draws that were solved.
    fn interval(&self, level: f64) -> (f64, f64) {
        let one = (1.0, 1.0);
        let solved = self.drawn.iter().filter_map(|ec50| bounds(*ec50));
        interval(solved.map(|own| of_four([own, one, one, one])), level)
    }
}

/// Interval over draws, each of which is only known to be between two bounds, of which one or both
/// may be open. An end of the interval is infinite if the bounds do not limit it.
fn interval(draws: impl Iterator<Item = (f64, f64)>, level: f64) -> (f64, f64) {
    let (lows, highs): (Vec<f64>, Vec<f64>) = draws.unzip();
    (central_interval(lows, level).0, central_interval(highs, level).1)
}

/// Interval of the ratio of two half-maximal doses computed within each draw, because each draw
/// uses the same rates and counts for both.
fn ratio_interval(above: &Potency, below: &Potency, level: f64) -> (f64, f64) {
    let one = (1.0, 1.0);
    let both = above.drawn.iter().zip(&below.drawn);
    let both = both.filter_map(|(a, b)| Some(of_four([bounds(*a)?, bounds(*b)?, one, one])));
    interval(both, level)
}

/// Bounds of a half-maximal dose, open where it is beyond the tested doses; none if it is unknown.
pub fn bounds(ec50: HalfMaximal) -> Option<(f64, f64)> {
    match ec50 {
        HalfMaximal::At(dose) => Some((dose, dose)),
        HalfMaximal::Below(dose) => Some((0.0, dose)),
        HalfMaximal::Above(dose) => Some((dose, f64::INFINITY)),
        HalfMaximal::Flat => Some((0.0, f64::INFINITY)),
        HalfMaximal::Unknown => None,
    }
}

/// The smallest and largest possible value of (a / b) / (c / d); infinite where it is open.
pub fn of_four([a, b, c, d]: [(f64, f64); 4]) -> (f64, f64) {
    let low = (a.0 / b.1) / (c.1 / d.0);
    let high = (a.1 / b.0) / (c.0 / d.1);
    let open = |v: f64, end: f64| if v.is_finite() && v > 0.0 { v } else { end };
    (open(low, f64::NEG_INFINITY), open(high, f64::INFINITY))
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
        assert_eq!(low.interval(0.9), (f64::NEG_INFINITY, 2.0));
        // Below the doses is known to be below; without a top or a response, nothing is known.
        assert_eq!([&low, &high].map(|p| p.undetermined(0.9)), [[false; 2], [false, true]]);
        let flat = potency(vec![HalfMaximal::Flat, at(2.0), at(2.0)]);
        assert_eq!((flat.undetermined(0.9), flat.undetermined_draws()), ([true; 2], 1));
        // The ratios are 2/3 or less, 2/3 or less, and 4/5: the lower end is interpolated as
        // between finite values.
        let (least, most) = ratio_interval(&low, &high, 0.9);
        assert!(least == f64::NEG_INFINITY && (most - (0.9 * 0.8 + 0.1 * 2.0 / 3.0)).abs() < 1e-12);
        // An EC50 beyond the doses counts from the highest dose: 3 or more is at least 1.5 times 2.
        let [two, beyond] = [at(2.0), above].map(|ec50| potency(vec![ec50; 3]));
        assert_eq!(beyond.interval(0.9), (3.0, f64::INFINITY));
        assert_eq!(ratio_interval(&beyond, &two, 0.9), (1.5, f64::INFINITY));
        assert_eq!(ratio_interval(&two, &beyond, 0.9), (f64::NEG_INFINITY, 2.0 / 3.0));
        assert_eq!(ratio_interval(&beyond, &beyond, 0.9), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn draws_beyond_the_doses_bound_the_ratio_of_ratios_as_far_as_the_doses_go() {
        let (infinite, one) = (f64::INFINITY, (1.0, 1.0));
        let above = (100.0, infinite);
        assert_eq!(of_four([above, one, one, one]), (100.0, infinite));
        assert_eq!(of_four([one, one, above, one]), (-infinite, 0.01));
        assert_eq!(of_four([above, one, above, one]), (-infinite, infinite));
        assert_eq!(of_four([(0.0, 0.1), one, one, one]), (-infinite, 0.1));
        assert_eq!(of_four([(6.0, 6.0), (2.0, 2.0), (3.0, 3.0), (2.0, 2.0)]), (2.0, 2.0));
    }

    #[test]
    fn a_draw_that_was_not_solved_is_left_out() {
        let potency = Potency {
            curve: read_curve(&[1.0, 2.0, 3.0], &[0.1, 0.5, 1.0], 0.0, &Tolerance::default()),
            drawn: vec![HalfMaximal::At(2.0), HalfMaximal::Unknown, HalfMaximal::Above(3.0)],
            across: 0,
            bands: vec![],
        };
        // EC50s beyond the doses count, unknown ones do not.
        assert_eq!(potency.interval(0.0), (2.5, f64::INFINITY));
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
        // Two pairs, each with a best-value curve and two draws.
        let lanes = [
            curve(Some((1, "the middle fails"))),
            curve(None),
            curve(Some((1, "too many steps"))),
            curve(None),
            curve(Some((0, "too small a step"))),
            curve(None),
        ];
        let [a, b, c, d, e, f] = lanes;
        let answer =
            Answer { curves: vec![vec![a, b, c], vec![d, e, f]], potencies: vec![], cells: vec![] };
        assert_eq!(
            (answer.failed(), answer.failed_draws()),
            (1, (2, "no steady state was found: too many steps".to_string()))
        );
        let answer = Answer { curves: vec![vec![curve(None)]], potencies: vec![], cells: vec![] };
        assert_eq!((answer.failed(), answer.failed_draws()), (0, (0, String::new())));
    }
}
