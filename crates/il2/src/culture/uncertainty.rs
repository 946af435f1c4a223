//! What an interval is made of: draws of the fitted rates and of the receptor counts.
//!
//! Fitted rates are drawn together, log-normal with the published medians, spreads and correlations.
//! Receptor counts are drawn one by one, log-normal with the spread of their stainings. Affinities
//! that the fit held fixed stay fixed: drawing them beside its posterior would count them twice.

use super::Setup;
use crate::cell::Cell;
use crate::ligand::{AlphaChain, Ligand};
use crate::parameter::{Parameter, Parameters};
use il2_engine::math;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
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
        let z: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        let factor = cholesky(&self.correlations);
        (0..n)
            .map(|i| {
                let correlated: f64 = (0..=i).map(|j| factor[i][j] * z[j]).sum();
                math::exp(self.spreads[i] * correlated)
            })
            .collect()
    }
}

/// A draw from the standard normal distribution, the same bits on every machine.
///
/// The ziggurat of `rand_distr` asks the C library for logarithms where a draw falls beyond its last
/// layer, one in 4,000: such a draw is made again from the same random bits with our own. Its
/// exponential decides only whether a draw stands, and would have to agree with a random number to the
/// last bit to decide otherwise elsewhere (one in 1e15).
pub fn normal(rng: &mut ChaCha8Rng) -> f64 {
    /// Where the last layer ends.
    const END: f64 = 3.654152885361008796;
    /// Width of the lowest box.
    const WIDTH: f64 = 3.910757959537090045;
    let mut again = rng.clone();
    let drawn: f64 = StandardNormal.sample(rng);
    if drawn.abs() <= END {
        return drawn;
    }
    // 52 random bits as the fraction of a number from 2 to 4, or from 1 to 2.
    let from_two = |bits: u64| f64::from_bits(0x4000_0000_0000_0000 | bits >> 12);
    let from_one = |bits: u64| f64::from_bits(0x3FF0_0000_0000_0000 | bits >> 12);
    loop {
        let bits = again.next_u64();
        let place = from_two(bits) - 3.0;
        if bits & 0xFF != 0 || (place * WIDTH).abs() < END {
            // Refused in its layer, which took one number more.
            again.next_u64();
            continue;
        }
        loop {
            let mut log = || math::ln(from_one(again.next_u64()) - (1.0 - f64::EPSILON / 2.0));
            let (x, y) = (log() / END, log());
            if -2.0 * y >= x * x {
                return if place < 0.0 { x - END } else { END - x };
            }
        }
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
        let z = normal(&mut rng);
        parameter.value *= math::exp(z * log_spread(parameter));
    }
}

/// Standard deviation of the logarithm behind a published interval; 0 without one.
pub fn log_spread(parameter: &Parameter) -> f64 {
    let Some(interval) = &parameter.interval else { return 0.0 };
    let width = if interval.kind.contains("stainings") { RANGE_OF_FOUR } else { WIDTH_95 };
    let positive = interval.low > 0.0 && interval.high >= interval.low;
    if positive && !parameter.absent { math::ln(interval.high / interval.low) / width } else { 0.0 }
}

/// Central interval of a sample by linear interpolation between order statistics; NaN of nothing. Of
/// values beyond a range only the side is known: they are infinite, and so is an end that falls on them.
pub fn central_interval(mut values: Vec<f64>, level: f64) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |p: f64| {
        let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
        let place = p * last as f64;
        let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
        match place.fract() {
            0.0 => low,
            part if low.is_finite() && high.is_finite() => low + (high - low) * part,
            // The wider of what it may be.
            _ if p < 0.5 => low,
            _ => high,
        }
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
    fn normal_draws_are_those_of_the_ziggurat_to_their_far_ends() {
        let mut ours = ChaCha8Rng::seed_from_u64(3);
        let mut theirs = ours.clone();
        let mut far = 0;
        for _ in 0..200_000 {
            let (a, b): (f64, f64) = (normal(&mut ours), StandardNormal.sample(&mut theirs));
            // The logarithms of two libraries differ in the last bit.
            assert!((a - b).abs() <= 4.0 * f64::EPSILON * b.abs(), "{a} {b}");
            far += usize::from(a.abs() > 3.7);
        }
        // 2.2e-4 of 200,000 lie beyond 3.7.
        assert!((20..70).contains(&far), "{far}");
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
    fn a_value_beyond_the_range_opens_the_end_on_its_side() {
        let (low, high) = central_interval(vec![1.0, f64::INFINITY, 2.0], 0.9);
        assert!((low - 1.1).abs() < 1e-12 && high == f64::INFINITY);
        let (low, high) = central_interval(vec![1.0, f64::NEG_INFINITY, 2.0], 0.9);
        assert!(low == f64::NEG_INFINITY && (high - 1.9).abs() < 1e-12);
        assert!(central_interval(vec![], 0.9).0.is_nan());
    }
}
