//! Criteria by which a study ranks the ligands of a dose-response.

use il2::ligand::Ligand;
use il2_study::study::Study;
use il2_study::study::panel::Of;
use il2_study::{StudyError, values};

/// The criterion of a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RankBy {
    /// The least ratio of the EC50 on another cell to that on the reference cell.
    Selectivity,
    /// The ratio for one given cell.
    Against(String),
    /// The EC50 on the reference cell.
    Potency,
}

/// How the ligands of an assay are ranked: as the study says, or by selectivity if one of them is a
/// row of a table.
pub fn rank_by(
    study: &Study,
    at: &str,
    asked: Option<&str>,
    ligands: &[&Ligand],
    (cells, reference): (&[String], &str),
) -> Result<Option<RankBy>, StudyError> {
    let at = format!("{at}.rank_by");
    let others: Vec<&str> = cells.iter().map(String::as_str).filter(|c| *c != reference).collect();
    match asked {
        None => {
            let of_table = |ligand: &&Ligand| {
                let mut panels = study.panels.values().filter(|panel| panel.of == Of::Ligands);
                panels.any(|panel| panel.rows.contains_key(&ligand.label))
            };
            let ranked = ligands.len() > 1 && ligands.iter().any(of_table);
            let usual = if others.is_empty() { RankBy::Potency } else { RankBy::Selectivity };
            Ok(ranked.then_some(usual))
        }
        Some("potency") => Ok(Some(RankBy::Potency)),
        Some("selectivity") if others.is_empty() => {
            let message = format!(
                "needs a cell other than {reference}; add one, or set rank_by = \"potency\""
            );
            Err(StudyError::at(at, message))
        }
        Some("selectivity") => Ok(Some(RankBy::Selectivity)),
        Some(cell) if others.contains(&cell) => Ok(Some(RankBy::Against(cell.to_string()))),
        Some(other) => {
            let known = ["selectivity", "potency"].into_iter().chain(others.iter().copied());
            Err(values::unknown(&at, "order or other cell", other, known, "this assay"))
        }
    }
}
