//! Which readouts the answer of a regimen assay reports.

use crate::patients::{Patients, words};
use il2_study::choose;
use il2_study::error::StudyError;
use il2_study::study::dosing::RegimenAssayPart;
use il2_study::values::unknown;

/// Largest number of readouts of an answer: each needs separate sentences, and keeps numbers of every patient in
/// memory.
const MOST: usize = 4;

/// The readouts that an answer reports: those that the study lists, or those that its question names, or the
/// first that is not a drug level. A readout named in the question is added to those shown by default.
pub fn answered(
    at: &str,
    (question, part): (&str, &RegimenAssayPart),
    show: &mut Vec<String>,
    patients: &Patients,
) -> Result<Vec<String>, StudyError> {
    let observables = &patients.cohort.body.network.observables;
    let Some(names) = &part.answer else {
        let title = |name: &String| {
            let found = observables.iter().find(|o| o.name == *name);
            found.map_or(String::new(), |o| words(o).0)
        };
        let asked = show.iter().filter(|name| names_readout(question, &title(name)));
        let asked: Vec<String> = asked.take(MOST).cloned().collect();
        let first = || show.iter().find(|name| *name != "concentration").unwrap_or(&show[0]);
        return Ok(if asked.is_empty() { vec![first().clone()] } else { asked });
    };
    let at = format!("{at}.answer");
    choose::each_once(&at, names)?;
    choose::at_most(&at, "readouts", names.len(), MOST)?;
    for (i, name) in names.iter().enumerate() {
        let known = match part.show {
            Some(_) => show.contains(name),
            None => observables.iter().any(|o| o.name == *name),
        };
        if !known {
            let at = format!("{at}[{i}]");
            return Err(match observables.iter().any(|o| o.name == *name) {
                true => {
                    StudyError::at(at, format!("\"{name}\" is not in `show`; add it to `show`"))
                }
                false => {
                    let all = observables.iter().map(|o| o.name.as_str());
                    unknown(&at, "readout", name, all, "a patient")
                }
            });
        }
        if !show.contains(name) {
            show.push(name.clone());
        }
    }
    Ok(names.clone())
}

/// Whether a question contains the words of a readout, in the singular or the plural.
fn names_readout(question: &str, title: &str) -> bool {
    let plain = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        words.map(|w| w.to_lowercase().trim_end_matches('s').to_string()).collect()
    };
    let (question, title) = (plain(question), plain(title));
    !title.is_empty() && question.windows(title.len()).any(|some| some == title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_a_readout_by_its_words() {
        for (question, title, named) in [
            ("What happens to the lymphocytes of the blood?", "lymphocytes", true),
            ("Do lymphocyte counts rise?", "lymphocytes", true),
            ("How far do Tregs rise?", "treg", true),
            ("Is the mean arterial pressure held?", "mean arterial pressure", true),
            ("Is the pressure held?", "mean arterial pressure", false),
            ("Which NK cells grow, bright or dim?", "nk bright", false),
            ("Who is given CD25?", "cd2", false),
        ] {
            assert_eq!(names_readout(question, title), named, "{question} {title}");
        }
    }
}
