//! Hostile input: every shipped study and its tables, changed at random, are either refused with a
//! message already during planning, as in `il2 check`, or run to a complete folder. Nothing panics
//! or hangs.
//!
//! `IL2_HOSTILE=10000 cargo test --workspace --test hostile -- --ignored` runs a campaign, and
//! `IL2_HOSTILE_FROM` sets the change with which it begins. A change that fails is left in the
//! folder that the test names.

mod mutation;

use il2_report::{inputs, results};
use il2_study::Library;
use mutation::{Files, Source};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

/// Default number of changes, which take a few seconds.
const USUALLY: u64 = 60;
/// A longer time counts as a hang: the longest valid answer takes about 10 s, and a minute on a
/// machine under tenfold load.
const PATIENCE: Duration = Duration::from_secs(300);
/// Studies with more simulations than this are valid work, and are only checked.
const MOST_LANES: usize = 300;

/// Where and why a thread panicked last.
static PANICKED: Mutex<String> = Mutex::new(String::new());

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Every study of the repository with the tables beside it, reduced in size, so that a run is
/// quick.
fn shipped() -> Vec<Files> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join("studies")];
    let publications = std::fs::read_dir(root.join("validation")).unwrap();
    folders.extend(publications.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
    folders.sort();
    let mut all = vec![];
    for folder in folders {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let text = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        let of = |ending: &str| {
            let ending = ending.to_string();
            paths.iter().filter(move |path| path.extension().is_some_and(|e| *e == *ending))
        };
        let tables: Vec<(String, String)> = of("csv")
            .chain(of("xml"))
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_string(), text(path)))
            .collect();
        for path in of("toml").filter(|path| !path.ends_with("published.toml")) {
            all.push(Files { study: mutation::small(&text(path)), tables: tables.clone() });
        }
    }
    all
}

/// Outcome of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Refused,
    Checked,
    Run,
}

/// Checks and runs a study as the program does. An `Err` is a fault of the program.
fn end(folder: &Path, files: &Files) -> Result<End, String> {
    let path = folder.join("study.toml");
    let (study, plans) = match il2_assay::parse(&path, &files.study, Library::builtin()) {
        Ok(both) => both,
        Err(error) => {
            let said = error.to_string();
            return match error.file.is_some() && said.len() < 4_000 {
                true => Ok(End::Refused),
                false => Err(format!("an error without a file, or of more than a screen: {said}")),
            };
        }
    };
    inputs::inputs(&study, &plans);
    if plans.iter().map(|(_, plan)| plan.lanes()).sum::<usize>() > MOST_LANES {
        return Ok(End::Checked);
    }
    let results: Vec<_> =
        plans.iter().map(|(name, plan)| (name.clone(), plan.run(&study, &|_| {}))).collect();
    let mut names = HashSet::new();
    for table in results.iter().flat_map(|(_, result)| &result.tables) {
        if !names.insert(table.name.clone()) {
            return Err(format!("two tables are called {}", table.name));
        }
        let mut columns = HashSet::new();
        if let Some(twice) = table.columns.iter().find(|c| !columns.insert(c.name.clone())) {
            return Err(format!("table {} has two columns {}", table.name, twice.name));
        }
    }
    let out = folder.join("out");
    results::write(&out, &study, &plans, &results).map_err(|e| format!("not written: {e}"))?;
    std::fs::remove_dir_all(&out).map_err(|e| e.to_string())?;
    Ok(End::Run)
}

/// The same in a separate thread, with the stack size of a program.
fn watched(folder: &Path, files: &Files) -> Result<End, String> {
    let (tell, told) = mpsc::channel();
    let (folder, files) = (folder.to_path_buf(), files.clone());
    let run = move || {
        let found = catch_unwind(AssertUnwindSafe(|| end(&folder, &files)));
        let why = || format!("a panic: {}", PANICKED.lock().unwrap());
        let _ = tell.send(found.unwrap_or_else(|_| Err(why())));
    };
    std::thread::Builder::new().stack_size(8 << 20).spawn(run).unwrap();
    told.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(format!("no end within {PATIENCE:?}")))
}

/// Tests that take minutes: `cargo test --workspace -- --ignored long::`.
mod long {
    use super::*;

    #[test]
    #[ignore = "takes minutes"]
    fn changed_studies_and_tables_are_refused_or_run() {
        std::panic::set_hook(Box::new(|info| {
            if let Ok(mut last) = PANICKED.lock() {
                *last = info.to_string();
            }
        }));
        let shipped = shipped();
        assert!(shipped.len() > 30, "{}", shipped.len());
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
        // A study that is refused without any change would test nothing.
        let unchanged = scratch.join("unchanged");
        for files in &shipped {
            files.write(&unchanged);
            let path = unchanged.join("study.toml");
            if let Err(error) = il2_assay::parse(&path, &files.study, Library::builtin()) {
                panic!("made small, a shipped study is refused: {error}");
            }
        }
        let (from, count) = (number("IL2_HOSTILE_FROM", 0), number("IL2_HOSTILE", USUALLY));
        let mut faults = vec![];
        let (mut refused, mut checked, mut run) = (0, 0, 0);
        for index in from..from + count {
            let mut source = Source(index);
            let mut files = shipped[source.below(shipped.len())].clone();
            let other = &shipped[source.below(shipped.len())];
            for _ in 0..=source.below(2) {
                mutation::change(&mut files, other, &mut source);
            }
            // The files are written to disk before the trial, so that even a change that ends the
            // test process can be examined.
            let folder = scratch.join(index.to_string());
            files.write(&folder);
            match watched(&folder, &files) {
                Ok(end) => {
                    match end {
                        End::Refused => refused += 1,
                        End::Checked => checked += 1,
                        End::Run => run += 1,
                    }
                    std::fs::remove_dir_all(&folder).unwrap();
                }
                Err(why) => {
                    println!("{}: {why}", folder.display());
                    faults.push(format!("{}: {why}", folder.display()));
                }
            }
        }
        println!("{count} changes from {from}: {refused} refused, {checked} checked, {run} run");
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        // A campaign in which all changes are refused, or none, would test nothing.
        assert!(
            count < 50 || (refused > count / 20 && run > count / 40),
            "{refused} {checked} {run}"
        );
    }
}
