//! Comparison across the assays of a study: results that several assays report, side by side.

use crate::answer::AssayResult;
use crate::sentence::listed;
use indexmap::IndexMap;

/// Largest number of results that are compared.
const MOST: usize = 3;

/// A sentence for each result that two or more assays report, the most frequently reported first.
pub fn sentences(results: &[(String, AssayResult)]) -> Vec<String> {
    let mut told: IndexMap<&str, Vec<String>> = IndexMap::new();
    for (name, result) in results {
        for shared in &result.shared {
            told.entry(&shared.of).or_default().push(format!("{} ({name})", shared.value));
        }
    }
    told.retain(|_, values| values.len() > 1);
    told.sort_by(|_, a, _, b| b.len().cmp(&a.len()));
    told.iter().take(MOST).map(|(of, values)| format!("{of} {}.", listed(values))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Shared;

    fn assay(name: &str, all: &[(&str, &str)]) -> (String, AssayResult) {
        let shared =
            |(of, value): &(&str, &str)| Shared { of: (*of).into(), value: (*value).into() };
        let shared = all.iter().map(shared).collect();
        (name.into(), AssayResult { shared, ..AssayResult::default() })
    }

    #[test]
    fn what_most_assays_tell_comes_first_and_what_one_tells_is_left_to_it() {
        let all = [
            assay("alone", &[("Of 10 pM,", "93 %"), ("Of 100 pM,", "14 %"), ("Of 1 nM,", "2 %")]),
            assay("mixture", &[("Of 100 pM,", "13 %")]),
            assay("leaky", &[("Of 100 pM,", "9.1 %"), ("Of 10 pM,", "70 %")]),
        ];
        let said = [
            "Of 100 pM, 14 % (alone), 13 % (mixture) and 9.1 % (leaky).",
            "Of 10 pM, 93 % (alone) and 70 % (leaky).",
        ];
        assert_eq!(sentences(&all), said);
        assert!(sentences(&all[..1]).is_empty());
    }
}
