//! Draws from the posterior by Hamiltonian Monte Carlo (No-U-Turn sampler: Hoffman & Gelman 2014,
//! as in the crate nuts-rs), and the convergence of the chains.

use crate::draws::normal;
use crate::no_answer::NoAnswer;
use crate::posterior::Posterior;
use faer::{Mat, Side};
use il2_engine::math;
use nuts_rs::{
    Chain, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError, Settings, rand,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainDraws {
    /// `draws[draw][unknown]`, in the units of the priors, without warm-up.
    pub draws: Vec<Vec<f64>>,
    /// Number of divergent draws after the warm-up.
    pub divergent: usize,
    /// Why the chain ended early, if it did.
    pub failure: Option<String>,
}

/// Settings of a chain.
#[derive(Clone, Copy, Debug)]
pub struct ChainSettings {
    /// Number of warm-up draws.
    pub warmup: usize,
    /// Number of draws kept.
    pub draws: usize,
    /// Seed of the study.
    pub seed: u64,
}

impl ChainSettings {
    /// Number of draws of a chain, including the warm-up.
    pub fn all(&self) -> usize {
        self.warmup + self.draws
    }
}

/// Coordinates relative to the best fit in units of the posterior's covariance, in which a correlated
/// posterior is isotropic and the sampler crosses it in few steps.
#[derive(Clone, Debug)]
pub struct Whitening {
    /// The best fit.
    pub best: Vec<f64>,
    /// Lower triangle `L` such that `L L^T` is the inverse of the curvature at the best fit.
    pub lower: Mat<f64>,
}

/// Log density of a posterior and its gradient.
pub type LogDensity<'a> = dyn Fn(&[f64]) -> Result<(f64, Vec<f64>), NoAnswer> + 'a;

/// The density in these coordinates.
struct Density<'a> {
    density: &'a LogDensity<'a>,
    round: &'a Whitening,
}

impl Whitening {
    fn at(&self, x: &[f64]) -> Vec<f64> {
        let n = x.len();
        let moved = |i: usize| (0..=i).map(|j| self.lower[(i, j)] * x[j]).sum::<f64>();
        (0..n).map(|i| self.best[i] + moved(i)).collect()
    }
}

impl LogpError for NoAnswer {
    fn is_recoverable(&self) -> bool {
        true // a divergence: the path is rejected, the chain continues
    }
}

impl HasDims for Density<'_> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".to_string(), self.dim() as u64)])
    }
}

impl CpuLogpFunc for Density<'_> {
    type LogpError = NoAnswer;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.round.best.len()
    }

    fn logp(&mut self, x: &[f64], gradient: &mut [f64]) -> Result<f64, NoAnswer> {
        let (log, slope) = (self.density)(&self.round.at(x))?;
        for (j, g) in gradient.iter_mut().enumerate() {
            *g = (j..x.len()).map(|i| self.round.lower[(i, j)] * slope[i]).sum();
        }
        Ok(log)
    }

    fn expand_vector<R: rand::Rng + ?Sized>(
        &mut self,
        _: &mut R,
        x: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(x.to_vec())
    }
}

/// The lower triangle of the covariance, which is the inverse of the curvature at a point.
pub fn lower(posterior: &Posterior, at: &[f64]) -> Result<Mat<f64>, NoAnswer> {
    let found = posterior.evaluate(at)?;
    let n = at.len();
    let curvature =
        Mat::from_fn(n, n, |i, j| found.information[(i, j)] + f64::from(u8::from(i == j)));
    let inverse = faer::linalg::solvers::DenseSolveCore::inverse(
        &curvature.llt(Side::Lower).map_err(|_| NoAnswer::Singular)?,
    );
    let factor = inverse.llt(Side::Lower).map_err(|_| NoAnswer::Singular)?;
    Ok(factor.L().to_owned())
}

/// Runs chain `index` of a posterior. `progress` is called after every draw.
pub fn chain(
    posterior: &Posterior,
    best: &[f64],
    index: usize,
    asked: &ChainSettings,
    progress: &dyn Fn(),
) -> ChainDraws {
    let density = |at: &[f64]| {
        let found = posterior.evaluate(at)?;
        Ok((found.log_density, found.gradient))
    };
    let round = lower(posterior, best).map(|lower| Whitening { best: best.to_vec(), lower });
    match round {
        Ok(round) => chain_of(&density, &round, index, asked, progress),
        Err(why) => ChainDraws { draws: vec![], divergent: 0, failure: Some(why.to_string()) },
    }
}

/// Runs chain `index`, whose draws do not depend on other chains. `progress` is called after every draw.
pub fn chain_of(
    density: &LogDensity,
    round: &Whitening,
    index: usize,
    asked: &ChainSettings,
    progress: &dyn Fn(),
) -> ChainDraws {
    let mut drawn = ChainDraws { draws: vec![], divergent: 0, failure: None };
    if let Err(failure) = run(density, round, index, asked, progress, &mut drawn) {
        drawn.failure = Some(failure);
    }
    drawn
}

fn run(
    density: &LogDensity,
    round: &Whitening,
    index: usize,
    asked: &ChainSettings,
    progress: &dyn Fn(),
    drawn: &mut ChainDraws,
) -> Result<(), String> {
    let said = |e: &dyn std::fmt::Display| e.to_string();
    let settings = DiagNutsSettings {
        num_tune: asked.warmup as u64,
        num_draws: asked.draws as u64,
        maxdepth: 8,
        ..DiagNutsSettings::default()
    };
    let mut rng = ChaCha8Rng::seed_from_u64(asked.seed ^ 0x6368_6169_6e73);
    rng.set_stream(index as u64);
    // Chains start at different points, so that convergence can be checked; a start that cannot be
    // simulated is moved closer to the best fit.
    let apart: Vec<f64> = round.best.iter().map(|_| normal(&mut rng)).collect();
    let math = CpuMath::new(Density { density, round });
    let mut chain = settings.new_chain(index as u64, math, &mut rng).map_err(|e| said(&e))?;
    let mut begun = Err(String::new());
    for nearer in [1.5, 1.0, 0.5, 0.1, 0.0] {
        let x: Vec<f64> = apart.iter().map(|z| z * nearer).collect();
        begun = chain.set_position(&x).map_err(|e| said(&e));
        if begun.is_ok() {
            break;
        }
    }
    begun?;
    for draw in 0..asked.all() {
        let (x, path) = chain.draw().map_err(|e| said(&e))?;
        progress();
        if draw >= asked.warmup {
            drawn.divergent += usize::from(path.diverging);
            drawn.draws.push(round.at(&x));
        }
    }
    Ok(())
}

/// Split R-hat (Gelman et al. 2013, chapter 11.4) of one unknown over chains of equal length.
pub fn r_hat(chains: &[Vec<f64>]) -> f64 {
    let halves = halves(chains);
    let n = halves[0].len() as f64;
    let means: Vec<f64> = halves.iter().map(|h| mean(h)).collect();
    let within = mean(&halves.iter().map(|h| variance(h)).collect::<Vec<_>>());
    ((within * (n - 1.0) / n + variance(&means)) / within).sqrt()
}

/// Effective number of draws: autocorrelations of all chains together, summed while pairs of
/// successive ones are positive and decreasing (Geyer 1992, as in Gelman et al. 2013, chapter
/// 11.5).
pub fn effective(chains: &[Vec<f64>]) -> f64 {
    let halves = halves(chains);
    let (m, n) = (halves.len() as f64, halves[0].len());
    let within = mean(&halves.iter().map(|h| variance(h)).collect::<Vec<_>>());
    let means: Vec<f64> = halves.iter().map(|h| mean(h)).collect();
    let pooled = within * (n as f64 - 1.0) / n as f64 + variance(&means);
    let correlation = |lag: usize| {
        let of = |(h, mean): (&Vec<f64>, &f64)| {
            let pairs = (0..n - lag).map(|i| (h[i] - mean) * (h[i + lag] - mean));
            pairs.sum::<f64>() / n as f64
        };
        let together = halves.iter().zip(&means).map(of).sum::<f64>() / m;
        1.0 - (within * (n as f64 - 1.0) / n as f64 - together) / pooled
    };
    let (mut sum, mut last) = (0.0, f64::INFINITY);
    for lag in (0..n - 1).step_by(2) {
        let pair = (correlation(lag) + correlation(lag + 1)).min(last);
        if pair <= 0.0 {
            break;
        }
        sum += pair;
        last = pair;
    }
    let all = m * n as f64;
    (all / (2.0 * sum - 1.0).max(1e-9)).min(all * math::log10(all))
}

fn halves(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let half = chains.iter().map(Vec::len).min().unwrap_or(0) / 2;
    chains.iter().flat_map(|c| [c[..half].to_vec(), c[c.len() - half..].to_vec()]).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() as f64 - 1.0)
}
