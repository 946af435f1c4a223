//! Names in a folder of results and beside it, and the manifest, which lists the results.

use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Finished pieces of long work that was interrupted.
pub(super) const UNFINISHED: &str = "fit.unfinished.jsonl";
/// Name of this file while it is rewritten.
pub(super) const UNFINISHED_PARTIAL: &str = "fit.unfinished.jsonl.partial";
/// The last file that a run writes: files that it does not list are not results.
pub const MANIFEST: &str = "manifest.json";

/// Files of the program that are not listed in any manifest.
pub(super) const UNNAMED: [&str; 6] =
    [MANIFEST, UNFINISHED, UNFINISHED_PARTIAL, ".il2-new", ".il2-swap", ".il2-lock"];

/// The manifest of a folder, if this program wrote it.
pub(super) fn manifest(folder: &Path) -> Option<serde_json::Value> {
    read_manifest(&folder.join(MANIFEST))
}

pub(super) fn read_manifest(file: &Path) -> Option<serde_json::Value> {
    let found: serde_json::Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    let ours = found["program"].as_str().is_some_and(|p| p.starts_with("il2 "));
    (ours && found["files"].is_array()).then_some(found)
}

/// Files that a manifest lists. Names that contain a path are not written by this program.
pub(super) fn named(manifest: Option<&serde_json::Value>) -> Vec<String> {
    let listed = manifest.and_then(|m| m["files"].as_array()).into_iter().flatten();
    let names = listed.filter_map(|file| file["file"].as_str());
    let plain = |name: &&str| !name.contains(['/', '\\']) && !["", ".", ".."].contains(name);
    names.filter(plain).map(str::to_string).collect()
}

/// Names in a folder, in order; none if it does not exist.
pub(super) fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(vec![]),
        other => other?,
    };
    let mut all: Vec<OsString> = entries.map(|e| Ok(e?.file_name())).collect::<io::Result<_>>()?;
    all.sort();
    Ok(all)
}

/// Removes a file or a folder if it exists.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let about = path.symlink_metadata();
    let gone = match about {
        Ok(m) if m.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    match gone {
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        other => other,
    }
}

/// Syncs the names in a folder to the disk, on systems that support this.
pub(crate) fn sync(folder: &Path) {
    let _ = File::open(folder).and_then(|f| f.sync_all());
}

/// A hidden name beside a folder; a long name is shortened, because names have at most 255 bytes.
pub(crate) fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let name = if name.len() > 200 { hex(Sha256::new_with_prefix(&name)) } else { name };
    path.with_file_name(format!(".{name}.il2-{what}"))
}

/// An unused name, to be suggested in error messages.
pub(super) fn another(path: &Path) -> String {
    // Beside a device, or where nothing can be created, a folder cannot be created either.
    let device = path.metadata().is_ok_and(|m| !m.is_dir() && !m.is_file());
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let closed = device || parent.metadata().is_ok_and(|m| m.permissions().readonly());
    let here = path.file_name().filter(|_| closed).map(Path::new).unwrap_or(path);
    let name = here.display().to_string();
    let name = name.trim_end_matches('/');
    let free = |n: &String| Path::new(n).symlink_metadata().is_err();
    (2..).map(|i| format!("{name}-{i}")).find(free).expect("a number that is free")
}

/// Whether this build ends at the point that `IL2_END_AT` gives: with debug assertions, or if it
/// was built for tests with `IL2_KILL_POINTS` set.
pub const HAS_KILL_POINTS: bool =
    cfg!(debug_assertions) || option_env!("IL2_KILL_POINTS").is_some();

/// A point at which being killed must do no harm. Builds with such points end at the point whose
/// number is in `IL2_END_AT`, without cleaning up, as if they had been killed.
pub(crate) fn point() {
    if HAS_KILL_POINTS {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static PASSED: AtomicUsize = AtomicUsize::new(0);
        let now = PASSED.fetch_add(1, Ordering::Relaxed).to_string();
        if std::env::var_os("IL2_END_AT").is_some_and(|at| at == now.as_str()) {
            std::process::exit(137);
        }
    }
}

/// SHA-256 of bytes in hexadecimal.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
