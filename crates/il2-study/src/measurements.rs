//! A table of measurements: what each row measured, in base units, or why it cannot be read.

mod measured;

use crate::choose::at_most;
use crate::csv_file::{self, CsvFile, Fields};
use crate::error::StudyError;
use crate::headings::{self, Signs};
use crate::study::fitting::MeasuredPart;
use crate::study::{Study, unknown};
use il2::quantity::Quantity;
use il2_engine::Dimension;
use il2_engine::words::{closest, shown};
use il2_inference::bound::Bound;
use il2_inference::reading::Reduce;
use std::path::PathBuf;

/// Rows of measurements of a fit.
pub const MOST_MEASURED: usize = 200_000;

/// Meanings that a column may have.
const MEANINGS: [&str; 12] = [
    "ligand", "cell", "dose", "from", "time", "regimen", "readout", "reduce", "value", "sd", "low",
    "high",
];
/// Place of `value` among them.
const VALUE: usize = 8;
/// Columns that a table need not have.
const MAY_BE_MISSING: [&str; 5] = ["from", "value", "sd", "low", "high"];
/// The word for rows that are not to be read.
const LEAVE_OUT: &str = "leave out";

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Line in the file.
    pub line: usize,
    /// Ligand or regimen of the study.
    pub given: String,
    /// Cell of the study; empty for patients.
    pub cell: String,
    /// Concentration of the ligand (pM); 0 for patients.
    pub dose: f64,
    /// What is made of a course or a curve.
    pub reduce: Reduce,
    /// Doses of the curve whose half-maximal dose was measured (pM); empty for others.
    pub curve: Vec<f64>,
    /// Where a course begins that is summed up (min); 0 for others.
    pub from: f64,
    /// When, or where the course ends (min).
    pub time: f64,
    /// Species or observable.
    pub readout: String,
    /// What was measured, in base units or, where a factor is fitted, in the unit of the table.
    pub value: f64,
    /// Whether the value is what was measured, or a limit of it.
    pub bound: Bound,
    /// Standard deviation in the same unit, where the table has one.
    pub sd: Option<f64>,
    /// Words of the columns that have a factor of their own.
    pub group: String,
    /// Whether the row is predicted and not fitted.
    pub held_out: bool,
}

/// A table read.
#[derive(Clone, Debug)]
pub struct Data {
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// Rows that the study or a column leaves out, or that have no value.
    pub left_out: usize,
    /// What must be said of the table: columns not read, rows left out, values that are limits.
    pub warnings: Vec<String>,
    /// SHA-256 of the file.
    pub hash: String,
    /// Where it was read.
    pub path: PathBuf,
}

/// How the rows of a table are read.
struct Reading<'a> {
    study: &'a Study,
    at: &'a str,
    part: &'a MeasuredPart,
    file: &'a CsvFile,
    /// Whether the model brings its own cell, so that no column names one.
    own_cell: bool,
    /// One of the unit of the column sd in units of the value.
    unit_of_sd: f64,
    /// Place of the column of each meaning, in the order of [`MEANINGS`].
    places: Vec<Option<usize>>,
    /// Columns that change what a row means.
    signs: Signs,
    /// EVID and AMT of tables that have doses, too.
    events: [Option<usize>; 2],
}

/// Reads the table of a part of the study; `at` is the key path of the part.
pub fn read(study: &Study, at: &str, part: &MeasuredPart) -> Result<Data, StudyError> {
    let folder = study.path.parent().unwrap_or(std::path::Path::new(""));
    let file = csv_file::read(&folder.join(&part.table), "measurements")?;
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
    // What would change the meaning of rows and is the same in all of them is not read either.
    let unread = measured::not_read(&file, &signs, places[VALUE]);
    let own = |name: &str| Ok(file.one(|h| h.eq_ignore_ascii_case(name))?.filter(|&c| !read[c]));
    let events = [own("EVID")?, own("AMT")?];
    for (c, read) in read.iter_mut().enumerate() {
        *read |= (signs.has(c) && !unread.contains(&c)) || events.contains(&Some(c));
    }
    let unit_of_sd = unit_of_sd(at, part)?;
    let reading =
        Reading { study, at, part, file: &file, own_cell, unit_of_sd, places, signs, events };
    let (hash, path) = (file.hash.clone(), file.path.clone());
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
            None => data.left_out += 1,
            Some(mut row) => {
                // Words that hold a space are marked off: "a b" and "c" are not "a" and "b c".
                let word = |&c: &usize| match fields[c].contains([' ', '"']) && scale.len() > 1 {
                    true => format!("{:?}", &fields[c]),
                    false => fields[c].to_string(),
                };
                row.group = scale.iter().map(word).collect::<Vec<_>>().join(" ");
                row.held_out = held.iter().any(|(c, words)| words.iter().any(|w| w == &fields[*c]));
                data.rows.push(row);
            }
        }
        // Asked while it is read: rows take more memory than their text.
        at_most(&format!("{at}.table"), "rows of measurements", data.rows.len(), MOST_MEASURED)?;
    }
    data.left_out += said_to_be_out;
    if said_to_be_out > 0 {
        let table = &part.table;
        data.warnings.push(format!(
            "{said_to_be_out} rows of {table} left out: a column (MDV, EVID, EXCLUDE, C) or a # says so"
        ));
    }
    let limits = data.rows.iter().filter(|row| row.bound != Bound::None).count();
    if limits > 0 {
        let table = &part.table;
        data.warnings.push(format!(
            "{limits} rows of {table} are limits (<, >, CENS or LLOQ), and what was there lies beyond them"
        ));
    }
    for (column, words) in held {
        for word in words {
            if !file.rows().any(|(_, fields)| fields[column] == **word) {
                let message = format!("holds \"{}\" out, which stands in no row", shown(word));
                return Err(StudyError::at(format!("{at}.held_out"), message));
            }
        }
    }
    if !data.rows.is_empty() && data.rows.iter().all(|row| row.held_out) {
        let message = "holds every row out, so that nothing is left to fit; hold fewer out";
        return Err(StudyError::at(format!("{at}.held_out"), message));
    }
    if data.rows.is_empty() {
        let none = data.left_out - said_to_be_out;
        let why = match data.left_out {
            0 => String::new(),
            _ => format!(
                ": {said_to_be_out} are left out by MDV, EVID, AMT, EXCLUDE, C or a #, and {none} have no \
                 value or a word that the study leaves out"
            ),
        };
        let message = format!(
            "has no rows that the study reads{why}; add measurements below the header, or leave fewer out"
        );
        return Err(file.refuse(1, "", message));
    }
    Ok(data)
}

impl Reading<'_> {
    fn row(&self, line: usize, fields: &Fields) -> Result<Option<Row>, StudyError> {
        let wells = self.part.of == "wells";
        let (given, cell) = if wells {
            let ligands = self.study.ligands.keys().map(String::as_str);
            let cells = self.study.cells.keys().map(String::as_str);
            let cell = match self.own_cell {
                true => Some(String::new()),
                false => self.word(line, fields, "cell", &self.part.cells, cells)?,
            };
            (self.word(line, fields, "ligand", &self.part.ligands, ligands)?, cell)
        } else {
            let regimens = self.study.regimens.keys().map(String::as_str);
            let given = self.word(line, fields, "regimen", &self.part.regimens, regimens)?;
            (given, Some(String::new()))
        };
        let (Some(given), Some(cell)) = (given, cell) else { return Ok(None) };
        let readout = match (self.column("readout"), &self.part.readout) {
            (Some(c), _) => fields[c].to_string(),
            (None, Some(name)) => name.clone(),
            (None, None) => {
                let message =
                    "is missing; name what was measured, or give the table a column readout";
                return Err(StudyError::at(format!("{}.readout", self.at), message));
            }
        };
        let needed = |name: &str| {
            let found = self.number(line, fields, name)?;
            found.ok_or_else(|| self.refuse(line, name, "is empty; every row needs a number"))
        };
        let time = needed("time")?;
        let reduce = self.reduce(line, fields)?;
        let dose = if wells && reduce != Reduce::Ec50 { needed("dose")? } else { 0.0 };
        for (name, number) in [("time", time), ("dose", dose)] {
            if number < 0.0 {
                let message = format!("{number} is not allowed; write zero or more");
                return Err(self.refuse(line, name, &message));
            }
        }
        let from = self.number(line, fields, "from")?;
        if from.is_some() && !matches!(reduce, Reduce::Max | Reduce::Min | Reduce::Area) {
            let message = "belongs to max, min and area; leave it empty";
            return Err(self.refuse(line, "from", message));
        }
        if let Some(from) = from.filter(|from| *from < 0.0) {
            let message = format!("{from} is not allowed; write zero or more");
            return Err(self.refuse(line, "from", &message));
        }
        let area = reduce == Reduce::Area;
        if let Some(from) = from.filter(|from| *from > time || (area && *from == time)) {
            let message = format!(
                "{from} does not lie before the time {time}; write an earlier one, or leave it empty for 0"
            );
            return Err(self.refuse(line, "from", &message));
        }
        if area && time == 0.0 {
            let message = "is 0, where no course has an area yet; write a time above zero";
            return Err(self.refuse(line, "time", message));
        }
        let from = from.unwrap_or(0.0);
        let minutes = self.unit("time", Some(Dimension::TIME))?;
        let (from, time) = (from * minutes, time * minutes);
        let curve = self.curve(&given, reduce)?;
        let dose = if dose > 0.0 { self.dose(line, &given, dose)? } else { 0.0 };
        let Some((value, sd, bound)) = self.value(line, fields)? else { return Ok(None) };
        if sd.is_some_and(|sd| sd <= 0.0) {
            let message =
                format!("{} is not allowed; write a number above zero", sd.unwrap_or(0.0));
            return Err(self.refuse(line, "sd", &message));
        }
        let group = String::new();
        Ok(Some(Row {
            line,
            given,
            cell,
            dose,
            reduce,
            curve,
            from,
            time,
            readout,
            value,
            bound,
            sd,
            group,
            held_out: false,
        }))
    }

    /// What a row is made of; as it is at its time where no column or word says.
    fn reduce(&self, line: usize, fields: &Fields) -> Result<Reduce, StudyError> {
        let word = self.column("reduce").map_or("", |c| fields[c].trim());
        if word.is_empty() {
            return Ok(Reduce::At);
        }
        let found = Reduce::WORDS.iter().find(|(known, _)| *known == word);
        let Some(&(_, reduce)) = found else {
            let known: Vec<&str> = Reduce::WORDS.iter().map(|(word, _)| *word).collect();
            let message = format!(
                "\"{}\" is no summary; use {}, or leave it empty",
                shown(word),
                known.join(", ")
            );
            return Err(self.refuse(line, "reduce", &message));
        };
        if reduce == Reduce::Ec50 && self.part.of != "wells" {
            return Err(self.refuse(line, "reduce", "ec50 is of wells; patients have no such row"));
        }
        if reduce == Reduce::Ec50 && self.part.scale.is_some() {
            let message = "ec50 has no factor, which the key scale asks for; put such rows into a \
                           table of their own";
            return Err(self.refuse(line, "reduce", message));
        }
        Ok(reduce)
    }

    /// Doses of the curve that gives a half-maximal dose.
    fn curve(&self, ligand: &str, reduce: Reduce) -> Result<Vec<f64>, StudyError> {
        if reduce != Reduce::Ec50 {
            return Ok(vec![]);
        }
        let Some(doses) = &self.part.doses else {
            let message = "is missing; an EC50 is read off a curve: write for example \
                           { from = \"0.1 pM\", to = \"1 uM\", points = 30 }";
            return Err(StudyError::at(format!("{}.doses", self.at), message));
        };
        crate::choose::curve_doses(self.at, &self.study.ligands[ligand], doses)
    }

    fn column(&self, meaning: &str) -> Option<usize> {
        self.places[MEANINGS.iter().position(|m| *m == meaning).expect("a meaning")]
    }

    fn refuse(&self, line: usize, meaning: &str, message: &str) -> StudyError {
        let name = self.column(meaning).map_or(meaning, |c| &self.file.header[c]);
        self.file.refuse(line, name, message)
    }

    /// What a word of a column stands for in the study; none where the row is left out. Without the
    /// column all rows are of the one thing that the study has.
    fn word<'a>(
        &self,
        line: usize,
        fields: &Fields,
        meaning: &str,
        stands_for: &indexmap::IndexMap<String, String>,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Option<String>, StudyError> {
        let Some(column) = self.column(meaning) else {
            let all: Vec<&str> = known.collect();
            if let [one] = all.as_slice() {
                return Ok(Some((*one).to_string()));
            }
            let message = format!(
                "is missing; the header has {}: name the column in the study, {}.columns.{meaning}",
                self.file.header.join(", "),
                self.at
            );
            return Err(self.file.refuse(1, meaning, message));
        };
        let word = &fields[column];
        let name = stands_for.get(word).map_or(word, String::as_str);
        if name == LEAVE_OUT {
            return Ok(None);
        }
        if known.clone().any(|k| k == name) {
            return Ok(Some(name.to_string()));
        }
        let hint = match closest(name, known.clone()) {
            Some(near) => format!("did you mean {near}? "),
            None => format!("the study has {}. ", known.collect::<Vec<_>>().join(", ")),
        };
        let message = format!(
            "\"{}\" is no {meaning} of the study; {hint}Say what it stands for, or \"{LEAVE_OUT}\", in \
             {}.{meaning}s",
            shown(name),
            self.at
        );
        Err(self.refuse(line, meaning, &message))
    }

    fn number(
        &self,
        line: usize,
        fields: &Fields,
        meaning: &str,
    ) -> Result<Option<f64>, StudyError> {
        let Some(column) = self.column(meaning) else {
            if MAY_BE_MISSING.contains(&meaning) {
                return Ok(None);
            }
            let message = format!(
                "is missing; the header has {}: name the column in the study, {}.columns.{meaning}",
                self.file.header.join(", "),
                self.at
            );
            return Err(self.file.refuse(1, meaning, message));
        };
        csv_file::number(&fields[column]).map_err(|m| self.refuse(line, meaning, &m))
    }

    /// What one of a unit is in base units.
    fn unit(&self, meaning: &str, needed: Option<Dimension>) -> Result<f64, StudyError> {
        let at = format!("{}.units.{meaning}", self.at);
        let Some(text) = self.part.units.get(meaning) else {
            return Err(StudyError::at(at, "is missing; say what the column is counted in"));
        };
        let unit = Quantity::parse(&format!("1 {text}")).map_err(|e| StudyError::at(&at, e.0))?;
        match needed {
            Some(needed) if unit.dimension != needed => {
                let message = format!("\"{}\" is no unit of {needed}", shown(text));
                Err(StudyError::at(at, message))
            }
            _ => Ok(unit.value),
        }
    }

    /// A concentration in the unit of the table, through the ligand's preparation (pM).
    fn dose(&self, line: usize, ligand: &str, number: f64) -> Result<f64, StudyError> {
        let at = format!("{}.units.dose", self.at);
        let Some(unit) = self.part.units.get("dose") else {
            return Err(StudyError::at(at, "is missing; say what the column is counted in"));
        };
        let preparation = self.study.ligands[ligand].preparation();
        let one = preparation.concentration(&format!("1 {unit}"));
        let dose = number * one.map_err(|e| StudyError::at(at, e.0))?;
        match dose.is_finite() {
            true => Ok(dose),
            false => Err(self.refuse(line, "dose", "is too large")),
        }
    }
}

/// What one unit of the value is in base units of the readout; 1 where a factor is fitted.
pub fn value_unit(
    at: &str,
    part: &MeasuredPart,
    readout: &str,
    dimension: Dimension,
) -> Result<f64, StudyError> {
    let at = format!("{at}.units.value");
    match (&part.scale, part.units.get("value")) {
        (Some(_), _) => Ok(1.0),
        (None, None) if dimension == Dimension::DIMENSIONLESS => Ok(1.0),
        (None, None) => {
            let message = format!(
                "is missing; {readout} measures {dimension}: say in what it is counted, or fit a factor \
                 with scale = []"
            );
            Err(StudyError::at(at, message))
        }
        (None, Some(text)) => {
            let value = Quantity::parse_as(&format!("1 {text}"), dimension);
            value.map_err(|e| StudyError::at(at, e.0))
        }
    }
}

/// What one unit of the column sd is in units of the value; the same unit where the study gives none.
fn unit_of_sd(at: &str, part: &MeasuredPart) -> Result<f64, StudyError> {
    let Some(text) = part.units.get("sd") else { return Ok(1.0) };
    let value = part.units.get("value");
    if value == Some(text) {
        return Ok(1.0);
    }
    let at = format!("{at}.units.sd");
    if part.scale.is_some() {
        let message = format!(
            "\"{}\" is no unit of values that have a factor of their own (key scale); leave it out: sd is in \
             the unit of the value",
            shown(text)
        );
        return Err(StudyError::at(at, message));
    }
    let read = |text: &str| {
        let unit = Quantity::parse(&format!("1 {text}")).map_err(|e| StudyError::at(&at, e.0))?;
        // Molecules may be left out of text.
        Ok((unit.value, Dimension { molecule: 0, ..unit.dimension }))
    };
    let value = value.map_or("", String::as_str);
    let (sd, of_value) = (read(text)?, read(value)?);
    if sd.1 != of_value.1 {
        let message = format!(
            "\"{}\" does not measure what the value does; write \"{}\" or another unit of it",
            shown(text),
            shown(value)
        );
        return Err(StudyError::at(at, message));
    }
    Ok(sd.0 / of_value.0)
}

/// Refuses keys of a table that nothing would read.
pub fn all_read(study: &Study, at: &str, part: &MeasuredPart) -> Result<(), StudyError> {
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
        ("model", part.model.is_some(), wells, "wells"),
        ("doses", part.doses.is_some(), wells, "wells"),
        ("ligands", !part.ligands.is_empty(), wells, "wells"),
        ("cells", !part.cells.is_empty(), wells && !own_cell, "wells with cells of the study"),
        ("regimens", !part.regimens.is_empty(), !wells, "patients"),
        ("pharmacokinetics", part.pharmacokinetics.is_some(), !wells, "patients"),
    ] {
        if given && !read {
            let message =
                format!("belongs to tables of {whose}, and nothing would read it; leave it out");
            return Err(StudyError::at(format!("{at}.{key}"), message));
        }
    }
    Ok(())
}
