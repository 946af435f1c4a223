//! The folder that a run leaves: tables, figures, summary, report and manifest, whole or not at all.

use crate::assay::{AssayResult, Plan};
use crate::error::StudyError;
use crate::figure::{to_png, to_svg};
use crate::report;
use crate::study::{Study, sha256};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;

/// Name of the program in manifests.
pub const PROGRAM: &str = concat!("il2 ", env!("CARGO_PKG_VERSION"));

/// Everything that a run leaves, in memory: file name and content. Same study, same bytes: no clock,
/// no machine, no thread stands in any of them.
pub fn files(
    study: &Study,
    plans: &[(String, Plan)],
    results: &[(String, AssayResult)],
) -> Vec<(String, Vec<u8>)> {
    let seed = study.seed.to_string();
    let metadata = [
        ("il2.study_sha256", study.hash.as_str()),
        ("il2.program", PROGRAM),
        ("il2.seed", seed.as_str()),
    ];
    let mut all: Vec<(String, Vec<u8>)> = vec![];
    let mut listed: Vec<(report::Listed, Option<usize>)> = vec![];
    let mut list = |name: &str, bytes: &[u8], rows: Option<usize>| {
        listed.push(((name.to_string(), sha256(bytes)), rows));
    };
    for (_, result) in results {
        for table in &result.tables {
            for (name, bytes) in [
                (format!("{}.csv", table.name), table.csv()),
                (format!("{}.parquet", table.name), table.parquet(&metadata)),
            ] {
                list(&name, &bytes, Some(table.rows()));
                all.push((name, bytes));
            }
        }
        for (name, figure) in result.figures.iter().filter(|_| study.figures) {
            let svg = to_svg(figure);
            // A PNG that cannot be drawn is no reason to lose the tables: the SVG says the same.
            let png = to_png(&svg, 2.0).ok().map(|png| (format!("{name}.png"), png));
            for (name, bytes) in
                std::iter::once((format!("{name}.svg"), svg.into_bytes())).chain(png)
            {
                list(&name, &bytes, None);
                all.push((name, bytes));
            }
        }
    }
    let summary = pretty(&summary(study, results));
    list("summary.json", &summary, None);
    all.push(("summary.json".into(), summary));
    let others: Vec<report::Listed> = listed.iter().map(|(file, _)| file.clone()).collect();
    let page = report::page(study, plans, results, &others).into_bytes();
    listed.push((("report.html".into(), sha256(&page)), None));
    all.push(("report.html".into(), page));
    let listed: Vec<_> = listed
        .iter()
        .map(|((file, hash), rows)| json!({"file": file, "sha256": hash, "rows": rows}))
        .collect();
    let inputs = results.iter().flat_map(|(_, r)| &r.inputs);
    let inputs: Vec<_> = inputs.map(|(file, hash)| json!({"file": file, "sha256": hash})).collect();
    let manifest = json!({
        "program": PROGRAM,
        "study_sha256": study.hash,
        "question": study.question,
        "seed": study.seed,
        "lanes_failed": results.iter().map(|(_, r)| r.failed).sum::<usize>(),
        "draw_lanes_failed": results.iter().map(|(_, r)| r.failed_draws.0).sum::<usize>(),
        "inputs": inputs,
        "files": listed,
    });
    all.push(("manifest.json".into(), pretty(&manifest)));
    all
}

/// The short of all assays, as `--json` prints it.
pub fn summary(study: &Study, results: &[(String, AssayResult)]) -> serde_json::Value {
    let assays: serde_json::Map<String, serde_json::Value> =
        results.iter().map(|(name, r)| (name.clone(), r.summary.clone())).collect();
    json!({
        "program": PROGRAM,
        "study_sha256": study.hash,
        "question": study.question,
        "seed": study.seed,
        "assays": assays,
    })
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).expect("JSON of our own").into_bytes();
    text.push(b'\n');
    text
}

/// Files that the manifest of an earlier run lists and this run does not leave: of an assay that was
/// renamed, mostly. Names with a path are none of ours.
fn stale(folder: &Path, files: &[(String, Vec<u8>)]) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(folder.join("manifest.json")) else { return vec![] };
    let Ok(old) = serde_json::from_str::<serde_json::Value>(&text) else { return vec![] };
    let ours = old["program"].as_str().is_some_and(|p| p.starts_with("il2 "));
    let listed = old["files"].as_array().filter(|_| ours).into_iter().flatten();
    listed
        .filter_map(|file| file["file"].as_str())
        .filter(|name| !name.contains(['/', '\\']) && !name.contains(".."))
        .filter(|name| files.iter().all(|(new, _)| new != name))
        .map(str::to_string)
        .collect()
}

/// Tries to write into the folder, better before a long run than after; leaves nothing behind.
pub fn try_folder(folder: &Path) -> Result<(), StudyError> {
    let new = !folder.exists();
    std::fs::create_dir_all(folder).map_err(|e| refuse(folder, e))?;
    let trial = folder.join(".trial.partial");
    let written = std::fs::write(&trial, b"x").and_then(|()| std::fs::remove_file(&trial));
    if new {
        let _ = std::fs::remove_dir(folder);
    }
    written.map_err(|e| refuse(folder, e))
}

fn refuse(what: &Path, e: std::io::Error) -> StudyError {
    let message = format!(
        "cannot be written ({e}); nothing was left half-written: make room or choose another --out"
    );
    StudyError::of_file(what, message)
}

/// Writes all files under temporary names, then renames them: a failure leaves the folder as it was.
/// What an earlier run left there and this one does not is removed last.
pub fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), StudyError> {
    std::fs::create_dir_all(folder).map_err(|e| refuse(folder, e))?;
    let temporary = |name: &str| folder.join(format!(".{name}.partial"));
    let stale = stale(folder, files);
    let written = files.iter().try_for_each(|(name, bytes)| {
        let path = temporary(name);
        let write = || -> std::io::Result<()> {
            let mut file = std::fs::File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all().or_else(|e| match e.kind() {
                // Some file systems and devices cannot sync; the bytes are handed over all the same.
                std::io::ErrorKind::InvalidInput | std::io::ErrorKind::Unsupported => Ok(()),
                _ => Err(e),
            })
        };
        write().map_err(|e| refuse(&folder.join(name), e))
    });
    let renamed = written.and_then(|()| {
        files.iter().try_for_each(|(name, _)| {
            let to = folder.join(name);
            std::fs::rename(temporary(name), &to).map_err(|e| refuse(&to, e))
        })
    });
    if renamed.is_ok() {
        stale.iter().for_each(|name| drop(std::fs::remove_file(folder.join(name))));
    } else {
        for (name, _) in files {
            let _ = std::fs::remove_file(temporary(name));
        }
    }
    renamed
}
