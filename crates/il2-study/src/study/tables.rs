//! Location of the tables of a study: in the folder of the study file, or included with its text.

use crate::csv_file::{self, CsvFile};
use crate::error::StudyError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Location of the tables that a study names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tables {
    /// In files, with paths relative to this folder.
    Folder(PathBuf),
    /// Included with the study: the text of each table, by its path in the study.
    Carried(BTreeMap<String, String>),
}

impl Tables {
    /// Path of a table, for messages.
    pub fn path(&self, name: &str) -> PathBuf {
        match self {
            Tables::Folder(folder) => folder.join(name),
            Tables::Carried(_) => PathBuf::from(name),
        }
    }

    /// Reads a table; `what` describes the expected contents in error messages, for example `doses
    /// and observations`.
    pub fn read(&self, name: &str, what: &str) -> Result<CsvFile, StudyError> {
        match self {
            Tables::Folder(_) => csv_file::read(&self.path(name), what),
            Tables::Carried(all) => csv_file::of_text(Path::new(name), carried(all, name)?, what),
        }
    }

    /// The text of a table or model.
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
            "is not among the tables of this request; create the request again from the study";
        StudyError::of_file(Path::new(name), message)
    })
}
