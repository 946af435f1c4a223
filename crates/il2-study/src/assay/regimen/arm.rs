//! An arm: a regimen, and those to whom it is given.

use super::written;
use crate::error::StudyError;
use crate::library::Library;
use crate::study::{Study, unknown};
use il2::ligand::Ligand;
use il2::parameter::Parameters;
use il2::patient::cohort::{Cohort, Draws};
use il2::patient::physiology::{Entry, Physiology, Population};
use il2::patient::sensing::{Capture, sensed};
use il2::treatment::regimen::Regimen;
use std::sync::Arc;

/// Set of pharmacokinetics where a study names none.
pub const USUAL_KINETICS: &str = "konrad1990";

/// One arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// What is given.
    pub regimen: Regimen,
    /// Set of pharmacokinetics.
    pub kinetics: String,
    /// To whom.
    pub cohort: Arc<Cohort>,
    /// How each population senses the molecule, in the order of the library.
    pub sensed: Vec<(String, Capture)>,
}

/// A regimen of the study and those to whom it is given. `kinetics` holds where the regimen names no
/// set of its own; `at` is the place that names the regimen.
pub fn arm(
    study: &Study,
    at: &str,
    name: &str,
    kinetics: Option<&str>,
    (draws, uncertain): (Draws, bool),
) -> Result<Arm, StudyError> {
    let physiology = &Library::builtin().physiology;
    let known = study.regimens.keys().map(String::as_str);
    let given = study.regimens.get(name);
    let given = given.ok_or_else(|| unknown(at, "regimen", name, known, "[regimens]"))?;
    let regimen = written::regimen(study, name, given)?;
    let populations = populations(physiology);
    let sensed = sensing(study, &study.ligands[&regimen.ligand], &populations)
        .map_err(|e| StudyError::at(format!("regimens.{name}.ligand"), e))?;
    let captures: Vec<Capture> = sensed.iter().map(|(_, c)| *c).collect();
    let kinetics = given.pharmacokinetics.as_deref().or(kinetics).unwrap_or(USUAL_KINETICS);
    let set = kinetics_of(&format!("regimens.{name}.pharmacokinetics"), kinetics)?;
    let cohort = Cohort::new(physiology, &set, &populations, &captures, draws);
    let cohort = if uncertain { cohort.uncertain() } else { cohort };
    Ok(Arm { regimen, kinetics: kinetics.to_string(), cohort: Arc::new(cohort), sensed })
}

/// A set of pharmacokinetics of the library.
pub fn kinetics_of(at: &str, name: &str) -> Result<Parameters, StudyError> {
    let physiology = &Library::builtin().physiology;
    let known = physiology.pharmacokinetics.keys().map(String::as_str);
    physiology.kinetics(name).ok_or_else(|| unknown(at, "set", name, known, "the library"))
}

fn populations(physiology: &Physiology) -> Vec<Population> {
    let of = |(id, entry): (&String, &Entry)| {
        let cell =
            Library::builtin().cell(&entry.cell).expect("a test looks every cell up").clone();
        Population { id: id.clone(), entry: entry.clone(), cell }
    };
    physiology.populations.iter().map(of).collect()
}

/// How every population senses a ligand; the receptor layer runs for it.
fn sensing(
    study: &Study,
    ligand: &Ligand,
    populations: &[Population],
) -> Result<Vec<(String, Capture)>, String> {
    let library = Library::builtin();
    let native = library.ligand("il2").expect("native interleukin-2");
    let number = |name: &str| library.physiology.number("sensing", name);
    let measured =
        Capture { blind: number("pair_constant"), per_cd25: 1.0 / number("capture_number") };
    let model = &study.models["gamma-chain"].model;
    populations
        .iter()
        .map(|p| {
            let usual = p.count("il2r_alpha");
            let found = sensed(model, ligand, native, &p.cell, usual, measured);
            found.map(|c| (p.id.clone(), c)).map_err(|e| e.to_string())
        })
        .collect()
}
