//! Trials of patients with a tumour, and published models of one, as a study writes them.

use crate::study::text::{Fraction, Grid, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Arms of patients with a tumour: response, progression and survival, of one trial or of many like it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialPart {
    /// Kind of tumour in the library, for example "melanoma" or "renal-cell-carcinoma".
    pub disease: String,
    /// Arms by name; the first is the control with which the others are compared.
    pub arms: IndexMap<String, ArmPart>,
    /// Patients of one trial, in all arms.
    pub patients: u32,
    /// Allocation to the arms, for example [2, 1]; equal if left out.
    #[serde(default)]
    pub ratio: Option<Vec<u32>>,
    /// Trials of this size that are run, each with patients of its own; 1 if left out.
    #[serde(default)]
    pub replicates: Option<u32>,
    /// Whether every arm has the same patients, so that arms differ by treatment alone, as they cannot in a
    /// real trial. False if left out.
    #[serde(default)]
    pub paired: bool,
    /// Time over which patients enter, evenly; all at once if left out.
    #[serde(default)]
    pub accrual: Option<QuantityText>,
    /// How long the last patient is followed, for example "2 y".
    pub follow_up: QuantityText,
    /// Rate at which patients are lost, for example "0.03 /y"; none if left out.
    #[serde(default)]
    pub dropout: Option<QuantityText>,
    /// Events at which the trial ends, for example { events = 100 }; it ends with `follow_up` if left out, or if there
    /// are fewer.
    #[serde(default)]
    pub cut_off: Option<CutOffPart>,
    /// Interim looks that compare the second arm with the first before the cut-off; none if left out.
    #[serde(default)]
    pub looks: Option<LooksPart>,
    /// When scans are made; every 8 weeks for two years, then every 12, if left out.
    #[serde(default)]
    pub scans: Option<ScansPart>,
    /// Criteria of response in the library: "recist" if left out, or "who".
    #[serde(default)]
    pub criteria: Option<String>,
    /// Whether doses of interleukin-2 are withheld by rules: "hold" or "none"; "none" if left out.
    #[serde(default)]
    pub rules: Option<String>,
    /// Numbers of the tumour in place of the library's, by the names that `il2 list melanoma` prints.
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
}

/// An arm of a trial.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArmPart {
    /// Regimen of this study; none if left out: an arm without interleukin-2.
    #[serde(default)]
    pub regimen: Option<String>,
    /// Courses of the regimen; 1 if left out. A further course is given only if the disease has not
    /// progressed.
    #[serde(default)]
    pub courses: Option<u32>,
    /// Time from the start of one course to that of the next; needed where there is more than one.
    #[serde(default)]
    pub course: Option<QuantityText>,
    /// Treatments given with or instead of interleukin-2: partners in the library, for example ["gp100"].
    #[serde(default)]
    pub partners: Vec<String>,
    /// Whether doses go on after progression; false if left out.
    #[serde(default)]
    pub beyond_progression: bool,
}

/// Events at which a trial ends.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutOffPart {
    /// How many, in all arms.
    pub events: u32,
    /// What is counted: "survival" (deaths) if left out, or "progression-free survival".
    #[serde(default)]
    pub of: Option<String>,
}

/// Looks before the cut-off.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LooksPart {
    /// Fractions of the events at the cut-off, for example [0.5, 0.75].
    pub at: Vec<Fraction>,
    /// How the chance of a false finding (5 %, two-sided) is spent: "obrien-fleming" if left out, or "pocock".
    #[serde(default)]
    pub spending: Option<String>,
    /// A trial stops for futility if its conditional power under the current trend is below this, for example
    /// 0.1; never if left out.
    #[serde(default)]
    pub futility: Option<Fraction>,
}

/// When scans are made.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScansPart {
    /// Time between scans.
    pub every: QuantityText,
    /// When this interval ends; at the end of the trial if left out.
    #[serde(default)]
    pub until: Option<QuantityText>,
    /// Time between later scans.
    #[serde(default)]
    pub then: Option<QuantityText>,
    /// Largest advance or delay of a patient's scans; exact if left out.
    #[serde(default)]
    pub window: Option<QuantityText>,
}

/// A published model of a tumour, immune cells and interleukin-2, without a patient.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TumourModelPart {
    /// "kirschner-panetta-1998" (if left out), "kuznetsov-1994", "de-pillis-2005" or "de-pillis-2009".
    #[serde(default)]
    pub model: Option<String>,
    /// A list, or { from, to, points } spaced evenly.
    pub times: Grid,
    /// Numbers of the model in place of the library's, and starting values, by the names that `il2 list
    /// kirschner-panetta-1998` prints.
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
    /// A number that is varied: a course for each value, and the bifurcations of the steady states between
    /// them.
    #[serde(default)]
    pub sweep: Option<SweepPart>,
}

/// A number that is varied.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepPart {
    /// Its name, for example "antigenicity".
    pub number: String,
    /// A list, or { from, to, points } spaced evenly on the logarithm.
    pub values: Grid,
}
