//! Reads text into a [`StudyFile`]; every error gives the file, line, key and remedy.

use crate::error::StudyError;
use crate::renamed;
use crate::study::file::StudyFile;
use crate::study::hints::HINTS;
use crate::typed;
use il2_engine::words::{reason, shown};
use std::path::Path;

/// Maximum size in bytes of a study file, which is written by hand.
const MOST_BYTES: u64 = 4 << 20;
/// Maximum size in bytes of a request, which also contains its tables.
const MOST_OF_A_REQUEST: u64 = 256 << 20;
/// The format version that this program reads.
const VERSION: u32 = 1;
/// Reads the text of a study file; every file-system failure is reported as an error with a remedy.
pub fn text_of(file: &Path) -> Result<String, StudyError> {
    let refuse = |message: String| StudyError::of_file(file, message);
    let unread = |e: std::io::Error| {
        let why = reason(&e);
        StudyError::io(file, format!("cannot be read ({why}); give the path of a study file"))
    };
    let about = std::fs::metadata(file).map_err(unread)?;
    if about.is_dir() {
        return Err(refuse("is a folder; give the path of a study file in it".into()));
    }
    let request = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let (most, larger) = match request {
        true => (
            MOST_OF_A_REQUEST,
            "a request, which contains a study and its tables, can have at most 256 MB",
        ),
        false => (MOST_BYTES, "a study is a hand-written TOML file and can have at most 4 MB"),
    };
    let too_large = |bytes: u64| {
        let megabytes = bytes as f64 / f64::from(1 << 20);
        refuse(format!("has {megabytes:.0} MB; {larger}"))
    };
    if about.len() > most {
        return Err(too_large(about.len()));
    }
    let bytes = crate::csv_file::bytes_of(file, most).map_err(unread)?;
    // Pipes and devices do not report their size.
    if bytes.len() as u64 > most {
        return Err(refuse(format!("has more than {} MB; {larger}", most >> 20)));
    }
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        refuse(format!("is not UTF-8 text (byte {at}); save it as UTF-8"))
    })
}

/// Reads a study from text; `file` is used only in error messages.
pub fn parse(file: &Path, text: &str) -> Result<StudyFile, StudyError> {
    let refuse = |path: &str, message: String| StudyError::at(path, message).located(file, text);
    if text.trim().is_empty() {
        return Err(StudyError::of_file(
            file,
            "is empty; `il2 new dose-response` writes a study to start from",
        ));
    }
    let mut table = typed::table(file, text)?;
    match table.get("version") {
        None => {
            return Err(refuse("version", "is missing; begin the study with version = 1".into()));
        }
        Some(toml::Value::Integer(v)) if *v == i64::from(VERSION) => {}
        Some(other) => {
            let found = shown(&other.to_string());
            return Err(refuse(
                "version",
                format!("{found} is not supported; this program reads version = 1"),
            ));
        }
    }
    let notices = renamed::renew(&mut table).map_err(|e| e.located(file, text))?;
    let read = typed::read(table, &HINTS).map_err(|e| e.located(file, text));
    read.map(|file: StudyFile| StudyFile { notices, ..file })
}
