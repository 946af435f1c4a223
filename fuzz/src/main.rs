//! Coverage-guided fuzzing of the study parser: any bytes give a study or an error with a position,
//! never a panic. `fuzz/run SECONDS` builds and runs it with a stable toolchain.
#![no_main]

use il2_study::Library;
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let study = Path::new("fuzzed.toml");
    if let Err(error) = il2_assay::parse(study, text, Library::builtin()) {
        let file = error.file.as_deref().expect("an error says in which file");
        // A study may name a table, points to draw or a model, and the error may then be in that
        // file.
        let names_another = ["table", "overlay", "sbml"].iter().any(|key| text.contains(key));
        assert!(file == study || names_another, "{error}");
        assert!(error.to_string().starts_with(&*file.to_string_lossy()), "{error}");
    }
});
