//! Any study uses as many threads as requested, and gives the same bytes on any number of threads,
//! both from the study and from its request.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A small study with every kind of assay, including patients and a fit.
const STUDY: &str = r#"
version = 1
question = "Is it the same on any number of threads?"
seed = 4

[ligands.aldesleukin]
from = "aldesleukin"

[cells.treg]
from = "treg"

[cells.nk]
from = "nk"

[regimens.low]
ligand = "aldesleukin"
dose = "1 MIU/m2"
route = "subcutaneous"
every = "1 d"
doses = 5

[regimens.high]
ligand = "aldesleukin"
dose = "600000 IU/kg"
route = "infusion"
duration = "15 min"
every = "8 h"
doses = 4

[assay.blood]
kind = "regimen"
patients = 20
rules = "hold"
times = { from = "0 d", to = "7 d", points = 8 }

[assay.chosen]
kind = "regimen"
regimens = ["low"]
patients = 100
times = ["0 d", "2 d"]

[assay.chosen.population]
method = "walk"
targets = [{ readout = "treg_fold", time = "2 d", range = ["1.01", "4"] }]

[assay.doses]
kind = "event-table"
table = "doses.csv"
model = "one-compartment"
units = { time = "h", amount = "mg" }
parameters = { clearance = "1 L/h", volume = "20 L" }

[assay.curve]
kind = "dose-response"
doses = ["1 pM", "30 pM", "1 nM", "30 nM"]
times = ["1 h"]
intervals = { draws = 10 }

[assay.course]
kind = "time-course"
doses = ["1 pM", "10 pM", "100 pM"]
times = ["0 min", "10 min", "1 h"]

[assay.counts]
kind = "receptor-sweep"
chain = "il2r_alpha"
numbers = { from = "100 /cell", to = "10000 /cell", points = 4 }
doses = { from = "1 pM", to = "10 nM", points = 9 }
time = "1 h"

[assay.gap]
kind = "sensitivity"
ligand = "aldesleukin"
cells = ["treg", "nk"]
of = "selectivity"
doses = { from = "1 pM", to = "10 nM", points = 7 }
times = ["1 h"]
method = "sobol"
samples = 16
parameters = { k_forward = "posterior", "treg.receptors.il2r_alpha" = ["1000 /cell", "5000 /cell"] }

[assay.growth]
kind = "fit"
starts = 3
chains = 0

[assay.growth.parameters]
"treg.growth" = { prior = ["0.1 /d", "1.5 /d"] }

[assay.growth.measured.counts]
table = "counts.csv"
of = "patients"
units = { time = "d" }
"#;

const DOSES: &str = "ID,TIME,EVID,AMT,RATE,II,ADDL\n1,0,1,100,0,12,4\n1,60,0,0,0,0,0\n\
                     2,0,1,100,50,0,0\n2,60,0,0,0,0,0\n3,0,1,50,0,0,0\n3,5,0,0,0,0,0\n";

const COUNTS: &str =
    "regimen,readout,time,low,high\nlow,treg_fold,4,1.2,3\nlow,treg_fold,7,1.1,3\n";

/// Whether a thread of the program does work: some threads only wait for a signal or to report a
/// long part, and a thread that has just started may not have its name yet.
fn works(task: &std::io::Result<std::fs::DirEntry>) -> bool {
    let Ok(task) = task else { return false };
    let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
    let nanoseconds: u64 =
        read("schedstat").split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    nanoseconds >= 1_000_000 && !["signals", "told"].contains(&read("comm").trim())
}

/// Name and content of every file of the results, and the most threads that worked at once.
fn run(study: &Path, threads: &str) -> (Vec<(String, Vec<u8>)>, usize) {
    let out = study.with_file_name(threads);
    let mut child = Command::new(env!("CARGO_BIN_EXE_il2"))
        .arg("run")
        .arg(study)
        .arg("--out")
        .arg(&out)
        .args(["--threads", threads])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // If the system does not list threads, only the bytes are compared.
    let tasks = format!("/proc/{}/task", child.id());
    // Six observations in a row: on a busy machine the threads of one assay may still be ending
    // when those of the next begin.
    let (mut most, mut last) = (0, [0; 6]);
    let ended = loop {
        last.rotate_left(1);
        last[5] = std::fs::read_dir(&tasks).map_or(0, |all| all.filter(works).count());
        most = most.max(last.into_iter().min().unwrap_or(0));
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    assert!(ended.success());
    let files = std::fs::read_dir(out).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> = files
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap()))
        .collect();
    files.sort();
    (files, most)
}

#[test]
fn every_assay_keeps_to_its_threads_and_gives_the_same_bytes_on_any_number_and_from_its_request() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, text) in [("study.toml", STUDY), ("doses.csv", DOSES), ("counts.csv", COUNTS)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let (study, request) = (folder.join("study.toml"), folder.join("sent").join("study.json"));
    // The request is moved to a folder without the tables.
    std::fs::create_dir(request.parent().unwrap()).unwrap();
    let mut write = Command::new(env!("CARGO_BIN_EXE_il2"));
    assert!(write.arg("request").args([&study, &request]).status().unwrap().success());
    let (one, alone) = run(&study, "1");
    for wanted in [
        "blood.csv",
        "chosen.csv",
        "doses.csv",
        "curve.csv",
        "counts.csv",
        "growth_predictions.csv",
    ] {
        assert!(one.iter().any(|(name, _)| name == wanted), "{wanted} is missing");
    }
    assert!(alone <= 1, "{alone} threads where one was asked for");
    for (study, count, threads) in [(&study, 2, "2"), (&request, 3, "3")] {
        let (other, most) = run(study, threads);
        let names = one.iter().zip(&other).find(|(a, b)| a != b).map(|(a, _)| &a.0);
        assert!(other == one, "{names:?} differs between one and {threads} threads");
        assert!(most <= count, "{most} threads where {threads} were asked for");
        if cfg!(target_os = "linux") {
            assert!(most == count, "never more than {most} threads where {threads} were asked for");
        }
    }
}
