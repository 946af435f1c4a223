//! CSV files that a study names: rows with their line numbers, or an error with file, line, column
//! and remedy.

use crate::error::StudyError;
use il2_engine::words::{closest, is_date, reason, shown, some_of};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Larger files are not tables of doses or measurements.
const MOST_BYTES: u64 = 64 << 20;
/// Largest number of fields: each takes four bytes in addition to its text, and more fields would
/// need more memory than all other data.
const MOST_FIELDS: usize = 10_000_000;

/// A CSV file with a header. Its fields are stored in one text, so that half a million rows take
/// little more memory than the file.
#[derive(Clone, Debug, Default)]
pub struct CsvFile {
    /// Where it was read.
    pub path: PathBuf,
    /// Names of the columns.
    pub header: Vec<String>,
    /// Number of lines that begin with `#`, which are not read; in a header, only the `#` itself is
    /// ignored.
    pub commented: usize,
    /// SHA-256 of the file.
    pub hash: String,
    lines: Vec<u32>,
    /// Fields of all rows, without surrounding quotes and blanks.
    text: String,
    /// Where each field ends in that text.
    ends: Vec<u32>,
}

/// The fields of a row: as many as the header has.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    file: &'a CsvFile,
    row: usize,
}

impl std::ops::Index<usize> for Fields<'_> {
    type Output = str;

    fn index(&self, column: usize) -> &str {
        assert!(column < self.file.header.len());
        let field = self.row * self.file.header.len() + column;
        let begin = if field == 0 { 0 } else { self.file.ends[field - 1] as usize };
        &self.file.text[begin..self.file.ends[field] as usize]
    }
}

/// Reads a file; `what` says in errors what the file should contain: `doses and observations`.
pub fn read(path: &Path, what: &str) -> Result<CsvFile, StudyError> {
    of_text(path, &text_of(path, what)?, what)
}

/// Reads the content of a file; `path` only names it.
pub fn of_text(path: &Path, text: &str, what: &str) -> Result<CsvFile, StudyError> {
    let mut file = parse(path, text.strip_prefix('\u{feff}').unwrap_or(text), what)?;
    file.hash = crate::hash::sha256(text.as_bytes());
    Ok(file)
}

/// The text of a file.
pub fn text_of(path: &Path, what: &str) -> Result<String, StudyError> {
    let refuse = |message: String| StudyError::of_file(path, message);
    let unread = |e: std::io::Error| {
        let remedy = "give the path of the file relative to the study";
        StudyError::io(path, format!("cannot be read ({}); {remedy}", reason(&e)))
    };
    let about = std::fs::metadata(path).map_err(unread)?;
    // A table may be read more than once, which a pipe cannot be.
    if !about.is_file() || about.len() > MOST_BYTES {
        return Err(refuse(format!(
            "is a folder, a pipe or a device, or larger than 64 MB; give a file of {what}, \
             with only the necessary columns and rows if the table is large"
        )));
    }
    let bytes = bytes_of(path, MOST_BYTES).map_err(unread)?;
    crate::encoding::text_of(bytes)
        .map_err(|at| refuse(format!("is not UTF-8 text (byte {at}); save it as UTF-8")))
}

/// The bytes of a file, at most `most` + 1, because pipes, devices and growing files do not have
/// the size that they report.
pub fn bytes_of(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![];
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(path: &Path, text: &str, what: &str) -> Result<CsvFile, StudyError> {
    let body = text.strip_prefix(['#', '@']).unwrap_or(text);
    let sign = text.len() - body.len();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .comment(Some(b'#'))
        .from_reader(body.as_bytes());
    let broken = |e: csv::Error| {
        let line = e.position().map_or(1, |p| p.line() as usize);
        at(path, line, "", format!("is not CSV ({e}); separate fields with commas"))
    };
    let mut header: Vec<String> =
        reader.headers().map_err(broken)?.iter().map(str::to_string).collect();
    if let Some(first) = header.first_mut() {
        *first = first.trim_start_matches(['#', '@']).to_string();
    }
    match header.as_slice() {
        [] => {
            let message = format!("is empty; it must contain a header and then rows of {what}");
            return Err(at(path, 1, "", message));
        }
        [one] if one.contains([';', '\t']) => {
            let mark = if one.contains('\t') { "tabs" } else { "semicolons" };
            let message = format!(
                "has fields separated by {mark}; save it with commas between fields and points in \
                 numbers"
            );
            return Err(at(path, 1, "", message));
        }
        _ => {}
    }
    let mut file = CsvFile { path: path.to_path_buf(), header, ..CsvFile::default() };
    file.text.reserve(text.len());
    let mut row = csv::StringRecord::new();
    // Line ends are counted while rows are read, because a list of them could be longer than the
    // table.
    let (mut seen, mut line) = (0, 1);
    while reader.read_record(&mut row).map_err(broken)? {
        // Skips rows of blanks and commas, which spreadsheets leave below a table, and rows of NA,
        // which R writes for them.
        if row.iter().all(missing) {
            continue;
        }
        // The reader reports that a row begins at the end of the previous row.
        let mut begins = sign + row.position().map_or(0, |p| p.byte() as usize);
        loop {
            let rest = &text[begins..];
            begins += rest.len() - rest.trim_start_matches(['\r', '\n']).len();
            if !text[begins..].starts_with('#') {
                break;
            }
            begins += text[begins..].find('\n').unwrap_or(text.len() - begins);
        }
        line += text.as_bytes()[seen..begins].iter().filter(|b| **b == b'\n').count();
        seen = begins;
        if row.len() != file.header.len() {
            let write = match row.len() > file.header.len() {
                true => "write decimals with a point, and put quotes around text with commas",
                false => "separate all fields with commas",
            };
            let message = format!(
                "has {} fields where the header has {}; {write}",
                row.len(),
                file.header.len()
            );
            return Err(at(path, line, "", message));
        }
        if file.ends.len() + row.len() > MOST_FIELDS {
            let message = format!(
                "has more than {MOST_FIELDS} fields up to here; leave out columns that are not \
                 needed, or \
                 split the table"
            );
            return Err(at(path, line, "", message));
        }
        file.lines.push(line as u32);
        for field in &row {
            file.text.push_str(field);
            file.ends.push(file.text.len() as u32);
        }
    }
    file.commented = body.lines().filter(|line| line.starts_with('#')).count();
    Ok(file)
}

/// An error in a line of a file.
pub fn at(path: &Path, line: usize, column: &str, message: impl Into<String>) -> StudyError {
    let place = if column.is_empty() { String::new() } else { format!("column {column}") };
    let error = StudyError::at(place, message);
    StudyError { file: Some(path.to_path_buf()), line: Some(line), ..error }
}

/// Whether a field is missing: empty, a dot, or what R, Python and spreadsheets write for a missing
/// value.
pub fn missing(text: &str) -> bool {
    text.is_empty()
        || text == "."
        || (text.len() <= 4
            && ["NA", "NaN", "N/A", "#N/A", "NULL"].iter().any(|w| text.eq_ignore_ascii_case(w)))
}

/// A field as a finite number; none where it is missing. The error says what to write.
pub fn number(text: &str) -> Result<Option<f64>, String> {
    if missing(text) {
        return Ok(None);
    }
    let number = text.parse::<f64>().ok().filter(|v| v.is_finite());
    number.map(Some).ok_or_else(|| {
        let hint = match il2::quantity::thousands(text).filter(|plain| plain.parse::<f64>().is_ok())
        {
            Some(plain) => format!("; write {plain}, without separators between thousands"),
            None if is_date(text) => {
                "; dates are not supported: give the time since the start, such as 24".to_string()
            }
            None if text.contains(':') => {
                "; clock times are not supported: give the time since the start".to_string()
            }
            None => "; give a number, or . if there is none".to_string(),
        };
        format!("\"{}\" is not a number{hint}", shown(text))
    })
}

impl CsvFile {
    /// Line of each row in the file, from 1, and its fields.
    pub fn rows(&self) -> impl Iterator<Item = (usize, Fields<'_>)> {
        self.lines
            .iter()
            .enumerate()
            .map(|(row, &line)| (line as usize, Fields { file: self, row }))
    }

    /// An error in a line of the file.
    pub fn refuse(&self, line: usize, column: &str, message: impl Into<String>) -> StudyError {
        at(&self.path, line, column, message)
    }

    /// Index of the column that the study names by its key `named_by`: the column with exactly this
    /// name, otherwise one whose name differs only in capitals; an error if two match.
    pub fn column(&self, name: &str, named_by: &str) -> Result<usize, StudyError> {
        let exact = self.one(|h| h == name)?;
        if let Some(place) =
            exact.map_or_else(|| self.one(|h| h.eq_ignore_ascii_case(name)), |p| Ok(Some(p)))?
        {
            return Ok(place);
        }
        let hint = closest(name, self.header.iter().map(String::as_str));
        let names = some_of(name, self.header.iter().map(String::as_str));
        let hint =
            hint.map_or(format!("the columns are {names}"), |h| format!("did you mean {h}?"));
        let message = format!(
            "there is no column {}, which the study names in {named_by}; {hint}",
            shown(name)
        );
        Err(self.refuse(1, name, message))
    }

    /// Index of the one column whose name fits; an error if two fit.
    pub fn one(&self, fits: impl Fn(&str) -> bool) -> Result<Option<usize>, StudyError> {
        let mut places = (0..self.header.len()).filter(|&c| fits(&self.header[c]));
        let (first, second) = (places.next(), places.next());
        match (first, second) {
            (Some(first), Some(second)) => Err(self.twice(first, second)),
            _ => Ok(first),
        }
    }

    /// The second half of an error about a missing column: what the header contains and the remedy,
    /// if any, or that there is no header.
    pub fn lacking(&self, remedy: &str) -> String {
        let names = self.header.join(", ");
        let number = |name: &String| {
            let digits = name.trim_start_matches(['+', '-', '.']);
            digits.starts_with(|c: char| c.is_ascii_digit()) && name.parse::<f64>().is_ok()
        };
        match self.header.iter().any(number) {
            true => format!(
                "the first line looks like data ({names}); add a line with the names of the \
                 columns above it"
            ),
            false if remedy.is_empty() => format!("the header has {names}"),
            false => format!("the header has {names}: {remedy}"),
        }
    }

    /// The error for two columns with the same meaning.
    pub fn twice(&self, first: usize, second: usize) -> StudyError {
        let name = &self.header[second];
        let found = match *name == self.header[first] {
            true => format!("appears twice (columns {} and {})", first + 1, second + 1),
            false => {
                let other = shown(&self.header[first]);
                format!("has the same meaning as column {} ({other})", first + 1)
            }
        };
        self.refuse(1, name, format!("{found}; rename or remove one of the two"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<CsvFile, StudyError> {
        parse(Path::new("doses.csv"), text, "doses")
    }

    #[test]
    fn other_separators_and_empty_files_are_named() {
        let said = |text: &str| of(text).unwrap_err().to_string();
        assert!(
            said("ID;TIME;AMT\n1;0;5,5\n").contains("has fields separated by semicolons; save")
        );
        assert!(said("ID\tTIME\n1\t0\n").contains("has fields separated by tabs; save"));
        assert!(said("").contains("is empty; it must contain a header and then rows of doses"));
        assert!(of("ID\n1\n").is_ok());
    }

    #[test]
    fn rows_keep_their_fields_and_lines_and_blank_ones_are_none() {
        let file = of("@ID,A,B\r\n1,\" x, y \",\r\n,,\n  \n#c\n,,,,,\n\n2,.,é\n").unwrap();
        assert_eq!(file.header, ["ID", "A", "B"]);
        let rows: Vec<(usize, [String; 3])> =
            file.rows().map(|(line, f)| (line, [0, 1, 2].map(|c| f[c].to_string()))).collect();
        let row = |line: usize, all: [&str; 3]| (line, all.map(str::to_string));
        assert_eq!(rows, [row(2, ["1", "x, y", ""]), row(8, ["2", ".", "é"])]);
        let said = of("A,B\n\n1\n").unwrap_err().to_string();
        assert!(said.contains("doses.csv:3: has 1 fields where the header has 2; sep"), "{said}");
        let said = of("A,B\n2,1,73\n").unwrap_err().to_string();
        assert!(
            said.ends_with("; write decimals with a point, and put quotes around text with commas")
        );
    }

    #[test]
    fn a_column_that_the_study_names_is_the_one_of_that_very_name() {
        let file = of("value,Value,DOSE,dose,dose\n").unwrap();
        assert_eq!(file.column("Value", "columns").unwrap(), 1);
        assert_eq!(file.column("value", "columns").unwrap(), 0);
        assert_eq!(file.column("DOSE", "columns").unwrap(), 2);
        for name in ["VALUE", "dose", "Dose"] {
            let said = file.column(name, "columns").unwrap_err().to_string();
            assert!(said.contains("rename or remove one of the two"), "{said}");
        }
    }

    #[test]
    fn what_says_nothing_is_no_number() {
        for text in ["", ".", "NA", "NaN", "nan", "n/a", "#N/A", "null"] {
            assert_eq!(number(text), Ok(None), "{text}");
        }
        assert_eq!(number("-1.5e2"), Ok(Some(-150.0)));
        assert!(number("inf").is_err() && number("1,5").is_err() && number("9:30").is_err());
        let said = number("2024-03-01").unwrap_err();
        assert!(
            said.ends_with("; dates are not supported: give the time since the start, such as 24")
        );
    }

    #[test]
    fn a_first_line_of_numbers_is_not_taken_for_a_header() {
        let said = of("1,0,1,1.73\n1,1,0,.\n").unwrap().lacking("name it");
        assert_eq!(
            said,
            "the first line looks like data (1, 0, 1, 1.73); add a line with the names of the columns above it"
        );
        assert_eq!(of("A,B2\n1,2\n").unwrap().lacking("name it"), "the header has A, B2: name it");
        assert_eq!(of("A,B2\n1,2\n").unwrap().lacking(""), "the header has A, B2");
    }

    #[test]
    fn no_more_than_the_limit_is_read_of_what_has_no_end() {
        if let Ok(bytes) = bytes_of(Path::new("/dev/zero"), 1000) {
            assert_eq!(bytes.len(), 1001);
        }
        let refused = read(Path::new("/dev/zero"), "doses").map(|_| ());
        assert!(cfg!(not(unix)) || refused.unwrap_err().to_string().contains("give a file"));
    }
}
