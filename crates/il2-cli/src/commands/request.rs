//! `il2 request`: a study and the tables it names as one file, to be run on another machine.

use super::new::write_new;
use super::{Done, print, print_json};
use il2_assay::plans;
use il2_study::Study;
use il2_study::study::Request;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Checks the study and writes the request to a file or, if none is given, to standard output.
pub fn request(study: &Path, file: Option<PathBuf>) -> Done {
    let study = Study::read(study)?;
    plans(&study)?;
    let request = Request::of(&study)?;
    let Some(file) = file else { return print_json(&json!(request)) };
    write_new(&file, &(request.to_json() + "\n"))?;
    print(&format!("wrote {0}; run it with: il2 run {0}\n", file.display()))
}
