//! How patients are divided among the arms: numbers of each arm, and the length of blocks.

use il2_study::StudyError;
use il2_study::choose::{self, at_most};
use il2_study::study::trial::TrialPart;
use il2_study::whole;

/// Fewest patients of an arm in a trial.
const FEWEST: usize = 1;

/// Patients of each arm of one trial.
pub fn sizes(at: &str, part: &TrialPart) -> Result<(Vec<u32>, Vec<usize>), StudyError> {
    if part.arms.is_empty() {
        let message = "has no arm; add one, for example high_dose = { regimen = \"high_dose\" }";
        return Err(StudyError::at(format!("{at}.arms"), message));
    }
    at_most(&format!("{at}.arms"), "arms", part.arms.len(), choose::MOST_ARMS)?;
    let all = whole::checked(&format!("{at}.patients"), part.patients)?;
    let ratio = part.ratio.clone().unwrap_or(vec![1; part.arms.len()]);
    if ratio.len() != part.arms.len() {
        let message = format!(
            "has {} numbers, but the trial has {} arms; give one number for each arm",
            ratio.len(),
            part.arms.len()
        );
        return Err(StudyError::at(format!("{at}.ratio"), message));
    }
    for (i, number) in ratio.iter().enumerate() {
        whole::checked(&format!("{at}.ratio[{i}]"), *number)?;
    }
    let shares: u32 = ratio.iter().sum();
    let mut before = 0;
    let of = |share: &u32| {
        let from = before * all / shares as usize;
        before += *share as usize;
        before * all / shares as usize - from
    };
    let sizes: Vec<usize> = ratio.iter().map(of).collect();
    match sizes.iter().position(|size| *size < FEWEST) {
        Some(i) => {
            let arm = part.arms.get_index(i).map_or("", |(name, _)| name);
            let message = format!(
                "{all} patients are too few: arm {arm} has {}, but each arm needs at least \
                 {FEWEST}; use more patients",
                sizes[i]
            );
            Err(StudyError::at(format!("{at}.patients"), message))
        }
        None => Ok((ratio, sizes)),
    }
}

/// The length of a block, checked against the arms.
pub fn block(at: &str, part: &TrialPart, ratio: &[u32]) -> Result<Option<usize>, StudyError> {
    let Some(length) = part.block else {
        return match part.strata.is_empty() {
            true => Ok(None),
            false => {
                let message = "needs `block`, the length of the blocks in which the patients of a \
                               stratum are allocated to arms, for example block = 4";
                Err(StudyError::at(format!("{at}.strata"), message))
            }
        };
    };
    let at = format!("{at}.block");
    let length = whole::checked(&at, length)?;
    if part.paired {
        let message = "has no meaning with paired = true, because every patient is in every arm; \
                       leave out one of the two";
        return Err(StudyError::at(at, message));
    }
    let least: u32 = ratio.iter().sum();
    if part.arms.len() < 2 || length % least as usize != 0 {
        let message = match part.arms.len() {
            1 => "needs two or more arms; leave it out".to_string(),
            _ => format!(
                "is {length}, which cannot be divided in the ratio of the arms; give a multiple of \
                 {least}"
            ),
        };
        return Err(StudyError::at(at, message));
    }
    Ok(Some(length))
}
