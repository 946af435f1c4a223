//! A network as a system of ordinary differential equations with an exact Jacobian.

use crate::expression::Expression;
use crate::id::SpeciesId;
use crate::network::Network;

/// `d value / dt = scale * sum of stoichiometry * rate` for every species.
#[derive(Clone, Debug)]
pub struct System {
    /// Names in the order of the state.
    pub species_names: Vec<String>,
    /// Names in the order of the parameters.
    pub parameter_names: Vec<String>,
    /// For each species, whether values below zero make sense.
    pub signed: Vec<bool>,
    laws: Vec<Expression>,
    /// For each reaction: derivative of its rate with respect to each species that it reads.
    slopes: Vec<Vec<(usize, Expression)>>,
    /// For each reaction: net change of each species.
    changes: Vec<Vec<(usize, f64)>>,
    scales: Vec<Expression>,
    /// For each species: derivatives of its scale, mostly empty.
    scale_slopes: Vec<Vec<(usize, Expression)>>,
}

impl System {
    /// Builds the system of a network that has been checked.
    pub fn new(network: &Network) -> Self {
        let laws: Vec<_> = network.reactions.iter().map(|r| network.law(r)).collect();
        let changes = network.reactions.iter().map(|r| {
            let mut net = vec![0.0; network.species.len()];
            r.reactants.iter().for_each(|&(s, n)| net[s.0] -= f64::from(n));
            r.products.iter().for_each(|&(s, n)| net[s.0] += f64::from(n));
            net.into_iter().enumerate().filter(|(_, n)| *n != 0.0).collect()
        });
        Self {
            species_names: network.species.iter().map(|s| s.name.clone()).collect(),
            parameter_names: network.parameters.iter().map(|p| p.name.clone()).collect(),
            signed: network.species.iter().map(|s| s.signed).collect(),
            slopes: laws.iter().map(slopes).collect(),
            changes: changes.collect(),
            scales: network.species.iter().map(|s| s.scale.clone()).collect(),
            scale_slopes: network.species.iter().map(|s| slopes(&s.scale)).collect(),
            laws,
        }
    }

    /// Number of species.
    pub fn size(&self) -> usize {
        self.scales.len()
    }

    /// Whether anything depends on a species. A species on which nothing depends (a count of degraded
    /// molecules) may grow without limit while everything else is at steady state.
    pub fn is_read(&self, species: usize) -> bool {
        let among = |slopes: &Vec<(usize, Expression)>| slopes.iter().any(|(s, _)| *s == species);
        self.slopes.iter().any(among) || self.scale_slopes.iter().any(among)
    }

    /// Whether a species is a reservoir that reactions do not change.
    pub fn is_held(&self, species: usize) -> bool {
        matches!(self.scales[species], Expression::Number(0.0))
    }

    /// Writes the rates of change of the state (unit of the species per min) to `out`.
    pub fn derivative(&self, x: &[f64], p: &[f64], t: f64, out: &mut [f64]) {
        out.fill(0.0);
        for (law, changes) in self.laws.iter().zip(&self.changes) {
            let rate = law.value(x, p, t);
            changes.iter().for_each(|&(s, n)| out[s] += n * rate);
        }
        for (out, scale) in out.iter_mut().zip(&self.scales) {
            *out *= scale.value(x, p, t);
        }
    }

    /// Row-major Jacobian `d derivative[row] / d state[column]`.
    pub fn jacobian(&self, x: &[f64], p: &[f64], t: f64) -> Vec<f64> {
        let n = self.size();
        let mut jacobian = vec![0.0; n * n];
        let mut net = vec![0.0; n];
        for ((law, slopes), changes) in self.laws.iter().zip(&self.slopes).zip(&self.changes) {
            let rate = law.value(x, p, t);
            changes.iter().for_each(|&(s, count)| net[s] += count * rate);
            for (column, slope) in slopes {
                let slope = slope.value(x, p, t);
                changes
                    .iter()
                    .for_each(|&(row, n_row)| jacobian[row * n + column] += n_row * slope);
            }
        }
        for row in 0..n {
            let scale = self.scales[row].value(x, p, t);
            jacobian[row * n..(row + 1) * n].iter_mut().for_each(|v| *v *= scale);
            for (column, slope) in &self.scale_slopes[row] {
                jacobian[row * n + column] += slope.value(x, p, t) * net[row];
            }
        }
        jacobian
    }
}

fn slopes(law: &Expression) -> Vec<(usize, Expression)> {
    law.species().into_iter().map(|s: SpeciesId| (s.0, law.derivative(s))).collect()
}
