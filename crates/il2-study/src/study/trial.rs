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
    /// Length of the blocks in which patients are allocated to arms in the order of their entry, a
    /// multiple of the sum of `ratio` (default: every arm has its own patients, drawn independently
    /// in the planned numbers).
    #[serde(default)]
    pub block: Option<u32>,
    /// Markers whose combinations are strata: blocks are separate for each stratum, and the log-rank
    /// tests and hazard ratios are stratified. Needs `block`.
    #[serde(default)]
    pub strata: Vec<String>,
    /// Markers of patients, measured before treatment, by name (default: none).
    #[serde(default)]
    pub markers: IndexMap<String, MarkerPart>,
    /// Markers that must be positive for a patient to enter the trial (default: all may enter).
    #[serde(default)]
    pub eligible: Vec<String>,
    /// How often a marker that looks decisive in a retrospective sample holds in a prospective one
    /// (default: not examined).
    #[serde(default)]
    pub replication: Option<ReplicationPart>,
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
    /// Rates at which patients enter in successive periods, in place of `accrual`, for example
    /// [{ rate = "2 /month", until = "6 months" }, { rate = "8 /month" }].
    #[serde(default)]
    pub accrual_periods: Option<Vec<AccrualPeriodPart>>,
    /// Duration of follow-up of the last patient, for example "2 y".
    pub follow_up: QuantityText,
    /// Time after entry within which mean survival (the restricted mean) and the cumulative incidence
    /// of progression and of deaths without progression are reported (default: `follow_up`).
    #[serde(default)]
    pub horizon: Option<QuantityText>,
    /// Whether progression-free survival is also estimated with the time of progression known only
    /// to lie between two scans (Turnbull's estimate; default: false).
    #[serde(default)]
    pub between_scans: bool,
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

/// A period in which patients enter at a constant rate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccrualPeriodPart {
    /// Number of patients, all arms together, who enter per unit of time; may be zero, except in
    /// the last period.
    pub rate: QuantityText,
    /// End of the period, as a time after the first entry; left out in the last period, which lasts
    /// until all patients have entered.
    #[serde(default)]
    pub until: Option<QuantityText>,
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
    /// Parameters of the tumour in this arm alone, for example { later_therapy = "0.3" } for later
    /// treatments of another era. Numbers that describe patients at entry cannot differ between arms.
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
}

/// A marker that is positive or negative in each candidate, with or without a link to the tumour.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkerPart {
    /// Fraction of the candidates in whom the marker is positive, for example "30 %".
    pub positive: Fraction,
    /// Ratio of a number of the tumour in positive to that in negative candidates: `volume`,
    /// `growth_rate`, `effectors_per_cell` or `burden_hazard` (default: no link).
    #[serde(default)]
    pub factors: IndexMap<String, f64>,
    /// Number of the tumour that the marker measures: `volume`, `growth_rate` or
    /// `effectors_per_cell`. The candidates with the highest values of the marker are positive.
    #[serde(default)]
    pub follows: Option<String>,
    /// Correlation of the marker with the logarithm of the number that it follows, from -1 to 1.
    #[serde(default)]
    pub correlation: Option<f64>,
}

/// A retrospective sample of patients in which many markers are tried, and a prospective sample in
/// which the best of them is tested again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplicationPart {
    /// Number of patients in the retrospective sample.
    pub retrospective: u32,
    /// Number of responders among them, for a sample enriched in responders (default: a random
    /// sample).
    #[serde(default)]
    pub responders: Option<u32>,
    /// Number of patients in the prospective sample, a random sample.
    pub prospective: u32,
    /// Number of markers without a link to the tumour that are tried in addition to those of the
    /// study (default: 0).
    #[serde(default)]
    pub unrelated: u32,
    /// Number of cut-offs at which each marker is tried, evenly spaced between no and all patients
    /// (default: 1, which is `positive` of a marker of the study, and half of the patients for
    /// others).
    #[serde(default)]
    pub cut_offs: Option<u32>,
    /// Two-sided p value below which a marker looks decisive, and below which it holds (default:
    /// 0.05).
    #[serde(default)]
    pub alpha: Option<Fraction>,
    /// Arm from which patients are drawn (default: the last arm).
    #[serde(default)]
    pub arm: Option<String>,
    /// Number of pairs of samples that are drawn (default: 1000).
    #[serde(default)]
    pub resamples: Option<u32>,
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
