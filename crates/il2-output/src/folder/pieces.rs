//! Finished pieces of long work in a file, one per line, so that the work can continue where it was
//! stopped.
//!
//! A piece (a start, a profile, a chain) depends only on the study and has the same bits whenever
//! it is made, so that a fit that was interrupted gives the same result as one that was not. In a
//! [shard](il2_engine::shard) pieces are results, as the answers of lanes are, and none is stored
//! in this file.

use super::error::FolderError;
use super::names::{UNFINISHED, UNFINISHED_PARTIAL};
use il2_engine::shard::{self, Key, Lookup, Shard};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Earlier pieces, and the file for new ones.
#[derive(Debug, Default)]
pub struct Pieces {
    before: HashMap<String, serde_json::Value>,
    file: Option<(PathBuf, Mutex<File>)>,
}

impl Pieces {
    /// Without earlier pieces, and without storing new ones.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The pieces in the folder that were made for this `key` (a hash of everything that determines a fit);
    /// others are discarded.
    pub fn open(folder: &Path, key: &str) -> Result<Self, FolderError> {
        let path = folder.join(UNFINISHED);
        let refuse = |e: std::io::Error| {
            let why = il2_engine::words::reason(&e);
            FolderError::new(
                &path,
                format!("cannot be written ({why}); use another folder (--out)"),
            )
        };
        std::fs::create_dir_all(folder).map_err(refuse)?;
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let mut lines = text.lines();
        let ours = lines.next() == Some(key);
        // A line that was cut off by a kill is not valid JSON, and its piece is made again.
        let read = |line: &str| serde_json::from_str::<(String, serde_json::Value)>(line).ok();
        let before: HashMap<_, _> = lines.filter(|_| ours).filter_map(read).collect();
        // The file is rewritten and renamed, so that the next piece begins on a new line.
        let partial = folder.join(UNFINISHED_PARTIAL);
        let mut file = File::create(&partial).map_err(refuse)?;
        writeln!(file, "{key}").map_err(refuse)?;
        for piece in &before {
            let line = serde_json::to_string(&piece).expect("JSON of our own");
            writeln!(file, "{line}").map_err(refuse)?;
        }
        std::fs::rename(&partial, &path).map_err(refuse)?;
        Ok(Self { before, file: Some((path, Mutex::new(file))) })
    }

    /// Number of earlier pieces.
    pub fn made_before(&self) -> usize {
        self.before.len()
    }

    /// A piece, computed now or read from the file; none if another shard computes it.
    pub fn piece<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        make: impl FnOnce() -> T,
    ) -> Option<T> {
        if let Some(shard) = shard::current() {
            return in_shard(&shard, name, || shard::aside(make));
        }
        let before = self.before.get(name);
        if let Some(piece) = before.and_then(|v| serde_json::from_value(v.clone()).ok()) {
            return Some(piece);
        }
        let piece = make();
        if let Some((_, file)) = &self.file {
            let line = serde_json::to_string(&(name, &piece)).expect("JSON of our own");
            let mut file = file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            // If the disk is full, only the stored piece is lost, not the fit.
            let _ = writeln!(file, "{line}").and_then(|()| file.flush());
        }
        Some(piece)
    }

    /// Removes the file once the results are written.
    pub fn done(self) {
        if let Some((path, _)) = self.file {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn in_shard<T: Serialize + DeserializeOwned>(
    shard: &Shard,
    name: &str,
    make: impl FnOnce() -> T,
) -> Option<T> {
    let hash = Sha256::digest(format!("{}\n{name}", shard.name()));
    let key = Key::from_le_bytes(std::array::from_fn(|i| hash[i]));
    match shard.ask(key) {
        // A piece that JSON cannot represent, such as an infinite density, is computed again.
        Lookup::Known(found) => Some(serde_json::from_slice(&found).unwrap_or_else(|_| make())),
        Lookup::Own => {
            let piece = make();
            shard.keep(key, &serde_json::to_vec(&piece).expect("JSON of our own"));
            Some(piece)
        }
        Lookup::Elsewhere => None,
    }
}
