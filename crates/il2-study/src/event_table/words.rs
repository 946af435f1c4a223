//! Words for compartments, in tables and in the study.

use crate::error::StudyError;
use il2_engine::words::shown;
use indexmap::IndexMap;

/// Words for the blood and for the subcutaneous tissue; other words for a depot mean the gut or a muscle.
/// Capitals and digits only.
const BLOOD: [&str; 16] = [
    "IV",
    "INTRAVENOUS",
    "INTRAVENOUSLY",
    "VEIN",
    "VENOUS",
    "PLASMA",
    "BLOOD",
    "SERUM",
    "CENTRAL",
    "IVBOLUS",
    "IVINFUSION",
    "IVINF",
    "IVDRIP",
    "INTRAVENOUSINFUSION",
    "INTRAVENOUSBOLUS",
    "INTRAVASCULAR",
];
const SKIN: [&str; 9] = [
    "SC",
    "SQ",
    "SUBQ",
    "SUBCUT",
    "SUBCUTANEOUS",
    "SUBCUTANEOUSLY",
    "SUBCUTANEOUSINJECTION",
    "SKIN",
    "SKINDEPOT",
];
const MUSCLE: [&str; 4] = ["IM", "INTRAMUSCULAR", "INTRAMUSCULARLY", "MUSCLE"];
pub const GUT: [&str; 5] = ["PO", "ORAL", "ORALLY", "PEROS", "GUT"];
const DEPOT: [&str; 2] = ["DEPOT", "EXTRAVASCULAR"];

/// Whether a word of a table means a tissue from which a dose is absorbed.
pub fn absorbed(word: &str) -> bool {
    outside(&squeezed(word))
}

/// Whether a word, in capitals and digits only, means a tissue outside the blood.
pub fn outside(letters: &str) -> bool {
    [&SKIN[..], &MUSCLE, &GUT, &DEPOT].iter().any(|words| words.contains(&letters))
}

/// A word in capitals and digits only.
pub fn squeezed(word: &str) -> String {
    let letters = word.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

/// The compartment that a word means, either by its name or by the route of a dose into it.
pub fn place_named(word: &str, compartments: &[&str]) -> Option<usize> {
    let of = |names: &[&str]| compartments.iter().position(|c| names.contains(c));
    if let Some(place) = compartments.iter().position(|c| c.eq_ignore_ascii_case(word.trim())) {
        return Some(place);
    }
    let word = squeezed(word);
    let is = |words: &[&str]| words.contains(&word.as_str());
    match () {
        () if is(&BLOOD) => of(&["plasma", "central"]),
        () if is(&SKIN) => of(&["skin depot", "depot"]),
        () if is(&GUT) || is(&MUSCLE) || is(&DEPOT) => of(&["depot"]),
        () => None,
    }
}

/// What the study's key `compartments` says about each number or word of the table.
pub fn compartments_told(
    at: &str,
    written: &IndexMap<String, String>,
    compartments: &[&'static str],
) -> Result<IndexMap<String, usize>, StudyError> {
    let mut told = IndexMap::new();
    for (key, word) in written {
        let Some(place) = place_named(word, compartments) else {
            let message = format!(
                "\"{}\" is not a compartment of this model; use {}",
                shown(word),
                compartments.join(" or ")
            );
            return Err(StudyError::at(format!("{at}.compartments.{key}"), message));
        };
        told.insert(key.to_ascii_uppercase(), place);
    }
    Ok(told)
}
