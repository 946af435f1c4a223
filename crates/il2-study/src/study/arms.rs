//! Molecules that are assembled from several arms, each of which is another molecule.

use crate::error::StudyError;
use crate::library::Library;
use crate::study::file::LigandPart;
use crate::study::like::label;
use crate::study::masked;
use crate::study::molecule::{give, set};
use crate::values::unknown;
use il2::ligand::Ligand;
use il2_engine::Dimension;
use indexmap::IndexMap;

const MOLAR_MASS: Dimension = Dimension { mass: 1, substance: -1, ..Dimension::DIMENSIONLESS };

/// Maximum number of arms of one molecule (`parts`; arms of a trial have a separate limit). With
/// more arms, the bonds would combine in too many ways.
const MOST_PARTS: usize = 6;

/// Assembles a molecule from the arms listed in the study, which are ligands of the study or of the
/// library.
pub fn joined(
    library: &Library,
    ligands: &IndexMap<String, Ligand>,
    name: &str,
    part: &LigandPart,
) -> Result<Ligand, StudyError> {
    let at = format!("ligands.{name}");
    label(&at, name)?;
    let own = LigandPart {
        arms: vec![],
        parameters: IndexMap::new(),
        releases: None,
        release_rate: None,
        ..part.clone()
    };
    if own != LigandPart::default() {
        let message = "has arms, so other keys are not allowed here; change the arms themselves, \
                       each in its own section under [ligands], and keep only arms, releases, \
                       release_rate and parameters.molar_mass";
        return Err(StudyError::at(at, message));
    }
    if part.arms.len() > MOST_PARTS {
        let message = format!("has {} arms; at most {MOST_PARTS} are allowed", part.arms.len());
        return Err(StudyError::at(format!("{at}.arms"), message));
    }
    let mut parts = vec![];
    for arm in &part.arms {
        let found = ligands.get(arm).cloned().or_else(|| library.ligand(arm).cloned());
        let mut found = found.ok_or_else(|| {
            let known = ligands.keys().chain(library.ligands.keys()).map(String::as_str);
            unknown(&format!("{at}.arms"), "ligand", arm, known, "[ligands] or the library")
        })?;
        if found.is_soluble_chain {
            let message = format!("{arm} is a soluble chain and cannot be an arm; leave it out");
            return Err(StudyError::at(format!("{at}.arms"), message));
        }
        if found.releases.is_some() {
            let message = format!(
                "{arm} releases another ligand, which an arm cannot do; use another arm, and set \
                 releases here, for the whole molecule"
            );
            return Err(StudyError::at(format!("{at}.arms"), message));
        }
        found.label = arm.clone();
        label(&format!("{at}.arms"), arm)?;
        parts.push(found);
    }
    let mut ligand = Ligand::joined(name, parts).expect("at least one arm");
    masked::release(&at, &mut ligand, part)?;
    for (key, text) in &part.parameters {
        let at = format!("{at}.parameters.{key}");
        if key != "molar_mass" {
            return Err(unknown(
                &at,
                "parameter",
                key,
                ["molar_mass"].into_iter(),
                "a molecule with arms",
            ));
        }
        let read = set(&at, text, MOLAR_MASS, true, None)?;
        give(&mut ligand, key.clone(), read);
    }
    Ok(ligand)
}
