//! The program for a user; exceeds 400 lines because it follows one story, command by command.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn il2(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_il2")).current_dir(root()).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

const STUDY: &str = "version = 1\nquestion = \"Is it the same every time?\"\nseed = 4\n\
    [ligands.native]\nfrom = \"il2\"\n[ligands.blind]\nfrom = \"il2-cd25-blind\"\n\
    [cells.treg]\nfrom = \"treg\"\n[cells.nk]\nfrom = \"nk\"\n\
    [assay.dose]\nkind = \"dose-response\"\ndoses = [\"1 pM\", \"30 pM\", \"1 nM\", \"30 nM\"]\n\
    times = [\"1 h\"]\nintervals = { draws = 10 }\n\
    [assay.time]\nkind = \"time-course\"\ndoses = [\"10 pM\"]\ntimes = [\"0 min\", \"1 h\"]\n";

fn run_into(folder: &Path, threads: &str) -> Vec<(String, Vec<u8>)> {
    let study = folder.join("study.toml");
    std::fs::write(&study, STUDY).unwrap();
    let out = folder.join(threads);
    printed(&il2(&[
        "run",
        study.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--threads",
        threads,
    ]));
    let mut files: Vec<_> = std::fs::read_dir(out)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_misspelt_command_or_option_ends_in_a_tip() {
    let said = |arguments: &[&str]| {
        let output = il2(arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["rn", "x"]).contains("tip: did you mean run?"));
    assert!(said(&["xyz"]).contains("tip: the commands are run, merge, fit, "));
    let option = said(&["run", "--draws", "5", "x.toml"]);
    assert!(
        option.contains("the study file specifies") && !option.contains("-- --draws"),
        "{option}"
    );
}

#[test]
fn the_same_study_gives_the_same_bytes_on_any_number_of_threads() {
    let scratch = tempfile::tempdir().unwrap();
    let (one, two) = (run_into(scratch.path(), "1"), run_into(scratch.path(), "2"));
    let names: Vec<&str> = one.iter().map(|f| f.0.as_str()).collect();
    for wanted in [
        "dose.csv",
        "dose.parquet",
        "dose.svg",
        "dose.png",
        "dose_ec50.csv",
        "time.csv",
        "summary.json",
        "report.html",
        "manifest.json",
    ] {
        assert!(names.contains(&wanted), "{names:?}");
    }
    assert!(one == two, "the files differ between one and two threads");
    let manifest: serde_json::Value =
        serde_json::from_slice(&one.iter().find(|f| f.0 == "manifest.json").unwrap().1).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len() + 1, one.len());
    for entry in listed {
        let file = one.iter().find(|f| f.0 == entry["file"].as_str().unwrap()).unwrap();
        assert_eq!(entry["sha256"].as_str().unwrap(), il2_study::hash::sha256(&file.1));
    }
}

/// Grids, equilibria, a network with intervals and patients: everything that uses exponentials and
/// logarithms.
const NUMBERS: &str = r#"version = 1
question = "Is it the same on every machine?"
seed = 4
[ligands.native]
from = "il2"
[ligands.fusion]
from = "wt-n-fc"
[ligands.aldesleukin]
from = "aldesleukin"
[cells.treg]
from = "treg"
[regimens.low]
ligand = "aldesleukin"
dose = "1 MIU/m2"
route = "subcutaneous"
[assay.grid]
kind = "dose-response"
model = "polyvalent-equilibrium"
ligands = ["fusion"]
doses = { from = "0.1 pM", to = "1 uM", points = 200 }
times = ["1 h"]
[assay.dose]
kind = "dose-response"
ligands = ["native"]
doses = { from = "0.3 pM", to = "100 nM", points = 12 }
times = ["1 h"]
intervals = { draws = 10 }
[assay.people]
kind = "regimen"
patients = 30
times = { from = "0 d", to = "2 d", points = 7 }
[output]
figures = false
"#;

/// Runs a study with some environment variables; returns the files of its folder, or the message if
/// there are none.
fn files_with(
    study: &Path,
    out: &Path,
    set: &[(&str, &str)],
) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_il2"));
    command.arg("run").arg(study).arg("--out").arg(out).envs(set.iter().copied());
    let output = command.output().unwrap();
    if !output.status.success() {
        assert_eq!(output.status.code(), Some(2));
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    let paths = std::fs::read_dir(out).unwrap().map(|e| e.unwrap().path());
    let name = |p: &Path| p.file_name().unwrap().to_string_lossy().into_owned();
    let mut files: Vec<_> = paths.map(|p| (name(&p), std::fs::read(p).unwrap())).collect();
    files.sort();
    Ok(files)
}

/// The study has more rows than are buffered in memory.
#[test]
fn a_folder_for_temporary_files_that_cannot_be_written_changes_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let study = scratch.path().join("study.toml");
    let text = "version = 1\nquestion = \"q\"\n[ligands.fusion]\nfrom = \"wt-n-fc\"\n[cells.treg]\nfrom = \"treg\"\n\
        [assay.long]\nkind = \"dose-response\"\nmodel = \"polyvalent-equilibrium\"\n\
        doses = { from = \"0.1 pM\", to = \"1 uM\", points = 17000 }\ntimes = [\"1 h\"]\n\
        [output]\nfigures = false\n";
    std::fs::write(&study, text).unwrap();
    let run = |set: &[(&str, &str)]| files_with(&study, &scratch.path().join("out"), set).unwrap();
    let usual = run(&[]);
    assert!(run(&[("TMPDIR", "/nowhere/at/all")]) == usual);
}

#[test]
fn what_is_printed_fits_100_columns() {
    let scratch = tempfile::tempdir().unwrap();
    let study = scratch.path().join("study.toml");
    std::fs::write(&study, STUDY).unwrap();
    let (study, out) = (study.to_str().unwrap(), scratch.path().join("out"));
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["merge", "--help"],
        &["check", "--help"],
        &["list", "--help"],
        &["new", "--help"],
        &["cite", "--help"],
        &["validate", "--help"],
        &["run", study, "--out", out.to_str().unwrap()],
        &["check", study],
        &["list"],
        &["list", "treg"],
        &["list", "il2"],
        &["list", "gamma-chain"],
        &["list", "patient"],
        &["check", "studies/06-event-table.toml"],
        &["check", "studies/07-regimens.toml"],
        &["check", "studies/07-regimens.toml", "--full"],
        &["check", study, "--full"],
        &["validate", "validation/otero1997"],
        &["validate", "validation/fallon2000"],
        &["validate", "validation/schiphorst1999"],
    ] {
        for line in printed(&il2(arguments)).lines() {
            let path = line.contains(scratch.path().to_str().unwrap());
            assert!(path || line.chars().count() <= 100, "{arguments:?}: {line}");
        }
    }
}

#[test]
fn json_is_json() {
    for arguments in [
        &["list", "--json"][..],
        &["list", "treg", "--json"],
        &["list", "patient", "--json"],
        &["check", "studies/07-regimens.toml", "--json"],
        &["check", "studies/02-time-course.toml", "--json"],
        &["validate", "validation/otero1997", "--json"],
        &["schema"],
    ] {
        let text = printed(&il2(arguments));
        serde_json::from_str::<serde_json::Value>(&text)
            .unwrap_or_else(|e| panic!("{arguments:?}: {e}"));
    }
}

#[test]
fn every_entry_of_the_library_can_be_shown() {
    let all: serde_json::Value = serde_json::from_str(&printed(&il2(&["list", "--json"]))).unwrap();
    let mut shown = 0;
    for entries in all.as_object().unwrap().values() {
        for entry in entries.as_array().unwrap() {
            assert!(!printed(&il2(&["list", entry["id"].as_str().unwrap()])).is_empty());
            shown += 1;
        }
    }
    assert!(shown > 60, "{shown}");
}

#[test]
fn all_that_has_a_name_is_shown() {
    for (name, parts) in [
        ("mouse", &["species mouse: Mouse", "animal for compartment models mouse: Human"][..]),
        ("aldesleukin", &["ligand aldesleukin: ", "pharmacokinetics aldesleukin: "]),
        ("treg", &["cell treg: ", "population treg: "]),
        ("toxicity", &["patient toxicity: parameters of the patient", "90 mmHg"]),
        ("variability", &["patient variability: "]),
        ("tkach2014", &["model tkach2014 of a whole well: ", "@article{tkach2014"]),
        ("kuznetsov-1994", &["model kuznetsov-1994 of a tumour: ", "BCL1"]),
    ] {
        let text = printed(&il2(&["list", name]));
        for part in parts {
            assert!(text.contains(part), "{name}: {part}\n{text}");
        }
        // A reference is BibTeX, whose lines are not broken.
        let mut lines = text.lines().take_while(|line| !line.starts_with('@'));
        assert!(lines.all(|line| line.chars().count() <= 100), "{name}\n{text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&printed(&il2(&["list", "toxicity", "--json"]))).unwrap();
    assert_eq!(json["parameters"]["pressure"]["value"], "90 mmHg");
    assert_eq!(json["others"], serde_json::json!([]));
    let patient: serde_json::Value =
        serde_json::from_str(&printed(&il2(&["list", "patient", "--json"]))).unwrap();
    assert!(patient["species"]["mouse"].is_object() && patient["animals"]["mouse"].is_object());
}

#[test]
fn every_study_of_the_repository_is_sound() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("studies")).unwrap() {
        let path = entry.unwrap().path();
        // The folder may also contain a table that the study reads.
        if path.extension().is_some_and(|e| e == "toml") {
            printed(&il2(&["check", path.to_str().unwrap()]));
            count += 1;
        }
    }
    assert!(count >= 6);
}

#[test]
fn a_new_study_is_sound_and_never_replaces_a_file() {
    let scratch = tempfile::tempdir().unwrap();
    for kind in [
        "dose-response",
        "time-course",
        "washout",
        "culture",
        "activation",
        "trial",
        "tumour-model",
        "receptor-sweep",
        "affinity-sweep",
        "event-table",
        "regimen",
        "fit",
        "population-fit",
        "noncompartmental",
        "sensitivity",
        "design",
        "sbml",
    ] {
        let file = scratch.path().join(format!("{kind}.toml"));
        let path = file.to_str().unwrap();
        printed(&il2(&["new", kind, path]));
        let told = printed(&il2(&["check", path]));
        if kind == "noncompartmental" {
            assert!(told.contains("of 12 subjects, without simulations"), "{told}");
        }
        let again = il2(&["new", kind, path]);
        assert_eq!(again.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&again.stderr).contains("already exists"));
    }
}

#[test]
fn il2_design_asks_for_a_search() {
    let output = il2(&["design", "studies/01-dose-response.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("has no assay of kind \"design\"; `il2 new design` writes a template"),
        "{said}"
    );
}

#[test]
fn citations_are_bibtex_with_balanced_braces() {
    for arguments in [&["cite"][..], &["cite", "studies/01-dose-response.toml"]] {
        let text = printed(&il2(arguments));
        let count = |c| text.matches(c).count();
        assert!(count('@') >= 5 && count('{') == count('}'), "{text}");
        assert!(text.contains("@article{farhat2021"), "{text}");
    }
}

#[test]
fn a_validation_that_fails_ends_with_1() {
    let scratch = tempfile::tempdir().unwrap();
    let from = root().join("validation/otero1997");
    for file in ["study.toml", "published.toml"] {
        let text = std::fs::read_to_string(from.join(file)).unwrap();
        std::fs::write(
            scratch.path().join(file),
            text.replace("published = 2.5", "published = 2.9"),
        )
        .unwrap();
    }
    let output = il2(&["validate", scratch.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("FAILS"));
}

#[test]
fn completions_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(printed(&il2(&["completions", shell])).contains("il2"));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_il2"))
        .args(["cite"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_cleanly() {
    let folder = std::env::temp_dir().join(format!("il2-stop-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let study = folder.join("study.toml");
    let long = STUDY.replace("draws = 10", "draws = 2000").replace(
        "[\"1 pM\", \"30 pM\", \"1 nM\", \"30 nM\"]",
        "{ from = \"1 pM\", to = \"1 uM\", points = 60 }",
    );
    std::fs::write(&study, long).unwrap();
    let out = folder.join("out");
    let mut child = Command::new(env!("CARGO_BIN_EXE_il2"))
        .args(["run", study.to_str().unwrap(), "--out", out.to_str().unwrap()])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(child.try_wait().unwrap().is_none(), "the study is too short to be stopped");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let end = child.wait_with_output().unwrap();
    assert_eq!(end.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&end.stderr).contains("stopped:"));
    assert!(!out.exists(), "no partial results were left");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_renamed_assay_leaves_no_old_files_behind() {
    let folder = std::env::temp_dir().join(format!("il2-stale-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    let first = names(&run_into(&folder, "1"));
    std::fs::write(folder.join("1/notes.txt"), "mine").unwrap();
    let study = folder.join("study.toml");
    std::fs::write(&study, STUDY.replace("[assay.time]", "[assay.course]")).unwrap();
    let out = folder.join("1");
    printed(&il2(&["run", study.to_str().unwrap(), "--out", out.to_str().unwrap()]));
    let now: Vec<String> = std::fs::read_dir(&out)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(first.contains(&"time.csv".to_string()));
    assert!(!now.contains(&"time.csv".to_string()) && now.contains(&"course.csv".to_string()));
    assert!(now.contains(&"notes.txt".to_string()), "what is not ours stays");
    std::fs::remove_dir_all(folder).unwrap();
}

/// A small fit of wells that takes seconds, in many pieces.
const FIT: &str = "version = 1\nquestion = \"Which rates?\"\n[ligands.il2]\nfrom = \"il2\"\n\
    [cells.nk]\nfrom = \"nk\"\n[assay.rates]\nkind = \"fit\"\nstarts = 6\nchains = 2\nwarmup = 60\n\
    draws = 150\n[assay.rates.parameters]\nk_internalise = { prior = [\"0.02 /min\", \"0.4 /min\"] }\n\
    il2r_beta_number = { prior = [\"1000 /cell\", \"20000 /cell\"] }\n[assay.rates.measured.wells]\n\
    table = \"wells.csv\"\nof = \"wells\"\nreadout = \"signalling_complexes\"\n\
    units = { dose = \"nM\", time = \"h\", value = \"/cell\" }\n";

#[test]
fn il2_fit_refuses_a_study_without_a_fit() {
    let output = il2(&["fit", "studies/01-dose-response.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("has no assay of kind \"fit\" or \"population-fit\"; `il2 new fit`"),
        "{said}"
    );
}

/// A fit to measurements so precise that no density is finite.
#[test]
fn a_fit_that_fails_at_every_start_is_no_success_and_deletes_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    let study = "version = 1\nquestion = \"Which rate?\"\n[ligands.il2]\nfrom = \"il2\"\n\
        [cells.nk]\nfrom = \"nk\"\n[assay.rate]\nkind = \"fit\"\nstarts = 2\nchains = 0\n\
        [assay.rate.parameters]\nk_internalise = { prior = [\"0.05 /min\", \"0.2 /min\"] }\n\
        [assay.rate.measured.wells]\ntable = \"wells.csv\"\nof = \"wells\"\nerror = \"absolute\"\n\
        readout = \"signalling_complexes\"\n\
        units = { dose = \"nM\", time = \"h\", value = \"/cell\" }\n[output]\nfigures = false\n";
    std::fs::write(at("study.toml"), study).unwrap();
    let run = |command: &str, sd: &str| {
        let table = format!("dose,time,value,sd\n1,1,900,{sd}\n1,4,500,{sd}\n");
        std::fs::write(at("wells.csv"), table).unwrap();
        let (study, out) = (at("study.toml"), at("out"));
        il2(&[command, study.to_str().unwrap(), "--out", out.to_str().unwrap()])
    };
    let files = || {
        let entries = std::fs::read_dir(at("out")).unwrap().map(|e| e.unwrap().path());
        let own = entries.filter(|p| !p.to_string_lossy().contains(".unfinished"));
        let mut all: Vec<_> =
            own.map(|p| (p.clone(), std::fs::read(p).unwrap_or_default())).collect();
        all.sort();
        all
    };
    printed(&run("fit", "90"));
    let before = files();
    assert!(before.len() > 3);
    for command in ["fit", "run"] {
        let failed = run(command, "1e-300");
        let said = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert_eq!(failed.status.code(), Some(3), "{said}");
        assert!(
            said.contains("assay.rate: the model could not be simulated from any starting point"),
            "{said}"
        );
        assert_eq!(files(), before);
    }
    let kept = std::fs::read_to_string(at("out").join("fit.unfinished.jsonl")).unwrap();
    assert_eq!(kept.lines().count(), 3, "{kept}");
    // With two searches and no chains, nothing that requires chains is reported.
    printed(&run("fit", "90"));
    let summary = std::fs::read_to_string(at("out").join("summary.json")).unwrap();
    assert!(summary.contains("\"spread_left\": null") && !summary.contains("\"spread_left\": 0"));
}

#[test]
fn nothing_in_a_file_is_obeyed_by_the_terminal() {
    let scratch = tempfile::tempdir().unwrap();
    let table =
        "ID,TIME,AMT,N\u{1b}[2JOTE\n\u{1b}]0;owned\u{7}1,0,100,\n\u{1b}]0;owned\u{7}1,1,0,\n";
    std::fs::write(scratch.path().join("doses.csv"), table).unwrap();
    let study = scratch.path().join("study.toml");
    let text = "version = 1\nquestion = \"Is it \\u001b[31mred\\u009b2J?\"\n[assay.pk]\n\
                kind = \"event-table\"\ntable = \"doses.csv\"\nmodel = \"one-compartment\"\n\
                units = { time = \"h\", amount = \"mg\" }\n\
                parameters = { clearance = \"1 L/h\", volume = \"20 L\" }\n";
    std::fs::write(&study, text).unwrap();
    let (study, out) = (study.to_str().unwrap(), scratch.path().join("out"));
    for arguments in [
        &["run", study, "--out", out.to_str().unwrap()][..],
        &["run", study, "--out", out.to_str().unwrap(), "--json"],
        &["check", study],
        &["check", study, "--full"],
        &["check", study, "--json"],
    ] {
        let text = printed(&il2(arguments));
        let odd = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(odd, None, "{arguments:?}: {text}");
        assert!(text.contains("31mred"), "{arguments:?}: {text}");
    }
    // Messages on standard error are also checked.
    std::fs::write(scratch.path().join("doses.csv"), "ID,TIME,AMT\n1,\u{1b}[31mnow,100\n").unwrap();
    let said = il2(&["check", study]).stderr;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("\\u{1b}[31mnow") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn check_is_short_unless_all_is_asked_for() {
    let lines = |arguments: &[&str]| printed(&il2(arguments)).lines().count();
    for study in ["studies/01-dose-response.toml", "studies/07-regimens.toml"] {
        let (short, full) = (lines(&["check", study]), lines(&["check", study, "--full"]));
        assert!(short <= 60 && full > 2 * short, "{study}: {short} of {full}");
    }
    let text = printed(&il2(&["check", "studies/02-time-course.toml"]));
    assert!(text.contains("k_recycle_ligand") && text.contains("(library: 0 /min)"), "{text}");
    assert!(text.contains("assumed") && text.contains("il2 + il15 on treg"), "{text}");
}

#[test]
fn a_report_says_what_was_checked_and_what_its_models_do_not_meet() {
    let scratch = tempfile::tempdir().unwrap();
    let files = run_into(scratch.path(), "2");
    let of = |name: &str| {
        let file = files.iter().find(|f| f.0 == name).unwrap();
        String::from_utf8(file.1.clone()).unwrap()
    };
    let report = of("report.html");
    assert!(report.contains("every simulation succeeded"), "the checks are named");
    assert!(
        report.contains("All checks of the run passed") && !report.contains("All checks passed.")
    );
    assert!(report.contains("Known misfits of the models in use"));
    assert!(report.contains("the measured potency on NK cells increases 13-fold"));
    let summary: serde_json::Value = serde_json::from_str(&of("summary.json")).unwrap();
    assert_eq!(summary["simulations_failed"], 0);
    assert_eq!(summary["assays"]["dose"]["simulations_failed"], 0);
}

/// Tests that take minutes: `cargo test --workspace -- --ignored long::`.
mod long {
    use super::*;

    #[test]
    #[ignore = "takes minutes"]
    fn a_fit_that_is_killed_and_started_again_leaves_the_same_files() {
        let scratch = tempfile::tempdir().unwrap();
        let table = "dose,time,value\n0.05,1,90\n1,1,900\n20,1,2500\n1,4,500\n20,4,1100\n";
        std::fs::write(scratch.path().join("wells.csv"), table).unwrap();
        let study = scratch.path().join("study.toml");
        std::fs::write(&study, FIT).unwrap();
        let fit = |out: &Path, threads: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_il2"));
            command.args(["fit", study.to_str().unwrap(), "--out", out.to_str().unwrap()]);
            command.args(["--threads", threads]).stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let read = |folder: &Path| {
            let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
            let mut all: Vec<_> = entries.map(|p| (p.clone(), std::fs::read(p).unwrap())).collect();
            all.sort();
            let name = |p: PathBuf| p.file_name().unwrap().to_owned();
            all.into_iter().map(|(p, bytes)| (name(p), bytes)).collect::<Vec<_>>()
        };
        let whole = scratch.path().join("whole");
        assert!(fit(&whole, "1").wait().unwrap().success());
        let killed = scratch.path().join("killed");
        let kept = killed.join("fit.unfinished.jsonl");
        let lines = || std::fs::read_to_string(&kept).map_or(0, |text| text.lines().count());
        // The fit is killed repeatedly: after the first piece, and then after every two more.
        for pieces in [1, 3, 5] {
            let mut child = fit(&killed, "2");
            while lines() <= pieces && child.try_wait().unwrap().is_none() {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            let _ = child.kill();
            child.wait().unwrap();
        }
        let output = fit(&killed, "2").wait_with_output().unwrap();
        assert!(output.status.success());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("continues after") && said.contains("per second"), "{said}");
        assert!(read(&killed) == read(&whole), "same files, same bytes, and no pieces left over");
    }

    #[test]
    #[ignore = "takes minutes"]
    fn every_backend_and_every_c_library_gives_the_same_bytes() {
        let scratch = tempfile::tempdir().unwrap();
        let study = scratch.path().join("study.toml");
        std::fs::write(&study, NUMBERS).unwrap();
        let run = |set: &[(&str, &str)]| files_with(&study, &scratch.path().join("out"), set);
        let usual = run(&[]).unwrap();
        assert!(
            usual.iter().any(|(name, bytes)| name == "people_patients.csv" && bytes.len() > 3000)
        );
        // The GNU C library uses other exponential functions if it is told that the processor lacks
        // fused multiply-add.
        let plain = ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4");
        let ways = [
            vec![("IL2_BACKEND", "interpreter")],
            vec![("IL2_BACKEND", "interpreter"), plain],
            vec![("IL2_BACKEND", "avx2")],
            vec![("IL2_BACKEND", "avx512")],
        ];
        for (k, way) in ways.iter().enumerate() {
            match run(way) {
                Ok(files) => {
                    for (a, b) in usual.iter().zip(&files) {
                        assert!(a == b, "{way:?}: {} and {} differ", a.0, b.0);
                    }
                    assert_eq!(usual.len(), files.len());
                }
                Err(said) => {
                    assert!(
                        k > 1 && said.contains("does not support; use one of interpreter"),
                        "{said}"
                    )
                }
            }
        }
        let said = run(&[("IL2_BACKEND", "sse")]).unwrap_err();
        let wanted = "error: IL2_BACKEND: \"sse\" is not known; use one of interpreter";
        assert!(said.starts_with(wanted), "{said}");
    }
}
