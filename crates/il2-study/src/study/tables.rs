//! Where the tables of a study are found: beside its file, or included with its text.

use crate::csv_file::{self, CsvFile};
use crate::error::StudyError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the tables that a study names are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tables {
    /// In files, by their path from this folder.
    Folder(PathBuf),
    /// With the study: text by the path that the study names.
    Carried(BTreeMap<String, String>),
}

impl Tables {
    /// Where a table lies, as messages name it.
    pub fn path(&self, name: &str) -> PathBuf {
        match self {
            Tables::Folder(folder) => folder.join(name),
            Tables::Carried(_) => PathBuf::from(name),
        }
    }

    /// Reads a table; `what` tells errors what it ought to hold: `doses and observations`.
    pub fn read(&self, name: &str, what: &str) -> Result<CsvFile, StudyError> {
        match self {
            Tables::Folder(_) => csv_file::read(&self.path(name), what),
            Tables::Carried(all) => csv_file::of_text(Path::new(name), carried(all, name)?, what),
        }
    }

    /// The text of a table, as it is in its file.
    pub fn text(&self, name: &str) -> Result<String, StudyError> {
        match self {
            Tables::Folder(_) => csv_file::text_of(&self.path(name), "rows"),
            Tables::Carried(all) => Ok(carried(all, name)?.to_string()),
        }
    }
}

fn carried<'a>(all: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str, StudyError> {
    all.get(name).map(String::as_str).ok_or_else(|| {
        let message =
            "is not among the tables of this request; write the request again from the study";
        StudyError::of_file(Path::new(name), message)
    })
}
