//! Radau IIA of order five with three stages (Hairer & Wanner, Solving Ordinary Differential
//! Equations II, 2nd ed. 1996, section IV.8): collocation at the Radau points, simplified Newton
//! iteration in the basis that splits the stage system into one real and one complex system of the
//! size of the state, embedded error estimate, predictive step control.
//!
//! A step ends at every output time, because the collocation polynomial between steps has only
//! order three, too low for a reference.

use super::system::System;
use crate::course::at_least_zero;
use crate::lane::{LaneFailure, Tolerance, Trajectory};
use crate::linear::Lu;
use crate::math;

/// Stage times as fractions of the step: the Radau points.
fn nodes() -> [f64; 3] {
    let s = 6_f64.sqrt();
    [(4.0 - s) / 10.0, (4.0 + s) / 10.0, 1.0]
}

/// Weights of the stage increments in the embedded estimate of order three.
fn estimate_weights() -> [f64; 3] {
    let s = 6_f64.sqrt();
    [(-13.0 - 7.0 * s) / 3.0, (-13.0 + 7.0 * s) / 3.0, -1.0 / 3.0]
}

/// Eigenvalues of the inverse Runge-Kutta matrix: one real, one complex pair (real, imaginary).
fn eigenvalues() -> (f64, (f64, f64)) {
    let (a, b) = (math::pow(3.0, 1.0 / 3.0), math::pow(3.0, 2.0 / 3.0));
    let imaginary = -0.5 * (math::pow(3.0, 5.0 / 6.0) + math::pow(3.0, 7.0 / 6.0));
    (3.0 + b - a, (3.0 + 0.5 * (a - b), imaginary))
}

/// The basis in which the inverse Runge-Kutta matrix is one real number and one rotation. The
/// digits are those of Hairer & Wanner's RADAU5, and a test compares them with the definition.
const BASIS: [[f64; 3]; 3] = [
    [0.094_438_762_488_975_24, -0.141_255_295_020_954_21, 0.030_029_194_105_147_42],
    [0.250_213_122_965_333_32, 0.204_129_352_293_799_94, -0.382_942_112_757_261_92],
    [1.0, 1.0, 0.0],
];
const INVERSE_BASIS: [[f64; 3]; 3] = [
    [4.178_718_591_551_904_28, 0.327_682_820_761_062_37, 0.523_376_445_499_449_51],
    [-4.178_718_591_551_904_28, -0.327_682_820_761_062_37, 0.476_623_554_500_550_44],
    [0.502_872_634_945_786_82, -2.571_926_949_855_605_22, 0.596_039_204_828_224_92],
];

const MOST_ITERATIONS: usize = 7;

type Stages = [Vec<f64>; 3];

/// Factorisation of both iteration matrices for one step size.
struct Iteration {
    real: Lu,
    /// `(alpha - J) x - beta y = a, beta x + (alpha - J) y = b` as one real matrix of twice the size.
    complex: Lu,
}

/// Integrates from `start = (time, state)` and returns the state at each stop (stops ascend and
/// come after the start). Adds the work done to `counters`.
pub fn integrate(
    system: &System,
    parameters: &[f64],
    tolerance: Tolerance,
    start: (f64, &[f64]),
    stops: &[f64],
    counters: &mut Trajectory,
) -> Result<Vec<Vec<f64>>, LaneFailure> {
    let n = system.size();
    let (mut t, mut x) = (start.0, start.1.to_vec());
    let rhs = |x: &[f64], t: f64, counters: &mut Trajectory| {
        counters.evaluations += 1;
        let mut out = vec![0.0; n];
        system.derivative(x, parameters, t, &mut out);
        out
    };
    let newton_tolerance =
        (10.0 * f64::EPSILON / tolerance.relative).max(tolerance.relative.sqrt().min(0.03));
    let mut slope = rhs(&x, t, counters);
    let mut step = first_step(&x, &slope, tolerance, stops.last().map_or(0.0, |end| end - t));
    let mut jacobian = system.jacobian(&x, parameters, t);
    let mut fresh_jacobian = true;
    let mut factors: Option<(f64, Iteration)> = None;
    let mut previous: Option<(f64, f64)> = None; // step and error of the last accepted step
    let mut last_stages: Option<(f64, Stages)> = None;
    let mut refused = 0; // attempts since the last accepted step
    let mut found = vec![];
    for &stop in stops {
        let before = counters.steps + counters.rejected;
        while t < stop {
            let steps = counters.steps + counters.rejected - before;
            if steps >= tolerance.most_steps {
                return Err(LaneFailure::TooManySteps { time: t, steps });
            }
            let last = t + step >= stop || (stop - t - step) < 1e-10 * stop.abs();
            let h = if last { stop - t } else { step };
            if h < 16.0 * f64::EPSILON * t.abs().max(f64::MIN_POSITIVE) && !last || !h.is_finite() {
                return Err(too_small(system, t, h, &slope));
            }
            // A species that reproduces itself can amplify a small negative value until no step is
            // short enough. Values below zero by less than the tolerance are therefore set to zero.
            if refused > 1 && x.iter().zip(&system.signed).any(|(v, signed)| *v < 0.0 && !signed) {
                at_least_zero(&mut x, &system.signed);
                counters.set_to_zero += 1;
                (slope, jacobian) = (rhs(&x, t, counters), system.jacobian(&x, parameters, t));
                (fresh_jacobian, factors, last_stages) = (true, None, None);
            }
            // The matrices are factorised again only if the step size really changed.
            if factors.as_ref().is_none_or(|(of, _)| *of != h) {
                let Some(iteration) = factorise(n, &jacobian, h) else {
                    step = 0.5 * h;
                    counters.rejected += 1;
                    continue;
                };
                counters.factorisations += 1;
                factors = Some((h, iteration));
            }
            let iteration = &factors.as_ref().expect("just made").1;
            let scale: Vec<f64> =
                x.iter().map(|v| tolerance.absolute + v.abs() * tolerance.relative).collect();
            let guess = predict(&last_stages, h, n);
            let newton = solve_stages(
                |x, t| rhs(x, t, counters),
                (t, &x, h),
                guess,
                iteration,
                &scale,
                newton_tolerance,
            );
            let Some((stages, iterations, rate)) = newton else {
                if fresh_jacobian {
                    step = 0.5 * h;
                    counters.rejected += 1;
                    refused += 1;
                } else {
                    jacobian = system.jacobian(&x, parameters, t);
                    fresh_jacobian = true;
                }
                if step < 1e-14 * t.abs().max(1e-6) {
                    return Err(too_small(system, t, step, &slope));
                }
                factors = None;
                continue;
            };
            let weights = estimate_weights();
            let combined: Vec<f64> = (0..n)
                .map(|i| (0..3).map(|s| weights[s] * stages[s][i]).sum::<f64>() / h)
                .collect();
            let plus = |a: &[f64]| (0..n).map(|i| a[i] + combined[i]).collect::<Vec<f64>>();
            let mut error = iteration.real.solve(&plus(&slope));
            let mut size = norm(&error, &scale);
            if size >= 1.0 {
                // The estimate is filtered a second time, because the raw estimate grows without
                // bound on stiff parts.
                let moved: Vec<f64> = (0..n).map(|i| x[i] + error[i]).collect();
                error = iteration.real.solve(&plus(&rhs(&moved, t, counters)));
                size = norm(&error, &scale);
            }
            let most = MOST_ITERATIONS as f64;
            let safety = 0.9 * (2.0 * most + 1.0) / (2.0 * most + iterations as f64);
            let size = if size.is_finite() { size.max(1e-10) } else { 1e10 };
            let trend = previous.map_or(1.0, |(old_step, old_size): (f64, f64)| {
                (h / old_step * math::pow(old_size / size, 0.25)).min(1.0)
            });
            let factor = safety * trend * math::pow(size, -0.25);
            let falls = |i: usize| !system.signed[i] && x[i] + stages[2][i] < -tolerance.absolute;
            let below_zero = (0..n).any(falls);
            if size >= 1.0 || below_zero {
                counters.rejected += 1;
                refused += 1;
                step = h * factor.clamp(0.1, if below_zero { 0.5 } else { 0.9 });
                if step < 1e-14 * t.abs().max(1e-6) {
                    return Err(too_small(system, t, step, &error));
                }
                continue;
            }
            counters.steps += 1;
            refused = 0;
            (0..n).for_each(|i| x[i] += stages[2][i]);
            t = if last { stop } else { t + h };
            slope = rhs(&x, t, counters);
            previous = Some((h, size));
            last_stages = Some((h, stages));
            // A step that was shortened to end at a stop says little about the next step.
            let factor = factor.min(8.0);
            let proposal = h * factor;
            let keep = iterations <= 2 || rate <= 1e-3;
            if !keep {
                jacobian = system.jacobian(&x, parameters, t);
                factors = None;
            }
            fresh_jacobian = !keep;
            step = if last {
                step.max(proposal)
            } else if keep && factor < 1.2 && factor > 0.99 {
                h
            } else {
                proposal
            };
        }
        found.push(x.clone());
    }
    Ok(found)
}

fn too_small(system: &System, time: f64, step: f64, change: &[f64]) -> LaneFailure {
    let fastest = (0..change.len()).max_by(|&i, &j| change[i].abs().total_cmp(&change[j].abs()));
    let species = fastest.map_or(String::new(), |i| system.species_names[i].clone());
    LaneFailure::StepTooSmall { time, step, species }
}

fn norm(v: &[f64], scale: &[f64]) -> f64 {
    let sum: f64 = v.iter().zip(scale).map(|(v, s)| (v / s) * (v / s)).sum();
    (sum / v.len().max(1) as f64).sqrt()
}

/// A step length for which an explicit Euler step would change the state by about a hundredth.
fn first_step(x: &[f64], slope: &[f64], tolerance: Tolerance, span: f64) -> f64 {
    let scale: Vec<f64> =
        x.iter().map(|v| tolerance.absolute + v.abs() * tolerance.relative).collect();
    let (size, speed) = (norm(x, &scale), norm(slope, &scale));
    let step = if size < 1e-5 || speed < 1e-5 { 1e-6 } else { 0.01 * size / speed };
    step.min(span)
}

fn factorise(n: usize, jacobian: &[f64], h: f64) -> Option<Iteration> {
    let (real, (alpha, beta)) = eigenvalues();
    let shifted = |i: usize, j: usize, shift: f64| {
        (if i == j { shift / h } else { 0.0 }) - jacobian[i * n + j]
    };
    let a = (0..n * n).map(|k| shifted(k / n, k % n, real)).collect();
    let mut b = vec![0.0; 4 * n * n];
    for i in 0..n {
        for j in 0..n {
            b[i * 2 * n + j] = shifted(i, j, alpha);
            b[(n + i) * 2 * n + n + j] = shifted(i, j, alpha);
        }
        b[i * 2 * n + n + i] = -beta / h;
        b[(n + i) * 2 * n + i] = beta / h;
    }
    Some(Iteration { real: Lu::new(n, a)?, complex: Lu::new(2 * n, b)? })
}

/// Stage increments extrapolated from the collocation polynomial of the previous step.
fn predict(last: &Option<(f64, Stages)>, h: f64, n: usize) -> Stages {
    let Some((old, z)) = last else { return std::array::from_fn(|_| vec![0.0; n]) };
    let c = nodes();
    std::array::from_fn(|stage| {
        let at = 1.0 + c[stage] * h / old;
        // Lagrange basis on 0, c1, c2, 1; the value at 0 is zero.
        let weight = |k: usize| {
            let others =
                [0.0, c[0], c[1], c[2]].into_iter().enumerate().filter(|(j, _)| *j != k + 1);
            others.map(|(_, node)| (at - node) / (c[k] - node)).product::<f64>()
        };
        let w: [f64; 3] = std::array::from_fn(weight);
        (0..n).map(|i| w[0] * z[0][i] + w[1] * z[1][i] + w[2] * z[2][i] - z[2][i]).collect()
    })
}

fn transform(matrix: &[[f64; 3]; 3], v: &Stages) -> Stages {
    std::array::from_fn(|r| {
        let m = matrix[r];
        (0..v[0].len()).map(|i| m[0] * v[0][i] + m[1] * v[1][i] + m[2] * v[2][i]).collect()
    })
}

/// Simplified Newton iteration; returns stage increments, number of iterations and last
/// contraction, or `None` if it does not converge.
fn solve_stages(
    mut rhs: impl FnMut(&[f64], f64) -> Vec<f64>,
    (t, x, h): (f64, &[f64], f64),
    guess: Stages,
    iteration: &Iteration,
    scale: &[f64],
    tolerance: f64,
) -> Option<(Stages, usize, f64)> {
    let n = x.len();
    let (real, (alpha, beta)) = eigenvalues();
    let c = nodes();
    let mut z = guess;
    let mut w = transform(&INVERSE_BASIS, &z);
    let (mut last_size, mut rate) = (None, 0.0_f64);
    for k in 0..MOST_ITERATIONS {
        let f: Stages = std::array::from_fn(|s| {
            let at: Vec<f64> = (0..n).map(|i| x[i] + z[s][i]).collect();
            rhs(&at, t + c[s] * h)
        });
        if f.iter().flatten().any(|v| !v.is_finite()) {
            return None;
        }
        let g = transform(&INVERSE_BASIS, &f);
        let a: Vec<f64> = (0..n).map(|i| g[0][i] - real / h * w[0][i]).collect();
        let mut b = vec![0.0; 2 * n];
        for i in 0..n {
            b[i] = g[1][i] - (alpha * w[1][i] - beta * w[2][i]) / h;
            b[n + i] = g[2][i] - (alpha * w[2][i] + beta * w[1][i]) / h;
        }
        let (da, db) = (iteration.real.solve(&a), iteration.complex.solve(&b));
        let sizes = [norm(&da, scale), norm(&db[..n], scale), norm(&db[n..], scale)];
        let size = (sizes.iter().map(|s| s * s).sum::<f64>() / 3.0).sqrt();
        if let Some(last) = last_size {
            rate = size / last;
            let left = (MOST_ITERATIONS - k) as i32;
            if rate.is_nan()
                || rate >= 1.0
                || math::whole_power(rate, left) / (1.0 - rate) * size > tolerance
            {
                return None;
            }
        }
        for i in 0..n {
            w[0][i] += da[i];
            w[1][i] += db[i];
            w[2][i] += db[n + i];
        }
        z = transform(&BASIS, &w);
        if size == 0.0 || last_size.is_some() && rate / (1.0 - rate) * size < tolerance {
            return Some((z, k + 1, rate));
        }
        last_size = Some(size);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Runge-Kutta matrix by its definition: integrals of the Lagrange basis on the nodes.
    fn matrix() -> [[f64; 3]; 3] {
        let c = nodes();
        std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                let [a, b] = [(j + 1) % 3, (j + 2) % 3];
                let whole =
                    |x: f64| x.powi(3) / 3.0 - (c[a] + c[b]) * x * x / 2.0 + c[a] * c[b] * x;
                whole(c[i]) / ((c[j] - c[a]) * (c[j] - c[b]))
            })
        })
    }

    fn times(a: &[[f64; 3]; 3], b: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
        std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
    }

    #[test]
    fn order_conditions_of_order_five_hold() {
        let (a, c) = (matrix(), nodes());
        let b = a[2]; // stiffly accurate: the last stage is the step
        for q in 1..=5 {
            let sum: f64 = (0..3).map(|i| b[i] * c[i].powi(q - 1)).sum();
            assert!((sum - 1.0 / f64::from(q)).abs() < 1e-14, "B({q})");
        }
        for q in 1..=3 {
            for i in 0..3 {
                let sum: f64 = (0..3).map(|j| a[i][j] * c[j].powi(q - 1)).sum();
                assert!((sum - c[i].powi(q) / f64::from(q)).abs() < 1e-14, "C({q})");
            }
        }
        for q in 1..=2 {
            for j in 0..3 {
                let sum: f64 = (0..3).map(|i| b[i] * c[i].powi(q - 1) * a[i][j]).sum();
                assert!((sum - b[j] / f64::from(q) * (1.0 - c[j].powi(q))).abs() < 1e-14, "D({q})");
            }
        }
    }

    #[test]
    fn the_basis_turns_the_matrix_into_its_eigenvalues() {
        let (real, (alpha, beta)) = eigenvalues();
        let blocks = [[real, 0.0, 0.0], [0.0, alpha, -beta], [0.0, beta, alpha]];
        // basis * blocks * inverse basis is the inverse of the matrix, so its product with the
        // matrix is the identity.
        let inverse = times(&times(&BASIS, &blocks), &INVERSE_BASIS);
        let identity = times(&inverse, &matrix());
        for i in 0..3 {
            for j in 0..3 {
                let wanted = if i == j { 1.0 } else { 0.0 };
                assert!((identity[i][j] - wanted).abs() < 1e-12, "{identity:?}");
            }
        }
    }
}
