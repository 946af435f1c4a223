//! Doses as written in a study.

use crate::study::text::{Fraction, Grid, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A plain pharmacokinetic model, or the whole patient, dosed by an event table, record by record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventTablePart {
    /// CSV with NONMEM's columns (ID, TIME, EVID, AMT, CMT, RATE, SS, II, ADDL), beside the study.
    pub table: String,
    /// "one-compartment", "one-compartment-oral", "two-compartment", "two-compartment-oral", or
    /// "patient": the whole patient, whose doses go under the skin or into plasma.
    pub model: String,
    /// For a patient: a ligand of this study.
    #[serde(default)]
    pub ligand: Option<String>,
    /// For a patient: set of pharmacokinetics in the library; that of the ligand if left out. For a plain
    /// model: an animal of the library, whose numbers are used unless `parameters` or the table give others.
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// For a patient: an animal of the library in place of a person, for example "cynomolgus".
    #[serde(default)]
    pub species: Option<String>,
    /// For a patient: what the figure shows; the main quantities if left out. The table has all of them.
    #[serde(default)]
    pub show: Option<Vec<String>>,
    /// Units of the numbers of the table.
    pub units: TableUnitsPart,
    /// Numbers of the model that no column of the table gives, for example clearance = "1.1 L/h"; for a
    /// patient, numbers in place of the library's, for example "treg.growth" = "0.5 /d".
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
    /// Columns of the table under other names: which of NONMEM's names each stands for, for example
    /// LAGT = "ALAG2".
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// What the numbers (or words) in the columns CMT, ADM and ROUTE stand for, for example 1 = "plasma" and
    /// 2 = "skin". Needed for a patient if they are numbers; an empty field means 1.
    #[serde(default)]
    pub compartments: IndexMap<String, String>,
}

/// Noncompartmental analysis of measured levels: highest level, area, half-life, clearance.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoncompartmentalPart {
    /// CSV with NONMEM's columns (ID, TIME, AMT, DV, and EVID, RATE, MDV, BLQ where needed), beside the study.
    pub table: String,
    /// "extravascular" (by mouth, under the skin) or "intravenous" (a bolus, or an infusion where RATE or TINF says
    /// so).
    pub route: String,
    /// Units of the numbers of the table; DV is in the unit of concentrations.
    pub units: TableUnitsPart,
    /// Columns of the table under other names: which of NONMEM's names each stands for.
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// What the numbers (or words) in the columns CMT, ADM and ROUTE stand for, for example 2 = "central".
    #[serde(default)]
    pub compartments: IndexMap<String, String>,
}

/// Units of an event table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableUnitsPart {
    /// Of TIME, II and delays, for example "h".
    pub time: String,
    /// Of AMT: mass, substance or activity, for example "mg".
    pub amount: String,
    /// Of volumes and, per time, of clearances; "L" if left out.
    #[serde(default)]
    pub volume: Option<String>,
    /// Of concentrations; amount per volume if left out.
    #[serde(default)]
    pub concentration: Option<String>,
}

/// Doses described in words.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenPart {
    /// A ligand of this study.
    pub ligand: String,
    /// One dose, for example "600000 IU/kg", "1 MIU/m2", "1 mg" or "40 nmol"; needed unless there is a
    /// `table`.
    #[serde(default)]
    pub dose: Option<QuantityText>,
    /// "bolus", "infusion" (with `duration`) or "subcutaneous"; needed with `dose`.
    #[serde(default)]
    pub route: Option<String>,
    /// Instead of `dose` and the keys that belong to it: CSV with NONMEM's columns, beside the study;
    /// everyone is given its doses.
    #[serde(default)]
    pub table: Option<String>,
    /// What the numbers (or words) in the columns CMT, ADM and ROUTE of the table stand for: "plasma" or
    /// "skin", for example 1 = "plasma"; an empty field means 1.
    #[serde(default)]
    pub compartments: IndexMap<String, String>,
    /// Units of the numbers of the table.
    #[serde(default)]
    pub units: Option<RegimenUnitsPart>,
    /// Set of pharmacokinetics of this form of the molecule; that of the assay if left out.
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// How long an infusion takes.
    #[serde(default)]
    pub duration: Option<QuantityText>,
    /// Time of the first dose; 0 if left out.
    #[serde(default)]
    pub start: Option<QuantityText>,
    /// Time between doses; needed where there is more than one.
    #[serde(default)]
    pub every: Option<QuantityText>,
    /// In place of `every` and `doses`: days of the week, for example ["Mon", "Wed", "Fri"]; the first dose
    /// falls on the first of them.
    #[serde(default)]
    pub weekdays: Option<Vec<String>>,
    /// Weeks of doses on `weekdays`.
    #[serde(default)]
    pub weeks: Option<u32>,
    /// Size of the first dose of every cycle, if it differs from `dose`.
    #[serde(default)]
    pub loading_dose: Option<QuantityText>,
    /// Doses in a cycle; 1 if left out.
    #[serde(default)]
    pub doses: Option<u32>,
    /// Cycles; 1 if left out.
    #[serde(default)]
    pub cycles: Option<u32>,
    /// Time from the start of one cycle to that of the next; needed where there is more than one.
    #[serde(default)]
    pub cycle: Option<QuantityText>,
    /// Another regimen of this study with the same ligand, whose doses are given in addition: a change of
    /// dose, or another route. Its `start` also counts from time 0.
    #[serde(default)]
    pub then: Option<String>,
}

impl RegimenPart {
    /// One dose as the study writes it, or the name of the table.
    pub fn dose_text(&self) -> &str {
        self.dose.as_ref().map(|d| d.0.as_str()).or(self.table.as_deref()).unwrap_or("")
    }
}

/// Units of a table of doses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenUnitsPart {
    /// Of TIME, II and delays, for example "h".
    pub time: String,
    /// Of AMT, for example "MIU", "MIU/m2" or "mg/kg".
    pub amount: String,
}

/// Patients under regimens, each regimen an arm of its own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenAssayPart {
    /// Regimens of this study; if left out, all except those that follow another.
    #[serde(default)]
    pub regimens: Option<Vec<String>>,
    /// How many patients an arm has; one, the typical patient, if left out.
    #[serde(default)]
    pub patients: Option<u32>,
    /// Set of pharmacokinetics in the library: that of the ligand if left out; "konrad1990" and "label" are
    /// each from one study.
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// An animal of the library in place of a person, for example "cynomolgus".
    #[serde(default)]
    pub species: Option<String>,
    /// Numbers of the patient in place of the library's, by the names that `il2 check --full` prints, per m2
    /// of body surface where they scale with it: "treg.growth" = "0.5 /d".
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
    /// Whether doses are withheld by rules: "hold" or "none"; "none" if left out.
    #[serde(default)]
    pub rules: Option<String>,
    /// A list, or { from, to, points } spaced evenly.
    pub times: Grid,
    /// What the figure shows; the main ones if left out. The tables have all.
    #[serde(default)]
    pub show: Option<Vec<String>>,
    /// Readouts that the answer reports, at most four of those that the figure shows. If left out, those
    /// named in the question of the study, or else the first that is not a drug level.
    #[serde(default)]
    pub answer: Option<Vec<String>>,
    /// Fraction of the patients inside the bands; 0.9 if left out.
    #[serde(default)]
    pub level: Option<Fraction>,
    /// How patients are drawn: "random" if left out, or by a "sobol" sequence, in which few patients cover
    /// the variability evenly.
    #[serde(default)]
    pub draws: Option<String>,
    /// Whether patients also differ by the uncertainty of the fitted numbers; false if left out.
    #[serde(default)]
    pub uncertain: Option<bool>,
    /// How to select and weight patients so that they represent those of a trial; all, with equal weights, if
    /// left out.
    #[serde(default)]
    pub population: Option<PopulationPart>,
    /// Patients whose own courses are written; 10 if left out.
    #[serde(default)]
    pub individuals: Option<u32>,
}

/// A virtual population: plausible patients, weighted to match published distributions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationPart {
    /// "accept" (acceptance and rejection) or "walk" (weights by a Metropolis-Hastings walk).
    pub method: String,
    /// What was published about patients.
    pub targets: Vec<TargetPart>,
    /// Ranges outside which a patient is not plausible.
    #[serde(default)]
    pub plausible: Vec<TargetPart>,
}

/// A range of one quantity of patients at one time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetPart {
    /// Regimen; may be left out if the assay has only one.
    #[serde(default)]
    pub regimen: Option<String>,
    /// Quantity, for example "treg_fold".
    pub readout: String,
    /// When.
    pub time: QuantityText,
    /// The range that contains 95 % of patients (targets) or all of them (plausible).
    pub range: [QuantityText; 2],
}
