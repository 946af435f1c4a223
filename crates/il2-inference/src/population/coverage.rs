//! Simulated data: 90 % intervals contain the true value as often as they should.

use super::tests::{FULL, absorbed, diagonal};
use super::*;
use crate::bound::Bound;
use crate::draws::normal;
use crate::statistics::cholesky;
use il2_engine::{Threads, math};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const SUBJECTS: usize = 40;
const SETS: u64 = 50;
const DOSE: f64 = 320.0;
const TIMES: [f64; 7] = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0];
/// Standard deviations of the logarithms of KA, CL and V between subjects.
const SDS: [f64; 3] = [0.5, 0.25, 0.2];

/// What is simulated and fitted.
struct Case {
    effects: Effects,
    /// Covariance of each block.
    covariances: Vec<Vec<Vec<f64>>>,
    occasions: usize,
    residual: Residual,
    /// Standard deviations of the residual error.
    scatter: Vec<f64>,
}

/// The levels of all occasions; after each dose those before have been eliminated. The effects of
/// an occasion act on clearance.
fn levels(occasions: usize, fixed: &[f64], effects: &[f64]) -> Prediction {
    let mut found = Prediction { values: vec![], by_effect: vec![] };
    for occasion in 0..occasions {
        let mut own = effects[..3].to_vec();
        let further = effects.get(3 + occasion).copied();
        own[1] += further.unwrap_or(0.0);
        let one = absorbed(DOSE, &TIMES, fixed, &own);
        found.values.extend(one.values);
        for by in one.by_effect {
            let mut all = vec![0.0; effects.len()];
            all[..3].copy_from_slice(&by);
            if further.is_some() {
                all[3 + occasion] = by[1];
            }
            found.by_effect.push(all);
        }
    }
    found
}

/// Effects of a subject, drawn from the covariances of the blocks.
fn drawn(case: &Case, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let mut all = vec![];
    for level in [Level::Subject, Level::Occasion] {
        let times = if level == Level::Occasion { case.occasions } else { 1 };
        for _ in 0..times {
            let blocks = case.effects.blocks.iter().zip(&case.covariances);
            for (block, covariance) in blocks.filter(|(block, _)| block.level == level) {
                let lower = cholesky(block.size, |i, j| covariance[i][j], |_| f64::NAN);
                let z: Vec<f64> = (0..block.size).map(|_| normal(rng)).collect();
                all.extend(
                    lower.iter().map(|row| row.iter().zip(&z).map(|(l, z)| l * z).sum::<f64>()),
                );
            }
        }
    }
    all
}

/// For each coordinate, how many of the data sets have an interval that contains its true value.
fn held(case: &Case) -> Vec<usize> {
    let truth: Vec<f64> = [1.2, 3.0, 30.0].map(math::ln).to_vec();
    let predict =
        |_: usize, fixed: &[f64], effects: &[f64]| Ok(levels(case.occasions, fixed, effects));
    let mut at = truth.clone();
    at.extend(case.effects.coordinates_of(&case.covariances).expect("valid covariances"));
    at.extend(case.scatter.iter().map(|sd| math::ln(*sd)));
    let mut held = vec![0; at.len()];
    for set in 0..SETS {
        let mut rng = ChaCha8Rng::seed_from_u64(set);
        let mut subject = || {
            let effects = drawn(case, &mut rng);
            let values = levels(case.occasions, &truth, &effects).values;
            let rows = values.into_iter().map(|f| {
                let value = case.residual.drawn(f, &case.scatter, normal(&mut rng));
                Row { value: value.expect("a level above zero"), bound: Bound::None, endpoint: 0 }
            });
            Subject { rows: rows.collect(), occasions: case.occasions }
        };
        let population = Population {
            subjects: (0..SUBJECTS).map(|_| subject()).collect(),
            fixed_effects: 3,
            effects: case.effects.clone(),
            residuals: vec![case.residual],
            predict: &predict,
            elsewhere: None,
            method: Method::Foce,
            step: STEP,
            threads: Threads::new(2),
        };
        let free: Vec<usize> = (0..at.len()).collect();
        let best = maximise(&population, &at, &free, (1, 0), &|_| ()).expect("it can be simulated");
        let precision = Precision::at(&population, &best, &free).expect("it can be simulated");
        let covariance = precision.covariance(Kind::Curvature).expect("a covariance");
        for (k, held) in held.iter_mut().enumerate() {
            let half = math::normal_quantile(0.95) * covariance[(k, k)].sqrt();
            *held += usize::from((best.at[k] - at[k]).abs() < half);
        }
    }
    held
}

/// Of 50 intervals at 90 %, between 40 and 49 contain the true value in 98.5 % of such tests; for
/// all coordinates together, the fraction is much closer to 90 %.
fn assert_covered(case: &Case, what: &str) {
    let held = held(case);
    eprintln!("{what}: of {SETS} intervals at 90 %, these contain the true value: {held:?}");
    assert!(held[..3].iter().all(|h| (40..=49).contains(h)), "{what}: {held:?}");
    // Variances are a little too small in maximum-likelihood estimates, so that their intervals hold
    // less often: at 87 %, fewer than 37 of 50 are seen in one of 500 coordinates.
    assert!(held.iter().all(|h| *h >= 37), "{what}: {held:?}");
    let part = held.iter().sum::<usize>() as f64 / (held.len() * SETS as usize) as f64;
    assert!((0.82..=0.98).contains(&part), "{what}: {held:?}");
}

#[test]
fn intervals_cover_what_was_simulated_with_every_residual_error() {
    for (residual, scatter) in [
        (Residual::Additive, vec![0.4]),
        (Residual::Proportional, vec![0.15]),
        (Residual::Combined, vec![0.2, 0.1]),
        (Residual::Summed, vec![0.2, 0.1]),
        (Residual::LogAdditive, vec![0.15]),
    ] {
        let covariances = SDS.map(|sd| vec![vec![sd * sd]]).to_vec();
        let what = format!("{residual:?}");
        let case = Case { effects: diagonal(3), covariances, occasions: 1, residual, scatter };
        assert_covered(&case, &what);
    }
}

/// Correlations 0.3 of KA with CL, 0.1 of KA with V, and 0.6 of CL with V.
#[test]
fn intervals_cover_correlated_effects() {
    let correlation = [[1.0, 0.3, 0.1], [0.3, 1.0, 0.6], [0.1, 0.6, 1.0]];
    let of = |i: usize| (0..3).map(|j| correlation[i][j] * SDS[i] * SDS[j]).collect();
    let case = Case {
        effects: Effects { blocks: FULL.to_vec() },
        covariances: vec![(0..3).map(of).collect()],
        occasions: 1,
        residual: Residual::Proportional,
        scatter: vec![0.15],
    };
    assert_covered(&case, "correlated");
}

/// Clearance varies between subjects and between three occasions of each. Of 300 such data sets, 84 to
/// 91 % of the intervals of each coordinate contain the true value.
#[test]
fn intervals_cover_variability_between_occasions() {
    let mut effects = diagonal(3);
    effects.blocks.push(Block { size: 1, level: Level::Occasion });
    let mut covariances = SDS.map(|sd| vec![vec![sd * sd]]).to_vec();
    covariances.push(vec![vec![0.15 * 0.15]]);
    let case = Case {
        effects,
        covariances,
        occasions: 3,
        residual: Residual::Proportional,
        scatter: vec![0.15],
    };
    assert_covered(&case, "occasions");
}
