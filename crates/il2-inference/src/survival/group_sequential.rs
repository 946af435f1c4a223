//! Interim analyses of a comparison: limits that control the overall probability of a false
//! positive.
//!
//! The statistic of an analysis at a fraction t of the information is Z, and Z sqrt(t) is a random
//! walk with independent steps (Armitage, McPherson and Rowe 1969, J R Stat Soc A 132:235). The
//! limit at each analysis spends a part of the probability of a false positive that was fixed
//! beforehand (Lan and DeMets 1983, Biometrika 70:659).

use super::distributions::{halve, normal_below};
use super::error::{StatisticsError, inner_part, within};
use il2_engine::math;
use std::f64::consts::{E, PI};

/// How the allowed probability of a false positive is distributed over the analyses, as a function
/// of the fraction of the information that each of them has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spending {
    /// Little is spent at first: limits like those of O'Brien and Fleming.
    OBrienFleming,
    /// It is spent evenly: limits like those of Pocock.
    Pocock,
}

impl Spending {
    /// The part of a one-sided probability `alpha` that is spent up to a fraction of the
    /// information (0 to 1).
    pub fn spent(self, alpha: f64, part: f64) -> f64 {
        match self {
            Self::OBrienFleming => {
                let end = math::normal_quantile(1.0 - 0.5 * alpha);
                2.0 * normal_below(-end / part.sqrt())
            }
            Self::Pocock => alpha * math::ln_1p((E - 1.0) * part),
        }
    }
}

/// Number of points of the density of the random walk (odd, for Simpson's rule), and the range
/// covered, in standard deviations.
const POINTS: usize = 801;
const FAR: f64 = 8.0;

/// The density of the random walk for comparisons that have not been stopped.
struct Walk {
    information: f64,
    /// Positions, each with the density times the width of the interval around it.
    mass: Vec<(f64, f64)>,
}

impl Walk {
    /// The random walk before the first analysis.
    fn new() -> Self {
        Self { information: 0.0, mass: vec![(0.0, 1.0)] }
    }

    /// Probabilities of being beyond `limit`, above and below, at an analysis, given the drift of
    /// the random walk.
    fn beyond(&self, to: f64, limit: f64, drift: f64) -> (f64, f64) {
        let step = to - self.information;
        let (end, width) = (limit * to.sqrt(), step.sqrt());
        let of = |side: f64| {
            let chance = |(s, mass): &(f64, f64)| {
                mass * normal_below((side * (s + drift * step) - end) / width)
            };
            self.mass.iter().map(chance).sum()
        };
        (of(1.0), of(-1.0))
    }

    /// The density after an analysis, for comparisons within its limit.
    fn after(&self, to: f64, limit: f64, drift: f64) -> Self {
        let step = to - self.information;
        let half = limit.min(FAR + drift.abs()) * to.sqrt();
        let width = 2.0 * half / (POINTS - 1) as f64;
        let point = |k: usize| {
            let place = -half + width * k as f64;
            let density = |(s, mass): &(f64, f64)| {
                let away = place - s - drift * step;
                mass * math::exp(-0.5 * away * away / step) / (2.0 * PI * step).sqrt()
            };
            let simpson = match k {
                0 => 1.0,
                _ if k == POINTS - 1 => 1.0,
                _ if k % 2 == 1 => 4.0,
                _ => 2.0,
            };
            (place, self.mass.iter().map(density).sum::<f64>() * simpson * width / 3.0)
        };
        Self { information: to, mass: (0..POINTS).map(point).collect() }
    }
}

/// Limits of |Z| for analyses at these fractions of the information, which increase up to 1. A
/// value beyond the limit indicates a difference, with a two-sided probability `alpha` of a false
/// positive over all analyses.
pub fn limits(spending: Spending, alpha: f64, parts: &[f64]) -> Result<Vec<f64>, StatisticsError> {
    let one_sided = 0.5 * inner_part("the two-sided alpha", alpha)?;
    let mut walk = Walk::new();
    let mut spent = 0.0;
    let mut all = vec![];
    for (row, part) in parts.iter().enumerate() {
        let before = walk.information;
        let allowed = "a number above that of the previous analysis and at most 1";
        within("the information fraction", row, *part, allowed, |t| t > before && t <= 1.0)?;
        let up_to = spending.spent(one_sided, *part);
        let here = 2.0 * (up_to - spent);
        let limit = halve(0.0, 40.0, |limit| {
            let (above, below) = walk.beyond(*part, limit, 0.0);
            above + below > here
        });
        walk = walk.after(*part, limit, 0.0);
        spent = up_to;
        all.push(limit);
    }
    Ok(all)
}

/// Probabilities of first being beyond these limits at each analysis, above and below, if the final
/// Z has the mean `drift`.
pub fn chances(
    parts: &[f64],
    limits: &[f64],
    drift: f64,
) -> Result<Vec<(f64, f64)>, StatisticsError> {
    super::error::same_length("the column of limits", limits.len(), parts.len())?;
    let mut walk = Walk::new();
    let mut all = vec![];
    for (row, (part, limit)) in parts.iter().zip(limits).enumerate() {
        let before = walk.information;
        let allowed = "a number above that of the previous analysis and at most 1";
        within("the information fraction", row, *part, allowed, |t| t > before && t <= 1.0)?;
        all.push(walk.beyond(*part, *limit, drift));
        walk = walk.after(*part, *limit, drift);
    }
    Ok(all)
}

/// Probability that the final Z is above `limit` if the trend observed up to this fraction of the
/// information (0 to 1) continues: conditional power under the current trend (Lan and Wittes 1988,
/// Biometrics 44:579).
pub fn conditional_power(z: f64, part: f64, limit: f64) -> f64 {
    normal_below((z / part.sqrt() - limit) / (1.0 - part).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: &[f64], expected: &[f64], by: f64) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < by, "{found}, expected {expected}");
        }
    }

    const FIFTHS: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];

    #[test]
    fn limits_are_those_of_published_tables() {
        // Values printed by the programs of Reboussin, DeMets, Kim and Lan for two-sided 0.05.
        // These integrals are accurate to about the last digit printed; Gauss's rule with 400 nodes
        // gives the second line of each.
        let found = limits(Spending::OBrienFleming, 0.05, &FIFTHS).unwrap();
        near(&found, &[4.8769, 3.3569, 2.6803, 2.2898, 2.0310], 1.2e-4);
        near(&found, &[4.87688495, 3.35701192, 2.68028006, 2.28981677, 2.03103204], 1e-7);
        let found = limits(Spending::Pocock, 0.05, &FIFTHS).unwrap();
        near(&found, &[2.4380, 2.4268, 2.4101, 2.3966, 2.3859], 1.2e-4);
        near(&found, &[2.43797669, 2.42681386, 2.41019384, 2.39664540, 2.38598457], 1e-7);
    }

    #[test]
    fn the_chance_of_a_false_finding_is_spent_and_no_more() {
        for spending in [Spending::OBrienFleming, Spending::Pocock] {
            let found = limits(spending, 0.05, &FIFTHS).unwrap();
            let all = chances(&FIFTHS, &found, 0.0).unwrap();
            let sum: f64 = all.iter().map(|(above, below)| above + below).sum();
            assert!((sum - 0.05).abs() < 1e-7, "{sum}");
            assert!(all.iter().all(|(above, below)| (above - below).abs() < 1e-9));
        }
    }

    #[test]
    fn one_look_is_an_ordinary_test() {
        near(&limits(Spending::Pocock, 0.05, &[1.0]).unwrap(), &[1.959964], 1e-6);
        // For a power of 0.9 the drift is the sum of both quantiles.
        let drift = 1.959964 + 1.281552;
        let found = chances(&[1.0], &[1.959964], drift).unwrap();
        assert!((found[0].0 - 0.9).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn looks_cost_power_and_constant_limits_inflate_the_false_findings() {
        // Five analyses at 1.96 find a difference that does not exist in 14.2 % of trials
        // (Armitage, McPherson and Rowe 1969).
        let all = chances(&FIFTHS, &[1.959964; 5], 0.0).unwrap();
        let sum: f64 = all.iter().map(|(above, below)| above + below).sum();
        assert!((sum - 0.142).abs() < 5e-4, "{sum}");
        let looks = limits(Spending::OBrienFleming, 0.05, &[0.5, 1.0]).unwrap();
        let of = |parts: &[f64], limits: &[f64]| -> f64 {
            chances(parts, limits, 3.0).unwrap().iter().map(|(above, _)| above).sum()
        };
        let (with, without) = (of(&[0.5, 1.0], &looks), of(&[1.0], &[1.959964]));
        assert!(with < without && with > without - 0.01, "{with} {without}");
    }

    #[test]
    fn conditional_power_is_certain_at_the_end_and_even_on_the_line_to_the_limit() {
        // A trend that leads exactly to the limit.
        assert!((conditional_power(1.96 * 0.5f64.sqrt(), 0.5, 1.96) - 0.5).abs() < 1e-12);
        assert!(conditional_power(0.0, 0.9, 1.96) < 1e-8);
        assert!(conditional_power(3.0, 0.9, 1.96) > 0.99);
    }

    #[test]
    fn looks_out_of_order_are_refused() {
        for parts in [&[0.5, 0.5][..], &[0.5, 1.1], &[0.0, 1.0]] {
            let message = limits(Spending::Pocock, 0.05, parts).unwrap_err().to_string();
            assert!(message.contains("the information fraction of row"), "{message}");
        }
    }
}
