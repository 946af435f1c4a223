//! Why a folder of results cannot be written.

use il2_engine::words::{cut, reason, visible};
use std::path::{Path, PathBuf};

/// A folder or file that cannot or must not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", cut(&visible(&path.display().to_string()).replace('\n', " "), 200))]
pub struct FolderError {
    /// The folder or file, as the user wrote it.
    pub path: PathBuf,
    /// Whether the folder belongs to another user or study, so that it could but must not be
    /// written.
    pub taken: bool,
    /// One sentence that ends with advice.
    pub message: String,
}

impl FolderError {
    pub(crate) fn new(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_path_buf(), taken: false, message: message.into() }
    }

    /// The contents of the folder belong to the user or to another study.
    pub(crate) fn taken(path: &Path, message: impl Into<String>) -> Self {
        Self { taken: true, ..Self::new(path, message) }
    }

    pub(crate) fn cannot_write(path: &Path, e: std::io::Error) -> Self {
        let message = format!(
            "cannot be written ({}); no partial results were left: free disk space, or choose \
             another folder (--out)",
            reason(&e)
        );
        Self::new(path, message)
    }
}
