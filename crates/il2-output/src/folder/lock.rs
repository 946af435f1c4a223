//! The lock of a folder.

use super::error::FolderError;
use super::names::{another, beside};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Takes the lock of a folder, and determines whether its parent can be written. The lock is beside
/// the folder, because the folder itself is exchanged; it is inside if the parent cannot be
/// written.
pub(super) fn lock(shown: &Path, path: &Path) -> Result<(Option<File>, bool), FolderError> {
    let name = beside(path, "lock");
    let closed = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
    let (found, beside) = match open_lock(&name) {
        Err(e) if closed.contains(&e.kind()) && path.is_dir() && !name.exists() => {
            (open_lock(&path.join(".il2-lock")), false)
        }
        found => (found, true),
    };
    match found.map_err(|e| FolderError::cannot_write(shown, e))? {
        Locked::Mine(file) => Ok((Some(file), beside)),
        Locked::NotKnown => Ok((None, beside)),
        Locked::Busy => Err(FolderError::new(
            shown,
            format!(
                "is being written by another run of il2; wait until it has ended, or use another \
                 folder: \
                 --out {}",
                another(shown)
            ),
        )),
    }
}

/// The lock of a place that only one run at a time may write to; a run never exchanges the place
/// itself.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    /// None if the file system does not support locks.
    file: Option<File>,
}

impl Lock {
    /// Takes the lock of a location.
    pub(crate) fn take(place: &Path) -> Result<Self, FolderError> {
        let path = beside(place, "lock");
        let file = match open_lock(&path).map_err(|e| FolderError::cannot_write(place, e))? {
            Locked::Mine(file) => Some(file),
            Locked::NotKnown => None,
            Locked::Busy => {
                let message = "is being written by another run of il2; wait until it has ended";
                return Err(FolderError::new(place, message));
            }
        };
        Ok(Self { path, file })
    }

    /// Whether the lock is held exclusively; false if the file system does not support locks.
    pub(crate) fn held(&self) -> bool {
        self.file.is_some()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // On other systems an open file cannot be distinguished from another file with the same
        // name, and is kept.
        if self.held() && cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

enum Locked {
    Mine(File),
    Busy,
    /// The file system does not support locks.
    NotKnown,
}

/// The system releases a lock when its program ends for any reason. A run that ends removes the
/// file, so a file that was opened before and locked afterwards may no longer be the file that
/// other runs see.
fn open_lock(name: &Path) -> io::Result<Locked> {
    for _ in 0..1000 {
        let file = File::options().create(true).truncate(false).write(true).open(name)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, name) => return Ok(Locked::Mine(file)),
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(Locked::Busy),
            Err(fs::TryLockError::Error(_)) => return Ok(Locked::NotKnown),
        }
    }
    Ok(Locked::Busy)
}

#[cfg(unix)]
fn is_at(file: &File, name: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let both = file.metadata().and_then(|a| Ok((a, name.symlink_metadata()?)));
    both.is_ok_and(|(a, b)| (a.dev(), a.ino()) == (b.dev(), b.ino()))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
