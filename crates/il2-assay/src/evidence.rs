//! Published trials in patients with a tumour with which the program is compared, from the folders of
//! `validation/` embedded at build time.

use il2_answer::published::{Published, Status};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use toml::{Table, Value};

macro_rules! folder {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../validation/", $name, "/published.toml")),
            include_str!(concat!("../../../validation/", $name, "/study.toml")),
        )
    };
}

/// Every folder of `validation/` whose study has a trial: its name, the published numbers, and the
/// study. A test compares this list with the folders.
pub const TRIALS: &[(&str, &str, &str)] = &[
    folder!("atkins1999"),
    folder!("atkins2005"),
    folder!("atkins2008"),
    folder!("fisher2000"),
    folder!("hodi2010"),
    folder!("ives2007"),
    folder!("mcdermott2015"),
    folder!("phan2001"),
    folder!("rosenberg2011"),
    folder!("sabatino2009"),
    folder!("schwartzentruber2011"),
    folder!("smith2008"),
    folder!("ugurel2008"),
    folder!("yang2003"),
];

/// Rows that agree with the model, and those that are known not to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows that fit.
    pub fit: usize,
    /// Known misfits.
    pub misfit: usize,
}

/// The comparison with one publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Folder of `validation/`.
    pub folder: &'static str,
    /// Title of the folder.
    pub title: String,
    /// Key of the publication.
    pub source: String,
    /// Rows that were not used to set a parameter.
    pub predicted: Counts,
    /// Rows to which a parameter was adjusted.
    pub calibrated: Counts,
    /// Short descriptions of the rows that are known not to fit.
    pub misfits: Vec<String>,
    diseases: BTreeSet<String>,
}

/// The comparisons with trials in a disease of the library.
pub fn of_disease(disease: &str) -> Vec<&'static Evidence> {
    static ALL: LazyLock<Vec<Evidence>> =
        LazyLock::new(|| TRIALS.iter().map(|(f, p, s)| of_folder(f, p, s)).collect());
    ALL.iter().filter(|e| e.diseases.contains(disease)).collect()
}

fn of_folder(folder: &'static str, published: &str, study: &str) -> Evidence {
    let published: Published = toml::from_str(published).expect("a test reads every folder");
    let study: Table = study.parse().expect("a test reads every folder");
    let assays = study.get("assay").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let diseases = assays.filter_map(|a| Some(a.get("disease")?.as_str()?.to_string())).collect();
    let rows = published.row.iter().map(|row| (&row.what, row.status, &row.known_misfit));
    let orders = published.order.iter().map(|row| (&row.what, row.status, &row.known_misfit));
    let mut found = Evidence {
        folder,
        title: published.title.clone(),
        source: published.source.clone(),
        predicted: Counts::default(),
        calibrated: Counts::default(),
        misfits: vec![],
        diseases,
    };
    for (what, status, misfit) in rows.chain(orders) {
        let counts = match status {
            Status::Predicted => &mut found.predicted,
            Status::CalibratedOn => &mut found.calibrated,
        };
        match misfit {
            None => counts.fit += 1,
            Some(_) => {
                counts.misfit += 1;
                found.misfits.push(what.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_with_a_trial_is_listed() {
        let all = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../validation");
        let folders = std::fs::read_dir(all).expect("the folder of the repository");
        let mut with_trial: Vec<String> = folders
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let study = std::fs::read_to_string(path.join("study.toml")).ok()?;
                let trial = study.contains("kind = \"trial\"");
                trial.then(|| path.file_name().map(|n| n.to_string_lossy().into_owned()))?
            })
            .collect();
        with_trial.sort();
        assert_eq!(with_trial, TRIALS.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
        // The cohort to which the tumour was fitted, in melanoma alone.
        let of = |disease| of_disease(disease).into_iter().find(|e| e.folder == "atkins1999");
        let fitted = of("melanoma").expect("a trial in melanoma");
        assert!(fitted.calibrated.fit >= 5 && of("renal-cell-carcinoma").is_none(), "{fitted:?}");
    }
}
