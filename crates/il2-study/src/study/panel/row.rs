//! One row of a table of ligands or cells, as a part of a study.

use crate::csv_file::{self, CsvFile, Fields};
use crate::error::StudyError;
use crate::study::file::{CellPart, LigandPart};
use crate::study::like::label;
use crate::study::panel::meaning::{Meaning, dimension};
use crate::study::panel::part::PanelPart;
use crate::study::text::QuantityText;
use il2::ligand::RELEASE_RATE;
use il2::quantity::example;
use il2_engine::Dimension;
use il2_engine::words::shown;
use indexmap::IndexMap;

/// A row, and the meaning of its columns.
pub struct Row<'a> {
    pub at: &'a str,
    pub file: &'a CsvFile,
    pub line: usize,
    pub fields: Fields<'a>,
    pub columns: &'a [Option<Meaning>],
    pub units: &'a [Option<String>],
}

impl Row<'_> {
    pub fn refuse(&self, meaning: &str, message: impl Into<String>) -> StudyError {
        let column = self.columns.iter().position(|m| m.as_deref() == Some(meaning));
        self.file.refuse(self.line, column.map_or(meaning, |c| &self.file.header[c]), message)
    }

    /// The text in a column; none if the field is empty.
    fn text(&self, meaning: &str) -> Option<&str> {
        let column = self.columns.iter().position(|m| m.as_deref() == Some(meaning))?;
        Some(&self.fields[column]).filter(|text| !csv_file::missing(text))
    }

    /// Refuses `NA` and similar words, which may mean an unknown value or no binding. Otherwise,
    /// the value of the molecule or cell on which the row is based would silently be used.
    pub fn no_word_for_nothing(&self) -> Result<(), StudyError> {
        for (c, meaning) in self.columns.iter().enumerate() {
            let text = &self.fields[c];
            let Some(meaning) = meaning else { continue };
            if text.is_empty() || !csv_file::missing(text) {
                continue;
            }
            return Err(self.no_value(c, meaning));
        }
        Ok(())
    }

    fn no_value(&self, c: usize, meaning: &str) -> StudyError {
        let text = &self.fields[c];
        let is = if text.starts_with(['<', '>']) { "a limit, not a value" } else { "not a value" };
        let none = match meaning.starts_with("affinity.") {
            true => ", or write none for a chain that is not bound",
            false => "",
        };
        let message = format!(
            "\"{}\" is {is}; leave the field empty to keep the value from which the row \
             starts{none}",
            shown(text)
        );
        self.file.refuse(self.line, &self.file.header[c], message)
    }

    pub fn name(&self) -> Result<&str, StudyError> {
        let name = self.text("name");
        let name = name.ok_or_else(|| self.refuse("name", "is empty; give each row a name"))?;
        label(self.at, name).map_err(|e| self.refuse("name", e.message))?;
        Ok(name)
    }

    /// The entry on which a row is based, given in the row or otherwise for the whole table.
    fn starts(&self, part: &PanelPart) -> (Option<String>, Option<String>) {
        let own = ["from", "like"].map(|key| self.text(key).map(str::to_string));
        match own {
            // A molecule made of arms starts from the arms.
            [None, None] if self.text("arms").is_some() => (None, None),
            [None, None] => (part.from.clone(), part.like.clone()),
            [from, like] => (from, like),
        }
    }

    /// Quantities in the columns of a table of constants.
    fn quantities(&self, table: &str) -> Result<IndexMap<String, QuantityText>, StudyError> {
        let mut all = IndexMap::new();
        for (c, meaning) in self.columns.iter().enumerate() {
            let Some(meaning) = meaning else { continue };
            if let Some((of, key)) = meaning.split_once('.')
                && of == table
                && let Some(text) = self.quantity(c, meaning)?
            {
                all.insert(key.to_string(), text);
            }
        }
        Ok(all)
    }

    /// The quantity in a column with its unit; none if the field is empty.
    fn quantity(&self, c: usize, meaning: &str) -> Result<Option<QuantityText>, StudyError> {
        let text = &self.fields[c];
        if csv_file::missing(text) {
            return Ok(None);
        }
        let begins = |c: char| c.is_ascii_digit() || "+-.".contains(c);
        if !text.starts_with(begins) && text != "none" {
            return Err(self.no_value(c, meaning));
        }
        let bare = text.parse::<f64>().is_ok();
        let text = match (&self.units[c], dimension(meaning)) {
            (Some(unit), _) if bare => format!("{text} {unit}"),
            (None, Some(needed)) if bare => {
                let unit = unit_like(needed);
                let message = format!(
                    "\"{}\" has no unit; add the unit to the heading, for example \"{} ({unit})\", \
                     or to the study under {}.units",
                    shown(text),
                    shown(&self.file.header[c]),
                    self.at
                );
                return Err(self.refuse(meaning, message));
            }
            _ => text.to_string(),
        };
        Ok(Some(QuantityText(text)))
    }

    pub fn ligand(&self, part: &PanelPart) -> Result<LigandPart, StudyError> {
        let (from, like) = self.starts(part);
        let copies = |text: &str| {
            let message = format!("\"{}\" is not allowed; use 1 to 6", shown(text));
            text.parse().map_err(|_| self.refuse("valency", message))
        };
        let joins = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => {
                let message = format!("\"{}\" is not allowed; use true or false", shown(text));
                Err(self.refuse("joins_gamma_c", message))
            }
        };
        let arms = |text: &str| text.split('+').map(|arm| arm.trim().to_string()).collect();
        let rate = self.columns.iter().position(|m| m.as_deref() == Some(RELEASE_RATE));
        let release_rate = rate.map(|c| self.quantity(c, RELEASE_RATE)).transpose()?;
        Ok(LigandPart {
            from,
            like,
            arms: self.text("arms").map(arms).unwrap_or_default(),
            releases: self.text("releases").map(str::to_string),
            release_rate: release_rate.flatten(),
            valency: self.text("valency").map(copies).transpose()?,
            joins_gamma_c: self.text("joins_gamma_c").map(joins).transpose()?,
            affinity: self.quantities("affinity")?,
            k_on: self.quantities("k_on")?,
            k_off: self.quantities("k_off")?,
            k_forward: self.quantities("k_forward")?,
            endosomal_off_ratio: self.quantities("endosomal_off_ratio")?,
            wrong_partner_affinity: self.quantities("wrong_partner_affinity")?,
            fusion_affinity: self.quantities("fusion_affinity")?,
            parameters: self.quantities("parameters")?,
        })
    }

    pub fn cell(&self, part: &PanelPart) -> Result<CellPart, StudyError> {
        let (from, like) = self.starts(part);
        Ok(CellPart {
            from,
            like,
            quantitation: self.text("quantitation").map(str::to_string),
            receptors: self.quantities("receptors")?,
            synthesis: self.quantities("synthesis")?,
            ..CellPart::default()
        })
    }
}

/// An example of a unit with the required dimension, for an error message.
pub fn unit_like(needed: Dimension) -> String {
    let example = example(needed);
    example.split_once(' ').map_or("", |(_, unit)| unit).to_string()
}
