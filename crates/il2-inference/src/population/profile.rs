//! Profile likelihoods of parameters: how far the likelihood falls if one parameter is held at
//! other values while all others are estimated again (Bates & Watts 1988, Nonlinear Regression
//! Analysis, chapter 6).

use crate::population::maximum::{Maximum, climbed};
use crate::population::model::Population;

/// A point of a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldAt {
    /// The coordinate at which the parameter was held.
    pub at: f64,
    /// The highest log likelihood there, minus that of the maximum: 0 at the maximum and negative
    /// elsewhere, or positive if there is a higher maximum.
    pub log: f64,
}

/// The profile of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Points in the order of the coordinate.
    pub points: Vec<HeldAt>,
    /// Coordinates below and above the maximum where the log likelihood has fallen by the limit;
    /// none where it does not fall so far.
    pub ends: [Option<f64>; 2],
}

/// Largest number of points on one side, and of points that narrow down an end.
const MOST_POINTS: usize = 16;
const MOST_NARROWING: usize = 12;
/// How often a step to a point that cannot be computed is halved.
const MOST_HALVINGS: usize = 6;
/// Largest ratio of one step to the step before.
const LONGER: f64 = 3.0;
/// An end is known to this fraction of half the interval.
const ACCURATE: f64 = 1e-3;
/// Steps that change the root of the fall by less than this fraction of the limit are flat. After
/// this many, each longer than the one before, the profile has no end: a standard deviation that
/// was estimated as zero has changed by many orders of magnitude.
const FLAT: f64 = 1e-3;
const MOST_FLAT: usize = 6;

/// Parameters at a point of a side of a profile.
#[derive(Clone)]
struct Place {
    at: Vec<f64>,
    modes: Vec<Vec<f64>>,
    log: f64,
}

impl Place {
    /// Root of the fall of the likelihood, in which a profile is nearly a straight line.
    fn root(&self) -> f64 {
        (-self.log).max(0.0).sqrt()
    }
}

/// The profile of the parameter with the coordinate `held`, until the log likelihood has fallen by
/// `fall` on either side. `sd` is the standard error of the coordinate, or a guess of it.
pub fn profile(
    population: &Population,
    maximum: &Maximum,
    free: &[usize],
    (held, sd): (usize, f64),
    fall: f64,
) -> Profile {
    let others: Vec<usize> = free.iter().copied().filter(|k| *k != held).collect();
    let whole = fall.sqrt();
    let centre = Place {
        at: maximum.at.clone(),
        modes: maximum.marginal.modes.iter().map(|m| m.effects.clone()).collect(),
        log: 0.0,
    };
    let solved = |at: &[f64], from: &Place| -> Option<Place> {
        let (found, marginal) = climbed(population, at, &others, &from.modes, &|_, _| ());
        // Far outside, a search may not come to an end; a shorter step then leads to a nearer
        // point.
        let marginal = marginal.filter(|_| found.converged)?;
        let modes = marginal.modes.iter().map(|m| m.effects.clone()).collect();
        Some(Place { at: found.at, modes, log: marginal.log - maximum.marginal.log })
    };
    let mut points = vec![HeldAt { at: centre.at[held], log: 0.0 }];
    let mut side = |direction: f64| -> Option<f64> {
        let (mut before, mut last) = (centre.clone(), centre.clone());
        let (mut step, mut halved, mut flat) = (0.5 * sd * whole, 0, 0);
        let mut kept = |place: &Place| points.push(HeldAt { at: place.at[held], log: place.log });
        for _ in 0..MOST_POINTS {
            // The others are expected to move on as they did in the step before.
            let moved = last.at[held] - before.at[held];
            let part = if moved == 0.0 { 0.0 } else { direction * step / moved };
            let mut at: Vec<f64> =
                last.at.iter().zip(&before.at).map(|(x, old)| x + part * (x - old)).collect();
            at[held] = last.at[held] + direction * step;
            let Some(next) = solved(&at, &last) else {
                halved += 1;
                if halved > MOST_HALVINGS {
                    return None;
                }
                step *= 0.5;
                continue;
            };
            kept(&next);
            if next.root() >= whole {
                return Some(narrowed((last, next), held, whole, &solved, &mut kept));
            }
            let gain = next.root() - last.root();
            flat = if gain < FLAT * whole { flat + 1 } else { 0 };
            if flat == MOST_FLAT {
                return None;
            }
            // Half of the limit further, or just beyond it.
            let aim = (0.5 * whole).min(1.1 * whole - next.root());
            let needed = if gain > 0.0 { step * aim / gain } else { f64::INFINITY };
            step = needed.min(LONGER * step);
            (before, last) = (last, next);
        }
        None
    };
    let ends = [side(-1.0), side(1.0)];
    points.sort_by(|a, b| a.at.total_cmp(&b.at));
    Profile { points, ends }
}

/// The coordinate between two places, one on each side of the limit, at which the profile passes
/// it.
fn narrowed(
    (mut inside, mut outside): (Place, Place),
    held: usize,
    whole: f64,
    solved: &dyn Fn(&[f64], &Place) -> Option<Place>,
    kept: &mut dyn FnMut(&Place),
) -> f64 {
    let between = |inside: &Place, outside: &Place, part: f64| {
        let at = inside.at.iter().zip(&outside.at).map(|(a, b)| a + part * (b - a));
        at.collect::<Vec<f64>>()
    };
    let secant = |inside: &Place, outside: &Place| {
        (whole - inside.root()) / (outside.root() - inside.root())
    };
    let mut width = f64::INFINITY;
    for _ in 0..MOST_NARROWING {
        let off = |place: &Place| (place.root() - whole).abs();
        if off(&inside).min(off(&outside)) < ACCURATE * whole {
            break;
        }
        // Halved where the line between both places did not narrow them down.
        let before = std::mem::replace(&mut width, (outside.at[held] - inside.at[held]).abs());
        let part = if width > 0.5 * before { 0.5 } else { secant(&inside, &outside) };
        let Some(next) = solved(&between(&inside, &outside, part), &inside) else { break };
        kept(&next);
        match next.root() >= whole {
            true => outside = next,
            false => inside = next,
        }
    }
    between(&inside, &outside, secant(&inside, &outside))[held]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::Bound;
    use crate::no_answer::NoAnswer;
    use crate::population::{
        Block, Effects, Level, Method, Population, Predict, Prediction, Residual, Row, STEP,
        Subject, maximise,
    };
    use il2_engine::{Threads, math};

    const FALL: f64 = 0.5 * 3.841_458_820_694_124;

    /// The prediction of a mean of all subjects and the effect of one, who is measured `N` times.
    fn mean_of<const N: usize>(
        _: usize,
        fixed: &[f64],
        effects: &[f64],
    ) -> Result<Prediction, NoAnswer> {
        Ok(Prediction { values: vec![fixed[0] + effects[0]; N], by_effect: vec![vec![1.0]; N] })
    }

    /// Subjects with these measurements around their own means.
    fn of_means<'a, const N: usize>(
        measured: &[[f64; N]],
        predict: &'a Predict<'a>,
    ) -> Population<'a> {
        let row = |value: &f64| Row { value: *value, bound: Bound::None, endpoint: 0 };
        let subject =
            |rows: &[f64; N]| Subject { rows: rows.iter().map(row).collect(), occasions: 1 };
        Population {
            subjects: measured.iter().map(subject).collect(),
            fixed_effects: 1,
            effects: Effects { blocks: vec![Block { size: 1, level: Level::Subject }] },
            residuals: vec![Residual::Additive],
            predict,
            elsewhere: None,
            method: Method::Foce,
            step: STEP,
            threads: Threads::ONE,
        }
    }

    /// The mean of subjects who differ, with as many measurements of each. Apart from a constant,
    /// the log likelihood with the variances at their maxima is -n/2 ln S, where S is the sum of
    /// the squares of the subjects' means around the mean that is held. It has fallen by F where S
    /// has grown by the factor exp(2 F / n).
    #[test]
    fn the_profile_of_a_linear_model_has_its_closed_form() {
        let measured = [[3.1, 4.0, 3.4], [5.2, 5.9, 6.1], [1.8, 2.6, 2.0], [4.4, 4.1, 5.3]];
        let population = of_means(&measured, &mean_of::<3>);
        let free = [0, 1, 2];
        let best =
            maximise(&population, &[3.0, 0.0, -0.5], &free, (1, 1), &|_| ()).expect("solved");
        let means = measured.map(|rows| rows.iter().sum::<f64>() / 3.0);
        let n = means.len() as f64;
        let mean = means.iter().sum::<f64>() / n;
        // A search ends within 1e-5 of the highest log likelihood: here, within 0.003.
        assert!((best.at[0] - mean).abs() < 0.005, "{}", best.at[0]);
        let squares = |held: f64| means.iter().map(|m| (m - held) * (m - held)).sum::<f64>();
        // A guess of the standard error that is wrong by a factor of a hundred makes no difference.
        for sd in [0.01, 1.0, 100.0] {
            let found = profile(&population, &best, &free, (0, sd), FALL);
            for (end, sign) in found.ends.iter().zip([-1.0, 1.0]) {
                let half = (squares(mean) / n * math::exp_m1(2.0 * FALL / n)).sqrt();
                let (end, wanted) = (end.expect("it falls"), mean + sign * half);
                assert!((end - wanted).abs() < 2e-3 * half, "{sd}: {end} {wanted}");
            }
            // Far outside, where the likelihood is low, a search ends as soon as it gains little.
            let wanted = |at: f64| -0.5 * n * math::ln(squares(at) / squares(mean));
            for point in found.points.iter().filter(|point| wanted(point.at) > -4.0 * FALL) {
                let wanted = wanted(point.at);
                assert!((point.log - wanted).abs() < 1e-3, "{sd}: {point:?} {wanted}");
            }
        }
    }

    /// Subjects whose means differ by less than their measurements scatter: the likelihood is
    /// highest where their variability is zero, so that its interval has only an upper end. There,
    /// twice the fall of the likelihood of the sums of squares is the limit, with the other
    /// variance at its maximum on a fine grid.
    #[test]
    fn a_variability_that_may_be_zero_has_no_lower_end() {
        let measured = [[3.1, 4.0], [4.2, 2.9], [2.8, 4.6], [3.4, 4.1]];
        let population = of_means(&measured, &mean_of::<2>);
        let free = [0, 1, 2];
        let best =
            maximise(&population, &[3.5, -1.0, -0.5], &free, (1, 1), &|_| ()).expect("solved");
        let found = profile(&population, &best, &free, (1, 0.5), FALL);
        assert!(found.ends[0].is_none(), "{found:?}");
        let (n, m) = (4.0, 2.0);
        let means = measured.map(|rows| rows.iter().sum::<f64>() / m);
        let mean = means.iter().sum::<f64>() / n;
        let between: f64 = means.iter().map(|x| (x - mean) * (x - mean)).sum();
        let within: f64 = measured
            .iter()
            .zip(&means)
            .flat_map(|(rows, mean)| rows.iter().map(move |y| (y - mean) * (y - mean)))
            .sum();
        let least = |sd: f64| {
            let at = |k: i32| {
                let variance = math::exp(f64::from(k) / 5000.0);
                let whole = variance + m * sd * sd;
                n * (m - 1.0) * math::ln(variance)
                    + within / variance
                    + n * math::ln(whole)
                    + m * between / whole
            };
            (-15_000..5_000).map(at).fold(f64::INFINITY, f64::min)
        };
        let end =
            crate::population::effects::LEAST_SD + math::exp(found.ends[1].expect("it falls"));
        let fell = least(end) - least(0.0);
        assert!((fell - 2.0 * FALL).abs() < 0.01, "{end}: {fell}");
    }
}
