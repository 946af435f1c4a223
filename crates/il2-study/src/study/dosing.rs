//! Doses as written in a study.

use crate::study::text::{Fraction, Grid, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A pharmacokinetic compartment model or a whole patient, dosed by an event table record by
/// record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventTablePart {
    /// CSV file with NONMEM's columns (ID, TIME, EVID, AMT, CMT, RATE, SS, II, ADDL), in the folder
    /// of the study.
    pub table: String,
    /// "one-compartment", "one-compartment-oral", "two-compartment", "two-compartment-oral", or
    /// "patient": a whole patient, who receives doses under the skin or into plasma.
    pub model: String,
    /// For "patient": a ligand of this study.
    #[serde(default)]
    pub ligand: Option<String>,
    /// For "patient": a pharmacokinetic parameter set of the library (default: that of the ligand).
    /// For the other models: an animal of the library, whose parameters are used unless
    /// `parameters` or the table gives others.
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// For "patient": an animal of the library in place of a person, for example "cynomolgus".
    #[serde(default)]
    pub species: Option<String>,
    /// For "patient": readouts in the figure (default: the main ones). The table has all readouts.
    #[serde(default)]
    pub show: Option<Vec<String>>,
    /// Units of the numbers in the table.
    pub units: TableUnitsPart,
    /// Parameters of the model that are not columns of the table, for example clearance = "1.1
    /// L/h". For "patient": parameters that replace those of the library, for example "treg.growth"
    /// = "0.5 /d".
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
    /// Columns of the table that have other names, each with the corresponding NONMEM name, for
    /// example LAGT = "ALAG2".
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// Meaning of the numbers (or words) in the columns CMT, ADM and ROUTE, for example 1 =
    /// "plasma" and 2 = "skin". For "patient", this key is needed if these columns contain numbers.
    /// An empty field means 1.
    #[serde(default)]
    pub compartments: IndexMap<String, String>,
}

/// Noncompartmental analysis of measured concentrations: peak, area under the curve, half-life and
/// clearance.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoncompartmentalPart {
    /// CSV file with NONMEM's columns (ID, TIME, AMT, DV, and EVID, RATE, MDV, BLQ where needed),
    /// in the folder of the study.
    pub table: String,
    /// "extravascular" (oral or subcutaneous) or "intravenous" (a bolus, or an infusion as
    /// specified by RATE or TINF).
    pub route: String,
    /// Units of the numbers in the table; DV has the unit of concentrations.
    pub units: TableUnitsPart,
    /// Columns of the table that have other names, each with the corresponding NONMEM name.
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// Meaning of the numbers (or words) in the columns CMT, ADM and ROUTE, for example 2 =
    /// "central".
    #[serde(default)]
    pub compartments: IndexMap<String, String>,
}

/// Units of an event table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableUnitsPart {
    /// Unit of TIME, II and lag times, for example "h".
    pub time: String,
    /// Unit of AMT: a mass, an amount of substance or an activity, for example "mg".
    pub amount: String,
    /// Unit of volumes and, divided by the unit of time, of clearances (default: "L").
    #[serde(default)]
    pub volume: Option<String>,
    /// Unit of concentrations (default: amount per volume).
    #[serde(default)]
    pub concentration: Option<String>,
}

/// Doses as in a protocol, or from a table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenPart {
    /// A ligand of this study.
    pub ligand: String,
    /// Size of one dose, for example "600000 IU/kg", "1 MIU/m2", "1 mg" or "40 nmol"; needed unless
    /// there is a `table`.
    #[serde(default)]
    pub dose: Option<QuantityText>,
    /// "bolus", "infusion" (with `duration`) or "subcutaneous"; needed with `dose`.
    #[serde(default)]
    pub route: Option<String>,
    /// CSV file with NONMEM's columns, in the folder of the study, in place of `dose` and the keys
    /// that belong to it. Every patient receives the doses of the table.
    #[serde(default)]
    pub table: Option<String>,
    /// Meaning of the numbers (or words) in the columns CMT, ADM and ROUTE of the table: "plasma"
    /// or "skin", for example 1 = "plasma". An empty field means 1.
    #[serde(default)]
    pub compartments: IndexMap<String, String>,
    /// Units of the numbers in the table.
    #[serde(default)]
    pub units: Option<RegimenUnitsPart>,
    /// Pharmacokinetic parameter set for this form of the molecule (default: that of the assay).
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// Duration of an infusion.
    #[serde(default)]
    pub duration: Option<QuantityText>,
    /// Time of the first dose (default: 0).
    #[serde(default)]
    pub start: Option<QuantityText>,
    /// Time between doses; needed if there is more than one dose.
    #[serde(default)]
    pub every: Option<QuantityText>,
    /// Days of the week in place of `every` and `doses`, for example ["Mon", "Wed", "Fri"]. The
    /// first dose is given on the first of these days.
    #[serde(default)]
    pub weekdays: Option<Vec<String>>,
    /// Number of weeks with doses on `weekdays`.
    #[serde(default)]
    pub weeks: Option<u32>,
    /// Size of the first dose of every cycle, if it differs from `dose`.
    #[serde(default)]
    pub loading_dose: Option<QuantityText>,
    /// Number of doses in a cycle (default: 1).
    #[serde(default)]
    pub doses: Option<u32>,
    /// Number of cycles (default: 1).
    #[serde(default)]
    pub cycles: Option<u32>,
    /// Time from the start of one cycle to the start of the next; needed if there is more than one
    /// cycle.
    #[serde(default)]
    pub cycle: Option<QuantityText>,
    /// Another regimen of this study with the same ligand, whose doses are given in addition, for
    /// example after a change of dose or by another route. The `start` of that regimen is also
    /// counted from time 0.
    #[serde(default)]
    pub then: Option<String>,
}

impl RegimenPart {
    /// The dose as written in the study, or the name of the table.
    pub fn dose_text(&self) -> &str {
        self.dose.as_ref().map(|d| d.0.as_str()).or(self.table.as_deref()).unwrap_or("")
    }
}

/// Units of a table of doses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenUnitsPart {
    /// Unit of TIME, II and lag times, for example "h".
    pub time: String,
    /// Unit of AMT, for example "MIU", "MIU/m2" or "mg/kg".
    pub amount: String,
}

/// Patients who receive regimens, with one arm for each regimen.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenAssayPart {
    /// Regimens of this study (default: all regimens that do not continue another one).
    #[serde(default)]
    pub regimens: Option<Vec<String>>,
    /// Number of patients in each arm (default: one, the typical patient).
    #[serde(default)]
    pub patients: Option<u32>,
    /// Pharmacokinetic parameter set of the library (default: that of the ligand). The sets
    /// "konrad1990" and "label" are each from one source.
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// An animal of the library in place of a person, for example "cynomolgus".
    #[serde(default)]
    pub species: Option<String>,
    /// Parameters of the patient that replace those of the library, for example "treg.growth" =
    /// "0.5 /d". `il2 check --full` prints the names of all parameters. Parameters that scale with
    /// body surface area are given per m2.
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
    /// Whether rules withhold doses: "hold" or "none" (default: "none").
    #[serde(default)]
    pub rules: Option<String>,
    /// Output times: a list, or an evenly spaced range { from, to, points }.
    pub times: Grid,
    /// Readouts in the figure (default: the main ones). The tables have all readouts.
    #[serde(default)]
    pub show: Option<Vec<String>>,
    /// Readouts in the answer: at most four of those in the figure. The default is the readouts
    /// named in the question of the study, or else the first readout that is not a drug level.
    #[serde(default)]
    pub answer: Option<Vec<String>>,
    /// Fraction of the patients inside the bands (default: 0.9).
    #[serde(default)]
    pub level: Option<Fraction>,
    /// How patients are drawn: "random" (default), or by a "sobol" sequence, which covers the
    /// variability evenly with few patients.
    #[serde(default)]
    pub draws: Option<String>,
    /// Whether patients also differ because of the uncertainty of the fitted parameters (default:
    /// false).
    #[serde(default)]
    pub uncertain: Option<bool>,
    /// How patients are selected and weighted to represent the patients of a trial (default: all
    /// patients with equal weights).
    #[serde(default)]
    pub population: Option<PopulationPart>,
    /// Search for the dose, or the time between doses, with which enough patients meet all
    /// requirements.
    #[serde(default)]
    pub search: Option<SearchPart>,
    /// Number of patients of each arm whose time courses are written (default: 10).
    #[serde(default)]
    pub individuals: Option<u32>,
}

/// A virtual population: plausible patients, weighted to match published distributions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationPart {
    /// "accept" (acceptance-rejection sampling) or "walk" (weights from a Metropolis-Hastings
    /// walk).
    pub method: String,
    /// Published ranges of readouts in patients.
    pub targets: Vec<TargetPart>,
    /// Ranges outside which a patient is implausible.
    #[serde(default)]
    pub plausible: Vec<TargetPart>,
}

/// Range of one readout in patients at one time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetPart {
    /// Regimen of the patients; may be left out if the assay has only one regimen.
    #[serde(default)]
    pub regimen: Option<String>,
    /// Readout to which the range applies, for example "treg_fold".
    pub readout: String,
    /// Time to which the range applies.
    pub time: QuantityText,
    /// Range that contains 95 % of the patients (in `targets`) or all patients (in `plausible`).
    pub range: [QuantityText; 2],
}

/// A search for the dose, or the time between doses, with which enough patients meet all
/// requirements. At least one of `dose` and `every` is needed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchPart {
    /// Regimen that is varied; may be left out if the assay has only one regimen.
    #[serde(default)]
    pub regimen: Option<String>,
    /// Doses to try, in place of the `dose` of the regimen: a range, which is refined where a
    /// requirement begins or ceases to be met, or a list, of which exactly these doses are tried.
    #[serde(default)]
    pub dose: Option<Grid>,
    /// Times between doses to try, in place of `every` of the regimen, for example ["1 d", "7 d"].
    /// The number of doses follows, so that doses are given over the same time.
    #[serde(default)]
    pub every: Option<Vec<QuantityText>>,
    /// Requirements by name: effects to be reached and toxicity to be avoided.
    pub requirements: IndexMap<String, RequirementPart>,
}

/// A window of a readout, and the fraction of the patients who must be inside it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequirementPart {
    /// Readout, for example "treg_fold".
    pub readout: String,
    /// Lower end of the window; needed unless `at_most` is given.
    #[serde(default)]
    pub at_least: Option<QuantityText>,
    /// Upper end of the window; needed unless `at_least` is given.
    #[serde(default)]
    pub at_most: Option<QuantityText>,
    /// Which value between `from` and `to` must be inside the window: "throughout" (every value,
    /// the default), "trough" (the lowest), "peak" (the highest) or "average".
    #[serde(default)]
    pub of: Option<String>,
    /// Single time at which the readout must be inside the window, in place of `from` and `to`.
    #[serde(default)]
    pub time: Option<QuantityText>,
    /// Begin of the time span (default: 0).
    #[serde(default)]
    pub from: Option<QuantityText>,
    /// End of the time span (default: the last output).
    #[serde(default)]
    pub to: Option<QuantityText>,
    /// Fraction of the patients who must meet the requirement, for example 0.9.
    pub share: Fraction,
}
