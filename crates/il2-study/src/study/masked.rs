//! Masked forms: ligands that are converted to another ligand of the study in the medium.

use crate::error::StudyError;
use crate::study::file::LigandPart;
use crate::study::molecule::{give, set};
use crate::values::unknown;
use il2::ligand::{Ligand, RELEASE_RATE};
use il2_engine::Dimension;
use indexmap::IndexMap;

/// Sets the ligand that a masked form releases, and its release rate, if the study gives them. A
/// ligand that is `like` a masked form is also a masked form.
pub fn release(at: &str, ligand: &mut Ligand, part: &LigandPart) -> Result<(), StudyError> {
    ligand.releases = part.releases.clone().or(ligand.releases.take());
    let at = format!("{at}.{RELEASE_RATE}");
    match (&part.release_rate, &ligand.releases) {
        (Some(_), None) => {
            let message = "also needs releases, which names the ligand of this study into which \
                           this ligand is converted";
            return Err(StudyError::at(at, message));
        }
        (Some(text), Some(_)) => {
            let rate = set(&at, text, Dimension::RATE, true, None)?;
            if rate.absent {
                let message = "\"none\" is not a rate; leave releases and release_rate out for a \
                               ligand that is not converted";
                return Err(StudyError::at(at, message));
            }
            give(ligand, RELEASE_RATE.into(), rate);
        }
        (None, Some(_)) if !ligand.knows(RELEASE_RATE) => {
            let message = "is missing, but releases needs it; add release_rate = \"0.02 /h\", or \
                           the rate that you measured";
            return Err(StudyError::at(at, message));
        }
        _ => {}
    }
    Ok(())
}

/// Checks that every released ligand is a ligand of the study, and that no ligand releases itself.
pub fn check(ligands: &IndexMap<String, Ligand>) -> Result<(), StudyError> {
    for (name, ligand) in ligands {
        let mut next = ligand.releases.as_ref();
        let mut steps = 0;
        while let Some(released) = next {
            let at = format!("ligands.{name}.releases");
            let known = ligands.keys().map(String::as_str);
            let found = ligands
                .get(released)
                .ok_or_else(|| unknown(&at, "ligand", released, known, "[ligands]"))?;
            steps += 1;
            if steps > ligands.len() {
                let message = "leads back to the same ligand; name the final product";
                return Err(StudyError::at(at, message));
            }
            if found.is_soluble_chain {
                let message = format!(
                    "{released} is a soluble chain, which a ligand cannot release; name another \
                     ligand"
                );
                return Err(StudyError::at(at, message));
            }
            next = found.releases.as_ref();
        }
    }
    Ok(())
}
