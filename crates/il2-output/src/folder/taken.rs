//! The folder of results on disk, which one run at a time writes and which is exchanged as a whole.
//!
//! A run locks the folder, writes its files into another folder beside it, and exchanges the two in
//! one system call, so that at every instant the folder contains one complete run. If this is not
//! possible (another system or file system, folders of the user in it, a program with it as working
//! directory), the files are staged inside and moved one by one while the folder has no manifest:
//! files that no manifest lists are not results. The next run removes or completes the remains of a
//! killed run. Files that no run wrote belong to the user and are kept.

use super::error::FolderError;
use super::exchange::{EXCHANGES, move_in, rescue};
use super::lock::lock;
use super::names::{MANIFEST, UNNAMED, another, beside, manifest, named, names, remove};
use il2_engine::words;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A folder that only this run may change.
#[derive(Debug)]
pub struct Folder {
    /// Path as the user wrote it.
    pub shown: PathBuf,
    /// Path without links; the folder need not exist.
    pub(super) path: PathBuf,
    /// Whether the parent folder can be written.
    beside: bool,
    /// None if the file system does not support locks.
    lock: Option<File>,
    /// The manifest of the results already in the folder.
    before: Option<serde_json::Value>,
    /// Path of the study relative to the folder.
    study: Option<String>,
    /// Names in the folder that no run wrote, if it had no manifest.
    foreign: Vec<OsString>,
}

/// Files and locks to be removed when a signal ends a run.
#[derive(Clone, Debug)]
pub struct Unfinished {
    files: Vec<PathBuf>,
    lock: Option<PathBuf>,
}

impl Unfinished {
    /// Removes files that are not yet results.
    pub fn remove(&self) {
        for path in &self.files {
            // The run may still be writing; it no longer can once the folder is removed.
            for _ in 0..5 {
                if remove(path).is_ok() {
                    break;
                }
            }
        }
    }

    /// Removes the lock, as the last action before the end.
    pub fn unlock(&self) {
        // On other systems an open file cannot be distinguished from another file with the same
        // name, and is kept.
        if let Some(lock) = self.lock.as_ref().filter(|_| cfg!(unix)) {
            let _ = fs::remove_file(lock);
        }
    }
}

impl Folder {
    /// Claims a folder for the files in `planned`. `study` is given if the folder is named after
    /// the study; another study of the same name is then rejected.
    ///
    /// # Errors
    /// If another run has claimed it, if it cannot be written, if a file of the user has the name
    /// of one of this run's files, or if it contains the results of another study of the same name.
    pub fn take(
        folder: &Path,
        planned: &[String],
        study: Option<&Path>,
    ) -> Result<Folder, FolderError> {
        let path = real(folder)?;
        let (lock, beside) = lock(folder, &path)?;
        let (before, foreign) = (None, vec![]);
        let mut taken = Folder {
            shown: folder.to_path_buf(),
            path,
            beside,
            lock,
            before,
            study: None,
            foreign,
        };
        taken.recover().map_err(|e| FolderError::cannot_write(folder, e))?;
        taken.before = manifest(&taken.path);
        if let Some(study) = study.and_then(|s| fs::canonicalize(s).ok()) {
            taken.same_study(&study)?;
            taken.study = Some(seen_from(&taken.path, &study));
        }
        taken.check(planned)?;
        if taken.before.is_none() {
            taken.foreign = taken.others().map_err(|e| FolderError::cannot_write(folder, e))?;
        }
        if taken.path.is_dir() {
            let trial = taken.inside("new");
            fs::create_dir(&trial)
                .and_then(|()| fs::remove_dir(&trial))
                .map_err(|e| FolderError::cannot_write(folder, e))?;
        }
        Ok(taken)
    }

    /// Path of the study relative to the folder, if the folder is named after it.
    pub fn study(&self) -> Option<&str> {
        self.study.as_deref()
    }

    /// Files and locks to be removed if the run is interrupted.
    pub fn unfinished(&self) -> Unfinished {
        let mut files = vec![self.inside("new")];
        if self.beside {
            files.push(self.aside("new"));
        }
        let lock = if self.beside { self.aside("lock") } else { self.inside("lock") };
        Unfinished { files, lock: self.lock.as_ref().map(|_| lock) }
    }

    /// Warnings about the folder, one sentence each, for example that results of a study with
    /// another text were replaced.
    pub fn notes(&self, study_sha256: &str) -> Vec<String> {
        let mut notes = vec![];
        let shown = self.shown.display();
        if self.lock.is_none() {
            notes.push(format!(
                "the file system of {shown} does not support locks, so two simultaneous runs into \
                 it would not be detected"
            ));
        }
        if let Some(first) = self.foreign.first() {
            let more = match self.foreign.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let first = words::shown(&first.to_string_lossy());
            notes.push(format!(
                "{shown} contains files that were not written by il2 ({first}{more}); they are kept"
            ));
        }
        if let Some(before) = &self.before {
            let text = |key: &str| before[key].as_str().unwrap_or_default();
            let own = self.study.is_some() && self.study.as_deref() == before["study"].as_str();
            let (hash, question) = (text("study_sha256"), words::shown(text("question")));
            if hash != study_sha256 && !own {
                let hash: String = hash.chars().take(12).collect();
                notes.push(format!(
                    "the results in {shown} replace those of a study with a different text \
                     ({hash}, \"{question}\")"
                ));
            }
        }
        notes
    }

    pub(super) fn aside(&self, what: &str) -> PathBuf {
        beside(&self.path, what)
    }

    pub(super) fn inside(&self, what: &str) -> PathBuf {
        self.path.join(format!(".il2-{what}"))
    }

    /// Whether a new folder can replace this one. The user's folders are never moved, and a program
    /// with the folder as working directory would see an empty one.
    pub(super) fn can_exchange(&self) -> bool {
        if !self.beside || !self.path.is_dir() {
            return self.beside;
        }
        let stands_in = std::env::current_dir().is_ok_and(|d| d.starts_with(&self.path));
        let others = self.others().unwrap_or_default();
        let only_files = others
            .iter()
            .all(|name| self.path.join(name).symlink_metadata().is_ok_and(|m| !m.is_dir()));
        EXCHANGES && !stands_in && self.foreign.is_empty() && only_files
    }

    /// Cleans up after a killed run: files of the run are removed, those of the user are kept.
    fn recover(&self) -> io::Result<()> {
        if self.beside {
            remove(&self.aside("new"))?;
            rescue(&self.aside("swap"), &self.path)?;
        }
        remove(&self.inside("new"))?;
        move_in(&self.inside("swap"), &self.path)
    }

    /// Names in the folder that no run of il2 wrote, in order.
    pub(super) fn others(&self) -> io::Result<Vec<OsString>> {
        let ours = named(self.before.as_ref());
        let own = |n: &OsString| ours.iter().map(String::as_str).chain(UNNAMED).any(|o| n == o);
        let mut names = names(&self.path)?;
        names.retain(|n| !own(n) || n == MANIFEST && self.before.is_none());
        Ok(names)
    }

    /// Refuses to overwrite a file of the user.
    pub(super) fn check(&self, planned: &[String]) -> Result<(), FolderError> {
        let others = self.others().map_err(|e| FolderError::cannot_write(&self.shown, e))?;
        let clash = others
            .iter()
            .find(|name| *name == MANIFEST || planned.iter().any(|p| name.eq_ignore_ascii_case(p)));
        match clash {
            None => Ok(()),
            Some(name) => Err(FolderError::taken(
                &self.shown,
                format!(
                    "contains a file \"{}\" that was not written by il2 and that this run would \
                     replace; move it away, or use another folder: --out {}",
                    words::shown(&name.to_string_lossy()),
                    self.another()
                ),
            )),
        }
    }

    /// Rejects a folder with the results of another study, if that study still exists.
    fn same_study(&self, study: &Path) -> Result<(), FolderError> {
        let Some(other) = self.before.as_ref().and_then(|b| b["study"].as_str()) else {
            return Ok(());
        };
        match fs::canonicalize(self.path.join(other)) {
            Ok(other) if other != study => Err(FolderError::taken(
                &self.shown,
                format!(
                    "contains the results of another study of the same name, {}; choose another \
                     folder for this study: --out {}",
                    words::shown(&other.display().to_string()),
                    self.another()
                ),
            )),
            _ => Ok(()),
        }
    }

    fn another(&self) -> String {
        another(&self.shown)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let unfinished = self.unfinished();
        unfinished.remove();
        unfinished.unlock();
    }
}

/// The folder without links, so that files beside it are on the same disk; its parent is created if
/// necessary.
fn real(folder: &Path) -> Result<PathBuf, FolderError> {
    let refused = |e| FolderError::cannot_write(folder, e);
    if folder.symlink_metadata().is_ok() {
        let path = fs::canonicalize(folder).map_err(refused)?;
        if !path.is_dir() {
            let other = another(folder);
            return Err(FolderError::new(
                folder,
                format!(
                    "cannot be written (it is not a folder); use another folder: --out {other}"
                ),
            ));
        }
        return Ok(path);
    }
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(refused)?;
    let parent = fs::canonicalize(parent).map_err(refused)?;
    let name = folder.file_name().ok_or_else(|| refused(ErrorKind::NotFound.into()))?;
    Ok(parent.join(name))
}

/// A path relative to a folder; both must be without links.
fn seen_from(folder: &Path, file: &Path) -> String {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".to_string());
    let down = file.components().skip(shared).map(|c| c.as_os_str().to_string_lossy().into_owned());
    match shared {
        // The file is on another drive.
        0 => file.display().to_string(),
        _ => up.chain(down).collect::<Vec<_>>().join("/"),
    }
}
