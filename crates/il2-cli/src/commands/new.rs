//! `il2 new`: a commented study to start from.

use super::{Done, print};
use il2_study::StudyError;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The studies of the repository are the templates, so that users start from studies that CI runs.
const TEMPLATES: [(&str, &str); 18] = [
    ("dose-response", include_str!("../../../../studies/01-dose-response.toml")),
    ("time-course", include_str!("../../../../studies/02-time-course.toml")),
    ("washout", include_str!("../../../../studies/03-washout.toml")),
    ("culture", include_str!("../../../../studies/11-culture.toml")),
    ("activation", include_str!("../../../../studies/12-activation.toml")),
    ("receptor-sweep", include_str!("../../../../studies/04-receptor-sweep.toml")),
    ("affinity-sweep", include_str!("../../../../studies/05-affinity-sweep.toml")),
    ("event-table", include_str!("../../../../studies/06-event-table.toml")),
    ("regimen", include_str!("../../../../studies/07-regimens.toml")),
    ("dose-search", include_str!("../../../../studies/18-dose-search.toml")),
    ("trial", include_str!("../../../../studies/13-trial.toml")),
    ("tumour-model", include_str!("../../../../studies/14-tumour-model.toml")),
    ("noncompartmental", include_str!("../../../../studies/16-noncompartmental.toml")),
    ("fit", include_str!("../../../../studies/08-fit.toml")),
    ("population-fit", include_str!("../../../../studies/15-population-fit.toml")),
    ("sensitivity", include_str!("../../../../studies/09-sensitivity.toml")),
    ("design", include_str!("../../../../studies/10-design.toml")),
    ("sbml", include_str!("../../../../studies/17-sbml.toml")),
];

/// Tables and models that templates read, by their names in the templates.
const TABLES: [(&str, &str); 4] = [
    ("06-event-table.csv", include_str!("../../../../studies/06-event-table.csv")),
    ("08-fit.csv", include_str!("../../../../studies/08-fit.csv")),
    ("15-population-fit.csv", include_str!("../../../../studies/15-population-fit.csv")),
    ("17-sbml.xml", include_str!("../../../../studies/17-sbml.xml")),
];

/// Writes the template of a kind; an existing file is never replaced.
pub fn new(kind: &str, file: Option<PathBuf>) -> Done {
    let Some((_, text)) = TEMPLATES.iter().find(|(name, _)| *name == kind) else {
        let names = TEMPLATES.map(|(name, _)| name);
        let near = il2_engine::words::closest(kind, names);
        let hint = near
            .map_or(format!("use one of {}", names.join(", ")), |n| format!("did you mean {n}?"));
        let kind = il2_engine::words::shown(kind);
        return Err(StudyError::at("", format!("there is no kind of study \"{kind}\"; {hint}")));
    };
    let file = file.unwrap_or_else(|| PathBuf::from(format!("{kind}.toml")));
    // The table is written beside the study, under the same name.
    let read = TABLES.iter().find(|(name, _)| text.contains(name));
    let ending = read.and_then(|(name, _)| name.rsplit_once('.')).map_or("csv", |(_, e)| e);
    let table = file.with_extension(ending);
    let text = match (read, table.file_name().and_then(|name| name.to_str())) {
        (Some((known, content)), Some(name)) => {
            write_new(&table, content)?;
            text.replace(known, name)
        }
        _ => text.to_string(),
    };
    write_new(&file, &text)?;
    let command = match kind {
        "fit" | "design" => kind,
        "population-fit" => "fit",
        _ => "run",
    };
    print(&format!("wrote {0}; run it with: il2 {command} {0}\n", file.display()))
}

/// Writes a file that does not exist yet.
pub(super) fn write_new(file: &Path, text: &str) -> Result<(), StudyError> {
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).open(file);
    opened.and_then(|mut f| f.write_all(text.as_bytes())).map_err(|e| {
        if e.kind() == std::io::ErrorKind::AlreadyExists {
            let message = "already exists and is not overwritten; choose another file name";
            return StudyError::of_file(file, message);
        }
        let why = il2_engine::words::reason(&e);
        StudyError::io(file, format!("cannot be written ({why}); choose another file"))
    })
}
