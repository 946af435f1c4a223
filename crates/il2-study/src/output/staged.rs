//! Files of a run that become those of the folder at once: by an exchange of folders, or one by one while
//! the folder has no manifest.

use super::folder::{
    Folder, MANIFEST, UNNAMED, another, manifest, named, names, point, read_manifest, remove, sync,
};
use super::refuse;
use crate::error::StudyError;
use crate::fit::kept;
use crate::study::hex;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The manifest that the new one replaces, while files are moved one by one.
const BEFORE: &str = "manifest.before";

/// A file of the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Rows, of a table.
    pub rows: Option<usize>,
}

/// Files that are written, and become the folder's at once.
#[derive(Debug)]
pub struct Staged<'a> {
    pub(super) folder: &'a Folder,
    pub(super) at: PathBuf,
    /// In the order in which they were written.
    pub files: Vec<Written>,
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

impl Staged<'_> {
    /// Writes a file. Names that differ in case alone are one name on some systems.
    pub fn add(
        &mut self,
        name: String,
        rows: Option<usize>,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), StudyError> {
        assert!(
            self.files.iter().all(|f| !f.name.eq_ignore_ascii_case(&name)),
            "the plans of the assays name {name} twice"
        );
        let run = || -> io::Result<(u64, String)> {
            let file = File::create_new(self.at.join(&name))?;
            let mut writer = BufWriter::new(Counted { file, hash: Sha256::new(), bytes: 0 });
            write(&mut writer)?;
            let Counted { file, hash, bytes } = writer.into_inner()?;
            file.sync_all().or_else(|e| match e.kind() {
                // Some file systems and devices cannot sync; the bytes are handed over all the same.
                ErrorKind::InvalidInput | ErrorKind::Unsupported => Ok(()),
                _ => Err(e),
            })?;
            Ok((bytes, hex(&hash.finalize())))
        };
        let (bytes, sha256) = run().map_err(|e| refuse(&self.folder.shown.join(&name), e))?;
        self.files.push(Written { name, bytes, sha256, rows });
        point();
        Ok(())
    }

    /// Writes a file of these bytes.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), StudyError> {
        self.add(name.to_string(), None, |w| w.write_all(bytes))
    }

    /// Makes the files the folder's, at once; the manifest must be among them.
    pub fn swap(self) -> Result<Vec<Written>, StudyError> {
        let names: Vec<String> = self.files.iter().map(|f| f.name.clone()).collect();
        self.folder.check(&names)?;
        sync(&self.at);
        self.finish().map_err(|e| refuse(&self.folder.shown, e))?;
        Ok(self.files)
    }

    fn finish(&self) -> io::Result<()> {
        let folder = self.folder;
        let (waiting, ready) = (folder.inside("new"), folder.inside("swap"));
        if self.at != waiting {
            let aside = folder.aside("swap");
            fs::rename(&self.at, &aside)?;
            point();
            match exchange(folder, &aside) {
                // What is left of the old folder is in nobody's way; the next run tries again.
                Ok(()) => return rescue(&aside, &folder.path).or(Ok(())),
                Err(_) => self.carry(&aside, &waiting)?,
            }
        }
        fs::rename(&waiting, &ready)?;
        point();
        move_in(&ready, &folder.path)
    }

    /// Brings the files into the folder, where the folder itself cannot be exchanged.
    fn carry(&self, from: &Path, to: &Path) -> io::Result<()> {
        if fs::rename(from, to).is_err() {
            // Another file system is mounted there.
            fs::create_dir_all(to)?;
            for file in &self.files {
                fs::copy(from.join(&file.name), to.join(&file.name))?;
                File::open(to.join(&file.name))?.sync_all()?;
            }
            remove(from)?;
        }
        sync(to);
        point();
        Ok(())
    }
}

/// Whether the system exchanges two folders in one call.
pub(super) const EXCHANGES: bool =
    cfg!(any(target_os = "linux", target_os = "android", target_vendor = "apple"));

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange_names(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange_names(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Puts a new folder in the place of the old one, which takes the new one's. The user's files and the
/// pieces of a fit stand in both before, so that they are there at every instant.
fn exchange(folder: &Folder, new: &Path) -> io::Result<()> {
    let path = &folder.path;
    if path.symlink_metadata().is_err() {
        fs::rename(new, path)?;
        point();
        sync(path.parent().unwrap_or(path));
        return Ok(());
    }
    fs::set_permissions(new, path.metadata()?.permissions())?;
    let mut stay = folder.others()?;
    stay.push(kept::FILE.into());
    for name in stay {
        match fs::hard_link(path.join(&name), new.join(&name)) {
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            other => other?,
        }
    }
    sync(new);
    point();
    exchange_names(new, path)?;
    point();
    sync(path.parent().unwrap_or(path));
    Ok(())
}

/// Removes a folder that was exchanged, or was to be. What no run left in it and `folder` lacks goes
/// there: a file that the user wrote at the very moment.
pub(super) fn rescue(old: &Path, folder: &Path) -> io::Result<()> {
    if !old.is_dir() {
        return Ok(());
    }
    let ours = named(manifest(old).as_ref());
    for name in names(old)? {
        if ours.iter().map(String::as_str).chain(UNNAMED).any(|own| name == own) {
            continue;
        }
        let (from, to) = (old.join(&name), folder.join(&name));
        if same_file(&from, &to) {
            fs::remove_file(&from)?;
        } else {
            fs::create_dir_all(folder)?;
            let taken = to.symlink_metadata().is_ok();
            fs::rename(&from, if taken { another(&to).into() } else { to })?;
        }
        point();
    }
    // The manifest goes last: without it, what is left would count as the user's.
    for name in ours.iter().map(String::as_str).chain(UNNAMED.into_iter().rev()) {
        remove(&old.join(name))?;
    }
    fs::remove_dir(old)?;
    point();
    Ok(())
}

/// Moves the files of a whole run into the folder, the manifest last; goes on where it was stopped.
pub(super) fn move_in(ready: &Path, folder: &Path) -> io::Result<()> {
    let Some(new) = manifest(ready) else { return remove(ready) };
    let before = ready.join(BEFORE);
    if !before.exists() && manifest(folder).is_some() {
        fs::rename(folder.join(MANIFEST), &before)?;
        sync(folder);
        point();
    }
    let old = read_manifest(&before);
    let new = named(Some(&new));
    for name in &new {
        match fs::rename(ready.join(name), folder.join(name)) {
            Err(e) if e.kind() == ErrorKind::NotFound && folder.join(name).exists() => {}
            other => other?,
        }
        point();
    }
    for name in named(old.as_ref()).iter().filter(|n| !new.contains(n)) {
        remove(&folder.join(name))?;
    }
    sync(folder);
    fs::rename(ready.join(MANIFEST), folder.join(MANIFEST))?;
    point();
    sync(folder);
    remove(ready)
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let both = a.symlink_metadata().and_then(|a| Ok((a, b.symlink_metadata()?)));
    both.is_ok_and(|(a, b)| (a.dev(), a.ino()) == (b.dev(), b.ino()))
}

#[cfg(not(unix))]
fn same_file(_: &Path, _: &Path) -> bool {
    false
}
