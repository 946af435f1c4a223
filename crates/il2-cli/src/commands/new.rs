//! `il2 new`: a commented study to start from.

use super::{Done, print};
use il2_study::StudyError;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The studies of the repository are the templates: what CI runs is what users start from.
const TEMPLATES: [(&str, &str); 7] = [
    ("dose-response", include_str!("../../../../studies/01-dose-response.toml")),
    ("time-course", include_str!("../../../../studies/02-time-course.toml")),
    ("washout", include_str!("../../../../studies/03-washout.toml")),
    ("receptor-sweep", include_str!("../../../../studies/04-receptor-sweep.toml")),
    ("affinity-sweep", include_str!("../../../../studies/05-affinity-sweep.toml")),
    ("event-table", include_str!("../../../../studies/06-event-table.toml")),
    ("regimen", include_str!("../../../../studies/07-regimens.toml")),
];

/// The table that a template reads, by its name there.
const TABLE: (&str, &str) =
    ("06-event-table.csv", include_str!("../../../../studies/06-event-table.csv"));

/// Writes the template of a kind; never over a file that is there.
pub fn new(kind: &str, file: Option<PathBuf>) -> Done {
    let Some((_, text)) = TEMPLATES.iter().find(|(name, _)| *name == kind) else {
        let names = TEMPLATES.map(|(name, _)| name);
        let near = il2::quantity::closest(kind, names);
        let hint = near
            .map_or(format!("use one of {}", names.join(", ")), |n| format!("did you mean {n}?"));
        let kind = il2::quantity::shown(kind);
        return Err(StudyError::at("", format!("no study is of kind \"{kind}\"; {hint}")));
    };
    let file = file.unwrap_or_else(|| PathBuf::from(format!("{kind}.toml")));
    // A table lies beside its study, under the same name.
    let table = file.with_extension("csv");
    let text = match table.file_name().and_then(|name| name.to_str()) {
        Some(name) if text.contains(TABLE.0) => {
            write_new(&table, TABLE.1)?;
            text.replace(TABLE.0, name)
        }
        _ => text.to_string(),
    };
    write_new(&file, &text)?;
    print(&format!("wrote {0}; run it with: il2 run {0}\n", file.display()))
}

fn write_new(file: &Path, text: &str) -> Result<(), StudyError> {
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).open(file);
    opened.and_then(|mut f| f.write_all(text.as_bytes())).map_err(|e| {
        let remedy = if e.kind() == std::io::ErrorKind::AlreadyExists {
            "is there already and is not replaced; name another file".to_string()
        } else {
            format!("cannot be written ({e}); name another file")
        };
        StudyError::of_file(file, remedy)
    })
}
