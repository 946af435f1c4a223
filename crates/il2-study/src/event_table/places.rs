//! Compartments of the doses of a table: numbers and words that the study explains, and suggestions
//! if it does not.

use crate::csv_file::{CsvFile, missing};
use crate::error::StudyError;
use crate::event_table::columns::Columns;
use crate::event_table::meaning::TableMeaning;
use crate::event_table::row::Row;
use crate::event_table::words::{GUT, outside, place_named, squeezed};
use crate::headings::Sign;
use il2::patient::compartments::Structure;
use il2::treatment::record::Kind;
use il2_engine::words::shown;
use std::collections::BTreeSet;

/// What a field says about the compartment of a dose.
enum Said {
    Nothing,
    At(usize),
    /// A number or a word that the study must explain, as written in its key `compartments`.
    Untold(String),
    /// A number that is not a compartment.
    NotAllowed(f64),
}

/// Compartments of the doses of a table, according to its rows.
#[derive(Default)]
pub struct Destinations {
    /// Compartments.
    places: BTreeSet<usize>,
    /// Numbers and words that the study must explain.
    pub untold: Vec<String>,
}

impl Destinations {
    /// Collects the compartments of all doses in the table.
    pub fn of(file: &CsvFile, columns: &Columns, how: &TableMeaning) -> Self {
        let mut found = Self::default();
        for (line, fields) in file.rows() {
            let row = Row { file, line, columns, fields };
            let left_out = columns.signs.leaves_out((file, line, &fields)).unwrap_or(true);
            let kind = row.kind().unwrap_or(Kind::Observation);
            if left_out || !matches!(kind, Kind::Dose | Kind::ResetAndDose) {
                continue;
            }
            let said = row.where_columns().into_iter().flatten();
            let mut silent = true;
            for said in said.map(|column| row.said(how, column, (kind, true))) {
                match said {
                    Said::Nothing | Said::NotAllowed(_) => continue,
                    Said::At(place) => found.places.extend([place]),
                    Said::Untold(key) => found.note(key),
                }
                silent = false;
            }
            match how.told.get("1") {
                _ if !silent => {}
                Some(&first) => found.places.extend([first]),
                None if how.must_be_told => found.note("1".into()),
                None => found.places.extend([0]),
            }
        }
        found
    }

    fn note(&mut self, key: String) {
        // Words that mean a compartment of another model cannot be explained by the study's
        // `compartments`.
        if !outside(&squeezed(&key)) && !self.untold.contains(&key) {
            self.untold.push(key);
        }
    }

    /// The only compartment to which doses go, if there is just one.
    pub fn only(&self) -> Option<usize> {
        let one = self.untold.is_empty() && self.places.len() == 1;
        self.places.first().copied().filter(|_| one)
    }
}

impl TableMeaning<'_> {
    /// What the study may add to explain numbers and words of a table: a single one is taken to
    /// mean `first` or the only remaining compartment; several are taken to mean different
    /// compartments, in the order of the model.
    pub fn offer(&self, mut untold: Vec<String>, first: usize) -> String {
        untold.sort_by_key(|key| (key.parse::<u32>().unwrap_or(u32::MAX), key.clone()));
        untold.dedup();
        untold.truncate(9);
        let name = |place: usize| self.compartments[place].trim_end_matches(" depot");
        let taken = |place: &usize| self.told.values().any(|told| told == place);
        let all = 0..self.compartments.len();
        let mut free: Vec<usize> = all.clone().filter(|p| !taken(p)).collect();
        if untold.len() == 1 {
            free.sort_by_key(|p| *p != first);
        }
        let last = free.last().copied().unwrap_or(first);
        let places = free.into_iter().chain(std::iter::repeat(last));
        let pairs: Vec<(String, usize)> = untold.into_iter().zip(places).collect();
        let written = |(key, place): (&String, usize)| {
            let bare = key.bytes().all(|b| b.is_ascii_digit());
            let key = if bare { key.clone() } else { format!("\"{}\"", shown(key)) };
            format!("{key} = \"{}\"", name(place))
        };
        let told = self.told.iter().map(|(key, place)| written((key, *place)));
        let offered = pairs.iter().map(|(key, place)| written((key, *place)));
        let entries: Vec<String> = told.chain(offered).collect();
        let others: Vec<String> =
            all.filter(|p| *p != pairs[0].1).map(|p| format!("\"{}\"", name(p))).collect();
        let or = match (pairs.len(), others.is_empty()) {
            (1, false) => format!(" (or {})", others.join(", ")),
            (1, true) => String::new(),
            _ => " (as numbered by the author of the table)".to_string(),
        };
        format!("{}.compartments = {{ {} }}{or}", self.at, entries.join(", "))
    }

    /// The compartment of doses into a blood vessel, which an error suggests where the table names
    /// none.
    fn blood(&self) -> usize {
        self.compartments.iter().position(|c| ["plasma", "central"].contains(c)).unwrap_or(0)
    }

    /// Why a word is not a compartment, and what to write instead.
    fn no_place(&self, word: &str, untold: Vec<String>) -> String {
        let (word, letters) = (shown(word), squeezed(word));
        let is = |words: &[&str]| words.contains(&letters.as_str());
        let none = format!("\"{word}\" is not a compartment of this model");
        let skin = self.compartments.iter().position(|c| *c == "skin depot");
        let outside = outside(&letters);
        match skin {
            Some(_) if is(&GUT) => format!(
                "{none}, which has no gut (a protein would be digested there); write sc or iv if \
                 the dose was given that way, or leave the row out"
            ),
            Some(_) if outside => format!(
                "{none}; the most similar one is the tissue under the skin, whose absorption would \
                 then apply: {}.compartments = {{ \"{word}\" = \"skin\" }}",
                self.at
            ),
            None if outside => {
                let behind = |s: &Structure| s.compartments()[1..] == *self.compartments;
                let all = Structure::ALL.iter();
                let with = all.filter(|(_, s)| s.central() == 1).find(|(_, s)| behind(s));
                let with = with.map_or("one-compartment-oral", |(name, _)| name);
                format!(
                    "{none}, which has no depot; use {}.model = \"{with}\", and give its \
                     absorption_rate",
                    self.at
                )
            }
            _ => format!(
                "{none}; use {}, or specify in the study what it stands for: {}",
                self.compartments.join(" or "),
                self.offer(untold, self.blood())
            ),
        }
    }
}

impl Row<'_> {
    /// Compartment of the row's dose by CMT, ADM and ROUTE, which must agree; the first compartment
    /// where none of them is given and the model is numbered as in NONMEM.
    pub fn compartment(
        &self,
        how: &TableMeaning,
        kind: Kind,
        gives: bool,
    ) -> Result<usize, StudyError> {
        let mut found: Option<(usize, usize)> = None;
        for column in self.where_columns().into_iter().flatten() {
            let Some(place) = self.place(how, column, (kind, gives))? else { continue };
            match found {
                Some((other, before)) if other != place => {
                    let message = format!(
                        "specifies {}, but {} specifies {}; keep one of the two, or make them agree",
                        how.compartments[place], self.file.header[before], how.compartments[other]
                    );
                    return Err(self.refuse_at(column, message));
                }
                _ => found = Some((place, column)),
            }
        }
        if let Some((place, _)) = found {
            return Ok(place);
        }
        // NONMEM's default is the first compartment.
        match how.told.get("1") {
            Some(&first) => Ok(first),
            None if how.must_be_told && gives => {
                let column = self.where_columns()[0].map_or("CMT", |c| &self.file.header[c]);
                let message = format!(
                    "gives a dose but no compartment for it; write {} in the study, or iv or sc in \
                     a column ROUTE",
                    how.offer(self.untold(how), how.blood())
                );
                Err(self.refuse(column, message))
            }
            None => Ok(0),
        }
    }

    /// All numbers and words that the table leaves unexplained, so that the remedy is complete.
    fn untold(&self, how: &TableMeaning) -> Vec<String> {
        Destinations::of(self.file, self.columns, how).untold
    }

    fn where_columns(&self) -> [Option<usize>; 3] {
        let signs = &self.columns.signs;
        let adm = signs.place(Sign::Administration);
        [self.columns.reserved("CMT"), adm, signs.place(Sign::Route)]
    }

    /// What one of these columns says; none if it is missing or irrelevant.
    pub fn place(
        &self,
        how: &TableMeaning,
        column: usize,
        what: (Kind, bool),
    ) -> Result<Option<usize>, StudyError> {
        let message = match self.said(how, column, what) {
            Said::Nothing => return Ok(None),
            Said::At(place) => return Ok(Some(place)),
            Said::NotAllowed(number) => {
                let all = how.compartments.iter().enumerate();
                let names: Vec<String> = all.map(|(i, c)| format!("{} ({c})", i + 1)).collect();
                format!("{number} is not allowed; use {}, or 0 for the first", names.join(", "))
            }
            Said::Untold(key) => {
                let mut untold = self.untold(how);
                if !untold.contains(&key) {
                    untold.push(key.clone());
                }
                match key.parse::<f64>() {
                    Ok(_) => format!(
                        "{key} is a compartment number of the table; specify in the study which \
                         compartment it stands for: {}",
                        how.offer(untold, how.blood())
                    ),
                    Err(_) => how.no_place(&self.fields[column], untold),
                }
            }
        };
        Err(self.refuse_at(column, message))
    }

    fn said(&self, how: &TableMeaning, column: usize, (kind, gives): (Kind, bool)) -> Said {
        let text = &self.fields[column];
        if missing(text) {
            return Said::Nothing;
        }
        let number = text.parse::<f64>().ok();
        let key = number.map_or_else(|| text.to_ascii_uppercase(), |number| number.to_string());
        if let Some(&place) = how.told.get(&key) {
            return Said::At(place);
        }
        if !gives && (how.must_be_told || number.is_none()) {
            return Said::Nothing;
        }
        let Some(number) = number else {
            let place = place_named(text, how.compartments);
            return place.map_or_else(|| Said::Untold(text.to_string()), Said::At);
        };
        let is_cmt = self.columns.reserved("CMT") == Some(column);
        let most = how.compartments.len();
        // An observation concerns the whole state, whatever compartment the row names: often that
        // is NONMEM's output compartment, which is numbered after all others.
        let output = kind == Kind::Observation && number == (most + 1) as f64;
        if is_cmt && (number == 0.0 || output) {
            return Said::Nothing;
        }
        let routed = self.columns.signs.text(&self.fields, Sign::Route).is_some();
        if how.must_be_told && is_cmt && routed {
            return Said::Nothing;
        }
        let own = !is_cmt && most > 1;
        match number.fract() == 0.0 && (1.0..=most as f64).contains(&number) {
            _ if how.must_be_told || !how.told.is_empty() || own => Said::Untold(key),
            true => Said::At(number as usize - 1),
            false => Said::NotAllowed(number),
        }
    }
}
