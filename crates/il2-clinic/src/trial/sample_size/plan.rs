//! What a study asks for.

use crate::trial::looks::{Endpoint, endpoint};
use il2_study::study::text::Fraction;
use il2_study::study::trial::TrialPart;
use il2_study::{StudyError, whole};

/// Fewest patients of a trial if the study gives no range.
const FEWEST: u32 = 20;
/// Number of trials drawn for each size if the study gives none.
const RESAMPLES: u32 = 1000;
/// Power and type I error if the study gives none: the usual values of a phase 3 trial.
const USUAL: [f64; 2] = [0.8, 0.05];
/// Least and greatest power: few trials are planned to miss a difference more often than not, and
/// beyond the greatest, thousands of resamples would be needed.
const POWERS: (f64, f64) = (0.5, 0.99);
/// Least and greatest type I error.
const ALPHAS: (f64, f64) = (0.0001, 0.2);

/// The number of patients that is searched for.
#[derive(Clone, Debug)]
pub struct SampleSize {
    /// Time to the event that is tested.
    pub of: Endpoint,
    /// Power wanted.
    pub power: f64,
    /// Two-sided type I error.
    pub alpha: f64,
    /// Patients of each arm in the smallest trial with this allocation: `block[arm]`.
    pub block: Vec<usize>,
    /// Fewest and most blocks that are tried.
    pub range: (usize, usize),
    /// Number of trials drawn for each size.
    pub resamples: u64,
}

impl SampleSize {
    /// Patients of a trial, all arms together.
    pub fn patients(&self, blocks: usize) -> usize {
        blocks * self.block.iter().sum::<usize>()
    }
}

/// Reads the search of a study that simulates this number of patients.
pub fn sample_size(
    at: &str,
    part: &TrialPart,
    simulated: usize,
) -> Result<Option<SampleSize>, StudyError> {
    let Some(asked) = &part.sample_size else { return Ok(None) };
    let at = format!("{at}.sample_size");
    let wrong = |message: &str| Err(StudyError::at(&at, message.to_string()));
    if part.arms.len() < 2 {
        return wrong(
            "needs at least two arms, because it compares each further arm with the first; add an \
             arm, or leave `sample_size` out",
        );
    }
    if part.paired {
        return wrong(
            "is impossible with paired = true, because the patients of a real trial are different \
             people in each arm; use paired = false",
        );
    }
    if part.looks.is_some() {
        return wrong(
            "is for a single analysis at the end, and `looks` would change the power; leave `looks` \
             out to find the number of patients, then simulate this number with `looks`",
        );
    }
    if part.cut_off.is_some() && part.arms.len() > 2 {
        return wrong(
            "is possible only with two arms if the trial has a cut-off, because the cut-off counts \
             events of all arms; use two arms, or leave `cut_off` out",
        );
    }
    let fraction = |key: &str, given: Option<Fraction>, usual: f64, (from, to): (f64, f64)| {
        let value = given.map_or(usual, |part| part.0);
        match (from..=to).contains(&value) {
            true => Ok(value),
            false => {
                let message =
                    format!("is {value}; use a fraction from {from} to {to}, for example {usual}");
                Err(StudyError::at(format!("{at}.{key}"), message))
            }
        }
    };
    let power = fraction("power", asked.power, USUAL[0], POWERS)?;
    let alpha = fraction("alpha", asked.alpha, USUAL[1], ALPHAS)?;
    let of = endpoint(&format!("{at}.of"), asked.of.as_deref())?;
    let resamples = asked.resamples.unwrap_or(RESAMPLES);
    let resamples = whole::checked(&format!("{at}.resamples"), resamples)? as u64;
    let ratio = part.ratio.clone().unwrap_or(vec![1; part.arms.len()]);
    let common = ratio.iter().copied().reduce(common_divisor).unwrap_or(1).max(1);
    let block: Vec<usize> = ratio.iter().map(|share| (share / common) as usize).collect();
    let end = |key: &str, given: Option<u32>, usual: u32| {
        whole::checked(&format!("{at}.patients.{key}"), given.unwrap_or(usual))
    };
    let given = asked.patients.as_ref();
    let to = end("to", given.and_then(|range| range.to), simulated.clamp(2, 1_000_000) as u32)?;
    let from = end("from", given.and_then(|range| range.from), FEWEST.min(to as u32))?;
    if to > simulated.max(2) {
        let message = format!(
            "is {to}, but the study simulates only {simulated} patients (patients × replicates), \
             and a larger trial cannot be judged from them; use more `replicates`, or at most \
             {simulated}"
        );
        return Err(StudyError::at(format!("{at}.patients.to"), message));
    }
    let each: usize = block.iter().sum();
    let range = (from.div_ceil(each), to / each);
    if range.0 >= range.1 && given.is_none() {
        let message = format!(
            "needs more simulated patients: the study simulates {simulated} (patients × replicates), \
             from which trials of two sizes cannot be drawn; use more `replicates`"
        );
        return Err(StudyError::at(at, message));
    }
    if range.0 >= range.1 {
        let message = format!(
            "is a range from {from} to {to} patients, which contains fewer than two trials with \
             this allocation ({each} patients or a multiple); use a wider range, or more `replicates`"
        );
        return Err(StudyError::at(format!("{at}.patients"), message));
    }
    Ok(Some(SampleSize { of, power, alpha, block, range, resamples }))
}

/// The greatest common divisor.
fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
