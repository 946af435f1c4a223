//! Errors as exceptions of `il2.errors`.

use il2_study::{ErrorKind, StudyError};
use pyo3::prelude::*;

/// What an error says of a file that is not there (`il2_engine::words::reason`).
const MISSING: &str = "there is no such file or folder";

/// The exception of an error, with its parts as attributes.
pub fn exception(py: Python<'_>, error: &StudyError) -> PyErr {
    let class = match error.kind {
        ErrorKind::Input => "StudyError",
        ErrorKind::Model => "ModelError",
        ErrorKind::Io if error.message.contains(MISSING) => "MissingFileError",
        ErrorKind::Io => "FileError",
        ErrorKind::Internal => "InternalError",
    };
    let file = error.file.as_ref().map(|file| file.display().to_string());
    let parts = (
        error.to_string(),
        error.message.as_str(),
        error.remedy(),
        error.place(),
        file,
        error.line,
    );
    let made = py
        .import("il2.errors")
        .and_then(|module| module.getattr(class))
        .and_then(|class| class.call1(parts));
    made.map_or_else(|failed| failed, PyErr::from_value)
}

/// A panic, which is a fault of the program.
pub fn internal(panic: &(dyn std::any::Any + Send)) -> StudyError {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let said = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let message = format!("il2 failed ({said}); please report this with the study");
    StudyError { kind: ErrorKind::Internal, ..StudyError::at("", message) }
}
