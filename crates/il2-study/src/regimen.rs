//! Reads a regimen as the study writes it, in words or as a table, and checks every quantity.

use crate::error::StudyError;
use crate::event_table::{self, Factors, TableMeaning};
use crate::study::Study;
use crate::study::dosing::RegimenPart;
use crate::values::{unit, unknown};
use crate::whole::MOST_DOSES;
use crate::{csv_file, headings, ranges};
use il2::patient::individual::{COMPARTMENTS, COVARIATES};
use il2::treatment::record::{Kind, Steady};
use il2::treatment::regimen::{Per, Regimen, Route};
use il2_engine::Dimension;
use il2_engine::words::shown;
use indexmap::IndexMap;

mod in_words;
mod part;

use in_words::in_words;
use part::amount_of;

/// Largest number of regimens that may follow one another.
pub const MOST_FOLLOWING: usize = 100;

/// A table of doses that was read.
#[derive(Clone, Debug)]
pub struct Table {
    /// Name of the table as written in the study.
    pub name: String,
    /// SHA-256.
    pub hash: String,
    /// Columns that are not read, each with the column that may have been meant.
    pub not_read: Vec<String>,
    /// Rows marked to be ignored.
    pub left_out: usize,
    /// Number of measurements, which a regimen does not read.
    pub measured: usize,
    /// Columns numbered by compartment that change no dose, and why.
    pub idle: Vec<String>,
}

impl Table {
    /// Warnings about the table.
    pub fn warnings(&self) -> Vec<String> {
        let mut all: Vec<String> =
            headings::not_read_of(&self.name, &self.not_read).into_iter().collect();
        if self.left_out > 0 {
            let rows = if self.left_out == 1 { "row" } else { "rows" };
            let (count, name) = (self.left_out, &self.name);
            all.push(format!(
                "il2 left out {count} {rows} of {name}, marked in a column or by a #"
            ));
        }
        if self.measured > 0 {
            all.push(format!("column DV of {} is not read: a regimen reads only doses", self.name));
        }
        all.extend(self.idle.iter().map(|idle| format!("{}: {idle}", self.name)));
        all
    }
}

/// A regimen of the study with all regimens that follow it, with all quantities checked, and the
/// tables that were read.
pub fn regimen(
    study: &Study,
    name: &str,
    part: &RegimenPart,
) -> Result<(Regimen, Vec<Table>), StudyError> {
    let mut files = vec![];
    let (mut parts, mut next) = (parts_of(study, name, part, &mut files)?, part.then.as_ref());
    let (mut last, mut seen) = (name, vec![name]);
    while let Some(then) = next {
        let at = format!("regimens.{last}.then");
        if seen.len() > MOST_FOLLOWING {
            let message =
                format!("already follows {MOST_FOLLOWING} regimens; use a table of doses instead");
            return Err(StudyError::at(at, message));
        }
        let known = study.regimens.keys().map(String::as_str);
        let part = study.regimens.get(then);
        let part = part.ok_or_else(|| unknown(&at, "regimen", then, known, "[regimens]"))?;
        if seen.contains(&then.as_str()) {
            let message = format!("leads back to {then}; a regimen cannot follow itself");
            return Err(StudyError::at(at, message));
        }
        if part.ligand != parts[0].ligand {
            let message = format!(
                "gives {}, but {name} gives {}; all doses of a regimen must be of one ligand",
                part.ligand, parts[0].ligand
            );
            return Err(StudyError::at(at, message));
        }
        let own = study.regimens[name].pharmacokinetics.as_ref();
        if part.pharmacokinetics.as_ref().is_some_and(|set| Some(set) != own) {
            let message = format!(
                "is not allowed, because the pharmacokinetics of {name} apply to all its doses; \
                 leave it out"
            );
            return Err(StudyError::at(format!("regimens.{then}.pharmacokinetics"), message));
        }
        parts.extend(parts_of(study, then, part, &mut files)?);
        seen.push(then);
        (next, last) = (part.then.as_ref(), then);
    }
    let all: u64 = parts.iter().map(|p| u64::from(p.doses) * u64::from(p.cycles)).sum();
    if all > u64::from(MOST_DOSES) {
        let message = format!("has {all} doses in total; use at most {MOST_DOSES}");
        return Err(StudyError::at(format!("regimens.{name}"), message));
    }
    let further = parts.split_off(1);
    let first = parts.pop().expect("at least one");
    Ok((Regimen { then: further, ..first }, files))
}

/// A dose above zero at a key of the study: the amount (pmol) and the unit of body size.
pub fn dose_above_zero(
    study: &Study,
    ligand: &str,
    at: &str,
    text: &str,
) -> Result<(f64, Per), StudyError> {
    let (amount, per) = amount_of(study, at, ligand, at, text.trim())?;
    if amount > 0.0 {
        return Ok((amount, per));
    }
    let (text, example) = (shown(text), ranges::like_dose("").example);
    let message = format!(
        "\"{text}\" is not a dose above zero; write one, for example \"{example}\", and try a \
         placebo as an arm of its own"
    );
    Err(StudyError::at(at, message))
}

/// A part of the study: one regimen, or one for each row of its table.
fn parts_of(
    study: &Study,
    name: &str,
    part: &RegimenPart,
    files: &mut Vec<Table>,
) -> Result<Vec<Regimen>, StudyError> {
    let Some(table) = &part.table else { return in_words(study, name, part) };
    let (parts, read) = by_table(study, name, part, table)?;
    files.push(read);
    Ok(parts)
}

/// The doses of a table; each row is a part with its own cycles.
fn by_table(
    study: &Study,
    name: &str,
    part: &RegimenPart,
    table: &str,
) -> Result<(Vec<Regimen>, Table), StudyError> {
    let at = format!("regimens.{name}");
    let words = [
        ("dose", part.dose.is_some()),
        ("route", part.route.is_some()),
        ("duration", part.duration.is_some()),
        ("start", part.start.is_some()),
        ("every", part.every.is_some()),
        ("weekdays", part.weekdays.is_some()),
        ("weeks", part.weeks.is_some()),
        ("loading_dose", part.loading_dose.is_some()),
        ("doses", part.doses.is_some()),
        ("cycles", part.cycles.is_some()),
        ("cycle", part.cycle.is_some()),
    ];
    if let Some((key, _)) = words.iter().find(|(_, given)| *given) {
        let message =
            "cannot be combined with a table, which already contains it; leave one of the two out";
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    let missing = "is missing; give the units of the table: { time = \"h\", amount = \"MIU\" }";
    let units = part.units.as_ref();
    let units = units.ok_or_else(|| StudyError::at(format!("{at}.units"), missing))?;
    let time = unit(&format!("{at}.units.time"), &units.time, Dimension::TIME)?;
    let place = format!("{at}.units.amount");
    let one = format!("1 {}", units.amount);
    let (amount, per) = amount_of(study, &at, &part.ligand, &place, &one)?;
    let told = event_table::compartments_told(&at, &part.compartments, &COMPARTMENTS)?;
    let how = TableMeaning {
        compartments: &COMPARTMENTS,
        told: &told,
        must_be_told: true,
        at: &at,
        numbers: &[],
        factors: Factors { time, amount, volume: 1.0 },
        given: &IndexMap::new(),
        covariates: &[],
        limits: false,
        of_doses: event_table::LEFT_TO_THE_TABLE,
        kinds: &[],
        lower_limits: &[],
        columns: &IndexMap::new(),
    };
    let file = study.tables.path(table);
    let found = event_table::read(&study.tables, table, &how)?;
    let refuse = |line: usize, column: &str, message: &str| {
        Err(csv_file::at(&file, line, column, message.to_string()))
    };
    if found.subjects.iter().flat_map(|s| &s.measured).any(|v| !v.is_nan()) {
        let message = "contains measurements, which a regimen does not use; remove the column, or \
                       use the table in an assay of kind event-table with model = \"patient\"";
        return refuse(1, "DV", message);
    }
    if found.says_what_arrives() {
        let message = "contains the bioavailability; set \"pharmacokinetics.bioavailability\" in \
                       the parameters of the assay instead";
        return refuse(1, "F1", message);
    }
    let of_a_body = |name: &&str| COVARIATES.iter().any(|c| c.columns.contains(name));
    let not_read = found.not_read.iter().filter_map(|n| n.split(' ').next());
    if let Some(name) = not_read.map(str::to_uppercase).find(|n| of_a_body(&n.as_str())) {
        let message = "has no effect in a regimen, which is the same for all patients; remove it, \
                       or use the table in an assay of kind event-table with model = \"patient\"";
        return refuse(1, &name, message);
    }
    let subject = &found.subjects[0];
    if let Some(other) = found.subjects.get(1) {
        let message = "begins another subject, but a regimen is the same for all patients; keep \
                       one subject, or use an assay of kind event-table with model = \"patient\"";
        return refuse(other.lines[0] as usize, "ID", message);
    }
    let mut parts = vec![];
    for (record, &line) in subject.records.iter().zip(&subject.lines) {
        let line = line as usize;
        match record.kind {
            Kind::Dose => {}
            Kind::Observation | Kind::Other => continue,
            Kind::Reset | Kind::ResetAndDose => {
                return refuse(
                    line,
                    "EVID",
                    "is a reset, which is not possible in a patient; use EVID 1",
                );
            }
        }
        if record.steady != Steady::No {
            let message = "specifies dosing to steady state, which a regimen cannot describe; \
                           begin the regimen earlier, or use the table in an assay of kind \
                           event-table with model = \"patient\"";
            return refuse(line, "SS", message);
        }
        let (depot, duration) = (record.compartment == 0, record.duration());
        let route = match (depot, duration) {
            (true, None) => Route::Subcutaneous,
            (false, None) => Route::Bolus,
            (false, Some(duration)) => Route::Infusion(duration),
            (true, Some(_)) => {
                let message = "is an infusion under the skin, which a regimen cannot describe; use \
                               the table in an assay of kind event-table with model = \"patient\"";
                return refuse(line, "RATE", message);
            }
        };
        let start = record.time + record.delivery.lag;
        if start < 0.0 {
            return refuse(line, "TIME", "is before the start of the regimen; count times from 0");
        }
        parts.push(Regimen {
            name: name.to_string(),
            ligand: part.ligand.clone(),
            amount: record.amount * record.delivery.bioavailability,
            per,
            route,
            start,
            every: record.interval,
            doses: record.additional + 1,
            cycles: 1,
            cycle: 0.0,
            same_cycles: false,
            then: vec![],
        });
    }
    if parts.is_empty() {
        let not_read = match found.not_read.is_empty() {
            true => String::new(),
            false => format!("; il2 does not read {}", found.not_read.join(", ")),
        };
        let message = format!("has no row that gives a dose{not_read}; add one with AMT above 0");
        return Err(csv_file::at(&file, 1, "AMT", message));
    }
    let (name, hash) = (table.to_string(), found.hash);
    let table = Table {
        name,
        hash,
        not_read: found.not_read,
        left_out: found.left_out,
        measured: found.not_compared,
        idle: found.idle,
    };
    Ok((parts, table))
}
