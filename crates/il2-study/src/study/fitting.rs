//! A fit as written in a study: what is estimated, from which tables of measurements.

use crate::study::text::{Fraction, Grid, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Numbers of a model estimated from tables of measurements; `il2 fit` runs it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FitPart {
    /// Parameters to estimate, by names of your choice.
    pub parameters: IndexMap<String, FittedPart>,
    /// Tables of measurements, by a name of your choice.
    pub measured: IndexMap<String, MeasuredPart>,
    /// Searches for the best fit, each from a draw of the priors; 20 if left out.
    #[serde(default)]
    pub starts: Option<u32>,
    /// Chains of the posterior: 2 or more, or 0 for none; 4 if left out.
    #[serde(default)]
    pub chains: Option<u32>,
    /// Warm-up draws of each chain, which tune it and are discarded; 300 if left out.
    #[serde(default)]
    pub warmup: Option<u32>,
    /// Draws of each chain that are kept; 500 if left out.
    #[serde(default)]
    pub draws: Option<u32>,
    /// Whether the profile likelihood of each parameter is computed; true if left out.
    #[serde(default)]
    pub profiles: Option<bool>,
    /// Fraction of the posterior inside an interval; 0.9 if left out.
    #[serde(default)]
    pub level: Option<Fraction>,
}

/// One number that is estimated.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FittedPart {
    /// Lower and upper end of the prior, which contain 95 % of a lognormal distribution.
    pub prior: [QuantityText; 2],
    /// Numbers of the model that it sets, as `il2 check --full` prints them; the number of its own name if
    /// left out.
    #[serde(default)]
    pub sets: Option<Vec<String>>,
    /// Cells of this study to which it is restricted; all if left out.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
}

/// A table of measurements and its meaning.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasuredPart {
    /// CSV file beside the study, with one row for each measurement.
    pub table: String,
    /// "wells" (columns ligand, cell, dose, time, value) or "patients" (columns regimen, readout,
    /// time, value: the typical patient).
    pub of: String,
    /// A model of the library or of this study, for wells; "gamma-chain" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// A culture of this study, for wells of it: the column cell then names the kind that was measured, and
    /// the column dose is the concentration of the ligand in the medium at the start.
    #[serde(default)]
    pub culture: Option<String>,
    /// Species or observable that was measured, unless a column names it.
    #[serde(default)]
    pub readout: Option<String>,
    /// Set of pharmacokinetics, for patients; that of the ligand if left out.
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// Doses of the curve whose EC50 is read, for rows with ec50 in the column reduce.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// Columns under other names, for example dose = "dose_nM". Known are ligand, cell, dose, time, regimen,
    /// readout, value and sd, or low and high: ends of a range that contains the value in 95 % of cases; and
    /// reduce, which says that the value is the max, min or area of a course between the columns from and
    /// time, or the ec50 of a curve.
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// Units of dose, time, value and sd, for example dose = "nM".
    pub units: IndexMap<String, String>,
    /// Meaning of words in the column ligand: a ligand of this study, or "leave out".
    #[serde(default)]
    pub ligands: IndexMap<String, String>,
    /// Meaning of words in the column cell: a cell of this study, or "leave out".
    #[serde(default)]
    pub cells: IndexMap<String, String>,
    /// Meaning of words in the column regimen: a regimen of this study, or "leave out".
    #[serde(default)]
    pub regimens: IndexMap<String, String>,
    /// For values that are not in the unit of the readout (fluorescence): columns, of whose words each
    /// combination has a factor of its own; [] for a single factor. If left out, the value is the readout
    /// itself.
    #[serde(default)]
    pub scale: Option<Vec<String>>,
    /// Whether a background is fitted, which is measured where the readout is zero; one for each factor.
    #[serde(default)]
    pub background: Option<bool>,
    /// "relative" (scatter of the logarithm) or "absolute"; "relative" if left out.
    #[serde(default)]
    pub error: Option<String>,
    /// Rows held out of the fit and predicted: words by column, for example cell_type = ["NK"].
    #[serde(default)]
    pub held_out: IndexMap<String, Vec<String>>,
}
