//! Tests of population fits.
//! The marginal likelihood is compared with closed forms, an independent program and finite
//! differences, and estimates with published ones.

use super::*;
use crate::bound::Bound;
use il2_engine::{Threads, math};

/// Theophylline in serum after one oral dose, 12 subjects: Boeckmann, Sheiner & Beal 1994, NONMEM
/// Users Guide V (in R as `Theoph`). Weight (kg), dose (mg/kg), then time (h) and concentration
/// (mg/L) in turn.
const THEOPHYLLINE: [(f64, f64, [f64; 22]); 12] = [
    (
        79.6,
        4.02,
        [
            0.0, 0.74, 0.25, 2.84, 0.57, 6.57, 1.12, 10.5, 2.02, 9.66, 3.82, 8.58, 5.1, 8.36, 7.03,
            7.47, 9.05, 6.89, 12.12, 5.94, 24.37, 3.28,
        ],
    ),
    (
        72.4,
        4.4,
        [
            0.0, 0.0, 0.27, 1.72, 0.52, 7.91, 1.0, 8.31, 1.92, 8.33, 3.5, 6.85, 5.02, 6.08, 7.03,
            5.4, 9.0, 4.55, 12.0, 3.01, 24.3, 0.9,
        ],
    ),
    (
        70.5,
        4.53,
        [
            0.0, 0.0, 0.27, 4.4, 0.58, 6.9, 1.02, 8.2, 2.02, 7.8, 3.62, 7.5, 5.08, 6.2, 7.07, 5.3,
            9.0, 4.9, 12.15, 3.7, 24.17, 1.05,
        ],
    ),
    (
        72.7,
        4.4,
        [
            0.0, 0.0, 0.35, 1.89, 0.6, 4.6, 1.07, 8.6, 2.13, 8.38, 3.5, 7.54, 5.02, 6.88, 7.02,
            5.78, 9.02, 5.33, 11.98, 4.19, 24.65, 1.15,
        ],
    ),
    (
        54.6,
        5.86,
        [
            0.0, 0.0, 0.3, 2.02, 0.52, 5.63, 1.0, 11.4, 2.02, 9.33, 3.5, 8.74, 5.02, 7.56, 7.02,
            7.09, 9.1, 5.9, 12.0, 4.37, 24.35, 1.57,
        ],
    ),
    (
        80.0,
        4.0,
        [
            0.0, 0.0, 0.27, 1.29, 0.58, 3.08, 1.15, 6.44, 2.03, 6.32, 3.57, 5.53, 5.0, 4.94, 7.0,
            4.02, 9.22, 3.46, 12.1, 2.78, 23.85, 0.92,
        ],
    ),
    (
        64.6,
        4.95,
        [
            0.0, 0.15, 0.25, 0.85, 0.5, 2.35, 1.02, 5.02, 2.02, 6.58, 3.48, 7.09, 5.0, 6.66, 6.98,
            5.25, 9.0, 4.39, 12.05, 3.53, 24.22, 1.15,
        ],
    ),
    (
        70.5,
        4.53,
        [
            0.0, 0.0, 0.25, 3.05, 0.52, 3.05, 0.98, 7.31, 2.02, 7.56, 3.53, 6.59, 5.05, 5.88, 7.15,
            4.73, 9.07, 4.57, 12.1, 3.0, 24.12, 1.25,
        ],
    ),
    (
        86.4,
        3.1,
        [
            0.0, 0.0, 0.3, 7.37, 0.63, 9.03, 1.05, 7.14, 2.02, 6.33, 3.53, 5.66, 5.02, 5.67, 7.17,
            4.24, 8.8, 4.11, 11.6, 3.16, 24.43, 1.12,
        ],
    ),
    (
        58.2,
        5.5,
        [
            0.0, 0.24, 0.37, 2.89, 0.77, 5.22, 1.02, 6.41, 2.05, 7.83, 3.55, 10.21, 5.05, 9.18,
            7.08, 8.02, 9.38, 7.14, 12.1, 5.68, 23.7, 2.42,
        ],
    ),
    (
        65.0,
        4.92,
        [
            0.0, 0.0, 0.25, 4.86, 0.5, 7.24, 0.98, 8.0, 1.98, 6.81, 3.6, 5.87, 5.02, 5.22, 7.03,
            4.45, 9.03, 3.62, 12.12, 2.69, 24.08, 0.86,
        ],
    ),
    (
        60.5,
        5.3,
        [
            0.0, 0.0, 0.25, 1.25, 0.5, 3.96, 1.0, 7.82, 2.0, 9.72, 3.52, 9.75, 5.07, 8.57, 7.07,
            6.59, 9.03, 6.11, 12.05, 4.57, 24.15, 1.17,
        ],
    ),
];

/// One compartment with first-order absorption, in which the logarithm of every number varies;
/// fixed effects are the logarithms of KA, CL and V.
pub(super) fn absorbed(dose: f64, times: &[f64], fixed: &[f64], effects: &[f64]) -> Prediction {
    let of = |k: usize| math::exp(fixed[k] + effects[k]);
    let [ka, cl, v] = [of(0), of(1), of(2)];
    let k = cl / v;
    let mut found = Prediction { values: vec![], by_effect: vec![] };
    for &t in times {
        let scale = dose * ka / (v * (ka - k));
        let (slow, fast) = (math::exp(-k * t), math::exp(-ka * t));
        let f = scale * (slow - fast);
        // Derivatives with respect to ka, k and v alone.
        let by_ka = f / ka - f / (ka - k) + scale * t * fast;
        let by_k = f / (ka - k) - scale * t * slow;
        found.values.push(f);
        found.by_effect.push(vec![ka * by_ka, k * by_k, -f - k * by_k]);
    }
    found
}

struct Theophylline {
    doses: Vec<f64>,
    times: Vec<Vec<f64>>,
    subjects: Vec<Subject>,
}

fn theophylline(from: usize) -> Theophylline {
    let mut all = Theophylline { doses: vec![], times: vec![], subjects: vec![] };
    for (weight, dose, rows) in &THEOPHYLLINE {
        all.doses.push(weight * dose);
        let rows: Vec<&[f64]> = rows.chunks(2).skip(from).collect();
        all.times.push(rows.iter().map(|r| r[0]).collect());
        let row = |r: &&[f64]| Row { value: r[1], bound: Bound::None, endpoint: 0 };
        all.subjects.push(Subject { rows: rows.iter().map(row).collect(), occasions: 1 });
    }
    all
}

pub(super) fn diagonal(size: usize) -> Effects {
    Effects { blocks: vec![Block { size: 1, level: Level::Subject }; size] }
}

pub(super) const FULL: [Block; 1] = [Block { size: 3, level: Level::Subject }];

#[test]
fn a_marginal_likelihood_is_that_of_an_independent_program() {
    // Values of a Python program (scipy 1.17) that finds each mode by BFGS and Nelder-Mead. It
    // computes the curvature for Laplace's method by finite differences of the density, and that
    // for FOCE by the formula.
    for (method, residual, from, sd, wanted) in [
        (Method::Foce, Residual::Additive, 0, vec![0.7], -178.12466710281572),
        (Method::Laplace, Residual::Additive, 0, vec![0.7], -178.99652284845808),
        (Method::Foce, Residual::Combined, 1, vec![0.3, 0.1], -175.13770493932526),
        (Method::Laplace, Residual::Combined, 1, vec![0.3, 0.1], -175.79669011593052),
        (Method::Foce, Residual::Summed, 1, vec![0.3, 0.1], -170.67049179134622),
        (Method::Laplace, Residual::Summed, 1, vec![0.3, 0.1], -171.27388736567667),
    ] {
        let data = theophylline(from);
        let predict = |i: usize, fixed: &[f64], effects: &[f64]| {
            Ok(absorbed(data.doses[i], &data.times[i], fixed, effects))
        };
        let population = Population {
            subjects: data.subjects.clone(),
            fixed_effects: 3,
            effects: Effects { blocks: FULL.to_vec() },
            residuals: vec![residual],
            predict: &predict,
            elsewhere: None,
            method,
            step: STEP,
            threads: Threads::ONE,
        };
        let omega = vec![vec![0.4, 0.02, 0.0], vec![0.02, 0.07, 0.01], vec![0.0, 0.01, 0.02]];
        let mut at: Vec<f64> = [1.5, 2.8, 32.0].map(math::ln).to_vec();
        at.extend(population.effects.coordinates_of(&[omega]).expect("a covariance"));
        at.extend(sd.iter().map(|s| math::ln(*s)));
        let found = population.marginal(&at, &[], true).expect("it can be simulated");
        // Second differences of a density are accurate to six digits.
        assert!((found.log - wanted).abs() < 2e-5, "{method:?} {residual:?}: {}", found.log);
        // The gradient agrees with differences of the value.
        for k in 0..at.len() {
            let value = |h: f64| {
                let mut at = at.clone();
                at[k] += h;
                population.marginal(&at, &[], false).expect("it can be simulated").log
            };
            let slope = (value(1e-3) - value(-1e-3)) / 2e-3;
            let sum: f64 = found.gradients.iter().map(|g| g[k]).sum();
            assert!(
                (slope - sum).abs() < 2e-4 * (1.0 + sum.abs()),
                "{method:?} {k}: {slope} {sum}"
            );
        }
    }
}

#[test]
fn theophylline_has_its_published_estimates() {
    let data = theophylline(0);
    let predict = |i: usize, fixed: &[f64], effects: &[f64]| {
        Ok(absorbed(data.doses[i], &data.times[i], fixed, effects))
    };
    let mut found = vec![];
    for threads in [1, 2] {
        let population = Population {
            subjects: data.subjects.clone(),
            fixed_effects: 3,
            effects: diagonal(3),
            residuals: vec![Residual::Additive],
            predict: &predict,
            elsewhere: None,
            method: Method::Foce,
            step: STEP,
            threads: Threads::new(threads),
        };
        // The search starts a factor of two from the maximum.
        let mut at: Vec<f64> = [0.8, 5.0, 20.0].map(math::ln).to_vec();
        at.extend([0.3_f64; 3].map(math::ln));
        at.push(0.0);
        let free: Vec<usize> = (0..at.len()).collect();
        let best = maximise(&population, &at, &free, (3, 1), &|_| ()).expect("it can be simulated");
        assert!(best.converged() && best.agree(0.01) == 3, "{:?}", best.searches);
        let precision = Precision::at(&population, &best, &free).expect("it can be simulated");
        assert!(precision.gain_left.is_some_and(|g| g < 1e-4), "{:?}", precision.gain_left);
        found.push((best, precision));
    }
    let (best, precision) = &found[0];
    // An independent Python program (scipy 1.17, the Nelder-Mead simplex on the same likelihood)
    // finds this maximum.
    assert!((best.marginal.log + 179.701592831).abs() < 1e-4, "{}", best.marginal.log);
    let wanted = [1.5902, 2.7515, 31.809, 0.6342, 0.26277, 0.1383, 0.6944];
    for (k, wanted) in wanted.iter().enumerate() {
        let floor = if (3..6).contains(&k) { effects::LEAST_SD } else { 0.0 };
        let ratio = (math::exp(best.at[k]) + floor) / wanted;
        assert!((ratio - 1.0).abs() < 1e-3, "{k}: {ratio}");
    }
    // Published fits report about 1.57 /h, 2.75 L/h and 31.6 L.
    for (k, published) in [1.57, 2.75, 31.6].iter().enumerate() {
        assert!((math::exp(best.at[k]) / published - 1.0).abs() < 0.05, "{k}");
    }
    for kind in [Kind::Curvature, Kind::Sandwich] {
        precision.covariance(kind).expect("a covariance");
    }
    // The same bytes are obtained on any number of threads.
    assert_eq!(best.at, found[1].0.at);
    assert_eq!(precision.curvature, found[1].1.curvature);
}

/// A linear mixed model has a marginal likelihood in closed form: its measurements are normal with
/// the covariance Z Omega Z' + R. Here a subject has an effect on the slope, and each of two
/// occasions one on the level.
#[test]
fn a_linear_model_is_integrated_exactly() {
    let times = [0.0, 1.0, 2.0, 3.0, 5.0];
    let measured = [3.1, 4.2, 4.4, 6.3, 7.2];
    let occasion = |r: usize| usize::from(r >= 3);
    let row = |value: &f64| Row { value: *value, bound: Bound::None, endpoint: 0 };
    let predict = |_: usize, fixed: &[f64], effects: &[f64]| {
        let value =
            |r: usize| fixed[0] + effects[1 + occasion(r)] + (fixed[1] + effects[0]) * times[r];
        let slopes = |r: usize| {
            let of = |o: usize| f64::from(u8::from(occasion(r) == o));
            vec![times[r], of(0), of(1)]
        };
        Ok(Prediction {
            values: (0..5).map(value).collect(),
            by_effect: (0..5).map(slopes).collect(),
        })
    };
    for method in [Method::Foce, Method::Laplace] {
        let population = Population {
            subjects: vec![Subject { rows: measured.iter().map(row).collect(), occasions: 2 }],
            fixed_effects: 2,
            effects: Effects {
                blocks: vec![
                    Block { size: 1, level: Level::Occasion },
                    Block { size: 1, level: Level::Subject },
                ],
            },
            residuals: vec![Residual::Additive],
            predict: &predict,
            elsewhere: None,
            method,
            step: STEP,
            threads: Threads::ONE,
        };
        let (level, slope, sd): (f64, f64, f64) = (0.6, 0.3, 0.5);
        let omegas = [vec![vec![level * level]], vec![vec![slope * slope]]];
        let mut at = vec![3.0, 0.9];
        at.extend(population.effects.coordinates_of(&omegas).expect("a covariance"));
        at.push(math::ln(sd));
        let found = population.marginal(&at, &[], true).expect("it can be simulated");
        let covariance = |i: usize, j: usize| {
            let same = if occasion(i) == occasion(j) { level * level } else { 0.0 };
            let own = if i == j { sd * sd } else { 0.0 };
            slope * slope * times[i] * times[j] + same + own
        };
        let off: Vec<f64> = measured.iter().zip(times).map(|(y, t)| y - (3.0 + 0.9 * t)).collect();
        let lower = crate::statistics::cholesky(5, covariance, |_| f64::NAN);
        let pulled = crate::statistics::solved(&lower, &off);
        let square: f64 = off.iter().zip(&pulled).map(|(o, p)| o * p).sum();
        let determinant: f64 = (0..5).map(|k| 2.0 * math::ln(lower[k][k])).sum();
        let wanted = -0.5 * (square + determinant + 5.0 * math::ln(2.0 * std::f64::consts::PI));
        // Laplace's curvature is a difference of gradients, accurate to ten digits.
        assert!((found.log - wanted).abs() < 1e-9, "{method:?}: {} {wanted}", found.log);
        // Derivative with respect to the fixed level: the sum of the residuals times the inverse
        // covariance.
        let by_level: f64 = pulled.iter().sum();
        assert!((found.gradients[0][0] - by_level).abs() < 1e-6, "{method:?}");
        // Conditional weighted residuals of a linear model are the residuals of its marginal
        // distribution.
        let told =
            population.diagnose(&population.point(&at), &found).expect("it can be simulated");
        let of = |r: &Residuals| r.conditional_weighted.expect("measured");
        let sum: f64 = told.residuals[0].iter().map(|r| of(r) * of(r)).sum();
        assert!((sum - square).abs() < 1e-7, "{method:?}: {sum} {square}");
    }
}

/// Every residual error model, with values below a limit: the gradient agrees with differences of
/// the value, and the densities integrate to probabilities.
#[test]
fn gradients_hold_for_every_residual_error_and_below_a_limit() {
    let data = theophylline(1);
    let predict = |i: usize, fixed: &[f64], effects: &[f64]| {
        Ok(absorbed(data.doses[i], &data.times[i], fixed, effects))
    };
    for (method, residual) in [
        (Method::Foce, Residual::Additive),
        (Method::Foce, Residual::Proportional),
        (Method::Foce, Residual::LogAdditive),
        (Method::Laplace, Residual::Combined),
        (Method::Foce, Residual::Summed),
        (Method::Laplace, Residual::LogAdditive),
    ] {
        let mut subjects = data.subjects.clone();
        for row in subjects.iter_mut().flat_map(|s| &mut s.rows) {
            if row.value < 2.0 {
                *row = Row { value: 2.0, bound: Bound::Below, endpoint: 0 };
            }
        }
        let population = Population {
            subjects,
            fixed_effects: 3,
            effects: Effects {
                blocks: vec![
                    Block { size: 1, level: Level::Subject },
                    Block { size: 2, level: Level::Subject },
                ],
            },
            residuals: vec![residual],
            predict: &predict,
            elsewhere: None,
            method,
            step: STEP,
            threads: Threads::ONE,
        };
        let omegas = [vec![vec![0.36]], vec![vec![0.07, 0.02], vec![0.02, 0.03]]];
        let mut at: Vec<f64> = [1.5, 2.8, 32.0].map(math::ln).to_vec();
        at.extend(population.effects.coordinates_of(&omegas).expect("a covariance"));
        at.extend(vec![math::ln(0.2); residual.coordinates()]);
        let found = population.marginal(&at, &[], true).expect("it can be simulated");
        for k in 0..at.len() {
            let value = |h: f64| {
                let mut at = at.clone();
                at[k] += h;
                population.marginal(&at, &[], false).expect("it can be simulated").log
            };
            let slope = (value(1e-4) - value(-1e-4)) / 2e-4;
            let sum: f64 = found.gradients.iter().map(|g| g[k]).sum();
            assert!(
                (slope - sum).abs() < 1e-3 * (1.0 + sum.abs()),
                "{method:?} {residual:?} {k}: {slope} {sum}"
            );
        }
    }
    for residual in [
        Residual::Additive,
        Residual::Proportional,
        Residual::Combined,
        Residual::Summed,
        Residual::LogAdditive,
    ] {
        let sd = [0.3, 0.2];
        // Midpoints from 1 to 9 around 3, and the probabilities beyond these ends.
        let density = |value: f64, bound: Bound| {
            math::exp(residual.density(value, bound, 3.0, &sd).expect("a density").log)
        };
        let inside: f64 =
            (0..8000).map(|k| density(1.0 + (k as f64 + 0.5) / 1000.0, Bound::None) / 1000.0).sum();
        let outside = density(1.0, Bound::Below) + density(9.0, Bound::Above);
        assert!((inside + outside - 1.0).abs() < 1e-6, "{residual:?}: {inside} {outside}");
    }
}

#[test]
fn a_relative_error_of_nothing_is_refused() {
    let none = Residual::Proportional.density(1.0, Bound::None, 0.0, &[0.2]);
    assert_eq!(none, Err(crate::no_answer::NoAnswer::Zero));
}

/// Before the first dose a level is exactly zero. A measurement is then below its limit with
/// probability 1, as it is where a prediction approaches zero.
#[test]
fn nothing_lies_below_a_limit_with_certainty() {
    for residual in [Residual::Proportional, Residual::LogAdditive] {
        let density = |value: f64, bound: Bound, f: f64| residual.density(value, bound, f, &[0.2]);
        for f in [0.0, -1e-18, 1e-300, 1e-20, 1e-3] {
            for bound in [Bound::Below, Bound::Between(0.0)] {
                if residual == Residual::LogAdditive && bound == Bound::Between(0.0) && f > 0.0 {
                    continue;
                }
                let found = density(0.5, bound, f).expect("a density");
                assert!(found.log.abs() < 1e-6, "{residual:?} {bound:?} {f}: {found:?}");
                // As effects on a logarithm move the prediction.
                let moves = [found.slope * f, found.information * f * f];
                assert!(moves.iter().all(|m| m.abs() < 1e-6), "{residual:?} {f}: {found:?}");
            }
        }
        let zero = Err(crate::no_answer::NoAnswer::Zero);
        assert_eq!(density(0.5, Bound::Above, 0.0), zero);
        assert_eq!(density(0.5, Bound::Between(0.1), 0.0), zero);
    }
}

/// By hand: 0.1, 0.3 and 0.8 lie around 0.4 with the standard deviation sqrt((0.09 + 0.01 + 0.16) /
/// 2).
#[test]
fn shrinkage_is_taken_around_the_mean_of_the_estimates() {
    let found = diagnostics::shrinkage(&[0.1, 0.3, 0.8], 0.5);
    assert!((found - (1.0 - 0.13_f64.sqrt() / 0.5)).abs() < 1e-12, "{found}");
    // Equal estimates have a shrinkage of 1, whatever their value.
    assert_eq!(diagnostics::shrinkage(&[0.3, 0.3], 0.5), 1.0);
    assert!(diagnostics::shrinkage(&[0.3], 0.5).is_nan());
}
