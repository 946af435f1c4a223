//! Runs the study of a folder and compares every row.

use crate::validation::check::{check_order, check_row};
use crate::validation::outcome::Report;
use crate::validation::power;
use il2_answer::published::Published;
use il2_assay::kinds::plan;
use il2_engine::Threads;
use il2_study::error::StudyError;
use il2_study::study::{Study, read};
use il2_study::values::unknown;
use std::path::Path;

/// Runs the study of a folder and compares every row.
pub fn run(folder: &Path, threads: Threads) -> Result<Report, StudyError> {
    let file = folder.join("published.toml");
    let text = read::text_of(&file)?;
    let published: Published = toml::from_str(&text).map_err(|e| {
        let mut error = StudyError::of_file(&file, e.message().replace('\n', " "));
        error.set_line(&text, e.span().map(|s| s.start));
        error
    })?;
    for row in &published.row {
        row.asked().map_err(|m| misplaced(&file, &row.what, m))?;
    }
    let mut study = Study::read(&folder.join("study.toml"))?;
    study.threads = threads;
    let mut tables = vec![];
    for name in study.assays.keys() {
        for table in plan(&study, name)?.run(&study, &|_| ()).tables {
            let unread = |e| {
                StudyError::io(
                    &file,
                    format!("a table cannot be read back ({e}); free space on the disk"),
                )
            };
            tables.push(table.whole().map_err(unread)?);
        }
    }
    let find = |what: &str, name: &str| {
        tables.iter().find(|t| t.name == name).ok_or_else(|| {
            let known = tables.iter().map(|t| t.name.as_str());
            let e = unknown(what, "table", name, known, "the study");
            StudyError { file: Some(file.clone()), ..e }
        })
    };
    let mut rows = vec![];
    for row in &published.row {
        let wrong = |m| misplaced(&file, &row.what, m);
        let mut checked = check_row(row, find(&row.what, &row.table)?, &study).map_err(wrong)?;
        if let Some(null) = &row.null {
            let table = find(&row.what, null.table.as_ref().unwrap_or(&row.table))?;
            checked.power = Some(power::of_row(row, null, table, &study).map_err(wrong)?);
        }
        rows.push(checked);
    }
    for order in &published.order {
        rows.push(
            check_order(order, find(&order.what, &order.table)?)
                .map_err(|m| misplaced(&file, &order.what, m))?,
        );
    }
    let name = folder.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
    Ok(Report { name, published, rows })
}

fn misplaced(file: &Path, what: &str, message: String) -> StudyError {
    StudyError { path: what.to_string(), ..StudyError::of_file(file, message) }
}
