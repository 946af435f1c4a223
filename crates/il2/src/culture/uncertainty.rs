//! What an interval is made of: draws of the fitted rates and of the receptor counts.
//!
//! Fitted rates are drawn together, log-normal with the published medians, spreads and correlations.
//! Receptor counts are drawn one by one, log-normal with the spread of their stainings. Affinities
//! that the fit held fixed stay fixed: drawing them beside its posterior would count them twice.

use super::Setup;
use crate::cell::Cell;
use crate::ligand::{AlphaChain, Ligand};
use crate::parameter::{Parameter, Parameters};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// Summary of a published posterior on the logarithmic scale.
#[derive(Clone, Debug, Default)]
pub struct Posterior {
    /// `gamma-chain.k_forward`, `il2.gamma_chain.k_off_...`, `yt1.synthesis.il2r_alpha`.
    pub names: Vec<String>,
    /// Standard deviations of the logarithms.
    pub spreads: Vec<f64>,
    /// Correlations of the logarithms, `correlations[row][column]`.
    pub correlations: Vec<Vec<f64>>,
}

/// Expected range of four standard normal values: the stainings behind a receptor count.
const RANGE_OF_FOUR: f64 = 2.059;
/// Width of a central 95 % interval in standard deviations.
const WIDTH_95: f64 = 2.0 * 1.959_964;

impl Posterior {
    /// Factors on the medians, one per name. Draw `index` of `seed` is the same whatever else is drawn.
    pub fn draw(&self, seed: u64, index: u64) -> Vec<f64> {
        let n = self.names.len();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(index);
        let z: Vec<f64> = (0..n).map(|_| StandardNormal.sample(&mut rng)).collect();
        let factor = cholesky(&self.correlations);
        (0..n)
            .map(|i| {
                let correlated: f64 = (0..=i).map(|j| factor[i][j] * z[j]).sum();
                (self.spreads[i] * correlated).exp()
            })
            .collect()
    }
}

/// Lower triangle of a correlation matrix; directions without variance give zeros.
fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let left: f64 = matrix[i][j] - sum;
            lower[i][j] = match (i == j, lower[j][j]) {
                (true, _) => left.max(0.0).sqrt(),
                (false, d) if d > 1e-8 => left / d,
                _ => 0.0,
            };
        }
    }
    lower
}

/// The setup with one draw in place of its medians. What the study overrides stays as it is.
pub fn drawn(setup: &Setup, posterior: &Posterior, seed: u64, index: u64) -> Setup {
    let mut setup = setup.clone();
    let factors = posterior.draw(seed, index);
    for (name, factor) in posterior.names.iter().zip(factors) {
        let Some((owner, name)) = name.split_once('.') else { continue };
        if owner == "gamma-chain" {
            scale(&mut setup.model.parameters, name, factor);
        }
        for ligand in &mut setup.ligands {
            scale_ligand(ligand, owner, name, factor);
        }
        if let Some(cell) = setup.cell.as_mut()
            && let Some(chain) = name.strip_prefix("synthesis.")
            && cell.id.starts_with(owner)
        {
            scale(&mut cell.synthesis, chain, factor);
        }
    }
    if let Some(cell) = setup.cell.as_mut() {
        draw_receptors(cell, seed, index);
    }
    setup
}

fn scale(parameters: &mut Parameters, name: &str, factor: f64) {
    if let Some(p) =
        parameters.get_mut(name).filter(|p| !p.absent && p.how != crate::parameter::How::Study)
    {
        p.value *= factor;
    }
}

/// Rates of the native molecule stand behind everything made from it.
fn scale_ligand(ligand: &mut Ligand, owner: &str, name: &str, factor: f64) {
    let family = match ligand.alpha_chain {
        AlphaChain::Il2rAlpha => "il2",
        AlphaChain::Il15rAlpha => "il15",
    };
    if owner == family {
        scale(&mut ligand.parameters, name, factor);
    }
    if let Some(parent) = ligand.parent.as_mut() {
        scale_ligand(parent, owner, name, factor);
    }
}

/// One stream per cell type: the same donor draw for every ligand and dose.
fn draw_receptors(cell: &mut Cell, seed: u64, index: u64) {
    let Some(table) = cell.quantitation.as_ref().and_then(|q| cell.receptors.get_mut(q)) else {
        return;
    };
    let name = cell.id.bytes().fold(0_u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ name);
    rng.set_stream(index);
    for parameter in table.values_mut() {
        let z: f64 = StandardNormal.sample(&mut rng);
        parameter.value *= (z * log_spread(parameter)).exp();
    }
}

/// Standard deviation of the logarithm behind a published interval; 0 without one.
pub fn log_spread(parameter: &Parameter) -> f64 {
    let Some(interval) = &parameter.interval else { return 0.0 };
    let width = if interval.kind.contains("stainings") { RANGE_OF_FOUR } else { WIDTH_95 };
    let positive = interval.low > 0.0 && interval.high >= interval.low;
    if positive && !parameter.absent { (interval.high / interval.low).ln() / width } else { 0.0 }
}

/// Central interval of a sample by linear interpolation between order statistics; values that are
/// none (a half-maximal dose beyond the doses) count as larger than all others.
pub fn central_interval(mut values: Vec<Option<f64>>, level: f64) -> (Option<f64>, Option<f64>) {
    values.sort_by(|a, b| a.unwrap_or(f64::INFINITY).total_cmp(&b.unwrap_or(f64::INFINITY)));
    let at = |p: f64| -> Option<f64> {
        let place = p * (values.len().checked_sub(1)?) as f64;
        let (low, high) = (values[place.floor() as usize]?, values[place.ceil() as usize]?);
        Some(low + (high - low) * place.fract())
    };
    (at(0.5 - 0.5 * level), at(0.5 + 0.5 * level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_spreads_and_correlations_asked_for() {
        let posterior = Posterior {
            names: vec!["a.x".into(), "a.y".into()],
            spreads: vec![0.2, 0.5],
            correlations: vec![vec![1.0, -0.8], vec![-0.8, 1.0]],
        };
        let n = 4000;
        let logs: Vec<Vec<f64>> =
            (0..n).map(|i| posterior.draw(7, i).into_iter().map(f64::ln).collect()).collect();
        let mean = |f: &dyn Fn(&Vec<f64>) -> f64| logs.iter().map(f).sum::<f64>() / n as f64;
        let (vx, vy) = (mean(&|l| l[0] * l[0]), mean(&|l| l[1] * l[1]));
        assert!((vx.sqrt() / 0.2 - 1.0).abs() < 0.05 && (vy.sqrt() / 0.5 - 1.0).abs() < 0.05);
        let correlation = mean(&|l| l[0] * l[1]) / (vx * vy).sqrt();
        assert!((correlation + 0.8).abs() < 0.03, "{correlation}");
        assert!(mean(&|l| l[0]).abs() < 0.02);
    }

    #[test]
    fn a_draw_does_not_depend_on_the_draws_beside_it() {
        let posterior = Posterior {
            names: vec!["a.x".into()],
            spreads: vec![0.3],
            correlations: vec![vec![1.0]],
        };
        assert_eq!(posterior.draw(1, 17), posterior.draw(1, 17));
        assert_ne!(posterior.draw(1, 17), posterior.draw(1, 18));
    }

    #[test]
    fn a_value_beyond_the_range_opens_the_upper_end() {
        let (low, high) = central_interval(vec![Some(1.0), None, Some(2.0)], 0.9);
        assert!(low.is_some() && high.is_none());
    }
}
