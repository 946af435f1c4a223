//! The meaning of each readout of a patient, for users who choose among readouts.

use crate::patients::unit;
use il2_engine::network::Observable;

/// Endings of the readouts that every population of lymphocytes has, and their meaning.
const OF_POPULATIONS: [(&str, &str); 8] = [
    ("signal", "signalling receptors; 1 is saturation by interleukin-2"),
    ("ec50", "free concentration at half of the maximal signal"),
    ("activation", "delayed signal, which drives division"),
    ("desensitised", "the mean of past activation, which weakens the signal"),
    ("division", "rate at which a cell divides"),
    ("count", "cells in blood"),
    ("total_fold", "cells in blood and tissue, relative to baseline"),
    ("fold", "cells in blood, relative to baseline"),
];

/// The other readouts.
const OF_THE_PATIENT: [(&str, &str); 19] = [
    ("concentration", "drug in plasma, free and bound to soluble CD25"),
    ("concentration_free", "drug in plasma that cells can bind"),
    ("concentration_masked", "drug in plasma that is still masked"),
    ("concentration_presented", "what cells present in trans, as a level in plasma"),
    ("soluble_cd25", "soluble CD25 in plasma"),
    ("tumour_concentration", "drug in the tumour, free and bound to its anchor"),
    ("cd4_count", "regulatory and conventional CD4 T cells in blood"),
    ("cd4_fold", "CD4 T cells in blood, relative to baseline"),
    ("treg_of_cd4", "regulatory T cells among CD4 T cells in blood"),
    ("endothelium_signal", "signal on vessels; 1 is saturation by interleukin-2"),
    ("nk_fold", "all NK cells in blood, relative to baseline"),
    ("lymphocytes_fold", "all lymphocytes in blood, relative to baseline"),
    ("eosinophils_fold", "eosinophils, relative to baseline"),
    ("mean_arterial_pressure", "mean arterial pressure without a vasopressor"),
    ("vasopressor", "vasopressor needed to maintain blood pressure"),
    ("weight_gain", "fluid that has left the vessels"),
    ("albumin", "albumin in plasma"),
    ("creatinine", "creatinine in plasma; rises as the kidneys filter less"),
    ("urine_output", "urine"),
];

/// What a readout means.
pub fn meaning(name: &str) -> Option<&'static str> {
    let ends = |ending: &str| name.strip_suffix(ending).is_some_and(|id| id.ends_with('_'));
    let own = OF_THE_PATIENT.iter().find(|(known, _)| *known == name);
    let found = own.or_else(|| OF_POPULATIONS.iter().find(|(ending, _)| ends(ending)));
    found.map(|(_, meaning)| *meaning)
}

/// Name, unit and meaning of each observable.
pub fn described(observables: &[Observable]) -> Vec<[String; 3]> {
    let one =
        |o: &Observable| [o.name.clone(), unit(o), meaning(&o.name).unwrap_or_default().into()];
    observables.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_lists_every_readout_with_its_meaning() {
        let book = include_str!("../../../docs/src/patients.md");
        for (ending, meaning) in OF_POPULATIONS {
            let row =
                |line: &str| line.contains(&format!("`treg_{ending}`")) && line.contains(meaning);
            assert!(book.lines().any(row), "treg_{ending}");
        }
        for (name, meaning) in OF_THE_PATIENT {
            let row = |line: &str| line.contains(&format!("`{name}`")) && line.contains(meaning);
            assert!(book.lines().any(row), "{name}");
        }
        assert_eq!(
            meaning("treg_total_fold"),
            Some("cells in blood and tissue, relative to baseline")
        );
        assert_eq!(meaning("nk_dim_fold"), Some("cells in blood, relative to baseline"));
        assert_eq!(meaning("nk_fold"), Some("all NK cells in blood, relative to baseline"));
        assert_eq!(meaning("treg_nothing"), None);
    }
}
