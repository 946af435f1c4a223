//! Reads TOML text into plain data; every error names file, line, key and remedy, for any kind of
//! file.

use crate::error::StudyError;
use crate::strict::Strict;
use il2_engine::words::{closest, is_date, shown, some_of};
use serde::de::DeserializeOwned;
use std::path::Path;

/// Additions to error messages that are specific to one file format.
pub struct Hints {
    /// What to do about an unknown key at a path, unless it is a typing error.
    pub unknown: fn(path: &str, key: &str) -> Option<String>,
    /// What to do about a key that is missing.
    pub missing: fn(path: &str) -> String,
    /// The least and greatest whole number that a key may have, if known.
    pub whole: fn(path: &str) -> Option<(u32, u32)>,
    /// A number that a key may have.
    pub number: fn(key: &str) -> &'static str,
    /// A quantity that a key may have.
    pub quantity: fn(path: &str) -> Option<&'static str>,
    /// A list that a key may have, if a word found in place of it may be no valid item.
    pub list: fn(path: &str) -> Option<&'static str>,
    /// The remedy if a number or a word was found in place of a table; `kind` is the name of the
    /// table's type, or empty if its keys are arbitrary.
    pub table: fn(path: &str, kind: &str, found: &str) -> Option<String>,
}

/// Hints for a format that needs no additions.
pub const PLAIN: Hints = Hints {
    unknown: |_, _| None,
    missing: |path| {
        let key = path.rsplit('.').next().unwrap_or_default();
        format!("add {key} to this part, as in the parts beside it")
    },
    whole: |_| None,
    number: |_| "0.5",
    quantity: |_| None,
    list: |_| None,
    table: |_, _, _| None,
};

/// The tables of a text; `file` only names it in errors.
pub fn table(file: &Path, text: &str) -> Result<toml::Table, StudyError> {
    text.parse().map_err(|e: toml::de::Error| {
        let mut error =
            StudyError::of_file(file, format!("is not valid TOML: {}", in_words(e.message())));
        error.set_line(text, e.span().map(|s| s.start));
        error
    })
}

/// Reads tables into plain data; an error has its key path, but is not yet located in the text.
pub fn read<T: DeserializeOwned>(table: toml::Table, hints: &Hints) -> Result<T, StudyError> {
    serde_path_to_error::deserialize(Strict(toml::Value::Table(table))).map_err(|e| {
        let path = e.path().to_string();
        let path = if path == "." { String::new() } else { path };
        let (path, message) = explain(path, e.into_inner().message(), hints);
        StudyError::at(path, message)
    })
}

/// The sentence about a key that a table does not have.
pub fn unknown_key<'a>(key: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let hint = match (closest(key, known.clone()), known.clone().next()) {
        (Some(near), _) => format!("did you mean {near}?"),
        (None, None) => "nothing else is allowed here".to_string(),
        (None, Some(_)) => format!("allowed are {}", some_of(key, known)),
    };
    format!("unknown key; {hint}")
}

/// serde's message rephrased, with the inner path removed and a suggestion added.
fn explain(path: String, message: &str, hints: &Hints) -> (String, String) {
    let join = |a: String, b: &str| match (a.is_empty(), b) {
        (_, "" | ".") => a,
        (true, b) => b.to_string(),
        (false, b) => format!("{a}.{b}"),
    };
    if let Some((inner, message)) = message.strip_prefix('@').and_then(|m| m.split_once('@')) {
        return explain(join(path, inner), message, hints);
    }
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field") && !quoted.is_empty() {
        let key = quoted[0];
        let said = match (hints.unknown)(&path, key) {
            Some(hint) => format!("unknown key; {hint}"),
            None => unknown_key(key, quoted[1..].iter().copied()),
        };
        // serde_path_to_error names the unknown key itself last.
        let named = path.strip_suffix(key).is_some_and(|p| p.is_empty() || p.ends_with('.'));
        return (if named { path } else { join(path, key) }, said);
    }
    if message.starts_with("unknown variant") && !quoted.is_empty() {
        let known = quoted[1..].iter().copied();
        let hint = match closest(quoted[0], known.clone()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("use one of {}", some_of(quoted[0], known)),
        };
        return (path, format!("unknown word \"{}\"; {hint}", shown(quoted[0])));
    }
    if message.starts_with("missing field") && !quoted.is_empty() {
        let at = join(path, quoted[0]);
        let add = (hints.missing)(&at);
        return (at, format!("is missing; {add}"));
    }
    let message = plain_types(hints, &path, &one_line(message));
    (path, message)
}

/// serde names its own types; a file has tables, lists and numbers.
fn plain_types(hints: &Hints, path: &str, message: &str) -> String {
    let Some((found, expected)) = message.split_once(", expected ") else {
        return message.to_string();
    };
    let key = path.rsplit('.').next().unwrap_or_default();
    let word = found.strip_prefix("invalid type: string \"").and_then(|w| w.strip_suffix('"'));
    let number = found.split('`').nth(1);
    let in_place = word.or(number).unwrap_or_default();
    let broken = number.filter(|text| text.parse::<f64>().is_ok_and(|n| n.fract() != 0.0));
    if let ("u32", Some(broken), Some((from, to))) = (expected, broken, (hints.whole)(path)) {
        return format!("{broken} is not a whole number; use {from} to {to}");
    }
    let said = found
        .replace("invalid length ", "found a list of ")
        .replace("invalid type: ", "found ")
        .replace("invalid value: ", "found ")
        .replace("floating point", "number")
        .replace("integer", "number")
        .replace("string", "text")
        .replace("sequence", "a list")
        .replace("map", "a table");
    // serde writes numbers in backticks, but the user's text may contain a backtick.
    let said = if word.is_none() { said.replace('`', "") } else { said };
    let table = |kind: &str| match (hints.table)(path, kind, in_place) {
        Some(table) => format!("a table, for example {table}"),
        None => "a table".to_string(),
    };
    let expected = match expected {
        "a map" => table(""),
        // A date would be refused in a list as well.
        "a sequence" => match word.filter(|word| !is_date(word)) {
            Some(word) => match numbers_of(word) {
                Some(list) => format!("a list in brackets, for example [{list}]"),
                None => match (hints.list)(path) {
                    Some(list) => format!("a list in brackets, for example {list}"),
                    None => format!("a list in brackets, for example [\"{}\"]", shown(word)),
                },
            },
            None if said == "found a table" => {
                "a list of tables, [{ ... }], even if it has only one".to_string()
            }
            None => "a list in brackets, for example [\"1 h\", \"4 h\"]".to_string(),
        },
        "a string" => "text in quotes".to_string(),
        "a boolean" => "true or false".to_string(),
        "f64" => format!("a number such as {}", (hints.number)(key)),
        "u32" => whole((hints.whole)(path), number),
        "u64" => "a whole number, zero or more".to_string(),
        other if other.starts_with("a quantity in quotes") => {
            let example = (hints.quantity)(path).unwrap_or("50 pM");
            format!("a quantity in quotes, for example \"{example}\"")
        }
        other if other.starts_with("struct ") => table(other.trim_start_matches("struct ")),
        other if other.contains("length 2") || other.contains("element") => {
            "two values in brackets, the lower end first".to_string()
        }
        other => other.to_string(),
    };
    format!("{said}; write {expected}")
}

/// The numbers of a text such as "2:1", as items of a list.
fn numbers_of(word: &str) -> Option<String> {
    let parts: Vec<&str> = word.split([':', ',', '/']).map(str::trim).collect();
    let all = parts.len() > 1 && parts.iter().all(|part| part.parse::<f64>().is_ok());
    all.then(|| parts.join(", "))
}

/// The whole number that is wanted. 1e5 is a whole number too, but is not written as one.
fn whole(limits: Option<(u32, u32)>, found: Option<&str>) -> String {
    let range = match limits {
        Some((from, to)) => format!("a whole number from {from} to {to}"),
        None => "a whole number, zero or more".to_string(),
    };
    let (from, to) = limits.unwrap_or((0, u32::MAX));
    let meant = found.and_then(|text| text.parse::<f64>().ok());
    match meant.filter(|n| n.fract() == 0.0 && (f64::from(from)..=f64::from(to)).contains(n)) {
        Some(n) => format!("{n} without a point or an exponent ({range})"),
        None => range,
    }
}

/// The parser's message rephrased; for a word without quotes it says that the word is not a number.
fn in_words(message: &str) -> String {
    let message = one_line(message);
    if message.contains("duplicate key") {
        return "this name is already used above; rename one of the two or combine them"
            .to_string();
    }
    // A string that runs to the end of its line lacks a closing quote.
    if message.contains("invalid basic string") && message.contains("expected `\"`") {
        return "a text that begins with \" does not end with \"; add the closing quote"
            .to_string();
    }
    let of_words = ["expected `nan`", "expected `inf`", "string values must be quoted"];
    match of_words.iter().any(|said| message.contains(said)) {
        true => "a word needs straight quotes, for example from = \"treg\"".to_string(),
        false => message,
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
