//! The folder of results; exceeds 400 lines because all its campaigns kill and compare with the
//! same helpers. The folder is complete at every instant, belongs to one run at a time, and keeps
//! the user's files.

use il2_output::folder::{Folder, HAS_KILL_POINTS, MANIFEST};
use il2_study::hash::sha256;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Files of a run: some with names that every run has, and one with a unique name.
fn content(run: &str) -> Vec<(String, String)> {
    let shared =
        ["answer.csv", "answer.svg"].map(|name| (name.to_string(), format!("{run} {name}")));
    shared.into_iter().chain([(format!("{run}.csv"), format!("only of {run}"))]).collect()
}

fn leave(folder: &Path, run: &str) -> Result<(), il2_output::folder::FolderError> {
    let files = content(run);
    let names: Vec<String> = files.iter().map(|f| f.0.clone()).collect();
    let folder = Folder::take(folder, &names, None)?;
    let mut staged = folder.stage()?;
    for (name, text) in &files {
        staged.bytes(name, text.as_bytes())?;
    }
    let listed =
        staged.files.iter().map(|f| serde_json::json!({"file": f.name, "sha256": f.sha256}));
    let listed: Vec<_> = listed.collect();
    let manifest = serde_json::json!({"program": "il2 test", "run": run, "files": listed});
    staged.bytes(MANIFEST, manifest.to_string().as_bytes())?;
    staged.swap().map(drop)
}

/// Not a test by itself, but the run of a process that other tests start and kill.
#[test]
fn a_process_of_its_own() {
    let Some(folder) = std::env::var_os("FOLDER") else { return };
    if let Some(inside) = std::env::var_os("STAND_IN") {
        std::env::set_current_dir(inside).unwrap();
    }
    match leave(Path::new(&folder), &std::env::var("RUN").unwrap()) {
        Ok(()) => println!("left"),
        Err(e) => println!("refused: {e}"),
    }
}

fn process(folder: &Path, run: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_process_of_its_own", "--nocapture"]);
    command.env("FOLDER", folder).env("RUN", run).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut all: Vec<String> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

/// The run to which the results in the folder belong, after reading all of them; none without a
/// manifest.
fn found(folder: &Path) -> Option<String> {
    let manifest = std::fs::read(folder.join(MANIFEST)).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let run = manifest["run"].as_str().unwrap();
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len(), content(run).len());
    for (file, (name, text)) in listed.iter().zip(content(run)) {
        assert_eq!(file["file"].as_str().unwrap(), name);
        assert_eq!(std::fs::read_to_string(folder.join(&name)).unwrap(), text);
        assert_eq!(file["sha256"].as_str().unwrap(), sha256(text.as_bytes()));
    }
    Some(run.to_string())
}

/// Creates files of the user and of a fit in a folder.
fn keep(folder: &Path, subfolder: bool) {
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    std::fs::write(folder.join("fit.unfinished.jsonl"), "key\n").unwrap();
    if subfolder {
        std::fs::create_dir(folder.join("more")).unwrap();
        std::fs::write(folder.join("more/notes.txt"), "mine too").unwrap();
    }
}

fn assert_kept(folder: &Path, subfolder: bool) {
    assert_eq!(std::fs::read_to_string(folder.join("notes.txt")).unwrap(), "mine");
    assert_eq!(std::fs::read_to_string(folder.join("fit.unfinished.jsonl")).unwrap(), "key\n");
    if subfolder {
        assert_eq!(std::fs::read_to_string(folder.join("more/notes.txt")).unwrap(), "mine too");
    }
}

/// Ways in which the exchange of a folder succeeds or is prevented.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Case {
    New,
    Exchanged,
    WithNotes,
    WithSubfolder,
    StandsIn,
}

#[test]
fn a_kill_at_any_step_leaves_a_whole_run_and_the_next_one_is_as_if_nothing_had_been() {
    if !HAS_KILL_POINTS {
        println!(
            "skipped: this build has no points to be killed at; set IL2_KILL_POINTS and build it again"
        );
        return;
    }
    for case in [Case::New, Case::Exchanged, Case::WithNotes, Case::WithSubfolder, Case::StandsIn] {
        let mut steps = 0;
        loop {
            let scratch = tempfile::tempdir().unwrap();
            let folder = scratch.path().join("results");
            if case != Case::New {
                leave(&folder, "old").unwrap();
            }
            let (kept, subfolder) = (
                matches!(case, Case::WithNotes | Case::WithSubfolder),
                case == Case::WithSubfolder,
            );
            if kept {
                keep(&folder, subfolder);
            }
            let mut killed = process(&folder, "new");
            if case == Case::StandsIn {
                killed.env("STAND_IN", &folder);
            }
            let output = killed.env("IL2_END_AT", steps.to_string()).output().unwrap();
            let at = format!("{case:?} killed at step {steps}: {:?}", names(&folder));
            let run = found(&folder);
            let one_by_one = matches!(case, Case::WithSubfolder | Case::StandsIn);
            match run.as_deref() {
                Some("new") => {}
                Some("old") => assert!(case != Case::New, "{at}"),
                None => assert!(one_by_one || case == Case::New && !folder.exists(), "{at}"),
                other => panic!("{at}: {other:?}"),
            }
            if !one_by_one && let Some(run) = run {
                let mut whole: Vec<String> = content(&run).into_iter().map(|f| f.0).collect();
                whole.push(MANIFEST.into());
                whole.extend(kept.then(|| "notes.txt".into()));
                whole.extend(kept.then(|| "fit.unfinished.jsonl".into()));
                whole.sort();
                assert_eq!(names(&folder), whole, "{at}");
            }
            if kept {
                assert_kept(&folder, subfolder);
            }
            let next = ended(&process(&folder, "new").output().unwrap());
            assert!(next.contains("left"), "{at}: {next}");
            assert_eq!(found(&folder).as_deref(), Some("new"), "{at}");
            assert!(!folder.join("old.csv").exists(), "{at}");
            let all = 4 + if kept { 2 } else { 0 } + usize::from(subfolder);
            assert_eq!(names(&folder).len(), all, "{at}, then {:?}", names(&folder));
            assert_eq!(names(scratch.path()), ["results"], "{at}: nothing beside it");
            if kept {
                assert_kept(&folder, subfolder);
            }
            if output.status.success() {
                break;
            }
            assert_eq!(output.status.code(), Some(137), "{at}");
            steps += 1;
        }
        assert!(steps >= 7, "{case:?}: only {steps} steps");
    }
}

/// Number of rounds; `IL2_ROUNDS=1000` sets a long campaign.
fn rounds(few: usize) -> usize {
    std::env::var("IL2_ROUNDS").map_or(few, |n| n.parse().expect("a number of rounds"))
}

#[test]
fn two_runs_into_one_folder_leave_one_whole_run_or_a_refusal() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("results");
    let mut refused = 0;
    for round in 0..rounds(20) {
        let both = ["one", "two"].map(|run| process(&folder, run).spawn().unwrap());
        let both = both.map(|child| ended(&child.wait_with_output().unwrap()));
        let left: Vec<bool> = both.iter().map(|said| said.contains("left")).collect();
        assert!(left.contains(&true), "round {round}: {both:?}");
        for said in both.iter().filter(|said| !said.contains("left")) {
            assert!(said.contains("is being written by another run of il2; wait"), "{said}");
            refused += 1;
        }
        let run = found(&folder).expect("one whole run");
        assert!(left[usize::from(run == "two")], "round {round}: {run} is there and was refused");
        assert_eq!(names(&folder).len(), 4, "{:?}", names(&folder));
        assert_eq!(names(scratch.path()), ["results"]);
    }
    println!("{refused} of {} were refused", 2 * rounds(20));
}

/// Results are not kept beside a device.
#[cfg(unix)]
#[test]
fn in_place_of_a_device_a_folder_in_the_working_directory_is_offered() {
    let said = Folder::take(Path::new("/dev/null"), &[], None).unwrap_err().to_string();
    assert!(said.ends_with("(it is not a folder); use another folder: --out null-2"), "{said}");
}

#[test]
fn a_folder_in_use_is_refused_until_it_is_let_go() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("results");
    let held = Folder::take(&folder, &[], None).unwrap();
    let said = leave(&folder, "one").unwrap_err().to_string();
    let other = scratch.path().join("results-2");
    assert!(said.ends_with(&format!("use another folder: --out {}", other.display())), "{said}");
    leave(&other, "one").unwrap();
    drop(held);
    leave(&folder, "one").unwrap();
    assert_eq!(found(&folder).as_deref(), Some("one"));
}

#[test]
fn files_that_no_run_left_stay_and_are_never_written_over() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("results");
    std::fs::create_dir(&folder).unwrap();
    keep(&folder, true);
    let taken = Folder::take(&folder, &["answer.csv".to_string()], None).unwrap();
    let notes = taken.notes("hash");
    assert!(
        notes[0].contains("contains files that were not written by il2 (more and 1 more)"),
        "{notes:?}"
    );
    drop(taken);
    leave(&folder, "old").unwrap();
    leave(&folder, "new").unwrap();
    assert_eq!(found(&folder).as_deref(), Some("new"));
    assert!(!folder.join("old.csv").exists());
    assert_kept(&folder, true);
    // A user's file with a name that a run would write, in lower or upper case.
    std::fs::write(folder.join("OLD.csv"), "mine").unwrap();
    let said = leave(&folder, "old").unwrap_err().to_string();
    assert!(said.contains("contains a file \"OLD.csv\" that was not written by il2"), "{said}");
    assert_eq!(std::fs::read_to_string(folder.join("OLD.csv")).unwrap(), "mine");
    assert_eq!(found(&folder).as_deref(), Some("new"));
    // A manifest of another program.
    let other = scratch.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join(MANIFEST), "{\"name\": \"an extension\", \"files\": []}").unwrap();
    let said = leave(&other, "old").unwrap_err().to_string();
    assert!(said.contains("contains a file \"manifest.json\" that was not"), "{said}");
    assert_eq!(names(&other), [MANIFEST]);
}

#[test]
#[cfg(unix)]
fn a_folder_behind_a_link_keeps_its_link_and_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = tempfile::tempdir().unwrap();
    let (folder, link) = (scratch.path().join("far/away"), scratch.path().join("results"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o750)).unwrap();
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    leave(&link, "one").unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(found(&folder).as_deref(), Some("one"));
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o750);
    // A dangling link is refused before a run, not after it.
    let nowhere = scratch.path().join("nowhere");
    std::os::unix::fs::symlink(scratch.path().join("gone"), &nowhere).unwrap();
    assert!(leave(&nowhere, "one").unwrap_err().to_string().contains("cannot be written"));
}

#[test]
fn a_name_as_long_as_the_system_takes_is_taken() {
    let scratch = tempfile::tempdir().unwrap();
    let folder: PathBuf = scratch.path().join("n".repeat(250));
    leave(&folder, "old").unwrap();
    leave(&folder, "new").unwrap();
    assert_eq!(found(&folder).as_deref(), Some("new"));
    assert_eq!(names(scratch.path()).len(), 1);
}

// The program itself, killed at random moments.

const STUDY: &str = "version = 1\nquestion = \"Is it whole?\"\n[ligands.native]\nfrom = \"il2\"\n\
    [assay.dose]\nkind = \"dose-response\"\nmodel = \"fallon2000\"\nreadout = \"growth_fold\"\n\
    doses = [\"1 pM\", \"10 pM\", \"100 pM\"]\ntimes = [\"1 d\"]\n[output]\nfigures = false\n";

const FIT: &str = "version = 1\nquestion = \"Which rate?\"\n[ligands.il2]\nfrom = \"il2\"\n\
    [cells.nk]\nfrom = \"nk\"\n[assay.rates]\nkind = \"fit\"\nstarts = 3\nchains = 0\n\
    [assay.rates.parameters]\nk_internalise = { prior = [\"0.02 /min\", \"0.4 /min\"] }\n\
    [assay.rates.measured.wells]\ntable = \"wells.csv\"\nof = \"wells\"\n\
    readout = \"signalling_complexes\"\nunits = { dose = \"nM\", time = \"h\", value = \"/cell\" }\n\
    [output]\nfigures = false\n";

fn il2(command: &str, study: &Path, out: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_il2"));
    program.arg(command).arg(study).arg("--out").arg(out).args(["--threads", "1"]);
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    program
}

/// Every file with its bytes. Checks that the files named in the manifest have its checksums, and
/// that there are no others except those that a fit keeps.
fn whole(folder: &Path) -> Option<Vec<(String, Vec<u8>)>> {
    let read = |name: String| (name.clone(), std::fs::read(folder.join(name)).unwrap());
    let manifest = std::fs::read(folder.join(MANIFEST)).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let mut named = vec![MANIFEST.to_string()];
    for file in manifest["files"].as_array().unwrap() {
        let (name, bytes) = read(file["file"].as_str().unwrap().to_string());
        assert_eq!(file["sha256"].as_str().unwrap(), sha256(&bytes), "{name}");
        named.push(name);
    }
    let mut there = names(folder);
    there.retain(|n| !n.starts_with("fit.unfinished.jsonl"));
    named.sort();
    assert_eq!(there, named);
    Some(named.into_iter().map(read).collect())
}

#[test]
fn two_studies_of_one_name_do_not_take_each_others_folder() {
    let scratch = tempfile::tempdir().unwrap();
    let run = |study: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_il2"));
        program.current_dir(scratch.path()).args(["run", study]).output().unwrap()
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    for folder in ["a", "b"] {
        std::fs::create_dir(scratch.path().join(folder)).unwrap();
        let text = STUDY.replace("whole?", &format!("whole in {folder}?"));
        std::fs::write(scratch.path().join(folder).join("dose.toml"), text).unwrap();
    }
    let out = scratch.path().join("out/dose");
    assert!(run("a/dose.toml").status.success());
    let first = whole(&out).unwrap();
    let refused = run("b/dose.toml");
    assert_eq!(refused.status.code(), Some(2));
    let told = said(&refused);
    assert!(told.contains("contains the results of another study of the same name"), "{told}");
    assert!(told.trim_end().ends_with("--out out/dose-2"), "{told}");
    assert!(whole(&out).unwrap() == first);
    // A changed text of the same study is accepted without a notice.
    let changed = scratch.path().join("a/dose.toml");
    std::fs::write(&changed, STUDY.replace("100 pM", "200 pM")).unwrap();
    let again = run("a/dose.toml");
    assert!(again.status.success() && said(&again).is_empty(), "{}", said(&again));
    assert!(whole(&out).unwrap() != first);
    // Another study may write to an explicitly named folder, and reports whose results it replaces.
    let named = run("b/dose.toml");
    assert_eq!(named.status.code(), Some(2));
    let output = il2("run", &scratch.path().join("b/dose.toml"), &out).output().unwrap();
    assert!(output.status.success());
    let told = said(&output).replace('\n', " ");
    assert!(
        told.contains("replace those of a study with a different text")
            && told.contains("Is it whole?"),
        "{told}"
    );
    // A study that was moved is still the same study.
    assert!(run("a/dose.toml").status.success());
    std::fs::rename(&changed, scratch.path().join("dose.toml")).unwrap();
    assert!(run("dose.toml").status.success());
}

#[test]
#[cfg(target_os = "linux")]
fn a_standard_error_that_takes_nothing_changes_no_exit_code() {
    let scratch = tempfile::tempdir().unwrap();
    let study = scratch.path().join("study.toml");
    let program = env!("CARGO_BIN_EXE_il2");
    let code = |end: &str, study: &Path| {
        let line = format!("exec \"$0\" run \"$1\" --out \"$2\" {end}");
        let mut shell = Command::new("sh");
        let out = scratch.path().join("out");
        shell.args(["-c", &line, program]).args([study, &out]).stdout(Stdio::null());
        shell
    };
    let long = "version = 1\nquestion = \"Does it end?\"\n[ligands.native]\nfrom = \"il2\"\n\
        [cells.treg]\nfrom = \"treg\"\n[assay.dose]\nkind = \"dose-response\"\ntimes = [\"1 h\"]\n\
        doses = { from = \"1 pM\", to = \"1 uM\", points = 120 }\nintervals = { draws = 2000 }\n";
    for end in ["2>&-", "2>/dev/full"] {
        std::fs::write(&study, "version = 2").unwrap();
        assert_eq!(code(end, &study).status().unwrap().code(), Some(2), "{end}");
        std::fs::write(&study, long).unwrap();
        let mut child = code(end, &study).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(400));
        assert!(child.try_wait().unwrap().is_none(), "the study is too short to be stopped");
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{end}");
        assert!(!scratch.path().join("out").exists());
    }
    // A signal that was ignored stays ignored: a program started with nohup continues when the
    // terminal closes.
    std::fs::write(&study, STUDY).unwrap();
    let mut shell = Command::new("sh");
    let line = "trap '' HUP; \"$0\" run \"$1\" --out \"$2\" & sleep 0.02; kill -HUP $!; wait $!";
    shell.args(["-c", line, program]).args([&study, &scratch.path().join("hup")]);
    assert_eq!(shell.stdout(Stdio::null()).status().unwrap().code(), Some(0));
}

/// Tests that take minutes: `cargo test --workspace -- --ignored long::`.
mod long {
    use super::*;

    #[test]
    #[ignore = "takes minutes"]
    #[cfg(unix)]
    fn runs_and_fits_that_are_ended_at_any_moment_leave_nothing_half_and_the_next_ends_the_same() {
        let scratch = tempfile::tempdir().unwrap();
        let table = "dose,time,value\n0.05,1,90\n1,1,900\n20,1,2500\n1,4,500\n20,4,1100\n";
        std::fs::write(scratch.path().join("wells.csv"), table).unwrap();
        let (mut seed, mut ended, mut said_so) = (7_u64, 0, 0);
        for (command, text) in [("run", STUDY), ("fit", FIT)] {
            let (old, new) = (scratch.path().join("old.toml"), scratch.path().join("new.toml"));
            std::fs::write(&old, text.replace("question = \"", "question = \"Before: ")).unwrap();
            std::fs::write(&new, text).unwrap();
            let reference = scratch.path().join(format!("reference-{command}"));
            let begun = std::time::Instant::now();
            assert!(il2(command, &new, &reference).status().unwrap().success());
            let lasts = begun.elapsed().as_secs_f64();
            let reference = whole(&reference).unwrap();
            let home = scratch.path().join(command);
            std::fs::create_dir(&home).unwrap();
            let folder = home.join("results");
            assert!(il2(command, &old, &folder).status().unwrap().success());
            let before = whole(&folder).unwrap();
            for round in 0..rounds(9) {
                let signal = ["-KILL", "-TERM", "-INT"][round % 3];
                // Random delays (Knuth's linear congruential generator), up to slightly longer than
                // a run.
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let part = (seed >> 11) as f64 / (1_u64 << 53) as f64;
                let mut child = il2(command, &new, &folder).spawn().unwrap();
                std::thread::sleep(std::time::Duration::from_secs_f64(1.1 * lasts * part));
                let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
                let status = child.wait().unwrap();
                ended += usize::from(!status.success());
                let code = match signal {
                    "-TERM" => 143,
                    "-INT" => 130,
                    _ => -1,
                };
                said_so += usize::from(status.code() == Some(code));
                // A signal that arrives before the handler is installed ends the program without an
                // exit code.
                let known = status.success() || status.code().is_none_or(|c| c == code);
                assert!(known, "{command} {signal}: {status}");
                let now = whole(&folder).expect("one of the two");
                assert!(now == before || now == reference, "{command} {signal}: mixed");
                if status.code() == Some(code) {
                    assert_eq!(names(&home), ["results"], "{command} {signal}: nothing beside it");
                }
                if round % 3 == 2 {
                    assert!(il2(command, &new, &folder).status().unwrap().success());
                    assert!(whole(&folder).unwrap() == reference, "{command}: same bytes");
                    assert_eq!(names(&home), ["results"]);
                    assert!(!folder.join("fit.unfinished.jsonl").exists());
                    assert!(il2(command, &old, &folder).status().unwrap().success());
                }
            }
        }
        println!("{ended} of {} were ended, {said_so} of them by their own hand", 2 * rounds(9));
    }
}
