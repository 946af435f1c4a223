//! The marginal likelihood of subjects and its gradient.

use crate::no_answer::NoAnswer;
use crate::population::mode::{Mode, mode, nearest_mode};
use crate::population::model::{Joint, Method, Point, Population, Prediction};
use crate::statistics::cholesky;
use il2_engine::linear::Lu;
use il2_engine::math;
use std::f64::consts::PI;

/// The log likelihood of all subjects at a point.
#[derive(Clone, Debug)]
pub struct Marginal {
    /// The log likelihood.
    pub log: f64,
    /// The log likelihood of each subject.
    pub logs: Vec<f64>,
    /// Derivatives with respect to the coordinates of all parameters, one list per subject; empty
    /// if they were not requested. Those with respect to coordinates that do not move are zero.
    pub gradients: Vec<Vec<f64>>,
    /// The mode of every subject: its most probable effects.
    pub modes: Vec<Mode>,
}

/// Where the search for every subject's mode starts.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// At these effects, or at zero if there are none, and wherever else the mode may be.
    Anywhere(&'a [Vec<f64>]),
    /// Only at these effects, so that a difference between two points is that of one mode.
    Nearby(&'a [Vec<f64>]),
}

/// Predictions at a point and, for Laplace's method, at neighbouring points along each effect.
struct Around {
    centre: Prediction,
    sides: Vec<[Prediction; 2]>,
}

/// A subject's marginal log likelihood if these effects were its mode, and the gradient of the
/// joint density with respect to the effects.
struct Local {
    log: f64,
    gradient: Vec<f64>,
}

impl Population<'_> {
    /// The log likelihood, with the gradient if requested. The modes are searched for from
    /// `starts`, which are those of a nearby point, or from zero if there are none, and from
    /// wherever else they may be.
    pub fn marginal(
        &self,
        at: &[f64],
        starts: &[Vec<f64>],
        with_gradient: bool,
    ) -> Result<Marginal, NoAnswer> {
        let all: Vec<usize> = (0..at.len()).collect();
        self.marginal_by(at, From::Anywhere(starts), if with_gradient { &all } else { &[] })
    }

    /// The log likelihood and its derivatives with respect to the coordinates in `free`. The others
    /// do not move, and may be at the edge of what is possible.
    pub(super) fn marginal_by(
        &self,
        at: &[f64],
        from: From,
        free: &[usize],
    ) -> Result<Marginal, NoAnswer> {
        let point = self.point(at);
        let subjects: Vec<usize> = (0..self.subjects.len()).collect();
        let found = self.threads.map(&subjects, |&i| self.of_subject(i, (at, &point), from, free));
        let mut all = Marginal { log: 0.0, logs: vec![], gradients: vec![], modes: vec![] };
        for one in found {
            let (log, gradient, mode) = one?;
            all.log += log;
            all.logs.push(log);
            all.gradients.extend(gradient);
            all.modes.push(mode);
        }
        Ok(all)
    }

    fn of_subject(
        &self,
        i: usize,
        (at, point): (&[f64], &Point),
        from: From,
        free: &[usize],
    ) -> Result<(f64, Option<Vec<f64>>, Mode), NoAnswer> {
        let zero = vec![0.0; self.effects_of(i)];
        let mode = match from {
            From::Anywhere(starts) => mode(self, i, point, starts.get(i).unwrap_or(&zero))?,
            From::Nearby(modes) => nearest_mode(self, i, point, &modes[i])?,
        };
        let steps = self.steps(i, point);
        let around = self.around(i, point, &mode.effects, &steps, Some(&mode.predicted))?;
        let here = self.local(i, point, &mode.effects, &steps, &around)?;
        let gradient = match free.is_empty() {
            true => None,
            false => Some(self.gradient(i, (at, point), free, &mode, &around)?),
        };
        Ok((here.log, gradient, mode))
    }

    /// Step lengths of finite differences for each effect of a subject.
    fn steps(&self, i: usize, point: &Point) -> Vec<f64> {
        let sds = point.covariance.sds(self.subjects[i].occasions);
        sds.into_iter().map(|sd| self.step * sd).collect()
    }

    fn around(
        &self,
        i: usize,
        point: &Point,
        effects: &[f64],
        steps: &[f64],
        known: Option<&Prediction>,
    ) -> Result<Around, NoAnswer> {
        let at = |effects: &[f64]| (self.predict)(i, &point.fixed, effects);
        let centre = known.map_or_else(|| at(effects), |known| Ok(known.clone()))?;
        let beside =
            |k: usize| Ok([at(&moved(effects, k, steps[k]))?, at(&moved(effects, k, -steps[k]))?]);
        let sides = match self.method {
            Method::Foce => vec![],
            Method::Laplace => (0..effects.len()).map(beside).collect::<Result<_, NoAnswer>>()?,
        };
        Ok(Around { centre, sides })
    }

    fn local(
        &self,
        i: usize,
        point: &Point,
        effects: &[f64],
        steps: &[f64],
        around: &Around,
    ) -> Result<Local, NoAnswer> {
        let Joint { log, gradient, mut curvature } =
            self.joint(i, point, effects, &around.centre)?;
        let n = effects.len();
        if !around.sides.is_empty() {
            let mut by_effect = vec![];
            for (k, [after, before]) in around.sides.iter().enumerate() {
                let of = |h: f64, predicted: &Prediction| {
                    let joint = self.joint(i, point, &moved(effects, k, h), predicted)?;
                    Ok::<_, NoAnswer>(joint.gradient)
                };
                let (after, before) = (of(steps[k], after)?, of(-steps[k], before)?);
                by_effect.push(slopes(&after, &before, steps[k]));
            }
            for (k, row) in curvature.iter_mut().enumerate() {
                for (j, entry) in row.iter_mut().enumerate() {
                    *entry = -0.5 * (by_effect[k][j] + by_effect[j][k]);
                }
            }
        }
        let lower = cholesky(n, |i, j| curvature[i][j], |_| f64::NAN);
        let determinant: f64 = (0..n).map(|k| 2.0 * math::ln(lower[k][k])).sum();
        let log = log + 0.5 * (n as f64 * math::ln(2.0 * PI) - determinant);
        match log.is_finite() {
            true => Ok(Local { log, gradient }),
            false => Err(NoAnswer::Singular),
        }
    }

    /// The derivative of a subject's marginal log likelihood with respect to each free coordinate. It is
    /// the sum of the direct change with the coordinate and the change through the mode: the
    /// gradient of the joint density stays zero, which determines how the mode moves (implicit
    /// differentiation; Almquist et al. 2015).
    fn gradient(
        &self,
        i: usize,
        (at, point): (&[f64], &Point),
        free: &[usize],
        mode: &Mode,
        around: &Around,
    ) -> Result<Vec<f64>, NoAnswer> {
        let (n, steps) = (mode.effects.len(), self.steps(i, point));
        let effects = &mode.effects;
        let mut by_effects = vec![];
        for k in 0..n {
            let beside = |h: f64| {
                let effects = moved(effects, k, h);
                let around = self.around(i, point, &effects, &steps, None)?;
                self.local(i, point, &effects, &steps, &around)
            };
            by_effects.push((beside(steps[k])?, beside(-steps[k])?));
        }
        let slope_by_effect: Vec<f64> = by_effects
            .iter()
            .zip(&steps)
            .map(|((after, before), h)| (after.log - before.log) / (2.0 * h))
            .collect();
        // The curvature of the joint density, column by column.
        let columns: Vec<Vec<f64>> = by_effects
            .iter()
            .zip(&steps)
            .map(|((after, before), h)| slopes(&after.gradient, &before.gradient, *h))
            .collect();
        let matrix = (0..n * n).map(|k| 0.5 * (columns[k % n][k / n] + columns[k / n][k % n]));
        let curvature = match n {
            0 => None,
            _ => Some(Lu::new(n, matrix.collect()).ok_or(NoAnswer::Singular)?),
        };
        // Change of the likelihood per unit of the gradient that the mode has to compensate.
        let pulled = curvature.map_or(vec![], |c| c.solve(&slope_by_effect));
        let mut gradient = vec![0.0; at.len()];
        for &m in free {
            let beside = |h: f64| {
                let point = self.point(&moved(at, m, h));
                if m < self.fixed_effects {
                    let around = self.around(i, &point, effects, &steps, None)?;
                    return self.local(i, &point, effects, &steps, &around);
                }
                self.local(i, &point, effects, &steps, around)
            };
            let (after, before) = (beside(self.step)?, beside(-self.step)?);
            let direct = (after.log - before.log) / (2.0 * self.step);
            let change = slopes(&after.gradient, &before.gradient, self.step);
            let by_mode: f64 = pulled.iter().zip(&change).map(|(p, c)| p * c).sum();
            gradient[m] = direct - by_mode;
        }
        Ok(gradient)
    }
}

fn moved(at: &[f64], k: usize, by: f64) -> Vec<f64> {
    let mut moved = at.to_vec();
    moved[k] += by;
    moved
}

fn slopes(after: &[f64], before: &[f64], step: f64) -> Vec<f64> {
    after.iter().zip(before).map(|(a, b)| (a - b) / (2.0 * step)).collect()
}
