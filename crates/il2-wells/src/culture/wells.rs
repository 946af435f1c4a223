//! Wells that are compared: the same culture with other ligands or other numbers of cells.

use crate::culture::kind::count;
use crate::culture::plan::{Plan, Request, one_well, volume};
use il2_study::StudyError;
use il2_study::choose::{self, at_most};
use il2_study::study::cultures::CultureAssayPart;
use il2_study::study::{Study, label};
use il2_study::values::unknown;

/// Largest number of compared wells: each has its own colour in the figures.
const MOST_WELLS: usize = 8;

/// Plans the assay; of several wells, the first contains the others.
pub fn plan(study: &Study, at: &str, name: &str, asked: Request) -> Result<Plan, StudyError> {
    if asked.wells.is_empty() {
        return one_well(study, at, name, asked);
    }
    at_most(at, "wells", asked.wells.len(), MOST_WELLS)?;
    if asked.wells.len() == 1 {
        let message = "contains a single well, and there is nothing to compare it with; add another, or \
                       leave wells out";
        return Err(StudyError::at(format!("{at}.wells"), message));
    }
    if asked.map.is_some() {
        let message = "varies doses and numbers of cells of a single well, but wells contains several; put \
                       the map in an assay without wells";
        return Err(StudyError::at(format!("{at}.map"), message));
    }
    let in_well = volume(at, asked)?;
    let mut all = vec![];
    for (well, part) in &asked.wells {
        let at_well = format!("{at}.wells.{well}");
        label(&at_well, well)?;
        let mut own = CultureAssayPart { wells: Default::default(), ..asked.clone() };
        if let Some(mixture) = &part.mixture {
            // Errors then name the key of the well, not that of the assay.
            choose::mixture(study, &format!("{at_well}.mixture"), mixture)?;
            own.mixture.clone_from(mixture);
        }
        for (kind, cells) in &part.cells {
            let at = format!("{at_well}.cells.{kind}");
            count(&at, cells, in_well)?;
            let known = asked.kinds.keys().map(String::as_str);
            let of_kind = own.kinds.get_mut(kind);
            let Some(of_kind) = of_kind else {
                return Err(unknown(&at, "kind", kind, known, "the culture"));
            };
            of_kind.cells.clone_from(cells);
        }
        let at = if own.mixture.is_empty() { &at_well } else { at };
        all.push(Plan { label: Some(well.clone()), ..one_well(study, at, name, &own)? });
    }
    let mut first = all.remove(0);
    first.beside = all;
    Ok(first)
}
