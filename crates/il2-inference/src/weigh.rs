//! Virtual populations: weights of plausible patients so that they represent the patients of a
//! trial.
//!
//! Patients are drawn from wide distributions; the published distributions of a trial (each of them
//! a target) determine how much each patient counts. Both methods weight by the ratio of the
//! density of the targets to that of the patients drawn:
//!
//! - [`accept`]: acceptance and rejection (Allen, Rieger & Musante 2016, doi 10.1002/psp4.12063);
//! - [`walk`]: a Metropolis-Hastings walk from patient to patient (Hastings 1970; for virtual
//!   patients Rieger et al. 2018, doi 10.1016/j.pbiomolbio.2018.10.002), in which the weight of a
//!   patient is the number of stays there.
//!
//! Targets are lognormal and independent, because correlations are not published. The density of
//! the patients drawn is joint, so that their own correlations are removed.

use crate::statistics::cholesky;
use il2_engine::math;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The distribution of the natural logarithm of one quantity among patients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Mean of the logarithm.
    pub mean: f64,
    /// Standard deviation of the logarithm.
    pub sd: f64,
}

/// Number of times that the walk proposes each patient.
const PASSES: usize = 200;
/// Distance between distributions above which a target counts as missed, whatever the number of
/// patients.
const FAR: f64 = 0.1;

/// Log ratio of target density to sampling density for each patient, up to a constant;
/// `values[patient][target]` are logarithms. The sampling density is a joint Gaussian kernel
/// estimate over whitened values, with Scott's bandwidth (Scott 1992). The run time grows with the
/// square of the number of patients.
pub fn ratios(values: &[Vec<f64>], targets: &[Target]) -> Vec<f64> {
    let (n, d) = (values.len(), targets.len());
    if n == 0 || d == 0 {
        return vec![0.0; n];
    }
    let mean = |k: usize| values.iter().map(|v| v[k]).sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..d).map(mean).collect();
    let covariance = |a: usize, b: usize| {
        let products = values.iter().map(|v| (v[a] - means[a]) * (v[b] - means[b]));
        products.sum::<f64>() / (n as f64 - 1.0).max(1.0)
    };
    // A quantity that does not vary is given a small width.
    let lower = cholesky(d, covariance, |variance| 1e-12 * variance.max(1e-12));
    let round: Vec<Vec<f64>> = values
        .iter()
        .map(|v| {
            let mut z = vec![0.0; d];
            for i in 0..d {
                let known: f64 = (0..i).map(|j| lower[i][j] * z[j]).sum();
                z[i] = (v[i] - means[i] - known) / lower[i][i];
            }
            z
        })
        .collect();
    let width = math::pow(n as f64, -1.0 / (d as f64 + 4.0));
    let drawn = |at: &Vec<f64>| {
        let kernel = |other: &Vec<f64>| {
            let square: f64 = at.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
            math::exp(-0.5 * square / (width * width))
        };
        math::ln(round.iter().map(kernel).sum::<f64>())
    };
    let wanted = |v: &Vec<f64>| -> f64 {
        let miss = |(x, t): (&f64, &Target)| -0.5 * (x - t.mean) * (x - t.mean) / (t.sd * t.sd);
        v.iter().zip(targets).map(miss).sum()
    };
    values.iter().zip(&round).map(|(v, z)| wanted(v) - drawn(z)).collect()
}

/// Accepts patients with a probability proportional to their ratio. Every accepted patient has a
/// weight of one. The scale of the probability is the largest for which the accepted patients meet
/// every target about as well as with the smallest scale, at which no probability is limited to 1.
pub fn accept(values: &[Vec<f64>], targets: &[Target], seed: u64) -> Vec<u64> {
    let ratios = ratios(values, targets);
    let mut sorted = ratios.clone();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return vec![] };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let luck: Vec<f64> = ratios.iter().map(|_| rng.random::<f64>()).collect();
    let accepted = |part: f64| -> Vec<u64> {
        let most = sorted[(part * last as f64).round() as usize];
        let taken = |(r, luck): (&f64, &f64)| u64::from(math::exp(r - most) > *luck);
        ratios.iter().zip(&luck).map(taken).collect()
    };
    let meets = |weights: &Vec<u64>| {
        let of = |k: usize| {
            let own = values.iter().map(|v| v[k]).zip(weights.iter().copied());
            distance(own.collect(), &targets[k])
        };
        let n = weights.iter().sum::<u64>() as f64;
        // Half of the distance at which a Kolmogorov-Smirnov test would detect a difference (5 %).
        n > 0.0 && (0..targets.len()).all(|k| of(k) < 0.5 * 1.36 / n.sqrt())
    };
    let generous = [0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99];
    generous.iter().map(|part| accepted(*part)).find(|w| meets(w)).unwrap_or_else(|| accepted(1.0))
}

/// Walks from patient to patient and counts the stays at each: independence Metropolis-Hastings, whose
/// proposals are all patients, repeatedly and in random order.
pub fn walk(values: &[Vec<f64>], targets: &[Target], seed: u64) -> Vec<u64> {
    let ratios = ratios(values, targets);
    let n = ratios.len();
    let mut stays = vec![0; n];
    // Starts at the patient with the highest ratio, so that no burn-in is needed.
    let Some(mut here) = (0..n).max_by(|a, b| ratios[*a].total_cmp(&ratios[*b])) else {
        return stays;
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..PASSES * n {
        let there = rng.random_range(0..n);
        if math::exp(ratios[there] - ratios[here]) > rng.random::<f64>() {
            here = there;
        }
        stays[here] += 1;
    }
    stays
}

/// Effective number of patients (Kish 1965).
pub fn effective(weights: &[u64]) -> f64 {
    let sum: f64 = weights.iter().map(|w| *w as f64).sum();
    let squares: f64 = weights.iter().map(|w| (*w as f64) * (*w as f64)).sum();
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// Largest distance between the distribution of weighted values (logarithms) and a target, as in
/// the Kolmogorov-Smirnov test; 1 if no value has weight.
pub fn distance(mut values: Vec<(f64, u64)>, target: &Target) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = values.iter().map(|v| v.1 as f64).sum();
    if all == 0.0 {
        return 1.0;
    }
    let (mut below, mut worst) = (0.0, 0.0_f64);
    for (value, weight) in values {
        let wanted = 0.5 * math::erfc((target.mean - value) / target.sd / 2_f64.sqrt());
        let above = below + weight as f64 / all;
        worst = worst.max((wanted - below).abs()).max((wanted - above).abs());
        below = above;
    }
    worst
}

/// Whether a population with this effective number of patients, at this distance from a target,
/// meets the target: the difference is not significant, or too small to matter.
pub fn meets(distance: f64, effective: f64) -> bool {
    distance < FAR && effective > 0.0 || distance < 1.36 / effective.sqrt() && effective >= 30.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};

    /// Two correlated quantities drawn from wide distributions, and their targets.
    fn drawn(n: usize) -> (Vec<Vec<f64>>, [Target; 2]) {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let one = |_| {
            let (a, b) = (normal(), normal());
            vec![1.0 + a, 0.8 * a + 0.6 * b]
        };
        let targets = [Target { mean: 1.3, sd: 0.5 }, Target { mean: 0.2, sd: 0.4 }];
        ((0..n).map(one).collect(), targets)
    }

    fn mean_and_sd(values: &[Vec<f64>], k: usize, weights: &[u64]) -> (f64, f64) {
        let all: f64 = weights.iter().map(|w| *w as f64).sum();
        let sum = |f: &dyn Fn(f64) -> f64| {
            values.iter().zip(weights).map(|(v, w)| f(v[k]) * *w as f64).sum::<f64>() / all
        };
        let mean = sum(&|v| v);
        (mean, sum(&|v| (v - mean) * (v - mean)).sqrt())
    }

    #[test]
    fn both_methods_meet_targets_of_correlated_quantities() {
        let (values, targets) = drawn(4000);
        for weights in [accept(&values, &targets, 3), walk(&values, &targets, 3)] {
            let n = effective(&weights);
            assert!(n > 300.0, "{n}");
            for (k, target) in targets.iter().enumerate() {
                let (mean, sd) = mean_and_sd(&values, k, &weights);
                // Three standard errors, plus the few per cent by which a kernel widens a
                // distribution.
                assert!((mean - target.mean).abs() < 3.0 * target.sd / n.sqrt() + 0.03, "{mean}");
                assert!((sd / target.sd - 1.0).abs() < 3.0 / (2.0 * n).sqrt() + 0.05, "{sd}");
                let own = values.iter().map(|v| v[k]).zip(weights.iter().copied()).collect();
                assert!(meets(distance(own, target), n));
            }
            // The targets are independent, because no correlation was published, and so are the
            // weighted patients.
            let (a, b) = (mean_and_sd(&values, 0, &weights), mean_and_sd(&values, 1, &weights));
            let all: f64 = weights.iter().map(|w| *w as f64).sum();
            let together = values.iter().zip(&weights).map(|(v, w)| v[0] * v[1] * *w as f64);
            let correlation = (together.sum::<f64>() / all - a.0 * b.0) / (a.1 * b.1);
            assert!(correlation.abs() < 0.2, "{correlation}");
        }
    }

    #[test]
    fn a_target_that_no_patient_reaches_is_not_met() {
        let (values, _) = drawn(500);
        let target = Target { mean: 9.0, sd: 0.2 };
        let weights = walk(&values, &[target, Target { mean: 0.0, sd: 1.0 }], 3);
        let own = values.iter().map(|v| v[0]).zip(weights.iter().copied()).collect();
        assert!(!meets(distance(own, &target), effective(&weights)));
        assert!(effective(&weights) < 10.0);
    }

    #[test]
    fn effective_patients_are_those_of_equal_weight() {
        assert_eq!(effective(&[2, 2, 2, 0]), 3.0);
        assert_eq!(effective(&[0, 0]), 0.0);
        assert!((effective(&[100, 1]) - 1.02).abs() < 0.001);
    }

    #[test]
    fn the_distance_of_a_distribution_to_itself_is_small() {
        let (values, _) = drawn(2000);
        let own = |weight: u64| values.iter().map(|v| (v[0], weight)).collect::<Vec<_>>();
        let itself = Target { mean: 1.0, sd: 1.0 };
        assert!(distance(own(1), &itself) < 1.36 / 2000_f64.sqrt());
        assert!((distance(own(1), &Target { mean: 2.0, sd: 1.0 }) - 0.383).abs() < 0.03);
        assert_eq!(distance(own(0), &itself), 1.0);
    }
}
