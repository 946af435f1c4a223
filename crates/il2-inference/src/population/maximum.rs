//! The maximum of the marginal likelihood, from several starts.

use crate::draws::normal;
use crate::no_answer::NoAnswer;
use crate::population::marginal::Marginal;
use crate::population::model::Population;
use crate::posterior::Evaluation;
use crate::search::{Optimum, climb_by};
use faer::Mat;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::cell::RefCell;

/// The best of several searches.
#[derive(Clone, Debug)]
pub struct Maximum {
    /// Coordinates of all parameters.
    pub at: Vec<f64>,
    /// The log likelihood at the maximum, with every subject at its mode and the gradient of each
    /// subject.
    pub marginal: Marginal,
    /// Every search, in the order of the starts.
    pub searches: Vec<Optimum>,
    /// Index of the best search.
    pub best: usize,
}

impl Maximum {
    /// Whether the best search converged.
    pub fn converged(&self) -> bool {
        self.searches[self.best].converged
    }

    /// Number of searches that reached the same maximum, to within this difference of the log
    /// likelihood.
    pub fn agree(&self, within: f64) -> usize {
        let best = self.marginal.log;
        self.searches.iter().filter(|s| best - s.log_density < within).count()
    }
}

/// Distance of the other starts from the first, in standard deviations of every coordinate.
const APART: f64 = 0.3;

/// Searches from `start` and from `starts - 1` random draws around it. Only the coordinates in
/// `free` move.
pub fn maximise(
    population: &Population,
    start: &[f64],
    free: &[usize],
    (starts, seed): (usize, u64),
    progress: &dyn Fn(),
) -> Result<Maximum, NoAnswer> {
    let from = |index: usize| {
        let mut at = start.to_vec();
        if index > 0 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x706f_7075_6c61);
            rng.set_stream(index as u64);
            free.iter().for_each(|&k| at[k] += APART * normal(&mut rng));
        }
        at
    };
    // If the start cannot be simulated, the reason is more useful than a message that no search
    // found anything.
    population.marginal(start, &[], false)?;
    let searches: Vec<Optimum> = (0..starts.max(1))
        .map(|index| {
            let found = climbed(population, &from(index), free);
            progress();
            found
        })
        .collect();
    let best = (0..searches.len())
        .max_by(|&a, &b| {
            let of = |k: usize| searches[k].log_density;
            // Of equal values, the first.
            of(a).total_cmp(&of(b)).then(b.cmp(&a))
        })
        .expect("one start at least");
    let at = searches[best].at.clone();
    let marginal = population.marginal(&at, &[], true)?;
    Ok(Maximum { at, marginal, searches, best })
}

/// The expected curvature of a likelihood is that of its scores: the sum over subjects of the products of
/// their gradients (Berndt, Hall, Hall & Hausman 1974, Ann Econ Soc Meas 3:653).
fn climbed(population: &Population, start: &[f64], free: &[usize]) -> Optimum {
    let modes: RefCell<Vec<Vec<f64>>> = RefCell::default();
    let evaluate = |at: &[f64]| {
        let starts = modes.borrow().clone();
        let found = population.marginal(at, &starts, true)?;
        *modes.borrow_mut() = found.modes.iter().map(|m| m.effects.clone()).collect();
        let n = at.len();
        let gradient: Vec<f64> =
            (0..n).map(|k| found.gradients.iter().map(|g| g[k]).sum()).collect();
        if gradient.iter().any(|g| !g.is_finite()) {
            return Err(NoAnswer::NoDensity);
        }
        let mut information = scores(&found, n);
        // Fewer subjects than parameters leave directions without curvature.
        for k in 0..n {
            information[(k, k)] += 1e-3 * information[(k, k)] + 1e-9;
        }
        Ok(Evaluation { log_density: found.log, gradient, information })
    };
    climb_by(&evaluate, 0.0, start, free)
}

/// Sum over subjects of the products of their gradients.
pub(super) fn scores(found: &Marginal, n: usize) -> Mat<f64> {
    Mat::from_fn(n, n, |i, j| found.gradients.iter().map(|g| g[i] * g[j]).sum())
}
