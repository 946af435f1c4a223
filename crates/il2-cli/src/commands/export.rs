//! `il2 export`: the networks of a study as files that other programs read.

use super::new::write_new;
use super::{Done, print, wrapped};
use il2_assay::plans;
use il2_report::exports::{Language, exports};
use il2_study::{Study, StudyError};
use std::path::{Path, PathBuf};

/// Writes every network of a study into the folder of each language; existing files are never
/// replaced.
pub fn export(study: &Path, folders: [Option<PathBuf>; Language::ALL.len()]) -> Done {
    let study = Study::read(study)?;
    let plans = plans(&study)?;
    let mut said = String::new();
    for (language, folder) in Language::ALL.into_iter().zip(folders) {
        let Some(folder) = folder else { continue };
        std::fs::create_dir_all(&folder).map_err(|e| {
            let why = il2_engine::words::reason(&e);
            StudyError::io(&folder, format!("cannot be created ({why}); choose another folder"))
        })?;
        for assay in &plans {
            let all = exports(&study, &plans, assay, language)?;
            if all.is_empty() {
                said += &wrapped(&format!("{} has no network to write", assay.0), 0);
            }
            for export in &all {
                let file = folder.join(&export.file);
                write_new(&file, &export.text)?;
                said += &wrapped(&format!("wrote {}: {}", file.display(), export.what), 0);
            }
        }
    }
    print(&said)
}
