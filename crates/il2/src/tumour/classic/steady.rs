//! Steady states of a published model, stable or not.
//!
//! For a tumour of size T, its own equation at steady state gives the number of immune cells that
//! keeps it at this size, and the other populations follow. One equation in T remains, whose roots
//! are searched for over all T below the capacity. Integration would find only the stable states.

use crate::quantity::DAY;
use crate::tumour::classic::Classic;
use il2_engine::math::{exp, ln, pow};
use il2_engine::reference::system::System;
use il2_engine::{Network, ParameterId};

/// A steady state.
#[derive(Clone, Debug, PartialEq)]
pub struct SteadyState {
    /// Populations in the order of [`Classic::populations`].
    pub populations: Vec<f64>,
    /// Number of directions in which a small perturbation grows; 0 for a stable state.
    pub unstable: usize,
}

/// A model whose steady states are to be found.
pub struct Resting<'a> {
    model: Classic,
    network: &'a Network,
    system: System,
}

/// The tumour is searched for as a fraction 1 / (1 + exp(-u)) of its capacity, in steps of u that
/// resolve a pair of states before they merge.
const STEPS: usize = 9_000;
const LOWEST: f64 = -60.0;
const HIGHEST: f64 = 30.0;
const HALVINGS: usize = 100;

impl<'a> Resting<'a> {
    /// None if the tumour's own equation does not determine the other populations; the states of de
    /// Pillis 2009 are found only by integration.
    pub fn new(model: Classic, network: &'a Network) -> Option<Self> {
        let found = !matches!(model, Classic::DePillis2009);
        found.then(|| Self { model, network, system: System::new(network) })
    }

    /// Steady states with a tumour, from the smallest tumour to the largest.
    pub fn with_tumour(&self, parameters: &[f64]) -> Vec<SteadyState> {
        let inverse = self.number(parameters, "inverse_capacity");
        // Without a capacity the limit is a thousand million million cells, which is more than
        // there can be.
        let capacity = if inverse > 0.0 { 1.0 / inverse } else { 1e18 };
        let place = |k: usize| LOWEST + (HIGHEST - LOWEST) * k as f64 / STEPS as f64;
        let tumour = |u: f64| capacity / (1.0 + exp(-u));
        let left = |u: f64| self.held(parameters, tumour(u)).map(|(_, left)| left);
        let mut found = vec![];
        let mut before = (place(0), left(place(0)));
        for k in 1..=STEPS {
            let here = (place(k), left(place(k)));
            if let (Some(a), Some(b)) = (before.1, here.1)
                && (a < 0.0) != (b < 0.0)
            {
                let (mut low, mut high) = (before.0, here.0);
                for _ in 0..HALVINGS {
                    let middle = 0.5 * (low + high);
                    match left(middle) {
                        Some(value) if (value < 0.0) == (a < 0.0) => low = middle,
                        _ => high = middle,
                    }
                }
                // The sign also changes across a pole, which is not a steady state.
                if let Some((populations, _)) = self.held(parameters, tumour(low)) {
                    let unstable = self.unstable(parameters, &populations);
                    found.push(SteadyState { populations, unstable });
                }
            }
            before = here;
        }
        found
    }

    /// The steady state without a tumour; none if effectors grow without bound, and none in de
    /// Pillis 2005, whose law of killing has no derivative there.
    pub fn without_tumour(&self, p: &[f64]) -> Option<SteadyState> {
        let n = |name: &str| self.number(p, name);
        let (populations, rates) = match self.model {
            Classic::KirschnerPanetta1998 => {
                let il2 = n("il2_infusion") / n("il2_loss");
                let net = n("proliferation") * il2 / (n("il2_half") + il2) - n("effector_loss");
                let given = n("effector_infusion");
                let effectors = match given {
                    0.0 => 0.0,
                    _ if net >= 0.0 => return None,
                    _ => -given / net,
                };
                let tumour = n("growth") - n("kill") * effectors / n("kill_half");
                (vec![0.0, effectors, il2], vec![tumour, net])
            }
            Classic::Kuznetsov1994 => {
                let effectors = n("influx") / n("effector_loss");
                (vec![0.0, effectors], vec![n("growth") - n("kill") * effectors])
            }
            Classic::DePillis2005 | Classic::DePillis2009 => return None,
        };
        let unstable = rates.into_iter().filter(|rate| *rate > 0.0).count();
        Some(SteadyState { populations, unstable })
    }

    fn number(&self, parameters: &[f64], name: &str) -> f64 {
        let ParameterId(place) = self.network.parameter_named(name).expect("a number of the model");
        parameters[place]
    }

    /// With the tumour fixed at `t`, all populations and the residual of the last equation. None if
    /// no positive populations keep the tumour at this size.
    fn held(&self, p: &[f64], t: f64) -> Option<(Vec<f64>, f64)> {
        let n = |name: &str| self.number(p, name);
        let room = n("growth") * (1.0 - n("inverse_capacity") * t);
        match self.model {
            Classic::KirschnerPanetta1998 => {
                let e = room * (n("kill_half") + t) / n("kill");
                let made = n("il2_secretion") * e * t / (n("secretion_half") + t);
                let i = (made + n("il2_infusion")) / n("il2_loss");
                let net = n("proliferation") * i / (n("il2_half") + i) - n("effector_loss");
                let left = n("antigenicity") * t + net * e + n("effector_infusion");
                (e > 0.0 && i > 0.0).then(|| (vec![t, e, i], left))
            }
            Classic::Kuznetsov1994 => {
                let e = room / n("kill");
                let net = n("proliferation") * t / (n("proliferation_half") + t)
                    - n("inactivation") * t
                    - n("effector_loss");
                (e > 0.0).then(|| (vec![t, e], n("influx") + net * e))
            }
            Classic::DePillis2005 => {
                let square = t * t;
                let lost = n("nk_loss") + n("nk_inactivation") * t
                    - n("nk_recruitment") * square / (n("nk_recruitment_half") + square);
                let nk = n("nk_influx") / lost;
                let killed = room - n("nk_kill") * nk;
                let most = n("cd8_kill");
                if !(lost > 0.0 && killed > 0.0 && killed < most) {
                    return None;
                }
                let power = n("cd8_kill_half") * killed / (most - killed);
                let l = t * pow(power, 1.0 / n("cd8_kill_power"));
                let all = killed * t * killed * t;
                let net = n("cd8_recruitment") * all / (n("cd8_recruitment_half") + all)
                    - n("cd8_loss")
                    - n("cd8_inactivation") * t;
                (l > 0.0).then(|| (vec![t, nk, l], net * l + n("cd8_by_nk") * nk * t))
            }
            Classic::DePillis2009 => None,
        }
    }

    /// Number of eigenvalues with a positive real part. They are the same in logarithms as in
    /// populations.
    fn unstable(&self, parameters: &[f64], populations: &[f64]) -> usize {
        let state: Vec<f64> = populations.iter().map(|of| ln(*of)).collect();
        let mut jacobian = self.system.jacobian(&state, parameters, 0.0);
        jacobian.iter_mut().for_each(|rate| *rate *= DAY);
        right_of_zero(&jacobian, state.len())
    }
}

/// Number of eigenvalues of a matrix with a positive real part, by Routh's array of its
/// characteristic polynomial.
fn right_of_zero(matrix: &[f64], size: usize) -> usize {
    let polynomial = characteristic(matrix, size);
    let row = |from: usize| polynomial.iter().skip(from).step_by(2).copied().collect::<Vec<f64>>();
    let (mut above, mut below) = (row(0), row(1));
    let mut first = vec![above[0]];
    for _ in 0..size {
        let lead = below.first().copied().unwrap_or(0.0);
        first.push(lead);
        let of = |row: &[f64], k: usize| row.get(k).copied().unwrap_or(0.0);
        let next = (1..above.len().max(below.len() + 1))
            .map(|k| (lead * of(&above, k) - above[0] * of(&below, k)) / lead)
            .collect();
        above = std::mem::replace(&mut below, next);
    }
    first.windows(2).filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0)).count()
}

/// Coefficients of the characteristic polynomial, the highest power first (Faddeev-LeVerrier
/// algorithm).
fn characteristic(matrix: &[f64], size: usize) -> Vec<f64> {
    let mut coefficients = vec![1.0];
    let mut power = vec![0.0; size * size];
    for k in 1..=size {
        for d in 0..size {
            power[d * size + d] += coefficients[k - 1];
        }
        let mut product = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..size {
                product[row * size + column] =
                    (0..size).map(|m| matrix[row * size + m] * power[m * size + column]).sum();
            }
        }
        let trace: f64 = (0..size).map(|d| product[d * size + d]).sum();
        coefficients.push(-trace / k as f64);
        power = product;
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_right_of_zero_are_counted() {
        // A diagonal matrix, whose eigenvalues are known.
        let diagonal = |d: [f64; 3]| {
            let mut m = vec![0.0; 9];
            (0..3).for_each(|k| m[4 * k] = d[k]);
            m
        };
        assert_eq!(right_of_zero(&diagonal([-1.0, -2.0, -3.0]), 3), 0);
        assert_eq!(right_of_zero(&diagonal([1.0, -2.0, -3.0]), 3), 1);
        assert_eq!(right_of_zero(&diagonal([1.0, 2.0, -30.0]), 3), 2);
        // A spiral, with eigenvalues 0.1 +- i and -5.
        assert_eq!(right_of_zero(&[0.1, 1.0, 0.0, -1.0, 0.1, 0.0, 7.0, 0.0, -5.0], 3), 2);
        assert_eq!(right_of_zero(&[-0.1, 1.0, -1.0, -0.1], 2), 0);
    }

    #[test]
    fn the_characteristic_polynomial_is_that_of_the_matrix() {
        // (x - 2)(x - 3) = x^2 - 5 x + 6.
        assert_eq!(characteristic(&[2.0, 1.0, 0.0, 3.0], 2), vec![1.0, -5.0, 6.0]);
    }
}
