//! Errors: whose they are to mend, where, what was found, what is allowed, what to do.

use il2_engine::words::{cut, visible};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What an error is about, and so who mends it. The program ends in another exit code for each; a
/// caller may skip a molecule that a model does not know, try a full disk again, and report a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The text of a study, a table or an option: its writer mends it.
    Input,
    /// Each part can be read, and the model has no answer for them together.
    Model,
    /// A file or folder that cannot be read or written as things are.
    Io,
    /// The program contradicts itself: a bug.
    Internal,
}

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct StudyError {
    /// What it is about.
    pub kind: ErrorKind,
    /// The file, if one was read.
    pub file: Option<PathBuf>,
    /// Line in it, from 1, where known.
    pub line: Option<usize>,
    /// The text of that line.
    pub excerpt: Option<String>,
    /// Dotted key path, for example `cells.treg.receptors.il2r_alpha`; empty for the whole file.
    pub path: String,
    /// One sentence that ends with the remedy.
    pub message: String,
}

impl StudyError {
    /// An error of the input at a key path.
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        let (path, message) = (path.into(), message.into());
        Self { kind: ErrorKind::Input, file: None, line: None, excerpt: None, path, message }
    }

    /// Parts that do not go together in a model, at the key path of one of them.
    pub fn model(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Model, ..Self::at(path, message) }
    }

    /// An error of the input that is about a whole file.
    pub fn of_file(file: &Path, message: impl Into<String>) -> Self {
        Self { file: Some(file.to_path_buf()), ..Self::at("", message) }
    }

    /// A file or folder that cannot be read or written.
    pub fn io(file: &Path, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Io, ..Self::of_file(file, message) }
    }

    /// What to do, which is what the sentence ends with; none where it says only what was found.
    pub fn remedy(&self) -> Option<&str> {
        // What was found stands in quotes and may hold anything.
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

    /// Adds the file and, from its text, the line of the key path or of its nearest parent. An error in
    /// another file, which the study names, keeps its own place.
    pub fn located(mut self, file: &Path, text: &str) -> Self {
        if self.file.as_ref().is_some_and(|own| own != file) {
            return self;
        }
        self.file = Some(file.to_path_buf());
        if self.line.is_none() {
            let span = span_of(text, &self.path);
            self.set_line(text, span.map(|s| s.start));
        }
        self
    }

    /// An error in what a request carries: it stands in the request, which has lines of its own.
    pub fn carried_in(self, request: &Path) -> Self {
        let Self { kind, file, line, path, message, .. } = self;
        if file.as_deref() == Some(request) {
            return Self { kind, file, line, excerpt: None, path, message };
        }
        let line = line.map_or(String::new(), |line| format!(":{line}"));
        let file = file.map_or(String::new(), |file| format!("{}{line}: ", file.display()));
        let path = if path.is_empty() { path } else { format!("{path}: ") };
        let message = format!("in it, {file}{path}{message}");
        Self { kind, ..Self::of_file(request, message) }
    }

    /// Sets the line from a byte offset.
    pub fn set_line(&mut self, text: &str, offset: Option<usize>) {
        let Some(offset) = offset.filter(|&o| o <= text.len()) else { return };
        let before = &text.as_bytes()[..offset];
        let line = before.iter().filter(|b| **b == b'\n').count();
        self.line = Some(line + 1);
        let excerpt = text.lines().nth(line).unwrap_or("").trim_end();
        self.excerpt = (!excerpt.is_empty()).then(|| il2_engine::words::shown(excerpt));
    }
}

/// Most characters of a message, so that it fits a screen; our own longest messages have half as many.
const MOST_OF_A_MESSAGE: usize = 900;
/// Most characters of a key or of the name of a file.
const MOST_OF_A_NAME: usize = 200;

/// At most a screen long, and without control characters: it may contain names and words from files.
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
            write!(f, "{}: ", one_line(&self.path, MOST_OF_A_NAME))?;
        }
        write!(f, "{}", one_line(&self.message, MOST_OF_A_MESSAGE))?;
        if let (Some(line), Some(excerpt)) = (self.line, &self.excerpt) {
            write!(f, "\n  {line:>4} | {}", excerpt.trim_start())?;
        }
        Ok(())
    }
}

/// Where a key path is in a TOML text, or its nearest parent that exists.
fn span_of(text: &str, path: &str) -> Option<Range<usize>> {
    let (root, _) = toml::de::DeTable::parse_recoverable(text);
    let mut table = root.get_ref();
    let mut span = None;
    let mut rest = path;
    while !rest.is_empty() {
        // Names of numbers contain points, so take the longest key with which the rest begins.
        let begins = |key: &str| {
            let behind = rest.strip_prefix(key)?;
            (behind.is_empty() || behind.starts_with(['.', '['])).then_some(key.len())
        };
        let found =
            table.iter().filter_map(|(key, value)| Some((begins(key.get_ref())?, key, value)));
        let Some((length, key, value)) = found.max_by_key(|(length, ..)| *length) else { break };
        span = Some(key.span());
        let behind = &rest[length..];
        let (segment, next) = behind.split_once('.').unwrap_or((behind, ""));
        rest = next;
        match value.get_ref() {
            toml::de::DeValue::Table(inner) => table = inner,
            toml::de::DeValue::Array(items) => {
                let index: Option<usize> = segment
                    .split_once('[')
                    .and_then(|(_, rest)| rest.trim_end_matches(']').parse().ok());
                if let Some(item) = index.and_then(|i| items.get(i)) {
                    span = Some(item.span());
                }
                break;
            }
            _ => break,
        }
    }
    span
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
        assert_eq!(of("\"1; 2\" is no number"), None);
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
