//! How a study selects patients that represent those of a trial.

use crate::patients::readout_value;
use crate::regimen::arm::Arm;
use il2_engine::{Dimension, math};
use il2_inference::quantiles::Z_975;
use il2_inference::weigh::Target;
use il2_study::error::StudyError;
use il2_study::study::dosing::{PopulationPart, TargetPart};
use il2_study::values::{quantity, unknown};

/// Largest number of patients for a selection; the run time grows with the square of their number.
const MOST: u32 = 20_000;

/// How patients are selected.
#[derive(Clone, Debug)]
pub struct Choice {
    pub method: Method,
    /// Published distributions of patients.
    pub targets: Vec<Wanted>,
    /// Ranges outside which a patient is not plausible.
    pub plausible: Vec<Wanted>,
}

/// Methods to select patients that represent those of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Acceptance and rejection.
    Accept,
    /// Weighting by a Metropolis-Hastings walk.
    Walk,
}

/// A range of a quantity of one arm at one time, in base units.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub arm: usize,
    /// Name of the observable.
    pub readout: String,
    /// Index of the observable among those of a patient.
    pub place: usize,
    pub time: f64,
    pub range: [f64; 2],
}

/// Reads a choice; `at` is the key path of the assay.
pub fn choice(
    at: &str,
    part: &PopulationPart,
    arms: &[Arm],
    patients: u32,
) -> Result<Choice, StudyError> {
    let at = format!("{at}.population");
    let method = match part.method.as_str() {
        "accept" => Method::Accept,
        "walk" => Method::Walk,
        other => {
            let known = ["accept", "walk"].into_iter();
            return Err(unknown(&format!("{at}.method"), "method", other, known, "a population"));
        }
    };
    if part.targets.is_empty() {
        let message =
            "is empty; add published distributions of patients, or leave `population` out";
        return Err(StudyError::at(format!("{at}.targets"), message));
    }
    if !(100..=MOST).contains(&patients) {
        let message = format!(
            "{patients} patients cannot be weighted; use 100 to {MOST} patients with `population`"
        );
        return Err(StudyError::at(at, message));
    }
    let all = |key: &str, parts: &[TargetPart]| -> Result<Vec<Wanted>, StudyError> {
        let of = |(i, part)| wanted(&format!("{at}.{key}[{i}]"), part, arms);
        parts.iter().enumerate().map(of).collect()
    };
    let (targets, plausible) = (all("targets", &part.targets)?, all("plausible", &part.plausible)?);
    Ok(Choice { method, targets, plausible })
}

fn wanted(at: &str, part: &TargetPart, arms: &[Arm]) -> Result<Wanted, StudyError> {
    let names = arms.iter().map(|a| a.regimen.name.as_str());
    let arm = match &part.regimen {
        Some(name) => names.clone().position(|n| n == name).ok_or_else(|| {
            unknown(&format!("{at}.regimen"), "regimen", name, names, "this assay")
        })?,
        None if arms.len() == 1 => 0,
        None => {
            let message = "is missing, but the assay has several regimens; name one of them";
            return Err(StudyError::at(format!("{at}.regimen"), message));
        }
    };
    let observables = &arms[arm].patients.cohort.body.network.observables;
    let place = observables.iter().position(|o| o.name == part.readout).ok_or_else(|| {
        let known = observables.iter().map(|o| o.name.as_str());
        unknown(&format!("{at}.readout"), "readout", &part.readout, known, "a patient")
    })?;
    let time = quantity(&format!("{at}.time"), &part.time, Dimension::TIME)?;
    let end =
        |i: usize| readout_value(&format!("{at}.range[{i}]"), &part.range[i], &observables[place]);
    let range = [end(0)?, end(1)?];
    if !(range[0] > 0.0 && range[1] > range[0]) {
        let message = "is not a range; give a lower end above zero and a higher upper end";
        return Err(StudyError::at(format!("{at}.range"), message));
    }
    Ok(Wanted { arm, readout: part.readout.clone(), place, time, range })
}

impl Wanted {
    /// The lognormal distribution with 95 % of its probability in the range.
    pub fn target(&self) -> Target {
        let [low, high] = self.range.map(math::ln);
        Target { mean: 0.5 * (low + high), sd: 0.5 * (high - low) / Z_975 }
    }
}

impl Choice {
    /// Arms that must be run to select patients.
    pub fn arms(&self) -> usize {
        let all = || self.targets.iter().chain(&self.plausible);
        (0..=all().map(|w| w.arm).max().unwrap_or(0))
            .filter(|arm| all().any(|w| w.arm == *arm))
            .count()
    }
}
