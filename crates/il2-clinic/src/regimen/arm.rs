//! An arm: a regimen and its patients.

use crate::patients::{CohortOptions, Patients, kinetics_for, patients};
use il2::treatment::regimen::Regimen;
use il2_study::error::StudyError;
use il2_study::regimen;
use il2_study::study::Study;
use il2_study::values::unknown;

/// One arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The regimen.
    pub regimen: Regimen,
    /// Its patients.
    pub patients: Patients,
    /// Tables of doses that were read.
    pub files: Vec<regimen::Table>,
}

/// A regimen of the study and its patients. `made.kinetics` applies if the regimen names no set of
/// its own; `at` is the key that names the regimen. Patients of an arm in `before` with the same
/// molecule and options are reused, because solving for the sensitivity of populations takes longer
/// than the rest of the plan.
pub fn arm(
    study: &Study,
    at: &str,
    name: &str,
    made: &CohortOptions,
    before: &[Arm],
) -> Result<Arm, StudyError> {
    let known = study.regimens.keys().map(String::as_str);
    let given = study.regimens.get(name);
    let given = given.ok_or_else(|| unknown(at, "regimen", name, known, "[regimens]"))?;
    let (regimen, files) = regimen::regimen(study, name, given)?;
    let own = format!("regimens.{name}.pharmacokinetics");
    let (place, named) = match (&given.pharmacokinetics, made.kinetics) {
        (Some(set), _) => (own.as_str(), Some(set.as_str())),
        (None, (_, None)) => (own.as_str(), None),
        (None, of_assay) => of_assay,
    };
    let ligand = study.ligand(&format!("regimens.{name}.ligand"), &regimen.ligand)?;
    let set = kinetics_for((place, named), ligand)?;
    let made = CohortOptions { kinetics: (place, Some(set)), ..*made };
    let alike = |p: &&Patients| p.ligand == regimen.ligand && p.kinetics == set;
    let patients = match before.iter().map(|arm| &arm.patients).find(alike) {
        Some(patients) => patients.clone(),
        None => patients(study, &format!("regimens.{name}.ligand"), &regimen.ligand, &made)?,
    };
    Ok(Arm { regimen, patients, files })
}
