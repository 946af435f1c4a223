//! Trials in patients with a tumour, and published models of a tumour, as written in a study.

use crate::study::text::{Fraction, Grid, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A trial in patients with a tumour, or many replicates of the trial: response, progression and
/// survival in each arm.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialPart {
    /// Type of tumour in the library, for example "melanoma" or "renal-cell-carcinoma".
    pub disease: String,
    /// Arms by name; the first arm is the control with which the others are compared.
    pub arms: IndexMap<String, ArmPart>,
    /// Number of patients in one trial, all arms together.
    pub patients: u32,
    /// Allocation ratio of the arms, for example [2, 1] (default: equal allocation).
    #[serde(default)]
    pub ratio: Option<Vec<u32>>,
    /// Number of trials of this size that are simulated, each with its own patients (default: 1).
    #[serde(default)]
    pub replicates: Option<u32>,
    /// Whether every arm has the same patients, so that arms differ only in treatment, which is
    /// impossible in a real trial (default: false).
    #[serde(default)]
    pub paired: bool,
    /// Time over which patients enter the trial at a constant rate (default: all enter at once).
    #[serde(default)]
    pub accrual: Option<QuantityText>,
    /// Duration of follow-up of the last patient, for example "2 y".
    pub follow_up: QuantityText,
    /// Rate at which patients are lost to follow-up, for example "0.03 /y" (default: no loss).
    #[serde(default)]
    pub dropout: Option<QuantityText>,
    /// Number of events at which the trial ends, for example { events = 100 }. By default, or if
    /// there are fewer events, the trial ends with `follow_up`.
    #[serde(default)]
    pub cut_off: Option<CutOffPart>,
    /// Interim analyses before the cut-off, which compare the second arm with the first (default:
    /// none).
    #[serde(default)]
    pub looks: Option<LooksPart>,
    /// Search for the number of patients that gives a power, for example { power = 0.8 } (default:
    /// no search).
    #[serde(default)]
    pub sample_size: Option<SampleSizePart>,
    /// Schedule of scans (default: every 8 weeks for two years, then every 12 weeks).
    #[serde(default)]
    pub scans: Option<ScansPart>,
    /// Response criteria in the library: "recist" (default) or "who".
    #[serde(default)]
    pub criteria: Option<String>,
    /// Whether rules withhold doses of interleukin-2: "hold" or "none" (default: "none").
    #[serde(default)]
    pub rules: Option<String>,
    /// Parameters of the tumour in place of those of the library, named as in the output of `il2
    /// list melanoma`.
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
}

/// An arm of a trial.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArmPart {
    /// Regimen of this study (default: none, for an arm without interleukin-2).
    #[serde(default)]
    pub regimen: Option<String>,
    /// Number of courses of the regimen (default: 1). A further course is given only if the disease
    /// has not progressed.
    #[serde(default)]
    pub courses: Option<u32>,
    /// Time from the start of one course to the start of the next; needed if there is more than one
    /// course.
    #[serde(default)]
    pub course: Option<QuantityText>,
    /// Treatments of the library that are given with interleukin-2 or in its place, for example
    /// ["gp100"].
    #[serde(default)]
    pub partners: Vec<String>,
    /// Whether doses continue after progression (default: false).
    #[serde(default)]
    pub beyond_progression: bool,
}

/// Number and type of events at which a trial ends.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutOffPart {
    /// Number of events, all arms together.
    pub events: u32,
    /// Type of events that are counted: "survival" (deaths, default) or "progression-free
    /// survival".
    #[serde(default)]
    pub of: Option<String>,
}

/// Interim analyses before the cut-off.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LooksPart {
    /// Fractions of the events at the cut-off at which interim analyses are made, for example [0.5,
    /// 0.75].
    pub at: Vec<Fraction>,
    /// Spending function for the type I error (5 %, two-sided): "obrien-fleming" (default) or
    /// "pocock".
    #[serde(default)]
    pub spending: Option<String>,
    /// Conditional power under the current trend below which a trial stops for futility, for
    /// example 0.1 (default: no stop for futility).
    #[serde(default)]
    pub futility: Option<Fraction>,
}

/// Search for the number of patients that gives a power. Trials of many sizes are drawn, with
/// replacement within arms, from the simulated patients.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleSizePart {
    /// Power wanted: the probability that the log-rank test finds the difference (default: 0.8).
    #[serde(default)]
    pub power: Option<Fraction>,
    /// Two-sided type I error of the test (default: 0.05).
    #[serde(default)]
    pub alpha: Option<Fraction>,
    /// What each further arm is compared with the first in: "survival" (default) or
    /// "progression-free survival".
    #[serde(default)]
    pub of: Option<String>,
    /// Range of the number of patients, all arms together (default: from 20 to the number of
    /// simulated patients, `patients` times `replicates`).
    #[serde(default)]
    pub patients: Option<PatientsPart>,
    /// Number of trials drawn for each number of patients (default: 1000).
    #[serde(default)]
    pub resamples: Option<u32>,
}

/// A range of numbers of patients.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientsPart {
    /// Fewest patients (default: 20).
    #[serde(default)]
    pub from: Option<u32>,
    /// Most patients (default: the number of simulated patients).
    #[serde(default)]
    pub to: Option<u32>,
}

/// Schedule of scans.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScansPart {
    /// Time between scans.
    pub every: QuantityText,
    /// Time until which scans are made at the interval `every` (default: the end of the trial).
    #[serde(default)]
    pub until: Option<QuantityText>,
    /// Time between scans after `until`.
    #[serde(default)]
    pub then: Option<QuantityText>,
    /// Maximum shift of a patient's scans to earlier or later times (default: no shift).
    #[serde(default)]
    pub window: Option<QuantityText>,
}

/// A published model of a tumour, immune cells and interleukin-2, without a model of the patient.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TumourModelPart {
    /// "kirschner-panetta-1998" (default), "kuznetsov-1994", "de-pillis-2005" or "de-pillis-2009".
    #[serde(default)]
    pub model: Option<String>,
    /// Output times: a list, or an evenly spaced range { from, to, points }.
    pub times: Grid,
    /// Parameters and initial values of the model in place of those of the library, named as in the
    /// output of `il2 list kirschner-panetta-1998`.
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
    /// Parameter that is varied. The output has a time course for each value, and the bifurcations
    /// of the steady states between the values.
    #[serde(default)]
    pub sweep: Option<SweepPart>,
}

/// A parameter that is varied.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepPart {
    /// Name of the parameter, for example "antigenicity".
    pub number: String,
    /// Values of the parameter: a list, or a logarithmically spaced range { from, to, points }.
    pub values: Grid,
}
