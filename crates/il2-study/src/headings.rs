//! Headings that change the meaning of a row of a table, in all their spellings, so that no such column is
//! ignored silently.

use crate::csv_file::{self, CsvFile, Fields, missing};
use crate::error::StudyError;
use il2_engine::words::{closest, shown};

/// Meaning of such a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// C in this column: the row is left out.
    Comment,
    /// The row is left out if the field says so or gives a reason.
    Exclude,
    /// Nothing was measured.
    Missing,
    /// What was measured, in a table of doses.
    Measured,
    /// Which quantity was measured.
    Kind,
    /// 1: the value is an upper bound, -1: a lower one.
    Censored,
    /// 1: below the limit of quantification.
    Below,
    /// 1: above the limit of quantification.
    Above,
    /// Lower limit of quantification.
    LowerLimit,
    /// Upper limit of quantification.
    UpperLimit,
    /// The other end of a censored value.
    Limit,
    /// Duration of an infusion.
    Duration,
    /// Destination of a dose, by the table's own numbering.
    Administration,
    /// Destination of a dose, in words.
    Route,
}

/// Number of these meanings.
pub const SIGNS: usize = 14;

/// The usual name of each meaning, and other names for it: capitals and digits only.
const NAMES: [(Sign, &str, &[&str]); SIGNS] = [
    (Sign::Comment, "C", &[]),
    (
        Sign::Exclude,
        "EXCLUDE",
        &["EXCLUDED", "EXCL", "EXCLUSION", "EXCLUDEFLAG", "EXCLFLAG", "EXCLFL", "IGNORE", "OMIT"],
    ),
    (Sign::Missing, "MDV", &["MISSINGDV", "MISSINGDEPENDENTVARIABLE"]),
    (Sign::Measured, "DV", &["DEPENDENTVARIABLE"]),
    (Sign::Kind, "DVID", &["YTYPE", "DVTYPE", "OBSID", "OBSERVATIONID"]),
    (Sign::Censored, "CENS", &["CENSOR", "CENSORED", "CENSORING"]),
    (
        Sign::Below,
        "BLQ",
        &[
            "BQL",
            "BLOQ",
            "BLLOQ",
            "LTLLOQ",
            "BELOWLLOQ",
            "BELOWLOQ",
            "ISBLQ",
            "BLQFLAG",
            "BLQFL",
            "BQLFLAG",
            "BLQFN",
            "BLOQFLAG",
            "BLOD",
            "BLLOD",
        ],
    ),
    (Sign::Above, "ALQ", &["AQL", "ALOQ", "AULOQ", "ABOVEULOQ", "ABOVELOQ", "ALQFLAG"]),
    (Sign::LowerLimit, "LLOQ", &["LOQ", "LLQ", "LLOD", "LOD", "LOWERLIMITOFQUANTIFICATION"]),
    (Sign::UpperLimit, "ULOQ", &["ULQ", "UPPERLIMITOFQUANTIFICATION"]),
    (Sign::Limit, "LIMIT", &["CENSLIMIT"]),
    (
        Sign::Duration,
        "TINF",
        &[
            "DUR",
            "DURATION",
            "TINFUSION",
            "INFUSIONTIME",
            "INFUSIONDURATION",
            "INFDUR",
            "DURINF",
            "DURINFUSION",
            "TIMEINF",
        ],
    ),
    (Sign::Administration, "ADM", &["ADMID", "ADMTYPE", "ADMINISTRATION", "ADMINISTRATIONID"]),
    (Sign::Route, "ROUTE", &["ROA", "DOSEROUTE", "ADMROUTE", "ADMINISTRATIONROUTE", "EXROUTE"]),
];

/// A heading without blanks, points and dashes, in capitals.
fn squeezed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

impl Sign {
    /// The meaning of a heading in any spelling.
    pub fn of(heading: &str) -> Option<Sign> {
        let name = squeezed(heading);
        NAMES
            .iter()
            .find(|(_, usual, others)| *usual == name || others.contains(&name.as_str()))
            .map(|(sign, ..)| *sign)
    }

    /// The usual name of this meaning.
    pub fn usual(self) -> &'static str {
        NAMES[self as usize].1
    }
}

/// Indices of the columns with these meanings in a file.
#[derive(Clone, Debug, Default)]
pub struct Signs([Option<usize>; SIGNS]);

impl Signs {
    /// Finds these columns among those that have no meaning yet.
    pub fn find(file: &CsvFile, has_meaning: &[bool]) -> Result<Self, StudyError> {
        let mut found = Self::default();
        for (column, heading) in file.header.iter().enumerate() {
            let Some(sign) = Sign::of(heading).filter(|_| !has_meaning[column]) else { continue };
            if let Some(first) = found.0[sign as usize].replace(column) {
                return Err(file.twice(first, column));
            }
        }
        Ok(found)
    }

    /// Sets the index of one column.
    pub fn set(&mut self, sign: Sign, column: usize) {
        self.0[sign as usize] = Some(column);
    }

    /// Index of one column.
    pub fn place(&self, sign: Sign) -> Option<usize> {
        self.0[sign as usize]
    }

    /// Whether a column is one of these columns.
    pub fn has(&self, column: usize) -> bool {
        self.0.contains(&Some(column))
    }

    /// The text of a row in one column, unless it is missing.
    pub fn text<'a>(&self, fields: &'a Fields, sign: Sign) -> Option<&'a str> {
        self.place(sign).map(|column| &fields[column]).filter(|text| !missing(text))
    }

    /// The same as a number.
    pub fn number(
        &self,
        (file, line, fields): (&CsvFile, usize, &Fields),
        sign: Sign,
    ) -> Result<Option<f64>, StudyError> {
        let Some(column) = self.place(sign) else { return Ok(None) };
        let number = csv_file::number(&fields[column]);
        number.map_err(|message| file.refuse(line, &file.header[column], message))
    }

    /// A flag: one of the allowed numbers, 0 if it is missing.
    pub fn flag(
        &self,
        row: (&CsvFile, usize, &Fields),
        sign: Sign,
        may_be: &[f64],
    ) -> Result<f64, StudyError> {
        let value = self.number(row, sign)?.unwrap_or(0.0);
        if may_be.contains(&value) {
            return Ok(value);
        }
        let column = self.place(sign).map_or(sign.usual(), |c| &row.0.header[c]);
        let may_be: Vec<String> = may_be.iter().map(f64::to_string).collect();
        let message = format!("{value} is not allowed; use {}", may_be.join(" or "));
        Err(row.0.refuse(row.1, column, message))
    }

    /// Whether the row is marked to be ignored.
    pub fn leaves_out(&self, row: (&CsvFile, usize, &Fields)) -> Result<bool, StudyError> {
        let (file, line, fields) = row;
        let refuse = |sign: Sign, message: String| {
            let column = self.place(sign).map_or(sign.usual(), |c| &file.header[c]);
            Err(file.refuse(line, column, message))
        };
        match self.text(fields, Sign::Comment) {
            Some(text) if text.eq_ignore_ascii_case("c") => return Ok(true),
            None | Some("0") => {}
            Some(text) => {
                let message = format!(
                    "\"{}\" is not allowed; use C to leave the row out or . to read it; a column \
                     of concentrations must be named DV",
                    shown(text)
                );
                return refuse(Sign::Comment, message);
            }
        }
        let Some(text) = self.text(fields, Sign::Exclude) else { return Ok(false) };
        let is = |words: &[&str]| words.iter().any(|w| text.eq_ignore_ascii_case(w));
        match text.parse::<f64>() {
            Ok(0.0) => Ok(false),
            Ok(1.0) => Ok(true),
            Ok(_) => {
                let message = format!(
                    "\"{}\" is not allowed; use 1 to leave the row out or 0 to read it",
                    shown(text)
                );
                refuse(Sign::Exclude, message)
            }
            // Any other text is the reason, as in PKNCA's tables.
            Err(_) => Ok(!is(&["false", "f", "no", "n", "none", "keep", "include", "-"])),
        }
    }
}

/// Name of a column in this program, and common words for it: capitals and digits only.
const MEANT: [(&str, &[&str]); 17] = [
    ("sd", &["STD", "STDEV", "STDDEV", "STANDARDDEVIATION", "SIGMA", "ERROR"]),
    ("value", &["MEASUREMENT", "MEASURED", "OBSERVED", "OBSERVATION", "SIGNAL", "MFI", "Y"]),
    ("dose", &["CONC", "CONCENTRATION", "DOSEPM", "DOSENM"]),
    ("cell", &["CELLTYPE", "CELLS", "POPULATION"]),
    ("ligand", &["DRUG", "CYTOKINE", "MOLECULE", "TREATMENT"]),
    ("ID", &["SUBJECT", "SUBJ", "USUBJID", "SUBJID", "PATIENT", "PATIENTID", "ANIMAL", "NUMBER"]),
    ("TIME", &["TAFD", "HOURS", "HOUR", "DAY", "DAYS", "T"]),
    ("AMT", &["DOSE", "AMOUNT", "DOSEAMT"]),
    ("DV", &["CONC", "CONCENTRATION", "CP", "OBS", "OBSERVATION", "Y"]),
    ("CMT", &["COMPARTMENT", "COMP"]),
    ("WT", &["BW", "BODYWEIGHT", "MASS", "WTKG", "WEIGHTKG"]),
    ("HT", &["HEIGHTCM", "HTCM"]),
    ("RENAL", &["RENALFUNCTION", "CRCL", "CLCR", "EGFR", "GFR"]),
    ("II", &["TAU", "INTERVAL", "INTERDOSEINTERVAL"]),
    ("ADDL", &["NADDL", "ADDITIONAL", "ADDITIONALDOSES", "NDOSES"]),
    ("SS", &["STEADYSTATE"]),
    ("KA", &["ABSORPTIONRATE"]),
];

/// Words for a standard error, which is 0.7 times the standard deviation for two wells and 0.3 times for ten.
const STANDARD_ERRORS: [&str; 7] =
    ["SE", "SEM", "STDERR", "STDERROR", "STANDARDERROR", "STDERRMEAN", "STANDARDERROROFTHEMEAN"];

/// The columns that are not read, each with the column that may have been meant; `known` are the names of
/// columns that are read. A column without a heading is listed if it has values.
pub fn not_read(file: &CsvFile, read: &[bool], known: &[&str]) -> Vec<String> {
    let unused = |name: &str| !file.header.iter().any(|h| h.eq_ignore_ascii_case(name));
    let hint = |name: &str| {
        let squeezed = squeezed(name);
        let meant = MEANT.iter().filter(|(meant, words)| {
            words.contains(&squeezed.as_str())
                && known.iter().any(|k| k.eq_ignore_ascii_case(meant))
        });
        let meant = meant.map(|(meant, _)| *meant).next();
        meant
            .or_else(|| closest(name, known.iter().copied().filter(|k| k.len() > 1)))
            .filter(|name| unused(name))
    };
    let name = |(column, heading): (usize, &String)| {
        if read[column] {
            return None;
        }
        if heading.is_empty() {
            let holds = file.rows().any(|(_, fields)| !fields[column].is_empty());
            return holds.then(|| format!("column {} (without a heading)", column + 1));
        }
        let shown = shown(heading);
        let error = STANDARD_ERRORS.contains(&squeezed(heading).as_str());
        if error && known.contains(&"sd") && unused("sd") {
            return Some(format!(
                "{shown} (a standard error; sd is the standard error times the square root of the \
                 count)"
            ));
        }
        Some(match hint(heading) {
            Some(near) => format!("{shown} (did you mean {near}?)"),
            None => shown,
        })
    };
    file.header.iter().enumerate().filter_map(name).collect()
}

/// Largest number of characters of the sentence that names unread columns.
const MOST_SAID: usize = 1200;

/// The sentence that names unread columns; only the first ones if there are many.
pub fn not_read_of(file: &str, not_read: &[String]) -> Option<String> {
    let mut left = MOST_SAID;
    let fits = |name: &&String| {
        left = left.saturating_sub(name.chars().count() + 2);
        left > 0
    };
    let named: Vec<&str> = not_read.iter().take_while(fits).map(String::as_str).collect();
    let more = match not_read.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let said = || format!("columns of {file} that are not read: {}{more}", named.join(", "));
    (!not_read.is_empty()).then(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_the_same_column() {
        for (place, (sign, usual, others)) in NAMES.iter().enumerate() {
            assert_eq!(*sign as usize, place, "{usual}");
            for name in others.iter().chain([usual]) {
                assert_eq!(Sign::of(name), Some(*sign), "{name}");
                assert_eq!(Sign::of(&name.to_lowercase()), Some(*sign), "{name}");
            }
        }
        assert_eq!(Sign::of("Infusion duration"), Some(Sign::Duration));
        assert_eq!(Sign::of("Y_TYPE"), Some(Sign::Kind));
        assert_eq!(Sign::of("value"), None);
    }

    #[test]
    fn of_columns_beyond_a_screen_the_first_are_named_and_the_rest_counted() {
        let names: Vec<String> = (0..3000).map(|i| format!("column_{i}")).collect();
        let said = not_read_of("wells.csv", &names).unwrap();
        assert!(said.contains("column_0, column_1, ") && said.len() < 1300, "{said}");
        let named = said.matches("column_").count();
        assert!(named > 80 && said.ends_with(&format!(" and {} more", 3000 - named)), "{said}");
        let said = not_read_of("wells.csv", &names[..40]).unwrap();
        assert!(said.ends_with("column_38, column_39"), "{said}");
        assert_eq!(not_read_of("wells.csv", &[]), None);
    }
}
