//! A study written as a request contains all that it reads and gives the same results. Also tests
//! which setups are prepared.

use il2::culture::PREPARED;
use il2_assay::Plan;
use il2_engine::program::shared::MADE;
use il2_study::study::Request;
use il2_study::{Library, Study};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

fn il2(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_il2")).args(arguments).output().unwrap()
}

fn studies() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> =
        entries.filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    all.sort();
    assert!(all.len() >= 8, "{all:?}");
    all
}

/// Name and content of every file of a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |p: &PathBuf| p.file_name().unwrap().to_string_lossy().into_owned();
    let mut all: Vec<_> = entries.map(|p| (name(&p), std::fs::read(p).unwrap())).collect();
    all.sort();
    all
}

/// Prepared setups are counted for the whole process, so only one test may run at a time.
static COUNTED: Mutex<()> = Mutex::new(());

#[test]
fn nothing_of_a_study_is_prepared_twice() {
    let _alone = COUNTED.lock().unwrap();
    let count = || PREPARED.load(Ordering::Relaxed);
    let text = r#"
version = 1
question = "Is anything prepared twice?"
ligands.native.from = "il2"
ligands.mutein.from = "wt-n-fc"
cells.treg.from = "treg"
cells.nk.from = "nk"

[assay.dose]
kind = "dose-response"
doses = ["1 pM", "30 pM", "1 nM"]
times = ["30 min", "1 h"]
intervals = { draws = 10 }

[assay.course]
kind = "time-course"
doses = ["1 pM", "10 pM"]
times = ["0 min", "10 min"]

[assay.counts]
kind = "receptor-sweep"
chain = "il2r_alpha"
numbers = { from = "100 /cell", to = "10000 /cell", points = 5 }
doses = ["1 pM", "30 pM", "1 nM"]
time = "10 min"

[assay.map]
kind = "affinity-sweep"
ligand = "native"
cells = ["treg", "nk"]
alpha = { from = "1 nM", to = "1 uM", points = 4 }
beta = { from = "10 nM", to = "1 uM", points = 3 }
doses = ["1 pM", "30 pM", "1 nM"]
time = "10 min"
"#;
    let library = Library::builtin();
    let before = count();
    let study = Study::parse("study.toml".as_ref(), text, library).unwrap();
    let plans = il2_assay::plans(&study).unwrap();
    // Pairs of the dose-response and the time course, and both ends of either sweep.
    let planned = [4, 4, 8, 4];
    let prepared: Vec<usize> = plans.iter().map(|(_, plan)| plan.prepared().len()).collect();
    assert_eq!((prepared.as_slice(), count() - before), (&planned[..], 20));
    let inputs = il2_report::inputs::inputs(&study, &plans);
    assert!(inputs.len() > 4 && plans.iter().all(|(_, plan)| plan.doubts(&study).len() < 20));
    assert_eq!(count() - before, 20, "nothing more for `il2 check`");
    let run = |plan: &Plan| plan.run(&study, &|_| {});
    let results: Vec<_> = plans.iter().map(|(name, plan)| (name.clone(), run(plan))).collect();
    il2_report::report::page(&study, &plans, &results, &[]);
    // Three numbers of four pairs, ten points of two maps and the unchanged ligand; all draws share
    // one network.
    assert_eq!(
        count() - before,
        20 + 12 + 20 + 2,
        "a run adds its draws and what lies between ends"
    );
}

/// Wells, patients, cultures and tumours alike: planning compiles every network, running compiles
/// none, and a second study with the same networks compiles none either.
#[test]
fn no_network_is_compiled_twice() {
    let _alone = COUNTED.lock().unwrap();
    let made = || MADE.load(Ordering::Relaxed);
    let names = [
        "02-time-course",
        "06-event-table",
        "07-regimens",
        "11-culture",
        "12-activation",
        "14-tumour-model",
    ];
    for path in studies() {
        if !names.contains(&path.file_stem().unwrap().to_str().unwrap()) {
            continue;
        }
        let study = Study::read(&path).unwrap();
        let plans = il2_assay::plans(&study).unwrap();
        let before = made();
        plans.iter().for_each(|(_, plan)| drop(plan.run(&study, &|_| {})));
        let again = il2_assay::plans(&study).unwrap();
        assert_eq!(again.len(), plans.len());
        assert_eq!(made() - before, 0, "{}", path.display());
    }
}

#[test]
fn every_study_is_read_back_from_its_request_with_its_tables() {
    let _alone = COUNTED.lock().unwrap();
    for path in studies() {
        let study = Study::read(&path).unwrap();
        let request = Request::of(&study).unwrap();
        let back = Request::from_json("request.json".as_ref(), &request.to_json()).unwrap();
        assert_eq!(back, request);
        let resolved = back.resolve("request.json".as_ref(), Library::builtin()).unwrap();
        assert_eq!((&resolved.text, &resolved.hash), (&study.text, &study.hash));
        assert_eq!(Request::of(&resolved).unwrap(), request);
        let lanes = |study: &Study| -> Vec<usize> {
            il2_assay::plans(study).unwrap().iter().map(|(_, plan)| plan.lanes()).collect()
        };
        assert_eq!(lanes(&resolved), lanes(&study), "{}", path.display());
    }
}

#[test]
fn what_is_no_request_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (study, request) = (&studies()[5], folder.path().join("request.json"));
    assert!(il2(&["request".as_ref(), study, &request]).status.success());
    let whole = std::fs::read_to_string(&request).unwrap();
    let refused = |text: &str| {
        std::fs::write(&request, text).unwrap();
        let output = il2(&["check".as_ref(), &request]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&whole[..whole.len() / 2]).contains("create it again with `il2 request"));
    assert!(refused("{\"a\": 1}").contains("unknown field `a`"));
    // A changed digit in a table, and one in the study: still valid JSON, but no longer the
    // original content.
    let damaged = [("bolus,0,1,1.73,", "bolus,0,1,1.78,"), ("version = 1", "version = 2")];
    for (good, bad) in damaged {
        let said = refused(&whole.replacen(good, bad, 1));
        assert!(said.contains("is damaged or was changed by hand"), "{good}: {said}");
        assert!(said.contains("create it again with `il2 request STUDY`"), "{said}");
    }
    let at = whole.find("\"content_sha256\":\"").unwrap();
    let without = format!("{}{}", &whole[..at], &whole[at + 84..]);
    assert!(refused(&without).contains("has no content_sha256"), "{without}");
    let whole_request = Request::from_json(&request, &whole).unwrap();
    let sealed = |change: &dyn Fn(&mut Request)| {
        let mut other = whole_request.clone();
        change(&mut other);
        other.sealed().to_json()
    };
    let other = sealed(&|r| {
        let text = r.tables.remove("06-event-table.csv").unwrap();
        r.tables.insert("other.csv".into(), text);
    });
    assert!(
        refused(&other).contains("06-event-table.csv: is not among the tables of this request")
    );
    // Errors in the study that a request carries are reported in the request, whichever step finds
    // them.
    let with = |good: &str, bad: &str| sealed(&|r| r.study = r.study.replacen(good, bad, 1));
    let said = refused(&with("version = 1", "version = 2"));
    assert!(
        said.contains("request.json: in this request, 06-event-table.toml:3: version: 2 is not"),
        "{said}"
    );
    let said = refused(&with("two-compartment", "no-compartment"));
    assert!(said.contains("request.json: in this request, 06-event-table.toml:"), "{said}");
    let at = whole.find("\"library_sha256\":\"").unwrap() + 19;
    let other = format!("{}{}{}", &whole[..at], "0".repeat(8), &whole[at + 8..]);
    assert!(refused(&other).contains("another version of the library"));
    let other = whole.replacen("\"request\":1", "\"request\":2", 1);
    assert!(refused(&other).contains("a request of format 2"));
    let twice = il2(&["request".as_ref(), study, &request]);
    assert!(
        String::from_utf8_lossy(&twice.stderr).contains("already exists and is not overwritten")
    );
}

/// Tests that take minutes: `cargo test --workspace -- --ignored long::`.
mod long {
    use super::*;

    #[test]
    #[ignore = "takes minutes"]
    fn every_study_gives_the_same_bytes_from_its_request() {
        let folder = tempfile::tempdir().unwrap();
        // Tables and models are beside the studies, and some studies share one.
        for path in studies() {
            for beside in std::fs::read_dir(path.parent().unwrap()).unwrap() {
                let beside = beside.unwrap().path();
                if beside.extension().is_some_and(|end| end == "csv" || end == "xml") {
                    std::fs::copy(&beside, folder.path().join(beside.file_name().unwrap()))
                        .unwrap();
                }
            }
        }
        for path in studies() {
            let name = path.file_stem().unwrap();
            let study = folder.path().join(name).with_extension("toml");
            // A fit with few draws tests the same request.
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("starts = 4", "starts = 1\nprofiles = false");
            let text = text.replace("chains = 2", "chains = 0");
            std::fs::write(&study, text).unwrap();
            // A folder without the study and its tables: the request carries them.
            let elsewhere = tempfile::tempdir().unwrap();
            let request = elsewhere.path().join("sent.json");
            let sent = il2(&["request".as_ref(), &study, &request]);
            let said = String::from_utf8_lossy(&sent.stderr);
            assert!(sent.status.success(), "{}: {said}", study.display());
            let run = |study: &Path| {
                let out = elsewhere.path().join("out");
                let output = il2(&["run".as_ref(), study, "--out".as_ref(), &out]);
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{}: {said}", study.display());
                let found = files(&out);
                std::fs::remove_dir_all(out).unwrap();
                found
            };
            let (one, other) = (run(&study), run(&request));
            assert!(one.len() > 3 && one == other, "{}", path.display());
        }
    }
}
