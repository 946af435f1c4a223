//! A fit as written in a study: the parameters to estimate and the tables of measurements.

use crate::study::text::{Fraction, Grid, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Parameters of a model, estimated from tables of measurements; `il2 fit` runs the fit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FitPart {
    /// Parameters to estimate, by names of your choice.
    pub parameters: IndexMap<String, FittedPart>,
    /// Tables of measurements, by names of your choice.
    pub measured: IndexMap<String, MeasuredPart>,
    /// Number of searches for the best fit, each from a draw of the priors (default: 20).
    #[serde(default)]
    pub starts: Option<u32>,
    /// Number of chains that sample the posterior: 2 or more, or 0 for none (default: 4).
    #[serde(default)]
    pub chains: Option<u32>,
    /// Number of warm-up draws of each chain, which adapt the sampler and are discarded (default:
    /// 300).
    #[serde(default)]
    pub warmup: Option<u32>,
    /// Number of draws that are kept from each chain (default: 500).
    #[serde(default)]
    pub draws: Option<u32>,
    /// Whether the profile likelihood of each parameter is computed (default: true).
    #[serde(default)]
    pub profiles: Option<bool>,
    /// Fraction of the posterior inside an interval (default: 0.9).
    #[serde(default)]
    pub level: Option<Fraction>,
}

/// A parameter to estimate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FittedPart {
    /// Lower and upper limits that enclose 95 % of the lognormal prior.
    pub prior: [QuantityText; 2],
    /// Parameters of the model that take the estimated value, named as in the output of `il2 check
    /// --full` (default: the parameter of the same name).
    #[serde(default)]
    pub sets: Option<Vec<String>>,
    /// Cells of this study to which the parameter applies (default: all).
    #[serde(default)]
    pub cells: Option<Vec<String>>,
}

/// A table of measurements and its meaning.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasuredPart {
    /// CSV file in the folder of the study, with one row for each measurement.
    pub table: String,
    /// "wells" (columns ligand, cell, dose, time, value) or "patients" (columns regimen, readout,
    /// time, value; simulated for the typical patient).
    pub of: String,
    /// For wells: a model of the library or of this study (default: "gamma-chain").
    #[serde(default)]
    pub model: Option<String>,
    /// For wells of a culture: the name of the culture in this study. The column cell then gives
    /// the kind that was measured, and the column dose gives the initial concentration of the
    /// ligand in the medium.
    #[serde(default)]
    pub culture: Option<String>,
    /// Measured species or observable, unless a column gives it.
    #[serde(default)]
    pub readout: Option<String>,
    /// For patients: pharmacokinetic parameter set (default: that of the ligand).
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// For rows with ec50 in the column reduce: doses of the curve from which the EC50 is read.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// Columns that have other names in the table, for example dose = "dose_nM". The names are
    /// ligand, cell, dose, time, regimen, readout, value and sd, or low and high for the ends of a
    /// range that contains the value in 95 % of cases. The column reduce states that the value is
    /// the max, min or area of a time course between the times in the columns from and time, or the
    /// ec50 of a curve.
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// Units of dose, time, value and sd, for example dose = "nM".
    pub units: IndexMap<String, String>,
    /// Meaning of each word in the column ligand: a ligand of this study, or "leave out".
    #[serde(default)]
    pub ligands: IndexMap<String, String>,
    /// Meaning of each word in the column cell: a cell of this study, or "leave out".
    #[serde(default)]
    pub cells: IndexMap<String, String>,
    /// Meaning of each word in the column regimen: a regimen of this study, or "leave out".
    #[serde(default)]
    pub regimens: IndexMap<String, String>,
    /// For values that are not in the unit of the readout (fluorescence): columns whose
    /// combinations of words each have their own scale factor; [] for a single factor. By default,
    /// the value is the readout itself.
    #[serde(default)]
    pub scale: Option<Vec<String>>,
    /// Whether a background is fitted for each scale factor. The background is the measured value
    /// at a readout of zero.
    #[serde(default)]
    pub background: Option<bool>,
    /// Error model of the measurements: "relative" (scatter of the logarithm, default) or
    /// "absolute".
    #[serde(default)]
    pub error: Option<String>,
    /// Rows that are predicted instead of fitted: words by column, for example cell_type = ["NK"].
    #[serde(default)]
    pub held_out: IndexMap<String, Vec<String>>,
}
