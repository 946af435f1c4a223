//! The whole numbers that keys of a study may have: one table for the reader of TOML, which refuses
//! other types, and for the plans of assays, which refuse numbers outside the limits.

use crate::error::StudyError;
use il2::receptor::polyvalent::MOST_VALENCY;

/// Largest number of points of a range.
pub const MOST_POINTS: u32 = 100_000;
/// Largest number of patients of an arm.
pub const MOST_PATIENTS: u32 = 1_000_000;
/// Largest number of doses of a regimen; more is a mistake.
pub const MOST_DOSES: u32 = 10_000;

/// The ending of a key, and the least and greatest number that it may have. The first matching
/// entry counts.
const LIMITS: [(&str, u32, u32); 36] = [
    ("version", 1, 1),
    ("valency", 1, MOST_VALENCY),
    ("points", 2, MOST_POINTS),
    ("single_cells.cells", 20, 2000),
    ("intervals.draws", 10, 2000),
    // For each chain of a fit.
    ("draws", 50, 100_000),
    ("starts", 1, 10_000),
    ("chains", 0, 100),
    ("warmup", 50, 100_000),
    // Rows or trajectories: each method of a sensitivity analysis has narrower limits of its own.
    ("samples", 4, 65_536),
    ("donors.count", 2, 200),
    ("candidates", 40, 100_000),
    ("designs", 2, 100),
    ("patients", 1, MOST_PATIENTS),
    ("individuals", 0, MOST_PATIENTS),
    ("doses", 1, MOST_DOSES),
    ("cycles", 1, MOST_DOSES),
    ("weeks", 1, MOST_DOSES),
    // For a trial.
    ("replicates", 1, 10_000),
    ("resamples", 100, 100_000),
    ("sample_size.patients.from", 2, MOST_PATIENTS),
    ("sample_size.patients.to", 2, MOST_PATIENTS),
    ("courses", 1, 100),
    ("block", 1, 1000),
    ("replication.retrospective", 4, MOST_PATIENTS),
    ("replication.responders", 2, MOST_PATIENTS),
    ("replication.prospective", 4, MOST_PATIENTS),
    ("replication.unrelated", 0, 1000),
    ("replication.cut_offs", 1, 100),
    ("cut_off.events", 1, MOST_PATIENTS),
    ("ratio", 1, 100),
    // Cells that represent a kind in a culture: each adds a whole set of receptors to the equations.
    ("representatives", 2, 20),
    // For a population fit.
    ("simulations", 0, 10_000),
    ("bins", 2, 50),
    // Panels side by side in a figure.
    ("columns", 1, 6),
    ("request", 1, 1),
];

/// Least and greatest whole number that a key may have.
pub fn limits(path: &str) -> Option<(u32, u32)> {
    // An item of a list: `valency[1]`.
    let key = path.strip_suffix(']').and_then(|list| list.rsplit_once('['));
    let key = key.map_or(path, |(key, _)| key);
    let ends = |ending: &str| {
        key.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    LIMITS.iter().find(|(ending, ..)| ends(ending)).map(|&(_, from, to)| (from, to))
}

/// The number, if the key may have it.
pub fn checked(at: &str, number: u32) -> Result<usize, StudyError> {
    let (from, to) = limits(at).expect("a test goes through every such key");
    within(at, number, from, to)
}

/// The number, if it is between `from` and `to`.
pub fn within(at: &str, number: u32, from: u32, to: u32) -> Result<usize, StudyError> {
    match (from..=to).contains(&number) {
        true => Ok(number as usize),
        false => Err(StudyError::at(at, format!("{number} is not allowed; use {from} to {to}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every property of an unsigned whole number, with the name of its part.
    fn whole_keys(value: &serde_json::Value, part: &str, found: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(|p| p.as_object()) {
            for (key, about) in properties {
                if about.to_string().contains("\"uint32\"") {
                    found.push(format!("{part}.{key}"));
                }
            }
        }
        let parts = value.as_object().into_iter().flatten();
        parts.for_each(|(name, inner)| whole_keys(inner, name, found));
        value.as_array().into_iter().flatten().for_each(|kind| whole_keys(kind, part, found));
    }

    #[test]
    fn every_whole_number_of_a_study_has_limits() {
        let schema = schemars::schema_for!(crate::study::file::StudyFile);
        let mut keys = vec![];
        whole_keys(schema.as_value(), "study", &mut keys);
        assert!(keys.len() >= 19, "{keys:?}");
        for key in keys {
            // Some parts are identified by their key.
            let path = key
                .replace("SingleCellsPart", "single_cells")
                .replace("IntervalsPart", "intervals")
                .replace("DonorsPart", "donors")
                .replace("PatientsPart", "sample_size.patients")
                .replace("ReplicationPart", "replication")
                .replace("CutOffPart", "cut_off");
            assert!(limits(&path).is_some(), "{path}");
        }
        assert_eq!(limits("assay.cohort.patients"), Some((1, MOST_PATIENTS)));
        assert_eq!(limits("assay.wells.intervals.draws"), Some((10, 2000)));
        assert_eq!(limits("assay.fit.draws"), Some((50, 100_000)));
        assert_eq!(limits("assay.design.valency[1]"), Some((1, 6)));
        assert_eq!(limits("assay.design.outpatients"), None);
    }
}
