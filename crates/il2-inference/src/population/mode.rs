//! The most probable random effects of a subject: its empirical Bayes estimates.

use crate::no_answer::NoAnswer;
use crate::population::model::{Joint, Point, Population, Prediction};
use crate::statistics::{cholesky, solved};
use il2_engine::math;

/// A subject at its most probable effects.
#[derive(Clone, Debug)]
pub struct Mode {
    /// The effects.
    pub effects: Vec<f64>,
    /// The prediction of the model at these effects.
    pub predicted: Prediction,
    /// The joint density at these effects.
    pub joint: Joint,
}

impl Mode {
    /// Twice the gain that a step without damping promises: near zero where the density is flat.
    fn promised(&self) -> f64 {
        let Joint { gradient, curvature, .. } = &self.joint;
        let lower = cholesky(gradient.len(), |i, j| curvature[i][j], |_| f64::MIN_POSITIVE);
        solved(&lower, gradient).iter().zip(gradient).map(|(step, g)| step * g).sum()
    }

    /// Logarithm of the probability around this mode, up to a constant: its height times its width.
    fn probability(&self) -> f64 {
        let (n, curvature) = (self.effects.len(), &self.joint.curvature);
        let lower = cholesky(n, |i, j| curvature[i][j], |_| f64::MIN_POSITIVE);
        self.joint.log - (0..n).map(|k| math::ln(lower[k][k])).sum::<f64>()
    }
}

/// Largest number of steps.
const MOST_STEPS: usize = 200;
/// Twice the gain expected from the next step, below which the search ends. The marginal likelihood
/// contains a curvature, which changes in proportion to the remaining distance; effects are
/// accurate to a millionth of a standard deviation.
const PROMISED: f64 = 1e-12;
/// The same for a first look at whether there is another mode, and how near to the best log
/// probability its own must then be for the search to continue.
const PROMISED_ROUGHLY: f64 = 1e-6;
const NEAR: f64 = 0.05;
/// A search that rounding ends earlier may have been promised this much.
const ROUNDED: f64 = 1e-4;
/// Effects closer than this, in standard deviations, are in the same mode.
const SAME: f64 = 1e-3;

/// The effects of a subject at the mode that contains the most probability, among the modes reached
/// from `start` and, if the density may have several, from the places that the population names.
/// The highest mode would be a bad choice, because it may be narrow: modes contribute to the
/// marginal likelihood by height and width, so that the likelihood would jump down where another
/// mode becomes the highest, and a search would end at the jump. A place where the slope changes
/// sign abruptly, as it may where a lag ends at a measurement, has no width: it counts only if no
/// mode is higher.
pub fn mode(
    population: &Population,
    subject: usize,
    point: &Point,
    start: &[f64],
) -> Result<Mode, NoAnswer> {
    let (mut best, mut flat) = nearest(population, subject, point, start)?;
    let Some(elsewhere) = population.elsewhere else { return Ok(best) };
    let mut most = best.probability();
    let sd = point.covariance.sds(population.subjects[subject].occasions);
    for other in elsewhere(subject, point, &best.effects) {
        // A place that cannot be simulated holds no mode.
        let Ok((found, _)) = climbed(population, subject, point, &other, PROMISED_ROUGHLY) else {
            continue;
        };
        let pairs = found.effects.iter().zip(&best.effects).zip(&sd);
        let apart = pairs.map(|((a, b), sd)| ((a - b) / sd).abs()).fold(0.0, f64::max);
        let low = flat && found.probability() < most - NEAR;
        if apart < SAME || low {
            continue;
        }
        let (found, own_flat) = climbed(population, subject, point, &found.effects, PROMISED)?;
        let own = found.probability();
        let better = match flat {
            true => own > most + rounding(most),
            false => found.joint.log > best.joint.log,
        };
        if own_flat && better {
            (best, most, flat) = (found, own, true);
        }
    }
    Ok(best)
}

/// The mode that is reached from `start`, or from zero if the start cannot be simulated.
pub fn nearest_mode(
    population: &Population,
    subject: usize,
    point: &Point,
    start: &[f64],
) -> Result<Mode, NoAnswer> {
    nearest(population, subject, point, start).map(|(mode, _)| mode)
}

fn nearest(
    population: &Population,
    subject: usize,
    point: &Point,
    start: &[f64],
) -> Result<(Mode, bool), NoAnswer> {
    match climbed(population, subject, point, start, PROMISED) {
        Err(_) if start.iter().any(|x| *x != 0.0) => {
            climbed(population, subject, point, &vec![0.0; start.len()], PROMISED)
        }
        found => found,
    }
}

/// Maximises by Fisher scoring, with damping if a step does not increase the density (Levenberg
/// 1944, Marquardt 1963), until the next step promises less than this; and whether it does.
fn climbed(
    population: &Population,
    subject: usize,
    point: &Point,
    start: &[f64],
    enough: f64,
) -> Result<(Mode, bool), NoAnswer> {
    let evaluate = |effects: &[f64]| {
        let predicted = (population.predict)(subject, &point.fixed, effects)?;
        let joint = population.joint(subject, point, effects, &predicted)?;
        Ok::<_, NoAnswer>(Mode { effects: effects.to_vec(), predicted, joint })
    };
    let n = start.len();
    let mut found = evaluate(start)?;
    if n == 0 {
        return Ok((found, true));
    }
    let sd = point.covariance.sds(population.subjects[subject].occasions);
    let mut damping = 0.0;
    for _ in 0..MOST_STEPS {
        let curvature = &found.joint.curvature;
        let damped =
            |i: usize, j: usize| curvature[i][j] * if i == j { 1.0 + damping } else { 1.0 };
        let lower = cholesky(n, damped, |_| f64::MIN_POSITIVE);
        let mut step = solved(&lower, &found.joint.gradient);
        let promised: f64 = step.iter().zip(&found.joint.gradient).map(|(s, g)| s * g).sum();
        if promised < enough {
            return Ok((found, true));
        }
        // A step of many standard deviations may lead to effects that cannot be simulated.
        let longest = step.iter().zip(&sd).map(|(s, sd)| (s / sd).abs()).fold(0.0, f64::max);
        if longest > 3.0 {
            step.iter_mut().for_each(|s| *s *= 3.0 / longest);
        }
        let next: Vec<f64> = found.effects.iter().zip(&step).map(|(e, s)| e + s).collect();
        match evaluate(&next) {
            Ok(better) if better.joint.log >= found.joint.log - rounding(found.joint.log) => {
                found = better;
                damping *= 0.1;
                if damping < 1e-4 {
                    damping = 0.0;
                }
            }
            // No step, however short, increases the density by more than rounding.
            _ if damping > 1e8 => {
                let flat = found.promised() < ROUNDED;
                return Ok((found, flat));
            }
            _ => damping = if damping == 0.0 { 1e-2 } else { damping * 6.0 },
        }
    }
    Ok((found, false))
}

/// The largest rounding error of a log density.
fn rounding(log: f64) -> f64 {
    1e-13 * (1.0 + log.abs())
}
