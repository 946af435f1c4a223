//! The joint posterior of all parameters and of the random effects of all subjects, for the
//! sampler; it contains no approximation of an integral.
//!
//! Priors: those of fixed effects are given by the caller; a standard deviation between subjects is
//! half normal with a standard deviation of 1 (for a logarithm: a coefficient of variation of 130
//! %); correlations of a block are uniform (the LKJ density with shape 1: Lewandowski, Kurowicka &
//! Joe 2009, J Multivariate Anal 100:1989); a residual standard deviation is log-normal around its
//! start, with a standard deviation of a factor of ten. A uniform prior of its logarithm would not
//! be proper: of a combined error, one part may be zero.
//!
//! The sampler uses coordinates in which the posterior is nearly standard normal. A subject's
//! measurements determine its own number, which is the typical number plus the subject's effect, so
//! that these two are strongly correlated. Effects are therefore measured from the mode for the
//! current parameters, in units of their own curvature.

use crate::no_answer::NoAnswer;
use crate::population::effects::{Effects, LEAST_SD};
use crate::population::mode::{mode, nearest_mode};
use crate::population::model::{Point, Population, STEP};
use crate::sample::Whitening;
use crate::statistics::{cholesky, solved};
use faer::{Mat, Side};
use il2_engine::math;

/// Log prior of the fixed effects, up to a constant, and its derivative with respect to each of
/// them.
pub type Prior<'a> = dyn Fn(&[f64]) -> (f64, Vec<f64>) + Sync + 'a;

/// The posterior. A position consists of the free coordinates, then the random effects of one
/// subject after the other.
pub struct Posterior<'a> {
    /// The model.
    pub population: &'a Population<'a>,
    /// Coordinates of all parameters at the maximum; those that are not free keep these values.
    pub at: &'a [f64],
    /// Coordinates that are free.
    pub free: &'a [usize],
    /// The prior of the fixed effects.
    pub prior: &'a Prior<'a>,
    /// Logarithms of the residual standard deviations around which their priors are.
    pub residuals: &'a [f64],
    /// For each fixed effect, the random effect of a subject with respect to which predictions have
    /// the same derivative, if there is one: both change the same number on the same scale. Each
    /// fixed effect without such a random effect takes two more predictions.
    pub alike: &'a [Option<usize>],
}

impl Posterior<'_> {
    /// Coordinates of all parameters, and the effects of all subjects, at a position.
    pub fn parts(&self, position: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let (free, mut rest) = position.split_at(self.free.len());
        let mut at = self.at.to_vec();
        self.free.iter().zip(free).for_each(|(&k, x)| at[k] = *x);
        let effects = (0..self.population.subjects.len()).map(|i| {
            let (own, others) = rest.split_at(self.population.effects_of(i));
            rest = others;
            own.to_vec()
        });
        (at.clone(), effects.collect())
    }

    /// Log density and its gradient at a position.
    pub fn evaluate(&self, position: &[f64]) -> Result<(f64, Vec<f64>), NoAnswer> {
        let population = self.population;
        let (at, effects) = self.parts(position);
        let point = population.point(&at);
        let (mut log, by_fixed) = (self.prior)(&point.fixed);
        let mut by_coordinate: Vec<f64> = by_fixed;
        by_coordinate.resize(at.len(), 0.0);
        let mut by_effects = vec![];
        let beside = |k: usize| {
            let moved = |h: f64| {
                let mut at = at.clone();
                at[k] += h;
                population.point(&at)
            };
            (k, [moved(STEP), moved(-STEP)])
        };
        let points: Vec<(usize, [Point; 2])> = self.free.iter().map(|&k| beside(k)).collect();
        for (i, effects) in effects.iter().enumerate() {
            let predicted = (population.predict)(i, &point.fixed, effects)?;
            let joint = population.joint(i, &point, effects, &predicted)?;
            log += joint.log;
            by_effects.extend(joint.gradient);
            let slopes = population.slopes(i, &point, &predicted)?;
            for (k, sides) in &points {
                let alike = self.alike.get(*k).copied().flatten();
                by_coordinate[*k] += match alike {
                    _ if *k >= population.fixed_effects => {
                        // Predictions do not change if only the standard deviations of effects and
                        // measurements do.
                        let of =
                            |side: usize| population.joint(i, &sides[side], effects, &predicted);
                        (of(0)?.log - of(1)?.log) / (2.0 * STEP)
                    }
                    Some(effect) => {
                        let by = predicted.by_effect.iter().map(|by| by[effect]);
                        slopes.iter().zip(by).map(|(slope, by)| slope * by).sum()
                    }
                    None => {
                        let of = |side: usize| (population.predict)(i, &sides[side].fixed, effects);
                        let (after, before) = (of(0)?.values, of(1)?.values);
                        let by = after.iter().zip(&before).map(|(a, b)| (a - b) / (2.0 * STEP));
                        slopes.iter().zip(by).map(|(slope, by)| slope * by).sum()
                    }
                };
            }
        }
        let first = population.fixed_effects;
        let last = first + population.effects.coordinates();
        log += log_prior(&population.effects, &at[first..last]);
        for k in first..last {
            let beside = |h: f64| {
                let mut at = at[first..last].to_vec();
                at[k - first] += h;
                log_prior(&population.effects, &at)
            };
            by_coordinate[k] += (beside(STEP) - beside(-STEP)) / (2.0 * STEP);
        }
        for (k, centre) in (last..).zip(self.residuals) {
            let z = (at[k] - centre) / std::f64::consts::LN_10;
            log -= 0.5 * z * z;
            by_coordinate[k] -= z / std::f64::consts::LN_10;
        }
        let free = self.free.iter().map(|&k| by_coordinate[k]);
        let gradient: Vec<f64> = free.chain(by_effects).collect();
        match log.is_finite() && gradient.iter().all(|g| g.is_finite()) {
            true => Ok((log, gradient)),
            false => Err(NoAnswer::NoDensity),
        }
    }

    /// Coordinates for the sampler, from the covariance of the free coordinates.
    pub fn whitening(&self, covariance: &Mat<f64>) -> Result<Whitening, NoAnswer> {
        let (population, free) = (self.population, self.free.len());
        let factor = covariance.llt(Side::Lower).map_err(|_| NoAnswer::Singular)?;
        let of_coordinates = factor.L();
        let count: usize = (0..population.subjects.len()).map(|i| population.effects_of(i)).sum();
        let mut lower = Mat::zeros(free + count, free + count);
        for i in 0..free {
            (0..=i).for_each(|j| lower[(i, j)] = of_coordinates[(i, j)]);
        }
        let mut best: Vec<f64> = self.free.iter().map(|&k| self.at[k]).collect();
        let centre = population.point(self.at);
        for i in 0..population.subjects.len() {
            let (n, first) = (population.effects_of(i), best.len());
            let here = mode(population, i, &centre, &vec![0.0; n])?;
            let moved = |k: usize, h: f64| {
                let mut at = self.at.to_vec();
                at[k] += h;
                let point: Point = population.point(&at);
                Ok::<_, NoAnswer>(nearest_mode(population, i, &point, &here.effects)?.effects)
            };
            for (k, &coordinate) in self.free.iter().enumerate() {
                // Wider steps than elsewhere, because a mode is found only to a millionth of a
                // standard deviation.
                const WIDE: f64 = 1e-3;
                let (after, before) = (moved(coordinate, WIDE)?, moved(coordinate, -WIDE)?);
                for e in 0..n {
                    let slope = (after[e] - before[e]) / (2.0 * WIDE);
                    (0..=k).for_each(|j| lower[(first + e, j)] += slope * of_coordinates[(k, j)]);
                }
            }
            let curvature = &here.joint.curvature;
            let upper = cholesky(n, |a, b| curvature[a][b], |_| f64::NAN);
            let unit = |b: usize| (0..n).map(|a| f64::from(u8::from(a == b))).collect::<Vec<f64>>();
            let inverse: Vec<Vec<f64>> = (0..n).map(|b| solved(&upper, &unit(b))).collect();
            let own = cholesky(n, |a, b| inverse[a][b], |_| f64::NAN);
            for a in 0..n {
                (0..=a).for_each(|b| lower[(first + a, first + b)] = own[a][b]);
            }
            best.extend(here.effects);
        }
        let finite = (0..free + count).all(|i| (0..=i).all(|j| lower[(i, j)].is_finite()));
        if finite { Ok(Whitening { best, lower }) } else { Err(NoAnswer::Singular) }
    }
}

/// Log prior of the coordinates of the covariance of random effects, up to a constant; see the
/// beginning of this file. With `c` the elements of a row relative to the diagonal element, the
/// density of the correlations in terms of `c` is `(1 + |c|^2)^(-(K + 1) / 2)` for a block of K
/// effects.
fn log_prior(effects: &Effects, at: &[f64]) -> f64 {
    let (mut rest, mut log) = (at, 0.0);
    for block in &effects.blocks {
        for i in 0..block.size {
            let (row, others) = rest.split_at(i + 1);
            rest = others;
            let (relative, own) = (&row[..i], row[i]);
            let longer = 1.0 + relative.iter().map(|c| c * c).sum::<f64>();
            let sd = (LEAST_SD + math::exp(own)) * longer.sqrt();
            // Log density of the standard deviation with respect to its coordinate.
            log += -0.5 * sd * sd + own + 0.5 * math::ln(longer);
            log -= 0.5 * (block.size as f64 + 1.0) * math::ln(longer);
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::Bound;
    use crate::population::{
        Block, Level, Method, Precision, Prediction, Residual, Row, STEP, Subject, maximise,
    };
    use crate::sample::{ChainSettings, chain_of, effective, r_hat};
    use il2_engine::Threads;

    /// Pseudo-random numbers that are approximately standard normal.
    fn noise(k: u32) -> f64 {
        let part = (f64::from(k) * 0.618_033_988_749_895 + 0.3).fract();
        math::normal_quantile(0.02 + 0.96 * part)
    }

    fn subjects(count: u32, rows: u32) -> Vec<Subject> {
        let value = |i: u32, r: u32| 3.0 + 0.6 * noise(i) + 0.4 * noise(100 + i * rows + r);
        let row = |i, r| Row { value: value(i, r), bound: Bound::None, endpoint: 0 };
        let of = |i| Subject { rows: (0..rows).map(|r| row(i, r)).collect(), occasions: 1 };
        (0..count).map(of).collect()
    }

    fn population<'a>(
        subjects: Vec<Subject>,
        block: usize,
        fixed_effects: usize,
        residual: Residual,
        predict: &'a crate::population::Predict<'a>,
    ) -> Population<'a> {
        Population {
            subjects,
            fixed_effects,
            effects: Effects { blocks: vec![Block { size: block, level: Level::Subject }] },
            residuals: vec![residual],
            predict,
            elsewhere: None,
            method: Method::Foce,
            step: STEP,
            threads: Threads::new(1),
        }
    }

    /// A mean that varies between subjects: given both standard deviations the mean is normal, so
    /// that the posterior can be integrated on a grid.
    #[test]
    fn chains_find_the_posterior_of_a_model_that_can_be_integrated() {
        const N: u32 = 9;
        const ROWS: u32 = 4;
        let predict = |_: usize, fixed: &[f64], effects: &[f64]| {
            let value = fixed[0] + effects[0];
            Ok(Prediction { values: vec![value; 4], by_effect: vec![vec![1.0]; 4] })
        };
        let population = population(subjects(N, ROWS), 1, 1, Residual::Additive, &predict);
        let free = [0, 1, 2];
        let start = [3.0, math::ln(0.6), math::ln(0.4)];
        let found = maximise(&population, &start, &free, (1, 1), &|_| ()).unwrap();
        let precision = Precision::at(&population, &found, &free).unwrap();
        let covariance = precision.covariance(crate::population::Kind::Curvature).unwrap();
        let flat = |fixed: &[f64]| (0.0, vec![0.0; fixed.len()]);
        let posterior = Posterior {
            population: &population,
            at: &found.at,
            free: &free,
            prior: &flat,
            residuals: &start[2..],
            alike: &[],
        };
        let round = posterior.whitening(&covariance).unwrap();
        let asked = ChainSettings { warmup: 500, draws: 2000, seed: 5 };
        let density = |at: &[f64]| posterior.evaluate(at);
        let chains: Vec<_> =
            (0..2).map(|c| chain_of(&density, &round, c, &asked, &|| ())).collect();
        // Integration on the grid.
        let means: Vec<f64> = population
            .subjects
            .iter()
            .map(|s| s.rows.iter().map(|r| r.value).sum::<f64>() / f64::from(ROWS))
            .collect();
        let within: f64 = population
            .subjects
            .iter()
            .zip(&means)
            .flat_map(|(s, m)| s.rows.iter().map(move |r| (r.value - m) * (r.value - m)))
            .sum();
        let mean = means.iter().sum::<f64>() / f64::from(N);
        let between: f64 = means.iter().map(|m| (m - mean) * (m - mean)).sum();
        let (mut sums, mut whole) = ([0.0; 6], 0.0);
        for i in 0..700 {
            for j in 0..400 {
                let (x, log_sigma) = (-8.0 + 0.015 * f64::from(i), -2.5 + 0.01 * f64::from(j));
                let (omega, sigma) = (LEAST_SD + math::exp(x), math::exp(log_sigma));
                let v = omega * omega + sigma * sigma / f64::from(ROWS);
                let log = -f64::from(N * (ROWS - 1)) * log_sigma
                    - within / (2.0 * sigma * sigma)
                    - 0.5 * f64::from(N - 1) * math::ln(v)
                    - between / (2.0 * v)
                    - 0.5 * omega * omega
                    + x
                    - 0.5 * ((log_sigma - start[2]) / std::f64::consts::LN_10).powf(2.0);
                let weight = math::exp(log);
                whole += weight;
                let of_mean = v / f64::from(N);
                let all = [omega, omega * omega, sigma, sigma * sigma, mean, mean * mean + of_mean];
                sums.iter_mut().zip(all).for_each(|(s, a)| *s += weight * a);
            }
        }
        for (k, name) in [(1, "omega"), (2, "sigma"), (0, "mean")] {
            let value = |at: &[f64]| match k {
                1 => LEAST_SD + math::exp(at[1]),
                2 => math::exp(at[2]),
                _ => at[0],
            };
            let of = |c: &crate::sample::ChainDraws| c.draws.iter().map(|d| value(d)).collect();
            let drawn: Vec<Vec<f64>> = chains.iter().map(of).collect();
            let all: Vec<f64> = drawn.iter().flatten().copied().collect();
            let count = all.len() as f64;
            let middle = all.iter().sum::<f64>() / count;
            let sd = (all.iter().map(|v| (v - middle) * (v - middle)).sum::<f64>() / count).sqrt();
            let place = [4, 0, 2][k];
            let truth = sums[place] / whole;
            let truth_sd = (sums[place + 1] / whole - truth * truth).sqrt();
            let effective = effective(&drawn);
            let error = truth_sd / effective.sqrt();
            assert!(r_hat(&drawn) < 1.01 && effective > 500.0, "{name} {effective}");
            assert!((middle - truth).abs() < 4.0 * error, "{name}: {middle} {truth} +- {error}");
            assert!((sd / truth_sd - 1.0).abs() < 0.1, "{name}: {sd} {truth_sd}");
        }
    }

    #[test]
    fn gradients_are_derivatives_with_correlated_effects_and_a_combined_error() {
        let predict = |subject: usize, fixed: &[f64], effects: &[f64]| {
            let (a, b) = (math::exp(fixed[0] + effects[0]), math::exp(fixed[1] + effects[1]));
            let times = (0..4).map(|r| 0.5 + f64::from(r) + 0.1 * subject as f64);
            let rows = times.map(|t| (a * math::exp(-b * t), -b * t));
            let (values, by): (Vec<f64>, Vec<Vec<f64>>) =
                rows.map(|(value, slope)| (value, vec![value, value * slope])).unzip();
            Ok(Prediction { values, by_effect: by })
        };
        let population = population(subjects(5, 4), 2, 2, Residual::Combined, &predict);
        let prior = |fixed: &[f64]| {
            let sum: f64 = fixed.iter().map(|x| -0.5 * x * x).sum();
            (sum, fixed.iter().map(|x| -x).collect())
        };
        let at = [1.2, -1.5, -0.7, 0.4, -0.9, -1.1, -1.6];
        let free = [0, 1, 2, 3, 4, 5, 6];
        let alike = [Some(0), None];
        let posterior = Posterior {
            population: &population,
            at: &at,
            free: &free,
            prior: &prior,
            residuals: &[-0.3, -2.0],
            alike: &alike,
        };
        let mut position = at.to_vec();
        position.extend((0..10).map(|k| 0.3 * noise(k)));
        let (_, gradient) = posterior.evaluate(&position).unwrap();
        for k in 0..position.len() {
            let beside = |h: f64| {
                let mut position = position.clone();
                position[k] += h;
                posterior.evaluate(&position).unwrap().0
            };
            let slope = (beside(1e-5) - beside(-1e-5)) / 2e-5;
            let off = (gradient[k] - slope).abs();
            assert!(off < 1e-5 * (1.0 + slope.abs()), "{k}: {} {slope}", gradient[k]);
        }
    }

    /// The density of the correlation of two effects under the prior is even, and that of a standard deviation half
    /// normal.
    #[test]
    fn the_prior_of_a_covariance_is_what_it_says() {
        let effects = Effects { blocks: vec![Block { size: 2, level: Level::Subject }] };
        let (mut bins, mut below) = ([0.0; 4], [0.0; 3]);
        let grid = |k: i32, n: i32, from: f64, to: f64| {
            from + (to - from) * (f64::from(k) + 0.5) / f64::from(n)
        };
        for i in 0..60 {
            for j in 0..400 {
                for k in 0..60 {
                    // Relative elements extend far from zero, so their axis is a tangent.
                    let angle = grid(j, 400, -1.5705, 1.5705);
                    let c = angle.tan();
                    let at = [grid(i, 60, -6.0, 1.8), c, grid(k, 60, -12.0, 1.8)];
                    let weight = math::exp(log_prior(&effects, &at)) * (1.0 + c * c);
                    let correlation = c / (1.0 + c * c).sqrt();
                    let sd = (LEAST_SD + math::exp(at[2])) * (1.0 + c * c).sqrt();
                    bins[((correlation + 1.0) * 2.0) as usize] += weight;
                    let part = [0.5, 1.0, 2.0].iter().position(|end| sd < *end);
                    if let Some(part) = part {
                        below[part] += weight;
                    }
                }
            }
        }
        let whole: f64 = bins.iter().sum();
        assert!(bins.iter().all(|b| (b / whole - 0.25).abs() < 0.01), "{bins:?}");
        // Fractions of a half-normal distribution below 0.5, 1 and 2: 0.383, 0.683, 0.954.
        let parts: Vec<f64> = below.iter().map(|b| b / whole).collect();
        let wanted = [0.3829, 0.2998, 0.2718];
        assert!(parts.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 0.02), "{parts:?}");
    }
}
