//! Reads a table of measurements, or refuses it.

use crate::choose::at_most;
use crate::error::StudyError;
use crate::headings::{self, Signs};
use crate::measurements::measured;
use crate::measurements::reader::{MEANINGS, MeasurementReader, VALUE};
use crate::measurements::table::Data;
use crate::measurements::units::unit_of_sd;
use crate::renamed;
use crate::study::Study;
use crate::study::fitting::MeasuredPart;
use crate::values::unknown;
use il2_engine::words::counted;
use il2_engine::words::{closest, shown, some_of};
use il2_inference::bound::Bound;
use std::collections::BTreeSet;

/// Largest number of rows of measurements of a fit.
pub const MOST_MEASURED: usize = 200_000;

/// Reads the table of a part of the study; `at` is the key path of the part.
pub fn read(study: &Study, at: &str, part: &MeasuredPart) -> Result<Data, StudyError> {
    let file = study.tables.read(&part.table, "measurements");
    let file = file.map_err(|e| e.named_at(format!("{at}.table")))?;
    for key in part.columns.keys() {
        if !MEANINGS.contains(&key.as_str()) {
            let place = format!("{at}.columns.{key}");
            return Err(unknown(&place, "meaning", key, MEANINGS.into_iter(), "a table"));
        }
    }
    let place = |meaning: &&str| match part.columns.get(*meaning) {
        Some(name) => file.column(name, "columns").map(Some),
        None => file.one(|h| h.eq_ignore_ascii_case(meaning)),
    };
    let places: Vec<Option<usize>> = MEANINGS.iter().map(place).collect::<Result<_, _>>()?;
    let own_cell = study.model(at, part.model.as_deref())?.model.kind.brings_its_cell();
    let scale = part.scale.iter().flatten();
    let scale: Vec<usize> =
        scale.map(|name| file.column(name, "scale")).collect::<Result<_, _>>()?;
    let held = |(name, words): (&String, _)| Ok((file.column(name, "held_out")?, words));
    let held: Vec<(usize, &Vec<String>)> =
        part.held_out.iter().map(held).collect::<Result<_, StudyError>>()?;
    let mut read = vec![false; file.header.len()];
    let named = scale.iter().copied().chain(held.iter().map(|(c, _)| *c));
    places.iter().copied().flatten().chain(named).for_each(|c| read[c] = true);
    let signs = Signs::find(&file, &read)?;
    measured::signs_of_no_use(&file, &signs)?;
    // Flags that are the same in all rows are not read either.
    let unread = measured::not_read(&file, &signs, places[VALUE]);
    let own = |name: &str| Ok(file.one(|h| h.eq_ignore_ascii_case(name))?.filter(|&c| !read[c]));
    let events = [own("EVID")?, own("AMT")?];
    for (c, read) in read.iter_mut().enumerate() {
        *read |= (signs.has(c) && !unread.contains(&c)) || events.contains(&Some(c));
    }
    let value = places[VALUE];
    let unit_of_sd = unit_of_sd(at, part)?;
    let reading = MeasurementReader {
        study,
        at,
        part,
        file: &file,
        own_cell,
        unit_of_sd,
        places,
        signs,
        events,
    };
    let (hash, path) = (file.hash.clone(), file.path.clone());
    let mut without = vec![];
    let mut data = Data { rows: vec![], left_out: 0, warnings: vec![], hash, path };
    data.warnings
        .extend(headings::not_read_of(&part.table, &headings::not_read(&file, &read, &MEANINGS)));
    let mut said_to_be_out = file.commented;
    for (line, fields) in file.rows() {
        if reading.leaves_out(line, &fields)? {
            said_to_be_out += 1;
            continue;
        }
        match reading.row(line, &fields)? {
            None => {
                data.left_out += 1;
                let written = value.map(|c| &fields[c]);
                if written.is_some_and(|text| text.to_ascii_lowercase().contains("nan")) {
                    without.push(line);
                }
            }
            Some(mut row) => {
                // Words that contain a space are quoted, so that "a b" and "c" differ from "a" and "b c".
                let word = |&c: &usize| match fields[c].contains([' ', '"']) && scale.len() > 1 {
                    true => format!("{:?}", &fields[c]),
                    false => fields[c].to_string(),
                };
                row.group = scale.iter().map(word).collect::<Vec<_>>().join(" ");
                if let Some(new) = renamed::present_name(&row.readout) {
                    let said = renamed::notice(&row.readout, &new);
                    if !data.warnings.contains(&said) {
                        data.warnings.push(said);
                    }
                    row.readout = new;
                }
                row.held_out = held.iter().any(|(c, words)| words.iter().any(|w| w == &fields[*c]));
                data.rows.push(row);
            }
        }
        // Checked while reading: rows take more memory than their text.
        at_most(&format!("{at}.table"), "rows of measurements", data.rows.len(), MOST_MEASURED)?;
    }
    data.left_out += said_to_be_out;
    if let Some(first) = without.first() {
        data.warnings.push(format!(
            "il2 left out {} of {}, because NaN is not a value (first in line {first})",
            counted(without.len(), "row"),
            part.table
        ));
    }
    if said_to_be_out > 0 {
        let table = &part.table;
        data.warnings.push(format!(
            "il2 left out {} of {table}, marked in a column (MDV, EVID, EXCLUDE, C) or by a #",
            counted(said_to_be_out, "row")
        ));
    }
    let limits = data.rows.iter().filter(|row| row.bound != Bound::None).count();
    if limits > 0 {
        let table = &part.table;
        data.warnings.push(format!(
            "{} of {table} {} (<, >, CENS or LLOQ): the true {}",
            counted(limits, "row"),
            if limits == 1 { "is a limit" } else { "are limits" },
            if limits == 1 { "value lies beyond it" } else { "values lie beyond them" }
        ));
    }
    for (column, words) in held {
        for word in words {
            if !file.rows().any(|(_, fields)| fields[column] == **word) {
                let all: BTreeSet<String> =
                    file.rows().map(|(_, fields)| shown(&fields[column])).collect();
                let known = all.iter().map(String::as_str);
                let hint = match closest(word, known.clone()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("the column contains {}", some_of(word, known)),
                };
                let message = format!(
                    "contains \"{}\", which does not occur in any row; {hint}",
                    shown(word)
                );
                return Err(StudyError::at(format!("{at}.held_out"), message));
            }
        }
    }
    if !data.rows.is_empty() && data.rows.iter().all(|row| row.held_out) {
        let message = "holds out every row, so no row is left to fit; hold out fewer rows";
        return Err(StudyError::at(format!("{at}.held_out"), message));
    }
    if data.rows.is_empty() {
        let none = data.left_out - said_to_be_out;
        let why = match data.left_out {
            0 => String::new(),
            _ => format!(
                ": left out are {} marked by MDV, EVID, AMT, EXCLUDE, C or a #, and {} without a \
                 value or with a word that the study leaves out",
                counted(said_to_be_out, "row"),
                counted(none, "row")
            ),
        };
        let message = format!(
            "has no rows that can be used{why}; add measurements below the header, or \
             leave out fewer rows"
        );
        return Err(file.refuse(1, "", message));
    }
    Ok(data)
}

/// Refuses keys of a table that would have no effect, and a culture that the study does not have.
pub fn all_read(study: &Study, at: &str, part: &MeasuredPart) -> Result<(), StudyError> {
    if let Some(name) = part.culture.as_ref().filter(|name| study.culture(name).is_none()) {
        let known =
            study.assays.keys().map(String::as_str).filter(|name| study.culture(name).is_some());
        return Err(unknown(&format!("{at}.culture"), "culture", name, known, "this study"));
    }
    let wells = part.of == "wells";
    let known: &[&str] =
        if wells { &["dose", "time", "value", "sd"] } else { &["time", "value", "sd"] };
    if let Some(key) = part.units.keys().find(|key| !known.contains(&key.as_str())) {
        let place = format!("{at}.units.{key}");
        let what = if wells { "a table of wells" } else { "a table of patients" };
        return Err(unknown(&place, "column with a unit", key, known.iter().copied(), what));
    }
    let own_cell = wells && study.model(at, part.model.as_deref())?.model.kind.brings_its_cell();
    for (key, given, read, whose) in [
        ("model", part.model.is_some(), wells && part.culture.is_none(), "wells without a culture"),
        ("culture", part.culture.is_some(), wells, "wells"),
        ("doses", part.doses.is_some(), wells, "wells"),
        ("ligands", !part.ligands.is_empty(), wells, "wells"),
        ("cells", !part.cells.is_empty(), wells && !own_cell, "wells with cells of the study"),
        ("regimens", !part.regimens.is_empty(), !wells, "patients"),
        ("pharmacokinetics", part.pharmacokinetics.is_some(), !wells, "patients"),
    ] {
        if given && !read {
            let message =
                format!("applies only to tables of {whose} and has no effect here; leave it out");
            return Err(StudyError::at(format!("{at}.{key}"), message));
        }
    }
    Ok(())
}
