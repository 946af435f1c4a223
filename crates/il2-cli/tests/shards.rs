//! Runs that several machines share: after merging, the files equal those of a run in one piece.
//! Also tests refusals.

use il2_output::folder::HAS_KILL_POINTS;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn il2(folder: &Path, arguments: &[&str]) -> Output {
    let mut il2 = Command::new(env!("CARGO_BIN_EXE_il2"));
    il2.current_dir(folder).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The text on standard error, in one line.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder with the studies and tables of these tests.
fn studies() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shards");
    for entry in std::fs::read_dir(tests).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies/17-sbml.xml");
    std::fs::copy(model, folder.path().join("model.xml")).unwrap();
    folder
}

/// Name and content of every file of a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |p: &PathBuf| p.file_name().unwrap().to_string_lossy().into_owned();
    let mut all: Vec<_> = entries.map(|p| (name(&p), std::fs::read(p).unwrap())).collect();
    all.sort();
    all
}

fn shard(folder: &Path, study: &str, index: u32) -> Output {
    let (which, threads) = (format!("{index}/7"), (1 + index % 2).to_string());
    il2(folder, &["run", study, "--shard", &which, "--out", "parts", "--threads", &threads])
}

/// Ends a shard as a kill would, once it has written results; says whether this build can do that.
fn killed(folder: &Path, study: &str, index: u32) -> bool {
    if !HAS_KILL_POINTS {
        println!("skipped: no shard is killed; set IL2_KILL_POINTS and build it again");
        return false;
    }
    let partial = folder.join(format!("parts/.shard-{index}-of-7.il2-new/results.bin"));
    for point in 0..100 {
        let output = Command::new(env!("CARGO_BIN_EXE_il2"))
            .current_dir(folder)
            .args(["run", study, "--shard", &format!("{index}/7"), "--out", "parts"])
            .env("IL2_END_AT", point.to_string())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(137), "{}", said(&output));
        if std::fs::metadata(&partial).is_ok_and(|file| file.len() > 100) {
            return true;
        }
    }
    panic!("a hundred points were passed before any result was written");
}

/// Seven shards on one thread and two, of which three are lost and run again, give the files of a
/// run in one piece; `rounds` is the number of rounds needed, and `left` lists the assays left to
/// the merge.
fn merged_is_whole(study: &str, rounds: u32, left: &[&str]) {
    let folder = studies();
    let folder = folder.path();
    printed(&il2(folder, &["run", study, "--out", "whole", "--threads", "2"]));
    let whole = files(&folder.join("whole"));
    for index in 1..=7 {
        let resumed = index == 2 && killed(folder, study, index);
        let made = shard(folder, study, index);
        let text = printed(&made);
        assert_eq!(text.contains("left by an interrupted run"), resumed, "{text}");
        let notes = said(&made);
        assert!(
            left.iter()
                .all(|name| notes.contains(&format!("note: `il2 merge` will compute {name},"))),
            "{notes}"
        );
    }
    for index in [3, 5] {
        std::fs::remove_dir_all(folder.join(format!("parts/shard-{index}-of-7"))).unwrap();
        let lacks = il2(folder, &["merge", "parts"]);
        assert_eq!(lacks.status.code(), Some(2));
        assert!(
            said(&lacks).contains(&format!("shard {index} of 7 is missing; run it")),
            "{}",
            said(&lacks)
        );
        printed(&shard(folder, study, index));
    }
    let again = |round: &u32| {
        let merged = il2(folder, &["merge", "parts", "--threads", "2"]);
        if merged.status.success() {
            assert!(!said(&merged).contains("computed here"), "{}", said(&merged));
            return true;
        }
        assert!(said(&merged).contains("another round"), "after {round}: {}", said(&merged));
        (1..=7).for_each(|index| _ = printed(&shard(folder, study, index)));
        false
    };
    assert_eq!((1..100).find(again), Some(rounds), "{study}");
    let merged = files(&folder.join("parts/results"));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&merged), names(&whole));
    let other = whole.iter().zip(&merged).find(|(a, b)| a != b).map(|(a, _)| &a.0);
    assert_eq!(other, None, "differs between a run in one piece and its shards");
    let there = printed(&shard(folder, study, 4));
    assert!(there.starts_with("shard 4 of 7 is already complete: "), "{there}");
    let hidden = names(&files_or_folders(&folder.join("parts")));
    assert!(!hidden.iter().any(|name| name.starts_with('.')), "{hidden:?}");
}

fn files_or_folders(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let name =
        |e: std::io::Result<std::fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
    std::fs::read_dir(folder).unwrap().map(name).map(|name| (name, vec![])).collect()
}

#[test]
fn wells_panels_and_sweeps_are_the_same_in_shards() {
    merged_is_whole("wells.toml", 1, &["slopes", "written"]);
}

#[test]
fn patients_and_trials_are_the_same_in_shards() {
    // Which patients are treated depends on the selection.
    merged_is_whole("people.toml", 2, &["plain", "levels"]);
}

#[test]
fn fits_are_the_same_in_shards() {
    // Profiles and chains depend on the best start.
    merged_is_whole("search.toml", 2, &["people"]);
}

#[test]
fn searches_for_molecules_are_the_same_in_shards() {
    // Every generation depends on the previous one, and added doses depend on those of a curve.
    merged_is_whole("design.toml", 10, &[]);
}

const STUDY: &str = "version = 1\nquestion = \"Which shards are refused?\"\n\
    [ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n\
    [assay.dose]\nkind = \"dose-response\"\ndoses = [\"1 pM\", \"30 pM\", \"1 nM\"]\ntimes = [\"1 h\"]\n";

/// Shards of [`STUDY`] in two folders: a run of two shards, and a run of three.
fn shards() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("study.toml"), STUDY).unwrap();
    for (count, parts) in [(2, "parts"), (3, "others")] {
        for index in 1..=count {
            let which = format!("{index}/{count}");
            printed(&il2(folder.path(), &["run", "study.toml", "--shard", &which, "--out", parts]));
        }
    }
    folder
}

/// Exit code and message of a merge of `parts`.
fn refused(folder: &Path) -> String {
    let merged = il2(folder, &["merge", "parts"]);
    assert_eq!(merged.status.code(), Some(2), "{}", said(&merged));
    assert!(!folder.join("parts/results").exists());
    said(&merged)
}

fn has(text: &str, words: &[&str]) {
    assert!(words.iter().all(|word| text.contains(word)), "{words:?} in {text}");
}

fn renamed(folder: &Path, from: &str, to: &str) {
    std::fs::rename(folder.join(from), folder.join(to)).unwrap();
}

#[test]
fn a_missing_shard_is_refused_by_name() {
    let folder = shards();
    std::fs::remove_dir_all(folder.path().join("parts/shard-2-of-2")).unwrap();
    has(&refused(folder.path()), &["parts: shard 2 of 2 is missing;", "--shard 2/2"]);
}

#[test]
fn a_shard_that_was_cut_short_is_refused_by_name_and_made_again() {
    let folder = shards();
    let results = folder.path().join("parts/shard-1-of-2/results.bin");
    let whole = std::fs::read(&results).unwrap();
    std::fs::write(&results, &whole[..whole.len() - 1]).unwrap();
    has(&refused(folder.path()), &["parts/shard-1-of-2: is cut short", "run shard 1 again"]);
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    std::fs::write(&results, &flipped).unwrap();
    has(&refused(folder.path()), &["parts/shard-1-of-2: is damaged"]);
    let again = il2(folder.path(), &["run", "study.toml", "--shard", "1/2", "--out", "parts"]);
    has(&printed(&again), &["shard 1 of 2 is done"]);
    assert_eq!(std::fs::read(&results).unwrap().len(), whole.len());
    std::fs::write(folder.path().join("parts/shard-1-of-2/manifest.json"), "{").unwrap();
    has(
        &refused(folder.path()),
        &["parts/shard-1-of-2: has no valid manifest.json", "run the shard again"],
    );
}

#[test]
fn a_shard_under_two_names_is_refused_by_name() {
    let folder = shards();
    let parts = folder.path().join("parts");
    std::fs::create_dir(parts.join("shard-1-of-2 (copy)")).unwrap();
    for file in ["manifest.json", "results.bin"] {
        let copy = parts.join("shard-1-of-2 (copy)").join(file);
        std::fs::copy(parts.join("shard-1-of-2").join(file), copy).unwrap();
    }
    has(
        &refused(folder.path()),
        &["shard-1-of-2 (copy): contains the results that belong in shard-1-of-2", "remove it"],
    );
    std::fs::remove_dir_all(parts.join("shard-2-of-2")).unwrap();
    renamed(folder.path(), "parts/shard-1-of-2 (copy)", "parts/shard-2-of-2");
    has(
        &refused(folder.path()),
        &["shard-2-of-2: contains the results that belong in shard-1-of-2"],
    );
}

#[test]
fn a_shard_of_another_number_is_refused_by_name() {
    let folder = shards();
    renamed(folder.path(), "others/shard-2-of-3", "parts/shard-2-of-3");
    has(
        &refused(folder.path()),
        &["shard-2-of-3: belongs to a set of 3 shards, but the other shards belong to a set of 2"],
    );
    let run = il2(folder.path(), &["run", "study.toml", "--shard", "1/3", "--out", "parts"]);
    assert_eq!(run.status.code(), Some(2));
    has(
        &said(&run),
        &["shard-1-of-2: belongs to a set of 2 shards, but the other shards belong to a set of 3"],
    );
}

#[test]
fn a_shard_of_another_study_or_version_is_refused_by_name() {
    let folder = shards();
    let manifest = folder.path().join("parts/shard-1-of-2/manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let program = text.lines().find(|line| line.contains("\"program\"")).unwrap();
    std::fs::write(&manifest, text.replace(program, "\"program\": \"il2 9.9.9\",")).unwrap();
    has(
        &refused(folder.path()),
        &["shard-1-of-2: was made by il2 9.9.9, and this is il2 ", "the same version"],
    );
    std::fs::write(folder.path().join("study.toml"), STUDY.replace("30 pM", "40 pM")).unwrap();
    let run =
        |out: &str| il2(folder.path(), &["run", "study.toml", "--shard", "1/2", "--out", out]);
    let other = run("parts");
    assert_eq!(other.status.code(), Some(2));
    has(&said(&other), &["parts: contains shards of another study", "use another folder (--out)"]);
    printed(&run("changed"));
    std::fs::remove_dir_all(folder.path().join("parts/shard-1-of-2")).unwrap();
    renamed(folder.path(), "changed/shard-1-of-2", "parts/shard-1-of-2");
    has(
        &refused(folder.path()),
        &["shard-1-of-2: is a shard of another study", "run shard 1 of this study"],
    );
}

#[test]
fn what_is_no_shard_or_has_none_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("study.toml"), STUDY).unwrap();
    for which in ["0/7", "8/7", "3", "3/", "a/b", "3/0", "1/1000000"] {
        let run = il2(folder, &["run", "study.toml", "--shard", which, "--out", "parts"]);
        assert_eq!(run.status.code(), Some(2), "{which}");
        has(
            &said(&run),
            &["--shard", "is not a shard; give the number of the shard and the total"],
        );
    }
    let run = il2(folder, &["run", "study.toml", "--shard", "1/2"]);
    assert_eq!(run.status.code(), Some(2));
    has(&said(&run), &["needs the folder that all shards share; add --out FOLDER"]);
    let merged = il2(folder, &["merge", "nowhere"]);
    assert_eq!(merged.status.code(), Some(4));
    has(&said(&merged), &["nowhere/study.json: cannot be read", "give the folder that"]);
    std::fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies/17-sbml.xml"),
        folder.join("model.xml"),
    )
    .unwrap();
    let sbml = "version = 1\nquestion = \"One?\"\n[assay.one]\nkind = \"sbml\"\n\
        model = \"model.xml\"\nend = 600\npoints = 11\n";
    std::fs::write(folder.join("one.toml"), sbml).unwrap();
    let run = il2(folder, &["run", "one.toml", "--shard", "1/2", "--out", "one"]);
    assert_eq!(run.status.code(), Some(2));
    has(
        &said(&run),
        &["no assay that can be run in shards (one: it is a single simulation)", "without --shard"],
    );
    assert!(!folder.join("one").exists());
}
