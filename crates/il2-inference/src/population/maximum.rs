//! The maximum of the marginal likelihood, from several starts.

use crate::draws::normal;
use crate::no_answer::NoAnswer;
use crate::population::marginal::{From, Marginal};
use crate::population::model::{Population, STEP};
use crate::posterior::Evaluation;
use crate::search::{GAIN, Optimum, climb_by};
use faer::Mat;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::cell::{Cell, RefCell};

/// The best of several searches.
#[derive(Clone, Debug)]
pub struct Maximum {
    /// Coordinates of all parameters.
    pub at: Vec<f64>,
    /// The log likelihood at the maximum as the search found it, with every subject at its mode and
    /// the gradient of each subject.
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

/// Standard deviation of the other starts around the first: of fixed effects, whose starts are often
/// wrong by a factor, and of all other coordinates.
const APART: [f64; 2] = [0.5, 0.3];

/// Gain below which a search ends if predictions are exact, so that estimates from different starts
/// agree to four digits.
const EXACT_GAIN: f64 = 1e-7;

/// How far the searches have come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Searched {
    /// A search, counted from 0, has evaluated this many points, and this is its highest log
    /// likelihood.
    Points(usize, usize, f64),
    /// A search has ended.
    Ended,
}

/// Searches from `start` and from `starts - 1` random draws around it. Only the coordinates in
/// `free` move.
pub fn maximise(
    population: &Population,
    start: &[f64],
    free: &[usize],
    (starts, seed): (usize, u64),
    progress: &dyn Fn(Searched),
) -> Result<Maximum, NoAnswer> {
    let from = |index: usize| {
        let mut at = start.to_vec();
        if index > 0 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x706f_7075_6c61);
            rng.set_stream(index as u64);
            for &k in free {
                at[k] += APART[usize::from(k >= population.fixed_effects)] * normal(&mut rng);
            }
        }
        at
    };
    // If the start cannot be simulated, the reason is more useful than a message that no search
    // found anything.
    population.marginal(start, &[], false)?;
    let (mut searches, mut highest): (Vec<Optimum>, Option<(usize, Marginal)>) = (vec![], None);
    for index in 0..starts.max(1) {
        let told = |points, log| progress(Searched::Points(index, points, log));
        let (found, marginal) = climbed(population, &from(index), free, &[], &told);
        progress(Searched::Ended);
        searches.push(found);
        // Of equal values, the first.
        let higher = |m: &Marginal| highest.as_ref().is_none_or(|(_, before)| m.log > before.log);
        if let Some(marginal) = marginal.filter(higher) {
            highest = Some((index, marginal));
        }
    }
    let (best, marginal) = highest.ok_or(NoAnswer::NoDensity)?;
    Ok(Maximum { at: searches[best].at.clone(), marginal, searches, best })
}

/// A search, and the likelihood at its end with the modes that it found there. These are kept
/// because a search for them from zero may end in lower modes; `begin` are those at the start, if
/// they are known.
///
/// The expected curvature of a likelihood is that of its scores: the sum over subjects of the
/// products of their gradients (Berndt, Hall, Hall & Hausman 1974, Ann Econ Soc Meas 3:653).
pub(super) fn climbed(
    population: &Population,
    start: &[f64],
    free: &[usize],
    begin: &[Vec<f64>],
    progress: &dyn Fn(usize, f64),
) -> (Optimum, Option<Marginal>) {
    // The end of a search is its highest point.
    let highest: RefCell<Option<Marginal>> = RefCell::default();
    let points = Cell::new(0);
    let evaluate = |at: &[f64]| {
        let modes = highest.borrow().as_ref().map_or(begin.to_vec(), |before: &Marginal| {
            before.modes.iter().map(|m| m.effects.clone()).collect()
        });
        let found = population.marginal_by(at, From::Anywhere(&modes), free)?;
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
        let log_density = found.log;
        let mut highest = highest.borrow_mut();
        if highest.as_ref().is_none_or(|before| log_density >= before.log) {
            *highest = Some(found);
        }
        points.set(points.get() + 1);
        progress(points.get(), highest.as_ref().map_or(log_density, |h| h.log));
        Ok(Evaluation { log_density, gradient, information })
    };
    let least = if population.step > STEP { GAIN } else { EXACT_GAIN };
    let found = climb_by(&evaluate, (0.0, least), start, free);
    (found, highest.into_inner())
}

/// Sum over subjects of the products of their gradients.
pub(super) fn scores(found: &Marginal, n: usize) -> Mat<f64> {
    Mat::from_fn(n, n, |i, j| found.gradients.iter().map(|g| g[i] * g[j]).sum())
}
