//! The highest density from a start, and profile likelihoods.

use crate::posterior::{Evaluation, Posterior};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use serde::{Deserialize, Serialize};

/// Most steps of a search.
const MOST_STEPS: usize = 200;
/// A search ends when a step promises or gains less than this in log density: far less than matters, and
/// close to the error of the integration.
const GAIN: f64 = 1e-5;

/// The end of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Optimum {
    /// The unknowns, in the units of their priors.
    pub at: Vec<f64>,
    /// Density there; minus infinity (none in JSON) where the model could not be simulated.
    #[serde(deserialize_with = "or_minus_infinity")]
    pub log_density: f64,
    /// Number of steps.
    pub steps: usize,
    /// Whether it converged.
    pub converged: bool,
}

fn or_minus_infinity<'de, D: serde::Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(from)?.unwrap_or(f64::NEG_INFINITY))
}

/// Climbs from a start by damped Fisher scoring (Levenberg 1944, Marquardt 1963): the expected curvature
/// replaces the Hessian. The unknown `held` is fixed.
pub fn climb(posterior: &Posterior, start: &[f64], held: Option<usize>) -> Optimum {
    let mut at = start.to_vec();
    let mut found = match posterior.evaluate(&at) {
        Ok(found) => found,
        Err(_) => {
            return Optimum { at, log_density: f64::NEG_INFINITY, steps: 0, converged: false };
        }
    };
    let free: Vec<usize> = (0..at.len()).filter(|k| Some(*k) != held).collect();
    let mut damping = 1e-2;
    for steps in 1..=MOST_STEPS {
        let Some((step, promised)) = step(&found, &free, damping) else { break };
        if promised < GAIN {
            return Optimum { at, log_density: found.log_density, steps, converged: true };
        }
        let mut next = at.clone();
        free.iter().zip(&step).for_each(|(&k, step)| next[k] += step);
        let gained = posterior.evaluate(&next).ok();
        let gain = gained.as_ref().map_or(f64::NEG_INFINITY, |g| g.log_density - found.log_density);
        if gain >= 0.0 {
            (at, found) = (next, gained.expect("it gained"));
            damping = (damping * 0.2).max(1e-12);
            if gain < GAIN {
                return Optimum { at, log_density: found.log_density, steps, converged: true };
            }
        } else if damping > 1e8 {
            // No step, however short, gains more than rounding.
            return Optimum { at, log_density: found.log_density, steps, converged: true };
        } else {
            damping *= 6.0;
        }
    }
    Optimum { at, log_density: found.log_density, steps: MOST_STEPS, converged: false }
}

/// A step, and half of the gain by its slope, which is the gain if the curvature is as expected.
fn step(found: &Evaluation, free: &[usize], damping: f64) -> Option<(Vec<f64>, f64)> {
    let n = free.len();
    let entry = |i: usize, j: usize| {
        let prior = f64::from(u8::from(i == j));
        let own = found.information[(free[i], free[j])] + prior;
        own + damping * own * prior
    };
    let matrix = Mat::from_fn(n, n, entry);
    let gradient = Mat::from_fn(n, 1, |i, _| found.gradient[free[i]]);
    let step = matrix.llt(Side::Lower).ok()?.solve(&gradient);
    // Limited by the priors: a step of many standard deviations leads to points that cannot be simulated.
    let longest = (0..n).map(|i| step[(i, 0)].abs()).fold(0.0, f64::max);
    let short = if longest > 2.0 { 2.0 / longest } else { 1.0 };
    let step: Vec<f64> = (0..n).map(|i| step[(i, 0)] * short).collect();
    let promised = step.iter().zip(free).map(|(s, &k)| 0.5 * s * found.gradient[k]).sum();
    Some((step, promised))
}

/// A point of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfilePoint {
    /// The fixed unknown, in units of its prior.
    pub z: f64,
    /// Highest density there without the prior of the fixed unknown: its profile likelihood.
    pub log_likelihood: f64,
}

/// The profile likelihood of an unknown, all others free, from the best fit to both sides until it has fallen
/// by `fall` or the unknown is four standard deviations of its prior from the centre (Raue et al. 2009).
pub fn profile(posterior: &Posterior, best: &[f64], held: usize, fall: f64) -> Vec<ProfilePoint> {
    let without_prior = |f: &Optimum| f.log_density + 0.5 * f.at[held] * f.at[held];
    let begin = climb(posterior, best, Some(held));
    let mut points =
        vec![ProfilePoint { z: begin.at[held], log_likelihood: without_prior(&begin) }];
    for direction in [-1.0, 1.0] {
        let (mut from, mut width) = (begin.clone(), 0.05);
        let mut highest = without_prior(&begin);
        for _ in 0..60 {
            let mut at = from.at.clone();
            at[held] = (at[held] + direction * width).clamp(-REACH, REACH);
            if at[held] == from.at[held] {
                break;
            }
            let next = climb(posterior, &at, Some(held));
            let (before, now) = (without_prior(&from), without_prior(&next));
            if now == f64::NEG_INFINITY {
                break;
            }
            // A point slightly below the one before: the curve is read by linear interpolation.
            let change = (before - now).abs();
            if change > 0.8 && width > 1e-3 {
                width *= 0.5;
                continue;
            }
            points.push(ProfilePoint { z: next.at[held], log_likelihood: now });
            highest = highest.max(now);
            from = next;
            if change < 0.25 {
                width = (width * 1.8_f64).min(0.5);
            }
            if highest - now > fall {
                break;
            }
        }
    }
    points.sort_by(|a, b| a.z.total_cmp(&b.z));
    points
}

/// A profile ends this many standard deviations of the prior from its centre.
pub const REACH: f64 = 4.0;
