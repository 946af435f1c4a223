//! Numbers of a tumour that a study sets.

use il2::parameter::{Parameter, Parameters};
use il2::quantity::DAY;
use il2::tumour::disease::Entry;
use il2_study::StudyError;
use il2_study::study::text::QuantityText;
use il2_study::values::{quantity, unknown};
use indexmap::IndexMap;

/// Numbers of the study in place of the library's.
pub(super) fn numbers(
    at: &str,
    given: &IndexMap<String, QuantityText>,
    entry: &mut Entry,
) -> Result<Parameters, StudyError> {
    let mut set = Parameters::new();
    for (name, text) in given {
        let at = format!("{at}.{name}");
        let Some(known) = entry.parameters.get(name) else {
            let names: Vec<&str> = entry.parameters.keys().map(String::as_str).collect();
            return Err(unknown(&at, "parameter", name, names.into_iter(), "the tumour"));
        };
        let value = quantity(&at, text, known.dimension)?;
        allowed(&at, name, value)?;
        set.insert(name.clone(), Parameter::from_study(value, known.dimension, text.0.clone()));
    }
    entry.parameters.extend(set.clone());
    Ok(set)
}

/// Numbers that describe patients at entry or decide who enters: the arms of a trial are samples of
/// the same patients.
const AT_ENTRY: [&str; 13] = [
    "lesions",
    "volume",
    "volume_spread",
    "share_shape",
    "growth_rate",
    "growth_spread",
    "cells_per_volume",
    "effectors_per_cell",
    "effectors_spread",
    "access_spread",
    "resistant_patients",
    "resistant_decades",
    "screened_for",
];

/// Numbers of one arm in place of those of the other arms.
pub(super) fn of_arm(
    at: &str,
    given: &IndexMap<String, QuantityText>,
    entry: &mut Entry,
) -> Result<Parameters, StudyError> {
    if let Some(name) = given.keys().find(|name| AT_ENTRY.contains(&name.as_str())) {
        let message = "describes patients at entry, who are the same kind of patients in all arms; \
                       set it under [assay.NAME.parameters] for all arms, or simulate patients of \
                       another kind in an assay of their own";
        return Err(StudyError::at(format!("{at}.{name}"), message));
    }
    numbers(at, given, entry)
}

/// Whole numbers of a tumour, and the maximum of each; each lesion is a state of the equations.
const WHOLE: [(&str, f64); 2] = [("lesions", 20.0), ("share_shape", 100.0)];
/// Fractions of patients.
const PARTS: [&str; 3] = ["resistant_patients", "drug_death", "salvaged"];
/// Numbers that occur as divisors, and so cannot be zero.
const DIVIDES: [&str; 9] = [
    "volume",
    "cells_per_volume",
    "largest",
    "kill_half",
    "antigen_half",
    "exhaustion_half",
    "burden",
    "drive_capacity",
    "drive_threshold",
];

/// Without a scan, nobody is known to progress (min).
const LEAST_SCREENING: f64 = 63.0 * DAY;

/// Refuses a number that a tumour cannot have.
fn allowed(at: &str, name: &str, value: f64) -> Result<(), StudyError> {
    let wrong = |allowed: String| Err(StudyError::at(at, format!("is {value}; use {allowed}")));
    if let Some((_, most)) = WHOLE.iter().find(|(whole, _)| *whole == name)
        && !(value.fract() == 0.0 && (1.0..=*most).contains(&value))
    {
        return wrong(format!("a whole number from 1 to {most}"));
    }
    if PARTS.contains(&name) && value > 1.0 {
        return wrong("a fraction of the patients, from 0 to 1".into());
    }
    if name == "screened_for" && value < LEAST_SCREENING {
        return wrong("a time with a first scan after 8 weeks, at least \"9 weeks\"".into());
    }
    match DIVIDES.contains(&name) && value == 0.0 {
        true => wrong("a number above zero".into()),
        false => Ok(()),
    }
}
