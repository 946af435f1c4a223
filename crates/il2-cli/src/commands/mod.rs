//! One file for each command.

pub mod audit;
pub mod check;
pub mod cite;
pub mod design;
pub mod export;
pub mod fit;
pub mod list;
pub mod new;
mod progress;
pub mod request;
pub mod run;
pub mod shard;
pub mod stop;
pub mod validate;

use il2_engine::Backend;
use il2_engine::words::{cut, reason, visible};
use il2_study::{ErrorKind, StudyError};
use std::io::Write;
use std::process::ExitCode;

/// Largest number of characters of the question shown on a terminal: half a screen.
pub const MOST_OF_A_QUESTION: usize = 900;
/// Largest number of characters of a word, or of a line that is not broken, which may contain names of files and
/// people.
const MOST_OF_A_WORD: usize = 200;

/// Result of a command: an exit code or an error.
pub type Done = Result<ExitCode, StudyError>;

/// Runs networks on the backend that the environment variable `IL2_BACKEND` names, if it is set.
/// All backends give the same bytes, which this variable allows anyone to check.
pub fn use_backend() -> Result<(), StudyError> {
    const NAMES: [&str; 3] = ["interpreter", "avx2", "avx512"];
    let Some(asked) = std::env::var_os("IL2_BACKEND").filter(|asked| !asked.is_empty()) else {
        return Ok(());
    };
    let asked = asked.to_string_lossy();
    let available = Backend::available();
    if let Some((_, backend)) = available.iter().find(|(name, _)| *name == asked) {
        backend.use_at_most();
        return Ok(());
    }
    let why = if NAMES.contains(&asked.as_ref()) {
        "needs instructions that this processor does not support"
    } else {
        "is not known"
    };
    let offered = available.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let asked = il2_engine::words::shown(&asked);
    Err(StudyError::at("IL2_BACKEND", format!("\"{asked}\" {why}; use one of {offered}")))
}

/// Prints to standard output without control characters, because the text may contain words from files.
pub fn print(text: &str) -> Done {
    print_coloured(&visible(text))
}

/// The same for text that has passed [`visible`] already and may have colours. A closed pipe, as in
/// `il2 list | head`, is no error; a full disk is.
pub fn print_coloured(text: &str) -> Done {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            let message = format!("cannot write to standard output ({})", reason(&e));
            Err(StudyError { kind: ErrorKind::Io, ..StudyError::at("", message) })
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Prints to standard error. If that fails, the program continues as usual.
pub fn say(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(visible(text).as_bytes()).and_then(|()| err.flush());
}

/// Prints JSON with hidden characters above U+007E escaped, which JSON itself does not require.
pub fn print_json(value: &serde_json::Value) -> Done {
    let text = serde_json::to_string_pretty(value).expect("JSON");
    let escaped = |c: char| match c {
        '\n' => "\n".to_string(),
        c if visible(c.encode_utf8(&mut [0; 4])) != c.to_string() => {
            c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("\\u{u:04x}")).collect()
        }
        c => c.to_string(),
    };
    print_coloured(&format!("{}\n", text.chars().map(escaped).collect::<String>()))
}

/// Lines unchanged except that long ones are cut, so that no single line fills the terminal.
pub fn lines_cut(text: &str) -> String {
    text.lines().flat_map(|line| [cut(line, MOST_OF_A_WORD), "\n".into()]).collect()
}

/// Text broken at spaces to fit a terminal of 100 columns, each line indented.
pub fn wrapped(text: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let word = &cut(word, MOST_OF_A_WORD);
        if !line.is_empty() && indent + line.chars().count() + 1 + word.chars().count() > 98 {
            out += &format!("{:indent$}{line}\n", "");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    if !line.is_empty() {
        out += &format!("{:indent$}{line}\n", "");
    }
    out
}
