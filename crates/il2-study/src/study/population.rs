//! A population fit, as written in a study.

use crate::study::dosing::TableUnitsPart;
use crate::study::text::{Fraction, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A pharmacokinetic model with variability between subjects, fitted to an event table (nonlinear mixed effects).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationFitPart {
    /// CSV with NONMEM's columns (ID, TIME, AMT, DV, and EVID, MDV, CENS, LLOQ where needed), beside the study.
    pub table: String,
    /// "one-compartment", "two-compartment" or "three-compartment", each also with "-oral": first-order
    /// absorption.
    pub model: String,
    /// Units of the numbers of the table; DV is in the unit of concentrations.
    pub units: TableUnitsPart,
    /// Numbers of the model, and coefficients of `covariates` by names of your choice.
    pub parameters: IndexMap<String, PopulationParameterPart>,
    /// Formulas by which columns change a subject's numbers, one after the other, for example
    /// "CL = CL * (WT / 70)^0.75".
    #[serde(default)]
    pub covariates: Vec<String>,
    /// Numbers whose variability between subjects is correlated, for example [["clearance", "volume"]]; all
    /// others vary independently.
    #[serde(default)]
    pub correlated: Vec<Vec<String>>,
    /// Column that distinguishes occasions; needed if a number varies between them.
    #[serde(default)]
    pub occasion: Option<String>,
    /// How measurements scatter around the prediction for their subject.
    pub residual: ResidualPart,
    /// "foce" (first-order conditional estimation with interaction) or "laplace"; "foce" if left out.
    #[serde(default)]
    pub method: Option<String>,
    /// Whether numbers are estimated; true if left out. If not, those of `parameters` and `residual` are
    /// used, and each subject's own numbers follow from its levels (maximum a posteriori).
    #[serde(default)]
    pub estimate: Option<bool>,
    /// Number of searches, the first from the starting values, the others from draws around them; 3 if left
    /// out.
    #[serde(default)]
    pub starts: Option<u32>,
    /// Basis of the standard errors: "curvature" of the likelihood (R), "scores" of the subjects (S) or
    /// "sandwich" of both; "curvature" if left out.
    #[serde(default)]
    pub standard_errors: Option<String>,
    /// Level of the intervals; 0.95 if left out.
    #[serde(default)]
    pub level: Option<Fraction>,
    /// Chains of the No-U-Turn sampler, which draw parameters and the random effects of all subjects together, with no
    /// approximation of the likelihood; none if left out.
    #[serde(default)]
    pub chains: Option<u32>,
    /// Warm-up draws of each chain; 500 if left out.
    #[serde(default)]
    pub warmup: Option<u32>,
    /// Draws that each chain keeps; 1000 if left out.
    #[serde(default)]
    pub draws: Option<u32>,
    /// Data sets simulated for the visual predictive check; 500 if left out, 0 for none.
    #[serde(default)]
    pub simulations: Option<u32>,
    /// Intervals of time of that check, of equally many measurements; 8 if left out.
    #[serde(default)]
    pub bins: Option<u32>,
    /// A dose to be found, for each subject and for the population.
    #[serde(default)]
    pub dose: Option<SoughtDosePart>,
    /// Columns of the table under other names: which of NONMEM's names each stands for.
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// What the numbers (or words) in the columns CMT, ADM and ROUTE stand for, for example 2 = "central".
    #[serde(default)]
    pub compartments: IndexMap<String, String>,
}

/// A number that is estimated.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationParameterPart {
    /// Where the search begins, with its unit; for a coefficient a plain number as text, "0.5".
    pub start: QuantityText,
    /// Lowest and highest value that it may have.
    #[serde(default)]
    pub bounds: Option<[QuantityText; 2]>,
    /// Whether it stays at its start; false if left out.
    #[serde(default)]
    pub fixed: Option<bool>,
    /// Starting value of its standard deviation between subjects, on the logarithm: 0.3 is about 30 %. If
    /// left out, all subjects share one value.
    #[serde(default)]
    pub between_subjects: Option<Fraction>,
    /// The same between occasions of a subject.
    #[serde(default)]
    pub between_occasions: Option<Fraction>,
}

/// Starting values of the residual error: the keys that are given select the error model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidualPart {
    /// Standard deviation in the unit of concentrations, for example "0.5 mg/L".
    #[serde(default)]
    pub additive: Option<QuantityText>,
    /// Standard deviation as a fraction of the prediction; with `additive`, variances add.
    #[serde(default)]
    pub proportional: Option<Fraction>,
    /// Standard deviation of the logarithm.
    #[serde(default)]
    pub logarithmic: Option<Fraction>,
}

/// Which dose is to be found.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoughtDosePart {
    /// Time between doses, given until steady state.
    pub every: QuantityText,
    /// Which level: "trough", "peak" or "average"; "trough" if left out.
    #[serde(default)]
    pub of: Option<String>,
    /// The window of levels, for example ["10 mg/L", "20 mg/L"].
    pub window: [QuantityText; 2],
    /// Duration of the infusion of each dose; a bolus if left out.
    #[serde(default)]
    pub infusion: Option<QuantityText>,
}
