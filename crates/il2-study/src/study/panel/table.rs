//! A table whose rows are parts of a study, and errors about these rows.

use crate::csv_file;
use crate::error::{StudyError, place};
use crate::study::panel::meaning::Of;
use il2_engine::words::shown;
use indexmap::IndexMap;
use std::path::PathBuf;

/// A table whose rows are ligands or cells of a study.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Whether the rows are ligands or cells.
    pub of: Of,
    /// Name of the file, as given in the study.
    pub table: String,
    /// SHA-256 of the file.
    pub hash: String,
    /// Path from which the file was read.
    pub path: PathBuf,
    /// Name and line of each row.
    pub rows: IndexMap<String, usize>,
    /// The columns that were read.
    pub columns: Vec<Column>,
}

/// A column of a table of ligands or cells.
#[derive(Clone, Debug)]
pub struct Column {
    /// The key of the ligand or cell that the column gives, for example `affinity.il2r_beta`.
    pub meaning: String,
    /// The heading of the column.
    pub heading: String,
}

/// Describes where a study gives a value: the line and heading of its table, or its key.
pub fn place_of(panels: &IndexMap<String, Panel>, key: &str) -> String {
    let mut keys = key.splitn(3, '.');
    let found = keys.next().zip(keys.next()).zip(keys.next()).and_then(|((parts, name), rest)| {
        let mut panels = panels.values().filter(|panel| panel.of.table() == parts);
        let panel = panels.find(|panel| panel.rows.contains_key(name))?;
        let column = panel.columns.iter().find(|column| column.meaning == rest)?;
        Some(format!("{}, line {}, {}", panel.table, panel.rows[name], shown(&column.heading)))
    });
    found.unwrap_or_else(|| place(key))
}

/// Adds the line and column to an error about a part of a study that is a row of a table.
pub fn in_table(panels: &IndexMap<String, Panel>, error: StudyError) -> StudyError {
    if error.file.is_some() {
        return error;
    }
    let mut keys = error.path.splitn(3, '.');
    let (Some(parts), Some(name)) = (keys.next(), keys.next()) else { return error };
    let key = keys.next().unwrap_or("name");
    let of_row =
        |(_, panel): &(&String, &Panel)| panel.of.table() == parts && panel.rows.contains_key(name);
    let Some((panel_name, panel)) = panels.iter().find(of_row) else { return error };
    let column = |key: &str| panel.columns.iter().find(|column| column.meaning == key);
    let Some(found) = column(key) else {
        // Where the table lacks this key, the study gives it for all rows.
        if key == "from" || key == "like" {
            return StudyError { path: format!("panel.{panel_name}.{key}"), ..error };
        }
        let heading = column("name").map_or("name", |column| &column.heading);
        let message = format!("{key}: {}", error.message);
        let message = if key == "name" { error.message.clone() } else { message };
        return StudyError {
            kind: error.kind,
            ..csv_file::at(&panel.path, panel.rows[name], heading, message)
        };
    };
    let place = csv_file::at(&panel.path, panel.rows[name], &found.heading, error.message);
    StudyError { kind: error.kind, ..place }
}
