//! The steady state of a lane.

use super::radau;
use super::system::System;
use crate::conservation::ConservedTotal;
use crate::lane::{LaneFailure, Tolerance, Trajectory};
use crate::linear::Lu;
use crate::network::Network;

/// A state in which nothing changes, with the conserved totals of the initial state.
///
/// Damped Newton iteration. One equation per conserved total is replaced by the total itself (the
/// Jacobian is singular otherwise), and reservoirs and counters are held constant. If the iteration
/// leaves the positive states or makes no progress, integration to later and later times brings the
/// state close enough to try again.
pub fn steady_state(
    network: &Network,
    system: &System,
    parameters: &[f64],
    start: &[f64],
    totals: &[ConservedTotal],
) -> Result<Vec<f64>, LaneFailure> {
    let tolerance = Tolerance { relative: 1e-10, absolute: 1e-12, ..Tolerance::default() };
    let wanted: Vec<f64> = totals.iter().map(|t| t.value(network, start, parameters)).collect();
    let in_total = |i: usize| totals.iter().any(|t| t.terms.iter().any(|(s, _)| s.0 == i));
    let kept: Vec<usize> = (0..start.len())
        .filter(|&i| system.is_held(i) || !system.is_read(i) && !in_total(i))
        .collect();
    let problem = Problem { network, system, parameters, totals, wanted, kept };
    let mut state = start.to_vec();
    let mut horizon = 1.0;
    for _ in 0..14 {
        if let Some(found) = problem.newton(&state) {
            return Ok(found);
        }
        let mut counters = Trajectory::default();
        let span = (0.0, state.as_slice());
        state = radau::integrate(system, parameters, tolerance, span, &[horizon], &mut counters)?
            .pop()
            .expect("one stop");
        horizon *= 4.0;
    }
    let mut slope = vec![0.0; state.len()];
    system.derivative(&state, parameters, 0.0, &mut slope);
    let moving = (0..slope.len()).max_by(|&i, &j| slope[i].abs().total_cmp(&slope[j].abs()));
    let name = moving.map_or("", |i| system.species_names[i].as_str());
    let why = format!("{name} is still changing after {horizon:.0} min");
    Err(LaneFailure::NoSteadyState(why))
}

struct Problem<'a> {
    network: &'a Network,
    system: &'a System,
    parameters: &'a [f64],
    totals: &'a [ConservedTotal],
    wanted: Vec<f64>,
    kept: Vec<usize>,
}

impl Problem<'_> {
    /// Right-hand side with one row per conserved total replaced by that total, scaled to order
    /// one.
    fn residual(&self, x: &[f64]) -> Vec<f64> {
        let mut f = vec![0.0; x.len()];
        self.system.derivative(x, self.parameters, 0.0, &mut f);
        self.kept.iter().for_each(|&i| f[i] = 0.0);
        for (total, wanted) in self.totals.iter().zip(&self.wanted) {
            let row = total.terms[0].0.0;
            f[row] = total.value(self.network, x, self.parameters) - wanted;
        }
        f
    }

    fn newton(&self, start: &[f64]) -> Option<Vec<f64>> {
        let n = start.len();
        let mut x = start.to_vec();
        let mut f = self.residual(&x);
        for _ in 0..50 {
            let mut jacobian = self.system.jacobian(&x, self.parameters, 0.0);
            for &i in &self.kept {
                jacobian[i * n..(i + 1) * n].fill(0.0);
                jacobian[i * n + i] = 1.0;
            }
            for total in self.totals {
                let row = total.terms[0].0.0;
                jacobian[row * n..(row + 1) * n].fill(0.0);
                for &(s, weight) in &total.terms {
                    let scale = self.network.species[s.0].scale.value(&x, self.parameters, 0.0);
                    jacobian[row * n + s.0] = weight as f64 / scale;
                }
            }
            let step = Lu::new(n, jacobian)?.solve(&f);
            let mut damping = 1.0;
            let (next, residual) = loop {
                let next: Vec<f64> = (0..n).map(|i| x[i] - damping * step[i]).collect();
                let size = |f: &[f64]| f.iter().map(|v| v * v).sum::<f64>();
                let residual = self.residual(&next);
                let roundoff = |i: usize| -1e-12 * (x[i].abs() + 1.0);
                let positive = (0..n).all(|i| next[i] >= roundoff(i));
                if positive
                    && (size(&residual) < size(&f)
                        || size(&f) == 0.0
                        || damping == 1.0 && small(&step, &x))
                {
                    break (next, residual);
                }
                damping *= 0.5;
                if damping < 1e-4 {
                    return None;
                }
            };
            let done = damping == 1.0 && small(&step, &x);
            (x, f) = (next, residual);
            if done {
                return Some(x.into_iter().map(|v| v.max(0.0)).collect());
            }
        }
        None
    }
}

fn small(step: &[f64], x: &[f64]) -> bool {
    step.iter().zip(x).all(|(d, v)| d.abs() <= 1e-11 * (v.abs() + 1e-3))
}
