//! Files of a run that are staged beside its folder and moved into it together.

use super::error::FolderError;
use super::exchange::{exchange, move_in, rescue};
use super::names::{hex, point, remove, sync};
use super::taken::Folder;
use il2_engine::stop;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A file that a run wrote to the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Name of the file.
    pub name: String,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Number of rows, for a table.
    pub rows: Option<usize>,
}

/// Files that are staged and moved into the folder together.
#[derive(Debug)]
pub struct Staged<'a> {
    pub(super) folder: &'a Folder,
    pub(super) at: PathBuf,
    /// Files in the order in which they were written.
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

impl Folder {
    /// An empty folder for the files of a run.
    pub fn stage(&self) -> Result<Staged<'_>, FolderError> {
        let at = if self.can_exchange() { self.aside("new") } else { self.inside("new") };
        let made = remove(&at).and_then(|()| {
            fs::create_dir_all(at.parent().expect("a folder beside or inside another"))?;
            fs::create_dir(&at)
        });
        made.map_err(|e| FolderError::cannot_write(&self.shown, e))?;
        point();
        Ok(Staged { folder: self, at, files: vec![] })
    }
}

impl Staged<'_> {
    /// Writes a file, unless the end of the run was requested; the folder then removes what is staged. Names
    /// that differ only in case are the same file on some systems.
    pub fn add(
        &mut self,
        name: String,
        rows: Option<usize>,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), FolderError> {
        stop::end_if_asked();
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
                // Some file systems and devices cannot sync, although the bytes are written.
                ErrorKind::InvalidInput | ErrorKind::Unsupported => Ok(()),
                _ => Err(e),
            })?;
            Ok((bytes, hex(hash)))
        };
        let (bytes, sha256) =
            run().map_err(|e| FolderError::cannot_write(&self.folder.shown.join(&name), e))?;
        self.files.push(Written { name, bytes, sha256, rows });
        point();
        Ok(())
    }

    /// Writes a file with these bytes.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.add(name.to_string(), None, |w| w.write_all(bytes))
    }

    /// Moves the files into the folder together; the manifest must be among them.
    pub fn swap(self) -> Result<Vec<Written>, FolderError> {
        let names: Vec<String> = self.files.iter().map(|f| f.name.clone()).collect();
        self.folder.check(&names)?;
        sync(&self.at);
        self.finish().map_err(|e| FolderError::cannot_write(&self.folder.shown, e))?;
        Ok(self.files)
    }

    fn finish(&self) -> io::Result<()> {
        let folder = self.folder;
        let (waiting, ready) = (folder.inside("new"), folder.inside("swap"));
        if self.at != waiting {
            let aside = folder.aside("swap");
            fs::rename(&self.at, &aside)?;
            point();
            match exchange(&folder.path, &aside, folder.others()?) {
                // Remains of the old folder do no harm; the next run tries again to remove them.
                Ok(()) => return rescue(&aside, &folder.path).or(Ok(())),
                Err(_) => self.carry(&aside, &waiting)?,
            }
        }
        fs::rename(&waiting, &ready)?;
        point();
        move_in(&ready, &folder.path)
    }

    /// Moves the files into the folder one by one, if the folder cannot be exchanged.
    fn carry(&self, from: &Path, to: &Path) -> io::Result<()> {
        if fs::rename(from, to).is_err() {
            // Another file system is mounted at this place.
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
