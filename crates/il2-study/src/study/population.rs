//! A population fit, as written in a study.

use crate::study::dosing::TableUnitsPart;
use crate::study::text::{Fraction, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A pharmacokinetic model with variability between subjects, fitted to an event table (nonlinear
/// mixed-effects modelling).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationFitPart {
    /// CSV file with NONMEM's columns (ID, TIME, AMT, DV, and EVID, MDV, CENS, LLOQ where needed),
    /// in the folder of the study.
    pub table: String,
    /// "one-compartment", "two-compartment" or "three-compartment", each also with "-oral" for
    /// first-order absorption; or "patient", the whole patient. Further processes are selected by
    /// their parameters: maximum_rate and michaelis_constant make elimination saturable, and
    /// transit_compartments and mean_transit_time delay absorption. For "patient", only the
    /// parameters in `parameters` are fitted, and all others are those of the library.
    pub model: String,
    /// For "patient": ligand that is given, by its name in the study.
    #[serde(default)]
    pub ligand: Option<String>,
    /// For "patient": pharmacokinetic parameter set of the library (default: that of the molecule).
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// Units of the numbers in the table; DV has the unit of concentrations unless `observed` gives
    /// another unit.
    pub units: TableUnitsPart,
    /// Parameters of the model, and coefficients of `covariates` by names of your choice.
    pub parameters: IndexMap<String, PopulationParameterPart>,
    /// Formulas by which columns change the parameters of a subject, applied one after another, for
    /// example "CL = CL * (WT / 70)^0.75".
    #[serde(default)]
    pub covariates: Vec<String>,
    /// Parameters whose variability between subjects is correlated, for example [["clearance",
    /// "volume"]]; all other parameters vary independently.
    #[serde(default)]
    pub correlated: Vec<Vec<String>>,
    /// Column that distinguishes occasions; needed if a parameter varies between occasions.
    #[serde(default)]
    pub occasion: Option<String>,
    /// Residual error, which is the scatter of the measurements around the individual predictions,
    /// if only one quantity is measured.
    #[serde(default)]
    pub residual: Option<ResidualPart>,
    /// Lower limit of quantification of that quantity, for lines without an LLOQ.
    #[serde(default)]
    pub lloq: Option<QuantityText>,
    /// The quantity that each value of the column DVID stands for, if the table has several
    /// quantities.
    #[serde(default)]
    pub observed: IndexMap<String, ObservedPart>,
    /// How the drug changes an effect with continuous production and loss: "inhibits-production",
    /// "stimulates-production", "inhibits-loss" or "stimulates-loss". The effect must be one of the
    /// quantities in `observed`.
    #[serde(default)]
    pub effect: Option<String>,
    /// "foce" (first-order conditional estimation with interaction, default) or "laplace".
    #[serde(default)]
    pub method: Option<String>,
    /// Whether population parameters are estimated (default: true). If false, the values in
    /// `parameters` and `residual` are used, and the individual parameters of each subject are
    /// computed from its measurements (maximum a posteriori).
    #[serde(default)]
    pub estimate: Option<bool>,
    /// Number of searches; the first begins at the values of `start`, the others at draws around
    /// these values (default: 3; for "patient", 1).
    #[serde(default)]
    pub starts: Option<u32>,
    /// Basis of the standard errors: "curvature" of the likelihood (R, default), "scores" of the
    /// subjects (S) or "sandwich" of both.
    #[serde(default)]
    pub standard_errors: Option<String>,
    /// Probability covered by the intervals (default: 0.95).
    #[serde(default)]
    pub level: Option<Fraction>,
    /// Whether the profile likelihood of every parameter is computed, with its interval (default:
    /// false). The other parameters are estimated again at each point, which takes several times as
    /// long as the fit.
    #[serde(default)]
    pub profiles: Option<bool>,
    /// Number of chains of the No-U-Turn sampler (default: none). The sampler draws parameters and
    /// the random effects of all subjects together, without approximating the likelihood.
    #[serde(default)]
    pub chains: Option<u32>,
    /// Number of warm-up draws of each chain (default: 500).
    #[serde(default)]
    pub warmup: Option<u32>,
    /// Number of draws that are kept from each chain (default: 1000).
    #[serde(default)]
    pub draws: Option<u32>,
    /// Number of data sets simulated for the visual predictive check, 0 for no check (default: 500;
    /// for "patient", 0).
    #[serde(default)]
    pub simulations: Option<u32>,
    /// Number of time intervals in the visual predictive check, each with equally many measurements
    /// (default: one for each time at which measurements were taken, or 8 if these are more than
    /// 20).
    #[serde(default)]
    pub bins: Option<u32>,
    /// Whether the visual predictive check is prediction-corrected (default: false): measured and
    /// simulated values are multiplied by the median typical prediction of their time interval over
    /// their own typical prediction, so that doses and covariates that differ between subjects do
    /// not widen the percentiles.
    #[serde(default)]
    pub prediction_corrected: Option<bool>,
    /// Search for the dose that each subject and the population need.
    #[serde(default)]
    pub dose: Option<SoughtDosePart>,
    /// Columns of the table that have other names, each with the corresponding NONMEM name.
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// Meaning of the numbers (or words) in the columns CMT, ADM and ROUTE, for example 2 =
    /// "central".
    #[serde(default)]
    pub compartments: IndexMap<String, String>,
}

/// A parameter to estimate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationParameterPart {
    /// Initial value of the search with its unit; for a coefficient, a plain number as text, such
    /// as "0.5".
    pub start: QuantityText,
    /// Lowest and highest value that the parameter may have.
    #[serde(default)]
    pub bounds: Option<[QuantityText; 2]>,
    /// Whether the parameter stays at its initial value (default: false).
    #[serde(default)]
    pub fixed: Option<bool>,
    /// Initial value of the standard deviation of the parameter's logarithm between subjects: 0.3
    /// is about 30 % (of its log-odds if it is logit-normal). By default, all subjects share one
    /// value.
    #[serde(default)]
    pub between_subjects: Option<Fraction>,
    /// Initial value of the standard deviation of the parameter's logarithm between occasions of a
    /// subject.
    #[serde(default)]
    pub between_occasions: Option<Fraction>,
    /// Distribution among subjects and occasions: "log-normal" (default), or "logit-normal", with
    /// which all values lie between `bounds` (0 and 1 if there are none), as for a bioavailability
    /// or a largest inhibition.
    #[serde(default)]
    pub distribution: Option<String>,
}

/// A measured quantity.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservedPart {
    /// "concentration" or "effect"; for "patient", a readout, for example "treg_fold".
    pub of: String,
    /// Unit of DV, unless DV is a concentration; without a unit, DV is a plain number. A readout of
    /// the patient that has a unit needs one here, for example "cells/uL" for treg_count.
    #[serde(default)]
    pub unit: Option<String>,
    /// Residual error of these measurements; `additive` is in their own unit.
    pub residual: ResidualPart,
    /// Lower limit of quantification, in their own unit, for lines without an LLOQ.
    #[serde(default)]
    pub lloq: Option<QuantityText>,
}

/// Initial values of the residual error; the keys that are given select the error model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidualPart {
    /// Standard deviation in the unit of the measured quantity, for example "0.5 mg/L".
    #[serde(default)]
    pub additive: Option<QuantityText>,
    /// Standard deviation as a fraction of the prediction; if `additive` is also given, `sum_of`
    /// says what is added.
    #[serde(default)]
    pub proportional: Option<Fraction>,
    /// With `additive` and `proportional`: "variances" (default), or "standard-deviations".
    #[serde(default)]
    pub sum_of: Option<String>,
    /// Standard deviation of the logarithm of the measurement.
    #[serde(default)]
    pub logarithmic: Option<Fraction>,
}

/// A target level for which the dose is computed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoughtDosePart {
    /// Time between doses, which are given until steady state.
    pub every: QuantityText,
    /// Level that must be inside the window: "trough" (default), "peak" or "average".
    #[serde(default)]
    pub of: Option<String>,
    /// Target window of the level, for example ["10 mg/L", "20 mg/L"].
    pub window: [QuantityText; 2],
    /// Duration of the infusion of each dose (default: a bolus).
    #[serde(default)]
    pub infusion: Option<QuantityText>,
}
