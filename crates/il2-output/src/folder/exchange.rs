//! Replaces a folder with a new one: by one system call, or file by file while the folder has no
//! manifest.

use super::names::{
    MANIFEST, UNFINISHED, UNNAMED, another, manifest, named, names, point, read_manifest, remove,
    sync,
};
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The previous manifest, while files are moved one by one.
const BEFORE: &str = "manifest.before";

/// Whether the operating system exchanges two folders in one call.
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

/// Exchanges a new folder with the old one at `path`. The user's files and the pieces of unfinished
/// work must be in both folders beforehand, so that they are present at every instant.
pub(super) fn exchange(path: &Path, new: &Path, users: Vec<OsString>) -> io::Result<()> {
    if path.symlink_metadata().is_err() {
        fs::rename(new, path)?;
        point();
        sync(path.parent().unwrap_or(path));
        return Ok(());
    }
    fs::set_permissions(new, path.metadata()?.permissions())?;
    for name in users.into_iter().chain([UNFINISHED.into()]) {
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

/// Removes a folder that was exchanged, or that was to be exchanged. Files that no run wrote and
/// that `folder` lacks are moved there, since a user may have written them at that moment.
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
    // The manifest is removed last: without it, remaining files would count as the user's.
    for name in ours.iter().map(String::as_str).chain(UNNAMED.into_iter().rev()) {
        remove(&old.join(name))?;
    }
    fs::remove_dir(old)?;
    point();
    Ok(())
}

/// Moves the files of a complete run into the folder, the manifest last; continues where an earlier
/// move was stopped.
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
