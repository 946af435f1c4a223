//! Search for the maximum of the density from a given start, and profile likelihoods.

use crate::no_answer::NoAnswer;
use crate::posterior::{Evaluation, Posterior};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use serde::{Deserialize, Serialize};

/// Largest number of steps of a search.
const MOST_STEPS: usize = 200;
/// A search of a density that is integrated ends when the predicted or actual gain is below this value,
/// which is negligible and close to the error of the integration.
pub const GAIN: f64 = 1e-5;
/// A search that ends because no step is fruitful has converged if its first fruitless step promised
/// less than this; otherwise the gradient there is wrong, or the density is not smooth.
const MOST_MISSED: f64 = 0.1;

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Optimum {
    /// The unknowns, in the units of their priors.
    pub at: Vec<f64>,
    /// Log density at the end; minus infinity (null in JSON) if the model could not be simulated.
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

/// The maximum of the density of a fit from a given start; the unknown `held` is fixed.
pub fn climb(posterior: &Posterior, start: &[f64], held: Option<usize>) -> Optimum {
    let free: Vec<usize> = (0..start.len()).filter(|k| Some(*k) != held).collect();
    climb_by(&|at| posterior.evaluate(at), (STANDARD_NORMAL, GAIN), start, &free)
}

/// Curvature of a standard normal prior of every unknown.
const STANDARD_NORMAL: f64 = 1.0;

/// Maximises from a given start by damped Fisher scoring (Levenberg 1944, Marquardt 1963): the
/// expected curvature replaces the Hessian. The difference from the Hessian is learnt from the
/// gradients during the search, and used if it predicts gains better (Dennis, Gay & Welsch 1981,
/// ACM Trans Math Softw 7:348); without it the last part of a search, along a valley, takes several
/// times as many steps. Only the unknowns in `free` move. `prior` is the curvature of their priors,
/// which the information of an evaluation does not include; it is 0 if they have no priors. The
/// search ends when a step gains, or is predicted to gain, less than `least`.
pub fn climb_by(
    evaluate: &dyn Fn(&[f64]) -> Result<Evaluation, NoAnswer>,
    (prior, least): (f64, f64),
    start: &[f64],
    free: &[usize],
) -> Optimum {
    let mut at = start.to_vec();
    let mut found = match evaluate(&at) {
        Ok(found) => found,
        Err(_) => {
            return Optimum { at, log_density: f64::NEG_INFINITY, steps: 0, converged: false };
        }
    };
    let mut damping = 1e-2;
    // The gain that the first of several fruitless steps promised.
    let mut missed: Option<f64> = None;
    let mut lacking = Lacking { curvature: Mat::zeros(free.len(), free.len()), used: false, prior };
    for steps in 1..=MOST_STEPS {
        let expected = expected(&found, free, prior);
        let Some((step, promised)) = lacking.step(&found, &expected, free, damping) else { break };
        if promised < least {
            let converged = missed.is_none_or(|gain| gain < MOST_MISSED);
            return Optimum { at, log_density: found.log_density, steps, converged };
        }
        let mut next = at.clone();
        free.iter().zip(&step).for_each(|(&k, step)| next[k] += step);
        let gained = evaluate(&next).ok();
        let gain = gained.as_ref().map_or(f64::NEG_INFINITY, |g| g.log_density - found.log_density);
        lacking.compare(&found, &expected, free, &step, gain);
        if gain >= 0.0 {
            let before = std::mem::replace(&mut found, gained.expect("it gained"));
            at = next;
            missed = None;
            lacking.learn(&before, &found, free, &step);
            damping = (damping * 0.2).max(1e-12);
            if gain < least {
                return Optimum { at, log_density: found.log_density, steps, converged: true };
            }
        } else if damping > 1e8 {
            // No step, however short, increases the density by more than rounding.
            let converged = missed.is_none_or(|gain| gain < MOST_MISSED);
            return Optimum { at, log_density: found.log_density, steps, converged };
        } else {
            missed = missed.or(Some(promised));
            damping *= 6.0;
        }
    }
    Optimum { at, log_density: found.log_density, steps: MOST_STEPS, converged: false }
}

/// Negative expected curvature of the density with respect to the free unknowns.
fn expected(found: &Evaluation, free: &[usize], prior: f64) -> Mat<f64> {
    let own = |i: usize, j: usize| if i == j { prior } else { 0.0 };
    let entry = |i: usize, j: usize| found.information[(free[i], free[j])] + own(i, j);
    Mat::from_fn(free.len(), free.len(), entry)
}

/// The difference between the curvature and the expected curvature.
struct Lacking {
    curvature: Mat<f64>,
    /// Whether it predicted the last gain better than the expected curvature alone did.
    used: bool,
    /// Curvature of the priors.
    prior: f64,
}

impl Lacking {
    /// A step, and half of the gain predicted from the slope, which is the actual gain if the
    /// curvature is as expected.
    fn step(
        &self,
        found: &Evaluation,
        expected: &Mat<f64>,
        free: &[usize],
        damping: f64,
    ) -> Option<(Vec<f64>, f64)> {
        let n = free.len();
        let damped = |of: &Mat<f64>| {
            let entry = |i: usize, j: usize| {
                let diagonal = f64::from(u8::from(i == j));
                of[(i, j)] + damping * expected[(i, j)] * diagonal
            };
            Mat::from_fn(n, n, entry).llt(Side::Lower).ok()
        };
        // Away from a maximum the full curvature need not be negative in every direction.
        let whole = self.used.then(|| damped(&(expected + &self.curvature))).flatten();
        let gradient = Mat::from_fn(n, 1, |i, _| found.gradient[free[i]]);
        let step = whole.or_else(|| damped(expected))?.solve(&gradient);
        // Limited by the priors, because a step of many standard deviations may lead to points that
        // cannot be simulated.
        let longest = (0..n).map(|i| step[(i, 0)].abs()).fold(0.0, f64::max);
        let short = if longest > 2.0 { 2.0 / longest } else { 1.0 };
        let step: Vec<f64> = (0..n).map(|i| step[(i, 0)] * short).collect();
        let promised = step.iter().zip(free).map(|(s, &k)| 0.5 * s * found.gradient[k]).sum();
        Some((step, promised))
    }

    /// Compares the gains that the two curvatures predicted with the actual gain of the step.
    fn compare(
        &mut self,
        found: &Evaluation,
        expected: &Mat<f64>,
        free: &[usize],
        step: &[f64],
        gain: f64,
    ) {
        let slope: f64 = step.iter().zip(free).map(|(s, &k)| s * found.gradient[k]).sum();
        let alone = slope - 0.5 * dot(step, &times(expected, step));
        let whole = alone - 0.5 * dot(step, &times(&self.curvature, step));
        self.used = (gain - whole).abs() < (gain - alone).abs();
    }

    /// Learns from the gradients at both ends of a step: the smallest change of the curvature that
    /// explains them.
    fn learn(&mut self, before: &Evaluation, after: &Evaluation, free: &[usize], step: &[f64]) {
        let n = free.len();
        let change: Vec<f64> =
            free.iter().map(|&k| before.gradient[k] - after.gradient[k]).collect();
        let along = dot(&change, step);
        if along <= 0.0 {
            return;
        }
        let explained = times(&expected(after, free, self.prior), step);
        let lacks: Vec<f64> = change.iter().zip(&explained).map(|(c, e)| c - e).collect();
        let known = times(&self.curvature, step);
        // A correction learnt far from a good fit is too large close to it.
        let (now, then) = (dot(step, &lacks).abs(), dot(step, &known).abs());
        let part = if then > now { now / then } else { 1.0 };
        let missing: Vec<f64> = lacks.iter().zip(&known).map(|(l, k)| l - part * k).collect();
        let twice = dot(step, &missing) / along;
        let entry = |i: usize, j: usize| {
            let once = missing[i] * change[j] + change[i] * missing[j];
            part * self.curvature[(i, j)] + (once - twice * change[i] * change[j]) / along
        };
        self.curvature = Mat::from_fn(n, n, entry);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn times(matrix: &Mat<f64>, by: &[f64]) -> Vec<f64> {
    (0..by.len()).map(|i| (0..by.len()).map(|j| matrix[(i, j)] * by[j]).sum()).collect()
}

/// A point of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfilePoint {
    /// The fixed unknown, in units of its prior.
    pub z: f64,
    /// Maximum of the log density at this value, without the prior of the fixed unknown: its
    /// profile likelihood.
    pub log_likelihood: f64,
}

/// The profile likelihood of an unknown, with all others free, from the best fit to both sides
/// until it has fallen by `fall` or the unknown is four standard deviations of its prior from the
/// centre (Raue et al. 2009).
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
            // A point slightly below the previous one, because the curve is read by linear
            // interpolation.
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
