//! Reads a table of levels.

use crate::event_table::units::{self, TableUnits};
use il2::culture::Prepared;
use il2::treatment::schedule::elapsed;
use il2_answer::labels::named;
use il2_study::csv_file;
use il2_study::error::StudyError;
use il2_study::event_table::{self, EventTable, Factors, TableMeaning};
use il2_study::study::Study;
use il2_study::study::dosing::NoncompartmentalPart;
use il2_study::values::unknown;
use indexmap::IndexMap;

/// The planned assay.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// The table as it was read.
    pub table: EventTable,
    /// Name of the table as the study writes it.
    pub file: String,
    /// Units as the study writes them: time, amount, concentration.
    pub units: [String; 3],
    /// Unit of volumes as the study writes it.
    pub volume: String,
    /// Factors to base units.
    pub factors: Factors,
    /// The unit of concentrations, in base units.
    pub concentration: f64,
    /// How doses are given.
    pub route: Route,
}

/// How doses are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// By mouth or under the skin: levels begin at zero.
    Extravascular,
    /// Into a vein: levels begin high after a bolus.
    Intravenous,
}

impl Plan {
    /// Number of subjects.
    pub fn lanes(&self) -> usize {
        self.table.subjects.len()
    }

    /// Always empty: there are no cells in wells.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        (named(&self.name, &[""]), named(&self.name, &[""]))
    }
}

/// Reads the table.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &NoncompartmentalPart,
) -> Result<Plan, StudyError> {
    let routes = ["extravascular", "intravenous"].into_iter();
    let (route, compartments): (Route, &'static [&'static str]) = match part.route.as_str() {
        "extravascular" => (Route::Extravascular, &["depot", "central", "peripheral"]),
        "intravenous" => (Route::Intravenous, &["central", "peripheral"]),
        other => {
            let place = format!("{at}.route");
            return Err(unknown(&place, "route", other, routes, "a noncompartmental assay"));
        }
    };
    let TableUnits { factors, concentration, .. } = units::of(at, &part.units)?;
    let told = event_table::compartments_told(at, &part.compartments, compartments)?;
    let how = TableMeaning {
        compartments,
        told: &told,
        must_be_told: false,
        at,
        numbers: &[],
        factors,
        given: &IndexMap::new(),
        covariates: &[],
        limits: true,
        of_doses: event_table::LEFT_TO_THE_TABLE,
        kinds: &[],
        lower_limits: &[],
        columns: &part.columns,
    };
    let file = study.tables.path(&part.table);
    let table = event_table::read(&study.tables, &part.table, &how)?;
    if !table.has_measured {
        let message = "is missing; name the column of concentrations: columns = { CONC = \"DV\" }";
        return Err(csv_file::at(&file, 1, "DV", message));
    }
    for s in &table.subjects {
        elapsed(&s.records).map_err(|record| event_table::falls_back(&file, &table, s, record))?;
        if let Some((r, level)) = s.measured.iter().enumerate().find(|(_, v)| **v < 0.0) {
            let message = format!(
                "{level} is below zero, which a concentration cannot be; mark it as below the \
                 limit of quantification (BLQ as DV, or BLQ 1, with an LLOQ), set MDV to 1, or \
                 leave the line out"
            );
            return Err(csv_file::at(&file, s.lines[r] as usize, "DV", message));
        }
    }
    let level = units::concentration(&part.units);
    Ok(Plan {
        name: name.to_string(),
        table,
        file: part.table.clone(),
        units: [part.units.time.clone(), part.units.amount.clone(), level],
        volume: part.units.volume.clone().unwrap_or_else(|| "L".into()),
        factors,
        concentration,
        route,
    })
}
