//! Coverage-guided fuzzing of event tables: any bytes give either a table that runs, with the drug
//! balanced and no negative amount, or an error that names the file.
#![no_main]

use il2_output::column::Values;
use il2_study::Library;
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::LazyLock;

const STUDY: &str = "version = 1\nquestion = \"Is it read?\"\n[assay.a]\nkind = \"event-table\"\n\
    table = \"doses.csv\"\nmodel = \"two-compartment-oral\"\n\
    units = { time = \"h\", amount = \"mg\" }\n[assay.a.parameters]\n\
    clearance = \"1 L/h\"\nvolume = \"10 L\"\nabsorption_rate = \"0.5 /h\"\n\
    intercompartmental_clearance = \"0.3 L/h\"\nperipheral_volume = \"5 L\"\n";
/// Tables with more rows take long to run and test nothing new.
const MOST_ROWS: usize = 30;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("il2-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for tables");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    if bytes.iter().filter(|b| **b == b'\n').count() > MOST_ROWS {
        return;
    }
    std::fs::write(FOLDER.join("doses.csv"), bytes).expect("a table");
    let read = il2_assay::parse(&FOLDER.join("study.toml"), STUDY, Library::builtin());
    let (study, plans) = match read {
        Ok(read) => read,
        Err(error) => return assert!(error.to_string().contains("doses.csv"), "{error}"),
    };
    let result = plans[0].1.run(&study, &|_| {});
    for column in &result.tables[0].columns {
        if let Values::Number(all) = &column.values
            && !column.name.starts_with("time")
            && column.name != "line"
            // The logarithm of measured over predicted may be negative.
            && column.name != "log_residual"
        {
            // Values of a failed subject may be missing; all others must be valid.
            assert!(all.iter().all(|v| v.is_nan() || *v >= 0.0), "{}: {all:?}", column.name);
        }
    }
    assert!(result.checks.iter().all(|c| c.holds), "{:?}", result.checks);
});
