//! Text to [`StudyFile`]: every error names file, line, key and remedy.

use crate::error::StudyError;
use crate::renamed;
use crate::study::file::StudyFile;
use il2_engine::words::{closest, shown, some_of};
use std::path::Path;

/// Most bytes of a study, which is written by hand.
const MOST_BYTES: u64 = 4 << 20;
/// A request carries its tables.
const MOST_OF_A_REQUEST: u64 = 256 << 20;
/// The format that this program reads.
const VERSION: u32 = 1;
/// Keys of an assay of patients that users may write into a regimen by mistake.
const OF_ASSAYS: [&str; 7] =
    ["rules", "patients", "times", "level", "draws", "individuals", "parameters"];

/// Reads the text of a study file; every failure of the file system is an error with a remedy.
pub fn text_of(file: &Path) -> Result<String, StudyError> {
    let refuse = |message: String| StudyError::of_file(file, message);
    let unread = |e: std::io::Error| {
        StudyError::io(file, format!("cannot be read ({e}); give the path of a study file"))
    };
    let about = std::fs::metadata(file).map_err(unread)?;
    if about.is_dir() {
        return Err(refuse("is a folder; give the path of a study file in it".into()));
    }
    let request = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let (most, larger) = match request {
        true => (MOST_OF_A_REQUEST, "a request of a study and its tables has at most 256 MB"),
        false => (MOST_BYTES, "a study is a hand-written TOML file of at most 4 MB"),
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

/// Reads a study from text; `file` only names it in errors.
pub fn parse(file: &Path, text: &str) -> Result<StudyFile, StudyError> {
    let refuse = |path: &str, message: String| StudyError::at(path, message).located(file, text);
    if text.trim().is_empty() {
        return Err(StudyError::of_file(
            file,
            "is empty; `il2 new dose-response` writes a study to start from",
        ));
    }
    let mut table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
        let mut error =
            StudyError::of_file(file, format!("is not valid TOML: {}", one_line(e.message())));
        error.set_line(text, e.span().map(|s| s.start));
        error
    })?;
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
    let notices = renamed::renew(&mut table);
    let read = serde_path_to_error::deserialize(toml::Value::Table(table)).map_err(|e| {
        let path = e.path().to_string();
        let path = if path == "." { String::new() } else { path };
        let (path, message) = explain(path, e.into_inner().message());
        refuse(&path, message)
    });
    read.map(|file: StudyFile| StudyFile { notices, ..file })
}

/// serde's message in our own words, without the inner path and with a suggestion.
fn explain(path: String, message: &str) -> (String, String) {
    let join = |a: String, b: &str| match (a.is_empty(), b) {
        (_, "" | ".") => a,
        (true, b) => b.to_string(),
        (false, b) => format!("{a}.{b}"),
    };
    if let Some((inner, message)) = message.strip_prefix('@').and_then(|m| m.split_once('@')) {
        return explain(join(path, inner), message);
    }
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field") && !quoted.is_empty() {
        let known = &quoted[1..];
        let of_assay = path.starts_with("regimens.") && OF_ASSAYS.contains(&quoted[0]);
        let hint = match (closest(quoted[0], known.iter().copied()), known) {
            _ if of_assay => {
                let key = quoted[0];
                format!(
                    "{key} belongs to the assay that gives the regimen; write it below [assay.NAME]"
                )
            }
            (Some(near), _) => format!("did you mean {near}?"),
            (None, []) => "nothing else is allowed here".to_string(),
            (None, known) => format!("allowed are {}", some_of(quoted[0], known.iter().copied())),
        };
        // serde_path_to_error names the unknown key itself last.
        let at = match path.strip_suffix(quoted[0]) {
            Some(_) => path,
            None => join(path, quoted[0]),
        };
        return (at, format!("unknown key; {hint}"));
    }
    if message.starts_with("missing field") && !quoted.is_empty() {
        let at = join(path, quoted[0]);
        let add = match at.as_str() {
            "assay" => "add one; `il2 new dose-response` writes a study to start from",
            "question" => {
                "say what is asked, for example question = \"Which cell responds first?\""
            }
            _ => "this part needs it",
        };
        return (at, format!("is missing; {add}"));
    }
    let key = path.rsplit('.').next().unwrap_or_default().to_string();
    (path, plain_types(&key, &one_line(message)))
}

/// Range of a whole number, by its key.
fn whole(key: &str) -> String {
    let (low, high) = match key {
        "points" => (2, crate::values::MOST_POINTS),
        "starts" => (1, 10_000),
        "chains" => (0, 100),
        "warmup" => (50, 100_000),
        _ => (0, u32::MAX),
    };
    format!("a whole number from {low} to {high}")
}

/// serde names its own types; a study has tables, lists and numbers.
fn plain_types(key: &str, message: &str) -> String {
    let Some((found, expected)) = message.split_once(", expected ") else {
        return message.to_string();
    };
    let found = found
        .replace("invalid length ", "found a list of ")
        .replace("invalid type: ", "found ")
        .replace("invalid value: ", "found ")
        .replace("floating point", "number")
        .replace("integer", "number")
        .replace("string", "text")
        .replace("sequence", "a list")
        .replace("map", "a table");
    let expected = match expected {
        "a map" => "a table".to_string(),
        "a sequence" => "a list in brackets, for example [\"1 h\", \"4 h\"]".to_string(),
        "a string" => "text in quotes".to_string(),
        "a boolean" => "true or false".to_string(),
        "f64" => "a number such as 1e-6".to_string(),
        "u32" => whole(key),
        "u64" => "a whole number, zero or more".to_string(),
        other if other.starts_with("struct ") => "a table".to_string(),
        other if other.contains("length 2") || other.contains("element") => {
            "two values in brackets, the lower end first".to_string()
        }
        other => other.to_string(),
    };
    format!("{found}; write {expected}")
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
