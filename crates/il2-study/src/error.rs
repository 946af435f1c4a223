//! Errors: who must correct them, where, what was found, what is allowed, and what to do.

use il2_engine::words::{cut, shown, visible};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::de::DeValue;

/// What an error is about, and so who must correct it. Each kind has its own exit code: a caller
/// may skip a molecule that a model does not know, retry after a full disk, and report a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The text of a study, a table or an option, to be corrected by its author.
    Input,
    /// Each part is valid by itself, but the model cannot use them together.
    Model,
    /// A file or folder cannot be read or written.
    Io,
    /// The program contradicts itself, which is a bug.
    Internal,
}

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct StudyError {
    /// What the error is about.
    pub kind: ErrorKind,
    /// The file, if one was read.
    pub file: Option<PathBuf>,
    /// Line in the file, counted from 1, if known.
    pub line: Option<usize>,
    /// The text of that line, if known.
    pub text: Option<Box<InText>>,
    /// Dotted key path, for example `cells.treg.receptors.il2r_alpha` or `assay.dose.times[0]`, with items of lists
    /// counted from zero, as TOML does; empty for the whole file.
    pub path: String,
    /// One sentence that ends with the remedy.
    pub message: String,
}

/// The text of a file at the position of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InText {
    /// The text of the line; empty where there is none.
    pub excerpt: String,
    /// The key path with list items counted from one, and with their names.
    pub place: String,
}

impl StudyError {
    /// An error in the input at a key path.
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        let (path, message) = (path.into(), message.into());
        Self { kind: ErrorKind::Input, file: None, line: None, text: None, path, message }
    }

    /// An error about parts that a model cannot combine, at the key path of one of them.
    pub fn model(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Model, ..Self::at(path, message) }
    }

    /// An error in the input that is about a whole file.
    pub fn of_file(file: &Path, message: impl Into<String>) -> Self {
        Self { file: Some(file.to_path_buf()), ..Self::at("", message) }
    }

    /// A file or folder that cannot be read or written.
    pub fn io(file: &Path, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Io, ..Self::of_file(file, message) }
    }

    /// The error for a table that cannot be read, reported at the key that names it.
    pub fn named_at(self, key: impl Into<String>) -> Self {
        let (ErrorKind::Io, Some(table)) = (self.kind, &self.file) else { return self };
        let message = format!("{}: {}", table.display(), self.message);
        Self { kind: ErrorKind::Io, ..Self::at(key, message) }
    }

    /// The remedy, with which the message ends; none where the message says only what was found.
    pub fn remedy(&self) -> Option<&str> {
        // Quoted text comes from the input and may contain any character.
        let mut quoted = false;
        let mut end = None;
        for (place, c) in self.message.char_indices() {
            quoted ^= c == '"';
            if !quoted && self.message[place..].starts_with("; ") {
                end = Some(place + 2);
            }
        }
        end.map(|end| &self.message[end..])
    }

    /// Adds the file and, from its text, the line of the key path or of its nearest parent. An
    /// error in another file, which the study names, keeps its own position.
    pub fn located(mut self, file: &Path, text: &str) -> Self {
        if self.file.as_ref().is_some_and(|own| own != file) {
            return self;
        }
        self.file = Some(file.to_path_buf());
        if self.line.is_none() {
            let found = find(text, &self.path);
            self.set_line(text, found.span.map(|s| s.start));
            let said = |name: &String| self.message.contains(&format!("\"{name}\""));
            let new = |name: Option<String>| name.filter(|name| !said(name));
            self.text.get_or_insert_default().place =
                counted(&self.path, found.names.into_iter().map(new));
        }
        self
    }

    /// An error in a study or table that a request carries: the line is that of the request file.
    pub fn carried_in(self, request: &Path) -> Self {
        if self.file.as_deref() == Some(request) {
            return Self { text: None, ..self };
        }
        let path = self.place();
        let Self { kind, file, line, message, .. } = self;
        let line = line.map_or(String::new(), |line| format!(":{line}"));
        let file = file.map_or(String::new(), |file| format!("{}{line}: ", file.display()));
        let path = if path.is_empty() { path } else { format!("{path}: ") };
        let message = format!("in this request, {file}{path}{message}");
        Self { kind, ..Self::of_file(request, message) }
    }

    /// The key path as a user reads it: list items are counted from one, and named where their name
    /// is known.
    pub fn place(&self) -> String {
        let named = self.text.as_ref().map(|text| &text.place).filter(|place| !place.is_empty());
        named.cloned().unwrap_or_else(|| place(&self.path))
    }

    /// Sets the line from a byte offset.
    pub fn set_line(&mut self, text: &str, offset: Option<usize>) {
        let Some(offset) = offset.filter(|&o| o <= text.len()) else { return };
        let before = &text.as_bytes()[..offset];
        let line = before.iter().filter(|b| **b == b'\n').count();
        self.line = Some(line + 1);
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let whole = text.lines().nth(line).unwrap_or("");
        self.text.get_or_insert_default().excerpt = excerpt(whole, offset - start);
    }
}

/// The part of a line that is shown: a long line is cut around the position of the error, and a
/// comment at its end is left out.
fn excerpt(line: &str, at: usize) -> String {
    let line = without_comment(line, at).trim_end();
    let length = line.chars().count();
    let before = line.char_indices().take_while(|(place, _)| *place < at).count();
    let first =
        before.saturating_sub(MOST_OF_A_LINE / 3).min(length.saturating_sub(MOST_OF_A_LINE));
    let kept: String = line.chars().skip(first).take(MOST_OF_A_LINE).collect();
    let left_out = |is: bool| if is { "..." } else { "" };
    format!(
        "{}{}{}",
        left_out(first > 0),
        cut(&visible(&kept), MOST_OF_A_LINE),
        left_out(length > first + MOST_OF_A_LINE)
    )
}

/// A line of TOML up to its comment, unless the error is in the comment.
fn without_comment(line: &str, at: usize) -> &str {
    let (mut quote, mut escaped) = (None, false);
    for (place, c) in line.char_indices() {
        match (quote, c) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), c) if c == open && !escaped => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') if place > at => return &line[..place],
            _ => {}
        }
        escaped = false;
    }
    line
}

/// Largest number of characters of the line that an error shows.
const MOST_OF_A_LINE: usize = 80;

/// Largest number of characters of a message, so that it fits a screen; the program's own longest messages are
/// half as long.
const MOST_OF_A_MESSAGE: usize = 900;
/// Largest number of characters of a key or of the name of a file.
const MOST_OF_A_NAME: usize = 200;

/// At most one screen of text, and without control characters, because messages may quote names and
/// words from files.
impl fmt::Display for StudyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_line = |text: &str, most: usize| cut(&visible(text).replace('\n', " "), most);
        if let Some(file) = &self.file {
            write!(f, "{}", one_line(&file.display().to_string(), MOST_OF_A_NAME))?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            write!(f, ": ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", one_line(&self.place(), MOST_OF_A_NAME))?;
        }
        write!(f, "{}", one_line(&self.message, MOST_OF_A_MESSAGE))?;
        if let (Some(line), Some(text)) = (self.line, &self.text)
            && !text.excerpt.is_empty()
        {
            write!(f, "\n  {line:>4} | {}", text.excerpt.trim_start())?;
        }
        Ok(())
    }
}

/// A key path with list items counted from one: `targets[1].range` is `targets, item 2, range`.
pub fn place(path: &str) -> String {
    counted(path, std::iter::empty())
}

/// The same with the names of list items.
fn counted(path: &str, mut names: impl Iterator<Item = Option<String>>) -> String {
    let mut text = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((index, behind)) = index_of(after) else { break };
        let name = names.next().flatten().map_or(String::new(), |name| format!(" (\"{name}\")"));
        text += &format!("{before}, item {}{name}", index + 1);
        rest = behind;
        if let Some(key) = rest.strip_prefix('.') {
            text += ", ";
            rest = key;
        }
    }
    text + rest
}

/// The number before a closing bracket, and the text after it.
fn index_of(text: &str) -> Option<(usize, &str)> {
    let (index, behind) = text.split_once(']')?;
    Some((index.parse().ok()?, behind))
}

/// What is known about a key path in a TOML text.
#[derive(Default)]
struct PlaceInText {
    /// Position of the key, or of its nearest existing parent.
    span: Option<Range<usize>>,
    /// Name of each list item on the path, if it has one.
    names: Vec<Option<String>>,
}

/// Keys whose text names their table if the table is an item of a list.
const NAMES: [&str; 3] = ["name", "readout", "at"];

fn find(text: &str, path: &str) -> PlaceInText {
    let (root, _) = toml::de::DeTable::parse_recoverable(text);
    let mut found = PlaceInText::default();
    let mut table = root.get_ref();
    let mut rest = path;
    while !rest.is_empty() {
        // Names of numbers contain points, so the longest key that begins the rest is taken.
        let begins = |key: &str| {
            let behind = rest.strip_prefix(key)?;
            (behind.is_empty() || behind.starts_with(['.', '['])).then_some(key.len())
        };
        let known =
            table.iter().filter_map(|(key, value)| Some((begins(key.get_ref())?, key, value)));
        let Some((length, key, value)) = known.max_by_key(|(length, ..)| *length) else { break };
        found.span = Some(key.span());
        rest = &rest[length..];
        let mut value = value.get_ref();
        while let DeValue::Array(items) = value {
            let after = rest.strip_prefix('[').and_then(index_of);
            let Some((item, behind)) = after.and_then(|(i, behind)| Some((items.get(i)?, behind)))
            else {
                return found;
            };
            found.span = Some(item.span());
            found.names.push(name_of(item.get_ref()));
            (value, rest) = (item.get_ref(), behind);
        }
        let DeValue::Table(inner) = value else { break };
        table = inner;
        rest = rest.strip_prefix('.').unwrap_or("");
    }
    found
}

/// The name of an item of a list.
fn name_of(item: &DeValue) -> Option<String> {
    let text = |value: &DeValue| value.as_str().map(shown);
    match item {
        DeValue::Table(table) => NAMES.iter().find_map(|key| text(table.get(*key)?.get_ref())),
        other => text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_what_a_sentence_ends_with() {
        let of = |message: &str| StudyError::at("doses[0]", message).remedy().map(str::to_string);
        let write = Some("write for example \"1 pM\"".to_string());
        assert_eq!(of("\"1\" has no unit; write for example \"1 pM\""), write);
        assert_eq!(of("\"1; 2\" has no unit; write for example \"1 pM\""), write);
        assert_eq!(of("\"1; 2\" is not a number"), None);
    }

    #[test]
    fn a_long_line_is_cut_around_what_the_error_is_about() {
        let others: String = (0..20).map(|i| format!("other{i} = \"1 pM\", ")).collect();
        let line = format!("mixture = {{ {others}drug = \"5\" }}  # \"why\"");
        let error = StudyError::at("mixture.drug", "\"5\" has no unit");
        let said = error.located(Path::new("s.toml"), &line).to_string();
        assert!(said.ends_with("other19 = \"1 pM\", drug = \"5\" }"), "{said}");
        assert!(said.contains("| ...") && !said.contains("other9 "), "{said}");
        let short = |line: &str| excerpt(line, 0);
        assert_eq!(short("a = \"#1\" # not this"), "a = \"#1\"");
        assert_eq!(short("a = 'it' # isn't"), "a = 'it'");
        assert_eq!(short("a = \"\\\"#\" # not this"), "a = \"\\\"#\"");
        assert_eq!(excerpt("text # here", 8), "text # here");
    }

    #[test]
    fn items_of_lists_are_counted_from_one_and_have_their_name() {
        let text = "[assay.a]\ntimes = [\"1 h\", \"2\"]\ncells = [\"treg\", \"cd8\"]\n\
                    [[assay.a.medium]]\nat = \"3 h\"\nad = 1\n[population]\n\
                    targets = [{ time = \"1 d\" }, { readout = \"treg_fold\", range = [\"1\", \"0.5\"] }]\n";
        let of = |path: &str, message: &str| {
            let error = StudyError::at(path, message).located(Path::new("s.toml"), text);
            error.to_string().lines().next().unwrap().to_string()
        };
        for (path, message, said) in [
            ("assay.a.times[1]", "\"2\" has no unit", ":2: assay.a.times, item 2: "),
            ("assay.a.cells[1]", "has no counts", ":3: assay.a.cells, item 2 (\"cd8\"): "),
            ("assay.a.medium[0].ad", "unknown key", ":6: assay.a.medium, item 1 (\"3 h\"), ad: "),
            (
                "population.targets[1].range[0]",
                "\"1\" is above the other end",
                ":8: population.targets, item 2 (\"treg_fold\"), range, item 1: ",
            ),
            (
                "population.targets[0].range",
                "is missing",
                ":8: population.targets, item 1, range: ",
            ),
        ] {
            assert_eq!(of(path, message), format!("s.toml{said}{message}"));
        }
        assert_eq!(StudyError::at("x[2].a.k[0]", "y").to_string(), "x, item 3, a.k, item 1: y");
        assert_eq!(place("lacks[an_end"), "lacks[an_end");
    }

    #[test]
    fn the_kind_says_whose_the_error_is() {
        assert_eq!(StudyError::at("seed", "is missing").kind, ErrorKind::Input);
        assert_eq!(StudyError::model("assay.a", "takes one ligand").kind, ErrorKind::Model);
        let gone = StudyError::io(Path::new("gone.csv"), "cannot be read");
        assert_eq!(
            (gone.kind, gone.located(Path::new("a.toml"), "").kind),
            (ErrorKind::Io, ErrorKind::Io)
        );
    }
}
