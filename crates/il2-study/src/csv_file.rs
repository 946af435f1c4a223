//! CSV files that a study names: read whole, every row with its line, or refused with file, line,
//! column and remedy.

use crate::error::StudyError;
use il2::quantity::{closest, shown};
use std::path::{Path, PathBuf};

/// Larger files are no tables of doses or measurements.
const MOST_BYTES: u64 = 256 << 20;

/// A CSV file with a header.
#[derive(Clone, Debug)]
pub struct CsvFile {
    /// Where it was read.
    pub path: PathBuf,
    /// Names of the columns.
    pub header: Vec<String>,
    /// Line of each row in the file, from 1, and its fields: as many as the header has.
    pub rows: Vec<(usize, csv::StringRecord)>,
    /// Lines that begin with `#`, which are not read; of the header only the sign is left out.
    pub commented: usize,
    /// SHA-256 of the file.
    pub hash: String,
}

/// Reads a file; `what` says in an error what it ought to hold: `doses and observations`.
pub fn read(path: &Path, what: &str) -> Result<CsvFile, StudyError> {
    let refuse = |message: String| StudyError::of_file(path, message);
    let about = std::fs::metadata(path).map_err(|e| {
        refuse(format!(
            "cannot be read ({e}); give the path of a CSV file, from where the study lies"
        ))
    })?;
    if about.is_dir() || about.len() > MOST_BYTES {
        return Err(refuse(format!(
            "is a folder, or larger than 256 MB; give a CSV file of {what}"
        )));
    }
    let bytes = std::fs::read(path).map_err(|e| refuse(format!("cannot be read ({e})")))?;
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        refuse(format!("is not UTF-8 text (byte {}); save it as UTF-8", e.valid_up_to()))
    })?;
    let mut file = parse(path, text.strip_prefix('\u{feff}').unwrap_or(text), what)?;
    file.hash = crate::study::sha256(&bytes);
    Ok(file)
}

fn parse(path: &Path, text: &str, what: &str) -> Result<CsvFile, StudyError> {
    let body = text.strip_prefix('#').unwrap_or(text);
    let sign = text.len() - body.len();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(body.as_bytes());
    let broken = |e: csv::Error| {
        let line = e.position().map_or(1, |p| p.line() as usize);
        let message = match e.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!(
                    "has {len} fields where the header has {expected_len}; separate all with commas"
                )
            }
            _ => format!("is no CSV ({e}); separate fields with commas"),
        };
        at(path, line, "", message)
    };
    let header: Vec<String> =
        reader.headers().map_err(broken)?.iter().map(str::to_string).collect();
    match header.as_slice() {
        [] => {
            let message = format!("is empty; write a header and then rows of {what}");
            return Err(at(path, 1, "", message));
        }
        [one] if one.contains([';', '\t']) => {
            let message = "is separated by semicolons or tabs; save it with commas between fields \
                           and points in numbers";
            return Err(at(path, 1, "", message));
        }
        _ => {}
    }
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut rows = vec![];
    for row in reader.records() {
        let row = row.map_err(broken)?;
        // The reader counts a row from the end of the one before it.
        let mut begins = sign + row.position().map_or(0, |p| p.byte() as usize);
        loop {
            let rest = &text[begins..];
            begins += rest.len() - rest.trim_start_matches(['\r', '\n']).len();
            if !text[begins..].starts_with('#') {
                break;
            }
            begins += text[begins..].find('\n').unwrap_or(text.len() - begins);
        }
        rows.push((1 + ends.partition_point(|&end| end < begins), row));
    }
    let commented = body.lines().filter(|line| line.starts_with('#')).count();
    Ok(CsvFile { path: path.to_path_buf(), header, rows, commented, hash: String::new() })
}

/// An error in a line of a file.
pub fn at(path: &Path, line: usize, column: &str, message: impl Into<String>) -> StudyError {
    let place = if column.is_empty() { String::new() } else { format!("column {column}") };
    let error = StudyError::at(place, message);
    StudyError { file: Some(path.to_path_buf()), line: Some(line), ..error }
}

/// A field as a finite number; none where it is empty or a dot. The error says what to write.
pub fn number(text: &str) -> Result<Option<f64>, String> {
    if text.is_empty() || text == "." {
        return Ok(None);
    }
    let number = text.parse::<f64>().ok().filter(|v| v.is_finite());
    number.map(Some).ok_or_else(|| {
        let hint = if text.contains(':') {
            "; clock times are not read: write time since the start"
        } else {
            "; write a number, or . for none"
        };
        format!("\"{}\" is no number{hint}", shown(text))
    })
}

impl CsvFile {
    /// An error in a line of the file.
    pub fn refuse(&self, line: usize, column: &str, message: impl Into<String>) -> StudyError {
        at(&self.path, line, column, message)
    }

    /// Place of a column, whatever its case; `named_by` is the key of the study that asks for it.
    pub fn column(&self, name: &str, named_by: &str) -> Result<usize, StudyError> {
        let found = self.header.iter().position(|h| h.eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let hint = closest(name, self.header.iter().map(String::as_str));
            let hint = hint.map_or(format!("it has {}", self.header.join(", ")), |h| {
                format!("did you mean {h}?")
            });
            let message = format!(
                "has no column {}, which the study's {named_by} names; {hint}",
                shown(name)
            );
            self.refuse(1, name, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::path::Path;

    #[test]
    fn other_separators_and_empty_files_are_named() {
        let said =
            |text: &str| parse(Path::new("doses.csv"), text, "doses").unwrap_err().to_string();
        assert!(said("ID;TIME;AMT\n1;0;5,5\n").contains("separated by semicolons or tabs"));
        assert!(said("ID\tTIME\n1\t0\n").contains("separated by semicolons or tabs"));
        assert!(said("").contains("is empty; write a header and then rows of doses"));
        assert!(parse(Path::new("doses.csv"), "ID\n1\n", "doses").is_ok());
    }
}
