//! `il2 cite`: prints the references of a study as BibTeX.

use super::{Done, print};
use il2_assay::plans;
use il2_report::inputs::inputs;
use il2_study::{Library, Study};
use std::collections::BTreeSet;
use std::path::Path;

/// Prints the references of everything that a study uses, or of the whole library.
pub fn cite(path: Option<&Path>) -> Done {
    let library = Library::builtin();
    let mut keys: BTreeSet<String> = BTreeSet::new();
    match path {
        None => keys.extend(library.references.keys().cloned()),
        Some(path) => {
            let study = Study::read(path)?;
            let plans = plans(&study)?;
            let used = inputs(&study, &plans).into_iter().filter(|input| input.used);
            used.for_each(|input| keys.extend(input.sources().cloned()));
            // The integration method is cited if anything is integrated.
            if plans.iter().any(|(_, plan)| !plan.setups().is_empty()) {
                keys.insert("hairer1996".into());
            }
        }
    }
    let entries: Vec<String> =
        keys.iter().filter_map(|key| library.references.get(key)).map(|r| r.bibtex()).collect();
    print(&entries.join("\n"))
}
