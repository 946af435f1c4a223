//! Coverage-guided fuzzing of the study parser: any bytes give a study or an error with a place,
//! never a panic. `fuzz/run SECONDS` builds and runs it with a stable toolchain.
#![no_main]

use il2_study::{Library, Study};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Study::parse(Path::new("fuzzed.toml"), text, Library::builtin()) {
        // An error stands in the study, or in a table that the study names.
        let in_study = error.to_string().starts_with("fuzzed.toml");
        assert!(in_study || text.contains("table"), "{error}");
    }
});
