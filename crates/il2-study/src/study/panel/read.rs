//! Converts the rows of a table to parts of a study, as they would be written under
//! `[ligands.NAME]` or `[cells.NAME]`.

use crate::csv_file::{self, CsvFile};
use crate::error::StudyError;
use crate::headings::{self, Sign, Signs};
use crate::study::file::{CellPart, LigandPart, StudyFile};
use crate::study::like::label;
use crate::study::panel::meaning::{Meaning, Of, dimension};
use crate::study::panel::part::PanelPart;
use crate::study::panel::row::{Row, unit_like};
use crate::study::panel::table::{Column, Panel};
use crate::study::tables::Tables;
use crate::values::unknown;
use il2::quantity::{Quantity, unit_meant};
use il2_engine::Dimension;
use il2_engine::words::{closest, counted, shown};
use indexmap::IndexMap;

/// Maximum number of rows in a panel; an assay allows no more ligand-cell pairs, even with a single
/// cell.
const MOST_ROWS: usize = 1_000;

/// The parts of a study: those written in the study file, followed by the rows of its tables.
#[derive(Debug, Default)]
pub struct Parts {
    pub ligands: IndexMap<String, LigandPart>,
    pub cells: IndexMap<String, CellPart>,
    pub panels: IndexMap<String, Panel>,
    /// Notices about columns and rows that were not read.
    pub notices: Vec<String>,
}

/// Reads all tables of ligands and cells of a study.
pub fn read(file: &StudyFile, tables: &Tables) -> Result<Parts, StudyError> {
    let mut parts = Parts {
        ligands: file.ligands.clone(),
        cells: file.cells.clone(),
        notices: file.notices.clone(),
        ..Parts::default()
    };
    for (name, part) in &file.panel {
        let at = format!("panel.{name}");
        label(&at, name)?;
        let of = Of::named(&part.of).ok_or_else(|| {
            let found = shown(&part.of);
            let message = format!("\"{found}\" is not allowed; use \"ligands\" or \"cells\"");
            StudyError::at(format!("{at}.of"), message)
        })?;
        if part.from.is_some() && part.like.is_some() {
            let message = "has both from and like; keep one of the two";
            return Err(StudyError::at(at, message));
        }
        one_table(&at, of, part, tables, &mut parts)
            .map(|panel| parts.panels.insert(name.clone(), panel))?;
    }
    for (name, panel) in &parts.panels {
        let taken = match panel.of {
            Of::Ligands => parts.ligands.contains_key(name),
            Of::Cells => parts.cells.contains_key(name),
        };
        if taken {
            let one = panel.of.one();
            let message = format!(
                "is also the name of a {one}; give the table another name, such as {name}-table"
            );
            return Err(StudyError::at(format!("panel.{name}"), message));
        }
    }
    Ok(parts)
}

fn one_table(
    at: &str,
    of: Of,
    part: &PanelPart,
    tables: &Tables,
    parts: &mut Parts,
) -> Result<Panel, StudyError> {
    let file = tables.read(&part.table, of.table());
    let file = file.map_err(|e| e.named_at(format!("{at}.table")))?;
    let (columns, units) = columns(at, of, part, &file)?;
    let mut read: Vec<bool> = columns.iter().map(Option::is_some).collect();
    let signs = Signs::find(&file, &read)?;
    for sign in [Sign::Comment, Sign::Exclude] {
        signs.place(sign).into_iter().for_each(|column| read[column] = true);
    }
    for name in &part.leave_out {
        read[file.column(name, "leave_out")?] = true;
    }
    let unread = headings::not_read(&file, &read, &of.known());
    no_number_is_lost(at, of, &file, &read)?;
    parts.notices.extend(headings::not_read_of(&part.table, &unread));
    let has = |wanted: &str| columns.iter().flatten().any(|meaning| meaning == wanted);
    if !has("name") {
        let remedy = format!("name the column in the study as {at}.columns.name");
        let message = format!("is missing; {}", file.lacking(&remedy));
        return Err(file.refuse(1, "name", message));
    }
    if part.from.is_none() && part.like.is_none() && !has("from") && !has("like") {
        let (what, example) = match of {
            Of::Ligands => ("molecule", "il2"),
            Of::Cells => ("cell", "treg"),
        };
        let message = format!(
            "needs a {what} to start from; add from = \"{example}\", or add a column from to the \
             table"
        );
        return Err(StudyError::at(at, message));
    }
    let mut panel = Panel {
        of,
        table: part.table.clone(),
        hash: file.hash.clone(),
        path: file.path.clone(),
        rows: IndexMap::new(),
        columns: vec![],
    };
    for (c, meaning) in columns.iter().enumerate() {
        if let Some(meaning) = meaning {
            let heading = file.header[c].clone();
            panel.columns.push(Column { meaning: meaning.clone(), heading });
        }
    }
    let mut left_out = file.commented;
    for (line, fields) in file.rows() {
        if signs.leaves_out((&file, line, &fields))? {
            left_out += 1;
            continue;
        }
        if panel.rows.len() == MOST_ROWS {
            let message = format!(
                "exceeds the {MOST_ROWS} {} that a table may have; split the study",
                of.table()
            );
            return Err(file.refuse(line, "", message));
        }
        let row = Row { at, file: &file, line, fields, columns: &columns, units: &units };
        row.no_word_for_nothing()?;
        let name = row.name()?;
        let taken = match of {
            Of::Ligands => parts.ligands.contains_key(name),
            Of::Cells => parts.cells.contains_key(name),
        };
        if taken {
            let one = of.one();
            let whose = match panel.rows.get(name) {
                Some(line) => format!("in line {line}"),
                None => "defined in the study".to_string(),
            };
            let message = format!(
                "\"{}\" is also the name of another {one}, {whose}; give each a different name",
                shown(name)
            );
            return Err(row.refuse("name", message));
        }
        match of {
            Of::Ligands => _ = parts.ligands.insert(name.into(), row.ligand(part)?),
            Of::Cells => _ = parts.cells.insert(name.into(), row.cell(part)?),
        }
        if let Some((other, first)) =
            panel.rows.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))
        {
            parts.notices.push(format!(
                "{} of {} differ only in capital letters: {other} (line {first}) and {name} (line \
                 {line}); they count as two",
                of.table(),
                part.table
            ));
        }
        panel.rows.insert(name.into(), line);
    }
    if left_out > 0 {
        let table = &part.table;
        let rows = counted(left_out, "row");
        parts.notices.push(format!(
            "il2 left out {rows} of {table}, marked in a column (EXCLUDE, C) or by a #"
        ));
    }
    if panel.rows.is_empty() {
        let message =
            format!("has no rows; add a row for each of the {} below the header", of.table());
        return Err(file.refuse(1, "", message));
    }
    Ok(panel)
}

/// Meaning and unit of every column, according to the headings or to the study.
type Columns = (Vec<Option<Meaning>>, Vec<Option<String>>);

fn columns(at: &str, of: Of, part: &PanelPart, file: &CsvFile) -> Result<Columns, StudyError> {
    let named = file.header.iter().map(|heading| of.heading(heading));
    let (mut meanings, mut units): Columns =
        named.map(Option::unzip).map(|(m, u)| (m, u.flatten())).unzip();
    for (key, heading) in &part.columns {
        let place = format!("{at}.columns.{key}");
        let meaning = of
            .meaning(key)
            .ok_or_else(|| unknown(&place, "meaning", key, of.known().into_iter(), "a table"))?;
        let column = file.column(heading, "columns")?;
        // A heading with the same meaning gives way to the column that the study names.
        meanings.iter_mut().filter(|m| m.as_ref() == Some(&meaning)).for_each(|m| *m = None);
        meanings[column] = Some(meaning);
    }
    for name in &part.leave_out {
        meanings[file.column(name, "leave_out")?] = None;
    }
    for (second, meaning) in meanings.iter().enumerate().filter(|(_, m)| m.is_some()) {
        if let Some(first) = meanings[..second].iter().position(|m| m == meaning) {
            return Err(file.twice(first, second));
        }
    }
    for (key, unit) in &part.units {
        let place = format!("{at}.units.{key}");
        // The unit of one column, or of all columns of a table of constants: `affinity = "nM"`.
        let of_table = |m: &str| m.split_once('.').is_some_and(|(table, _)| table == key);
        let one = of.meaning(key);
        let is = |m: &Option<Meaning>| {
            m.as_ref().is_some_and(|m| Some(m) == one.as_ref() || of_table(m))
        };
        if !meanings.iter().any(is) {
            let known: Vec<&str> =
                meanings.iter().flatten().map(String::as_str).filter(|m| m.contains('.')).collect();
            return Err(unknown(&place, "column with a unit", key, known.into_iter(), "the table"));
        }
        Quantity::parse(&format!("1 {unit}")).map_err(|e| StudyError::at(&place, e.0))?;
        for (m, own) in meanings.iter().zip(&mut units).filter(|(m, _)| is(m)) {
            if let Some(own) = own.as_ref().filter(|own| *own != unit) {
                let message = format!(
                    "\"{}\" differs from the unit in the heading, {own}; keep one of the two",
                    shown(unit)
                );
                return Err(StudyError::at(place, message));
            }
            let needed = m.as_deref().and_then(dimension);
            if let Some(needed) = needed {
                Quantity::parse_as(&format!("1 {unit}"), needed)
                    .map_err(|_| StudyError::at(&place, wrong_unit(unit, needed)))?;
            }
            *own = Some(unit.clone());
        }
    }
    for (c, (meaning, unit)) in meanings.iter().zip(&units).enumerate() {
        if let (Some(needed), Some(unit)) = (meaning.as_deref().and_then(dimension), unit)
            && Quantity::parse_as(&format!("1 {unit}"), needed).is_err()
        {
            return Err(file.refuse(1, &file.header[c], wrong_unit(unit, needed)));
        }
    }
    Ok((meanings, units))
}

fn wrong_unit(unit: &str, needed: Dimension) -> String {
    let hint = match unit_meant(unit, needed) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("write for example {}", unit_like(needed)),
    };
    format!("has the unit \"{}\", which does not suit this quantity; {hint}", shown(unit))
}

/// Refuses a column of numbers without a known meaning, because library values would silently be
/// used instead.
fn no_number_is_lost(at: &str, of: Of, file: &CsvFile, read: &[bool]) -> Result<(), StudyError> {
    for (c, heading) in file.header.iter().enumerate().filter(|(c, _)| !read[*c]) {
        let number = |text: &str| {
            text == "none"
                || text.starts_with(|ch: char| ch.is_ascii_digit() || "+-.<>".contains(ch))
        };
        let holds =
            file.rows().find(|(_, fields)| !csv_file::missing(&fields[c]) && number(&fields[c]));
        if let Some((line, fields)) = holds {
            let near = Of::chain_in(heading).or_else(|| closest(heading, of.known()));
            let heading = shown(heading);
            let write = match near {
                Some(near) => {
                    format!("columns = {{ {near} = \"{heading}\" }}, if it has this meaning,")
                }
                None => "its meaning in columns".to_string(),
            };
            let message = format!(
                "contains numbers (\"{}\") but is not a known column for {}; under [{at}] write \
                 {write} or leave_out = [\"{heading}\"]",
                shown(&fields[c]),
                of.table()
            );
            return Err(file.refuse(line, &heading, message));
        }
    }
    Ok(())
}
