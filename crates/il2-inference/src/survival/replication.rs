//! How often a marker that looks decisive in one sample holds in the next. Many markers are tried in a
//! retrospective sample, the one with the smallest p value is selected, and it is tested alone in a
//! prospective sample. The selected odds ratio is exaggerated the more, the more markers were tried
//! and the smaller the sample was.

use super::error::StatisticsError;
use super::odds_ratio::{TwoByTwo, fisher};
use crate::bootstrap::below;
use crate::draws::uniform;
use crate::quantiles::quantiles;
use il2_engine::threads::Threads;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Pairs of samples that a thread draws at a time.
const TOGETHER: u64 = 16;

/// A patient from whom samples are drawn.
#[derive(Clone, Debug)]
pub struct Patient {
    /// Whether the patient has the outcome, for example a response.
    pub responds: bool,
    /// Fraction of the population (0 to 1) whose level of each marker is higher.
    pub levels: Vec<f64>,
}

/// The samples.
#[derive(Clone, Debug)]
pub struct Samples {
    /// Patients of the retrospective sample.
    pub retrospective: usize,
    /// Patients with the outcome among them; none for a random sample.
    pub responders: Option<usize>,
    /// Patients of the prospective sample, a random sample.
    pub prospective: usize,
    /// Cut-offs at which each marker is tried: fractions of the population that are positive.
    pub cut_offs: Vec<Vec<f64>>,
    /// Markers unrelated to the outcome that are tried in addition.
    pub unrelated: usize,
    /// Cut-offs of each of them.
    pub unrelated_cut_offs: Vec<f64>,
    /// Two-sided p value of Fisher's exact test below which a marker looks decisive, and below which
    /// it holds.
    pub alpha: f64,
    /// Pairs of samples that are drawn.
    pub resamples: u64,
    /// Seed of all draws.
    pub seed: u64,
}

/// Results for a marker, or for all unrelated markers together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfMarker {
    /// Retrospective samples in which its p value, at one of its cut-offs, is the smallest and below
    /// the limit.
    pub selected: u64,
    /// Prospective samples in which it then holds: p below the limit, in the same direction.
    pub holds: u64,
    /// Median odds ratio in the retrospective samples in which it is selected, turned so that it is
    /// above 1; NaN if it never is.
    pub found: f64,
    /// The same in the prospective samples that follow, in the direction of the retrospective one.
    pub later: f64,
}

/// The results of all pairs of samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Replication {
    /// Pairs of samples.
    pub resamples: u64,
    /// By marker, and last all unrelated markers together.
    pub markers: Vec<OfMarker>,
    /// Any marker.
    pub any: OfMarker,
}

/// The marker selected in a pair of samples.
#[derive(Clone, Copy)]
struct Selected {
    marker: usize,
    found: f64,
    later: f64,
    holds: bool,
}

/// Draws pairs of samples, with replacement, from simulated patients. Rejects patients of whom fewer
/// than two have the outcome, or fewer than two do not.
pub fn replication(
    patients: &[Patient],
    samples: &Samples,
    threads: Threads,
) -> Result<Replication, StatisticsError> {
    let with: Vec<usize> = (0..patients.len()).filter(|i| patients[*i].responds).collect();
    let without: Vec<usize> = (0..patients.len()).filter(|i| !patients[*i].responds).collect();
    for (of, what) in [(&with, "with"), (&without, "without")] {
        if of.len() < 2 {
            let what = format!("the group of patients {what} the outcome");
            return Err(StatisticsError::Empty { what });
        }
    }
    let all: Vec<usize> = (0..patients.len()).collect();
    let batches: Vec<u64> = (0..samples.resamples.div_ceil(TOGETHER)).collect();
    let drawn: Vec<Vec<Option<Selected>>> = threads.map(&batches, |batch| {
        let last = ((batch + 1) * TOGETHER).min(samples.resamples);
        (batch * TOGETHER..last)
            .map(|number| {
                let mut rng = ChaCha8Rng::seed_from_u64(samples.seed);
                rng.set_stream(number);
                let mut draw = |from: &[usize], count: usize| -> Vec<usize> {
                    (0..count).map(|_| from[below(&mut rng, from.len())]).collect()
                };
                let early = match samples.responders {
                    Some(n) => {
                        let mut early = draw(&with, n);
                        early.extend(draw(&without, samples.retrospective - n));
                        early
                    }
                    None => draw(&all, samples.retrospective),
                };
                let late = draw(&all, samples.prospective);
                select(patients, samples, [&early, &late], &mut rng)
            })
            .collect()
    });
    let drawn: Vec<Selected> = drawn.into_iter().flatten().flatten().collect();
    let of = |is: &dyn Fn(usize) -> bool| {
        let own: Vec<&Selected> = drawn.iter().filter(|s| is(s.marker)).collect();
        let middle = |of: &dyn Fn(&Selected) -> f64| match own.is_empty() {
            true => f64::NAN,
            false => quantiles(own.iter().map(|s| of(s)).collect(), [0.5])[0],
        };
        OfMarker {
            selected: own.len() as u64,
            holds: own.iter().filter(|s| s.holds).count() as u64,
            found: middle(&|s| s.found),
            later: middle(&|s| s.later),
        }
    };
    let (markers, unrelated) = (samples.cut_offs.len(), usize::from(samples.unrelated > 0));
    Ok(Replication {
        resamples: samples.resamples,
        markers: (0..markers + unrelated).map(|k| of(&|marker| marker.min(markers) == k)).collect(),
        any: of(&|_| true),
    })
}

/// Tries all markers in the early sample, and tests the best in the late one.
fn select(
    patients: &[Patient],
    samples: &Samples,
    [early, late]: [&[usize]; 2],
    rng: &mut ChaCha8Rng,
) -> Option<Selected> {
    let markers = samples.cut_offs.len();
    let mut levels = |sample: &[usize], marker: usize| -> Vec<(f64, bool)> {
        let mut level = |patient: &Patient| match patient.levels.get(marker) {
            Some(level) => *level,
            None => uniform(rng),
        };
        sample.iter().map(|i| (level(&patients[*i]), patients[*i].responds)).collect()
    };
    let mut best: Option<(f64, usize, f64, TwoByTwo)> = None;
    for marker in 0..markers + samples.unrelated {
        let early = levels(early, marker);
        for cut_off in samples.cut_offs.get(marker).unwrap_or(&samples.unrelated_cut_offs) {
            let tried = table(&early, *cut_off);
            // A marker that is the same in all patients of the sample cannot be tested.
            let Ok(p) = fisher(&tried) else { continue };
            if p < samples.alpha && best.is_none_or(|(least, ..)| p < least) {
                best = Some((p, marker, *cut_off, tried));
            }
        }
    }
    let (_, marker, cut_off, tried) = best?;
    let again = table(&levels(late, marker), cut_off);
    let (found, later) = (odds_ratio(&tried), odds_ratio(&again));
    let (found, later) = if found < 1.0 { (1.0 / found, 1.0 / later) } else { (found, later) };
    let holds = later > 1.0 && fisher(&again).is_ok_and(|p| p < samples.alpha);
    Some(Selected { marker, found, later, holds })
}

/// Patients by whether the level is among the highest that count as positive, and by outcome.
fn table(all: &[(f64, bool)], cut_off: f64) -> TwoByTwo {
    let mut cells = [[0; 2]; 2];
    for (level, responds) in all {
        cells[usize::from(*level >= cut_off)][usize::from(!responds)] += 1;
    }
    let [[a, b], [c, d]] = cells;
    TwoByTwo { first: (a, b), second: (c, d) }
}

/// The odds ratio with half a patient added to each cell (Haldane 1956, Ann. Hum. Genet. 20:309;
/// Anscombe 1956, Biometrika 43:461), so that it is finite if a cell is empty.
fn odds_ratio(table: &TwoByTwo) -> f64 {
    let TwoByTwo { first: (a, b), second: (c, d) } = *table;
    let [a, b, c, d] = [a, b, c, d].map(|count| count as f64 + 0.5);
    a * d / (b * c)
}
