//! The folder that a run leaves: tables, figures, summary, report and manifest, whole or not at all.

use crate::assay::{AssayResult, Plan};
use crate::error::StudyError;
use crate::figure::{to_png, to_svg};
use crate::report;
use crate::study::{Study, hex};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Name of the program in manifests.
pub const PROGRAM: &str = concat!("il2 ", env!("CARGO_PKG_VERSION"));

/// A file of the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    sha256: String,
    rows: Option<usize>,
}

/// Files under temporary names, which take their own at the end, or go if it does not come to that.
struct Staged<'a> {
    folder: &'a Path,
    files: Vec<Written>,
    renamed: bool,
}

/// A file that is counted and hashed while it is written.
struct Counted {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        let written = self.file.write(some)?;
        self.hash.update(&some[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn temporary(folder: &Path, name: &str) -> std::path::PathBuf {
    folder.join(format!(".{name}.partial"))
}

impl Staged<'_> {
    fn add(
        &mut self,
        name: String,
        rows: Option<usize>,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), StudyError> {
        let path = temporary(self.folder, &name);
        let run = || -> io::Result<(u64, String)> {
            let counted = Counted { file: File::create(&path)?, hash: Sha256::new(), bytes: 0 };
            let mut writer = BufWriter::new(counted);
            write(&mut writer)?;
            let Counted { file, hash, bytes } = writer.into_inner()?;
            file.sync_all().or_else(|e| match e.kind() {
                // Some file systems and devices cannot sync; the bytes are handed over all the same.
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
                _ => Err(e),
            })?;
            Ok((bytes, hex(&hash.finalize())))
        };
        match run() {
            Ok((bytes, sha256)) => {
                self.files.push(Written { name, bytes, sha256, rows });
                Ok(())
            }
            Err(e) => {
                let _ = std::fs::remove_file(&path);
                Err(refuse(&self.folder.join(&name), e))
            }
        }
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), StudyError> {
        self.add(name.to_string(), None, |w| w.write_all(bytes))
    }

    /// What an earlier run left there and this one does not is removed last.
    fn rename(&mut self) -> Result<(), StudyError> {
        let stale = stale(self.folder, &self.files);
        for file in &self.files {
            let to = self.folder.join(&file.name);
            std::fs::rename(temporary(self.folder, &file.name), &to).map_err(|e| refuse(&to, e))?;
        }
        self.renamed = true;
        stale.iter().for_each(|name| drop(std::fs::remove_file(self.folder.join(name))));
        Ok(())
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        for file in self.files.iter().filter(|_| !self.renamed) {
            let _ = std::fs::remove_file(temporary(self.folder, &file.name));
        }
    }
}

/// Writes all files of a run under temporary names, then renames them: a failure leaves the folder as it
/// was. Same study, same bytes: no clock, no machine, no thread stands in any of them.
pub fn write(
    folder: &Path,
    study: &Study,
    plans: &[(String, Plan)],
    results: &[(String, AssayResult)],
) -> Result<Vec<Written>, StudyError> {
    std::fs::create_dir_all(folder).map_err(|e| refuse(folder, e))?;
    let mut staged = Staged { folder, files: vec![], renamed: false };
    let seed = study.seed.to_string();
    let metadata = [
        ("il2.study_sha256", study.hash.as_str()),
        ("il2.program", PROGRAM),
        ("il2.seed", seed.as_str()),
    ];
    for (_, result) in results {
        for table in &result.tables {
            let rows = Some(table.rows());
            staged.add(format!("{}.csv", table.name), rows, |w| table.write_csv(w))?;
            let name = format!("{}.parquet", table.name);
            staged.add(name, rows, |w| table.write_parquet(w, &metadata))?;
        }
        for (name, figure) in result.figures.iter().filter(|_| study.figures) {
            let svg = to_svg(figure);
            staged.bytes(&format!("{name}.svg"), svg.as_bytes())?;
            // A PNG that cannot be drawn is no reason to lose the tables: the SVG says the same.
            if let Ok(png) = to_png(&svg, 2.0) {
                staged.bytes(&format!("{name}.png"), &png)?;
            }
        }
    }
    staged.bytes("summary.json", &pretty(&summary(study, results)))?;
    let listed = |f: &Written| (f.name.clone(), f.sha256.clone());
    let others: Vec<report::Listed> = staged.files.iter().map(listed).collect();
    let page = report::page(study, plans, results, &others);
    staged.bytes("report.html", page.as_bytes())?;
    let listed = staged.files.iter();
    let listed: Vec<_> =
        listed.map(|f| json!({"file": f.name, "sha256": f.sha256, "rows": f.rows})).collect();
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
    staged.bytes("manifest.json", &pretty(&manifest))?;
    staged.rename()?;
    Ok(std::mem::take(&mut staged.files))
}

/// The short of all assays, as `--json` prints it.
pub fn summary(study: &Study, results: &[(String, AssayResult)]) -> serde_json::Value {
    let of = |r: &AssayResult| {
        let mut short = r.summary.clone();
        short["warnings"] = json!(r.warnings);
        short["lanes_failed"] = json!(r.failed);
        short["draw_lanes_failed"] = json!(r.failed_draws.0);
        short
    };
    let assays: serde_json::Map<String, serde_json::Value> =
        results.iter().map(|(name, r)| (name.clone(), of(r))).collect();
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
fn stale(folder: &Path, files: &[Written]) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(folder.join("manifest.json")) else { return vec![] };
    let Ok(old) = serde_json::from_str::<serde_json::Value>(&text) else { return vec![] };
    let ours = old["program"].as_str().is_some_and(|p| p.starts_with("il2 "));
    let listed = old["files"].as_array().filter(|_| ours).into_iter().flatten();
    listed
        .filter_map(|file| file["file"].as_str())
        .filter(|name| !name.contains(['/', '\\']) && !name.contains(".."))
        .filter(|name| files.iter().all(|new| new.name != *name))
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
