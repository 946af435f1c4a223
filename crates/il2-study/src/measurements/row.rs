//! What a row of a table of measurements describes: the dose, the time, and how the course is summarised.

use crate::choose::curve_doses;
use crate::csv_file::Fields;
use crate::error::StudyError;
use crate::measurements::reader::MeasurementReader;
use crate::measurements::table::Row;
use il2_engine::Dimension;
use il2_engine::words::shown;
use il2_inference::reading::Reduce;

impl MeasurementReader<'_> {
    pub fn row(&self, line: usize, fields: &Fields) -> Result<Option<Row>, StudyError> {
        let wells = self.part.of == "wells";
        let (given, cell) = if wells {
            let ligands = self.study.ligands.keys().map(String::as_str);
            let kinds = self.part.culture.as_deref().and_then(|name| self.study.culture(name));
            let cells: Vec<&str> = match kinds {
                Some(culture) => culture.kinds.keys().map(String::as_str).collect(),
                None => self.study.cells.keys().map(String::as_str).collect(),
            };
            let cells = cells.into_iter();
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
                    "is missing; name the measured quantity, or add a column readout to the table";
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
                let message = format!("{number} is not allowed; use zero or more");
                return Err(self.refuse(line, name, &message));
            }
        }
        let from = self.number(line, fields, "from")?;
        if from.is_some() && !matches!(reduce, Reduce::Max | Reduce::Min | Reduce::Area) {
            let message = "applies only to max, min and area; leave it empty";
            return Err(self.refuse(line, "from", message));
        }
        if let Some(from) = from.filter(|from| *from < 0.0) {
            let message = format!("{from} is not allowed; use zero or more");
            return Err(self.refuse(line, "from", &message));
        }
        let area = reduce == Reduce::Area;
        if let Some(from) = from.filter(|from| *from > time || (area && *from == time)) {
            let message = format!(
                "{from} is not before the time {time}; give an earlier time, or leave it empty for \
                 0"
            );
            return Err(self.refuse(line, "from", &message));
        }
        if area && time == 0.0 {
            let message = "is 0, when every area is still zero; give a time above zero";
            return Err(self.refuse(line, "time", message));
        }
        let from = from.unwrap_or(0.0);
        let minutes = self.unit("time", Some(Dimension::TIME))?;
        let (from, time) = (from * minutes, time * minutes);
        let curve = self.curve(&given, reduce)?;
        let dose = if dose > 0.0 { self.dose(line, &given, dose)? } else { 0.0 };
        let Some((value, sd, bound)) = self.value(line, fields)? else { return Ok(None) };
        if sd.is_some_and(|sd| sd <= 0.0) {
            let message = format!("{} is not allowed; use a number above zero", sd.unwrap_or(0.0));
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

    /// How a row is summarised; the value at its time unless a column or word says otherwise.
    fn reduce(&self, line: usize, fields: &Fields) -> Result<Reduce, StudyError> {
        let word = self.column("reduce").map_or("", |c| fields[c].trim());
        if word.is_empty() {
            return Ok(Reduce::At);
        }
        let found = Reduce::WORDS.iter().find(|(known, _)| *known == word);
        let Some(&(_, reduce)) = found else {
            let known: Vec<&str> = Reduce::WORDS.iter().map(|(word, _)| *word).collect();
            let message = format!(
                "\"{}\" is not a summary; use {}, or leave it empty",
                shown(word),
                known.join(", ")
            );
            return Err(self.refuse(line, "reduce", &message));
        };
        if reduce == Reduce::Ec50 && self.part.of != "wells" {
            return Err(self.refuse(
                line,
                "reduce",
                "ec50 can be used for wells only, not for patients; remove the row",
            ));
        }
        if reduce == Reduce::Ec50 && self.part.scale.is_some() {
            let message = "ec50 cannot have a fitted factor, but the key scale specifies one; put \
                           such rows into a separate table";
            return Err(self.refuse(line, "reduce", message));
        }
        Ok(reduce)
    }

    /// Doses of the curve from which an EC50 is read.
    fn curve(&self, ligand: &str, reduce: Reduce) -> Result<Vec<f64>, StudyError> {
        if reduce != Reduce::Ec50 {
            return Ok(vec![]);
        }
        let Some(doses) = &self.part.doses else {
            let message = "is missing; an EC50 is determined from a curve: write for example { \
                           from = \"0.1 pM\", to = \"1 uM\", points = 30 }";
            return Err(StudyError::at(format!("{}.doses", self.at), message));
        };
        curve_doses(self.at, &self.study.ligands[ligand], doses)
    }
}
