//! A study as given in Python: text, a file, or a dict whose values may be quantities of several
//! kinds.

use crate::error::exception;
use il2_study::study::{Request, Tables};
use il2_study::{Library, Study, StudyError};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Greatest nesting of a dict; the study format has five levels.
const DEEPEST: usize = 32;

/// Name of a study's text in messages.
const TEXT: &str = "<study>";

/// Source of a study.
pub enum Given {
    /// A file.
    File(PathBuf),
    /// Text, whether the user wrote it, and the tables that come with it.
    Text { text: String, written: bool, tables: Option<BTreeMap<String, String>> },
}

impl Given {
    /// Takes a study from Python: a path (`file`), text, or a dict.
    pub fn new(
        study: &Bound<'_, PyAny>,
        file: bool,
        tables: Option<BTreeMap<String, String>>,
    ) -> PyResult<Given> {
        if file {
            return Ok(Given::File(study.extract()?));
        }
        if let Ok(text) = study.cast::<PyString>() {
            return Ok(Given::Text { text: text.to_str()?.to_string(), written: true, tables });
        }
        let text = match value(study, "the study", 0)? {
            Some(toml::Value::Table(table)) => toml::to_string(&table)
                .map_err(|e| PyValueError::new_err(format!("the study cannot be written ({e})")))?,
            _ => return Err(PyTypeError::new_err("a study is text, a path or a dict")),
        };
        Ok(Given::Text { text, written: false, tables })
    }

    /// Reads the study.
    pub fn read(self) -> Result<Study, StudyError> {
        match self {
            Given::File(path) => Study::read(&path),
            Given::Text { text, tables, .. } => {
                let path = PathBuf::from(TEXT);
                let library = Library::builtin();
                if text.trim_start().starts_with('{') {
                    return Request::from_json(&path, &text)?.resolve(&path, library);
                }
                let tables = tables.map_or(Tables::Folder(PathBuf::new()), Tables::Carried);
                Study::parse_with(&path, &text, library, tables)
            }
        }
    }

    /// Whether line numbers refer to text that a user wrote.
    pub fn has_lines(&self) -> bool {
        !matches!(self, Given::Text { written: false, .. })
    }
}

/// The exception for an error in a study, without lines and text that the user never saw.
pub fn told(py: Python<'_>, error: StudyError, lines: bool) -> PyErr {
    if lines || error.file.as_ref().is_none_or(|file| file.as_os_str() != TEXT) {
        return exception(py, &error);
    }
    exception(py, &StudyError { file: None, line: None, text: None, ..error })
}

/// A value of a study; none for `None`, which leaves the key out.
fn value(given: &Bound<'_, PyAny>, at: &str, depth: usize) -> PyResult<Option<toml::Value>> {
    if depth > DEEPEST {
        return Err(PyValueError::new_err(format!("{at} is nested too deeply for a study")));
    }
    if given.is_none() {
        return Ok(None);
    }
    let made = if let Ok(text) = given.cast::<PyString>() {
        toml::Value::String(text.to_str()?.to_string())
    } else if given.is_instance_of::<PyBool>() {
        toml::Value::Boolean(given.extract()?)
    } else if given.is_instance_of::<PyInt>() {
        toml::Value::Integer(given.extract()?)
    } else if given.is_instance_of::<PyFloat>() {
        toml::Value::Float(given.extract()?)
    } else if let Some(text) = pair(given)? {
        toml::Value::String(text)
    } else if let Ok(map) = given.cast::<PyMapping>() {
        let mut table = toml::Table::new();
        for item in map.items()?.iter() {
            let (key, inner): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let key = key.str()?.to_string();
            if let Some(made) = value(&inner, &format!("{at}, {key}"), depth + 1)? {
                table.insert(key, made);
            }
        }
        toml::Value::Table(table)
    } else if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        list(given, at, depth)?
    } else if given.hasattr("magnitude")? && given.hasattr("units")? {
        quantity(given, at)?
    } else if given.hasattr("tolist")? {
        // A NumPy array or number.
        return value(&given.call_method0("tolist")?, at, depth + 1);
    } else if given.hasattr("__fspath__")? {
        toml::Value::String(given.call_method0("__fspath__")?.str()?.to_string())
    } else if given.hasattr("__iter__")? {
        list(given, at, depth)?
    } else {
        let class = given.get_type().name()?;
        let message = format!(
            "{at} is a {class}, which a study cannot hold; use text, numbers, lists, dicts, (number, \
             unit) or a quantity of pint"
        );
        return Err(PyTypeError::new_err(message));
    };
    Ok(Some(made))
}

fn list(given: &Bound<'_, PyAny>, at: &str, depth: usize) -> PyResult<toml::Value> {
    let mut all = vec![];
    for (i, item) in given.try_iter()?.enumerate() {
        all.extend(value(&item?, &format!("{at}, item {}", i + 1), depth + 1)?);
    }
    Ok(toml::Value::Array(all))
}

/// A number and its unit, `(100, "pM")`, as text.
fn pair(given: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let Ok(tuple) = given.cast::<PyTuple>() else { return Ok(None) };
    let Ok((number, unit)) = tuple.extract::<(Bound<'_, PyAny>, String)>() else { return Ok(None) };
    Ok(match number.extract::<f64>() {
        Ok(_) if !number.is_instance_of::<PyString>() => {
            Some(with_unit(&number, &as_written(&unit))?)
        }
        _ => None,
    })
}

/// The text of one quantity as a study writes it; none if it is something else.
pub fn text_of(given: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    Ok(match value(given, "a quantity", 0)? {
        Some(toml::Value::String(text)) => Some(text),
        _ => None,
    })
}

/// A pint quantity, or an array of pint quantities.
fn quantity(given: &Bound<'_, PyAny>, at: &str) -> PyResult<toml::Value> {
    let format = given.getattr("units")?.call_method1("__format__", ("~C",))?;
    let unit = as_written(&format.str()?.to_string());
    let magnitude = given.getattr("magnitude")?;
    if let Ok(all) = magnitude.call_method0("tolist").and_then(|all| Ok(all.cast_into::<PyList>()?))
    {
        let each = |number: Bound<'_, PyAny>| with_unit(&number, &unit).map(toml::Value::String);
        return all.iter().map(each).collect::<PyResult<Vec<_>>>().map(toml::Value::Array);
    }
    if magnitude.extract::<f64>().is_err() {
        let message = format!("{at} holds more than one quantity; use a list with one row");
        return Err(PyTypeError::new_err(message));
    }
    Ok(toml::Value::String(with_unit(&magnitude, &unit)?))
}

/// A pint unit as a study writes it: `/min` for `1/min`, `m2` for `m**2`, `uL` for `µl`.
fn as_written(unit: &str) -> String {
    let plain = unit.replace("1/", "/").replace("**", "").replace(['µ', 'μ'], "u");
    let litre = |word: &str| match word {
        "l" | "dl" | "ml" | "ul" | "nl" | "pl" | "fl" => word.replace('l', "L"),
        _ => word.to_string(),
    };
    let factors = |part: &str| part.split('*').map(litre).collect::<Vec<_>>().join("*");
    plain.split('/').map(factors).collect::<Vec<_>>().join("/")
}

/// The digits that Python writes, which read back to the same number.
fn with_unit(number: &Bound<'_, PyAny>, unit: &str) -> PyResult<String> {
    let digits = match number.is_instance_of::<PyInt>() {
        true => number.str()?.to_string(),
        false => number.extract::<f64>()?.to_string(),
    };
    Ok(format!("{digits} {unit}").trim().to_string())
}
