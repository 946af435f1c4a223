//! Bad input: every fixture of `bad/` is refused with its own message, and nothing is written.
//! Comments of a fixture that start with `#^` contain the expected message. The exit code is 2 (bad
//! input) unless a comment says `#^3` (parts that a model cannot combine) or `#^4` (a missing
//! file).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn il2(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_il2")).args(arguments).output().unwrap()
}

fn run(study: &Path, out: &Path) -> Output {
    il2(&["run", study.to_str().unwrap(), "--out", out.to_str().unwrap()])
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Checks a refusal: the exit code, the reason on standard error, no panic, and no file.
fn assert_refused(output: &Output, code: i32, out: &Path, reason: &str) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(reason) && !text.contains("panicked"), "{text}\nwanted: {reason}");
    assert!(files(out).is_empty(), "{:?}", files(out));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut all: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}

const GOOD: &str = "version = 1\nquestion = \"Is it good?\"\n[ligands.native]\nfrom = \"il2\"\n\
    [assay.dose]\nkind = \"dose-response\"\nmodel = \"fallon2000\"\nreadout = \"growth_fold\"\n\
    doses = [\"1 pM\", \"10 pM\", \"100 pM\"]\ntimes = [\"1 d\"]\n";

#[test]
fn every_fixture_is_refused_with_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let scratch = tempfile::tempdir().unwrap();
    let fixtures = files(&folder);
    assert!(fixtures.len() >= 40, "{}", fixtures.len());
    let mut wrong = vec![];
    for fixture in fixtures {
        let text = std::fs::read_to_string(&fixture).unwrap();
        let expected: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("#^ ")).collect();
        let out = scratch.path().join(fixture.file_stem().unwrap());
        let output = run(&fixture, &out);
        let said = said(&output);
        let code = text.lines().find_map(|l| l.strip_prefix("#^")?.parse().ok()).unwrap_or(2);
        let refused =
            output.status.code() == Some(code) && !said.contains("panicked") && !out.exists();
        let explained = !expected.is_empty() && expected.iter().all(|e| said.contains(e));
        if !refused || !explained {
            wrong.push(format!("{}\n  said {said}  wanted {expected:?}", fixture.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_that_are_no_study_are_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let file = scratch.path().join("study.toml");
    for (bytes, reason) in [
        (&b""[..], "is empty"),
        (b" \n\t\n", "is empty"),
        (b"version = 1\nquestion = \"\xff\xfe\"", "is not UTF-8 text (byte 24)"),
        (b"\x00\x01\x02", "is not valid TOML"),
    ] {
        std::fs::write(&file, bytes).unwrap();
        assert_refused(&run(&file, &out), 2, &out, reason);
    }
    assert_refused(&run(scratch.path(), &out), 2, &out, "is a folder");
    assert_refused(&run(&scratch.path().join("none.toml"), &out), 4, &out, "cannot be read");
}

#[test]
fn a_file_of_100_megabytes_is_refused_unread() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("huge.toml");
    std::fs::File::create(&file).unwrap().set_len(100 << 20).unwrap();
    let out = scratch.path().join("out");
    assert_refused(&run(&file, &out), 2, &out, "has 100 MB");
}

#[test]
fn line_ends_of_other_systems_are_read() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("study.toml");
    std::fs::write(&file, GOOD.replace('\n', "\r\n")).unwrap();
    let output = run(&file, &scratch.path().join("out"));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("study.toml");
    std::fs::write(&file, GOOD).unwrap();
    let below_a_file = file.join("out");
    let output = run(&file, &below_a_file);
    assert_refused(&output, 4, &below_a_file, "cannot be written");
    if Path::new("/proc/self").exists() {
        let output = run(&file, Path::new("/proc/il2"));
        assert_eq!(output.status.code(), Some(4));
        assert!(said(&output).contains("cannot be written"), "{}", said(&output));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_earlier_results_as_they_were() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("study.toml");
    std::fs::write(&file, GOOD).unwrap();
    let out = scratch.path().join("out");
    assert_eq!(run(&file, &out).status.code(), Some(0));
    let read = || -> Vec<(PathBuf, Vec<u8>)> {
        files(&out).into_iter().map(|f| (f.clone(), std::fs::read(f).unwrap())).collect()
    };
    let before = read();
    assert!(before.len() >= 6);
    std::fs::write(&file, GOOD.replace("100 pM", "200 pM")).unwrap();
    // Files may grow to 8 blocks of 512 bytes; the report page of a run is larger.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" run \"$1\" --out \"$2\"";
    let program = env!("CARGO_BIN_EXE_il2");
    let mut command = Command::new("sh");
    let output = command.args(["-c", limited, program]).args([&file, &out]).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert!(said(&output).contains("no partial results were left"), "{}", said(&output));
    assert_eq!(read(), before);
    assert_eq!(files(scratch.path()), [out, file], "nothing beside it");
}

#[test]
fn options_out_of_range_are_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("study.toml");
    std::fs::write(&file, GOOD).unwrap();
    let path = file.to_str().unwrap();
    for (arguments, reason) in [
        (&["run", path, "--threads", "0"][..], "use 1 to 1024"),
        (&["run"], "required"),
        (&["rum", path], "run"),
        (&["list", "trge"], "did you mean treg?"),
        (&["new", "dose-respons"], "did you mean dose-response?"),
        (
            &["validate", scratch.path().to_str().unwrap()],
            "contains no folder with a published.toml",
        ),
    ] {
        let output = il2(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(reason), "{arguments:?}: {}", said(&output));
    }
    let output = il2(&["validate", path]);
    assert_eq!(output.status.code(), Some(4));
    assert!(said(&output).contains("cannot be read"), "{}", said(&output));
}
