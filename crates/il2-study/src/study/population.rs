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
    /// absorption. Which numbers `parameters` has says more of it: maximum_rate and michaelis_constant let
    /// elimination saturate, transit_compartments and mean_transit_time delay absorption. Or "patient", the whole
    /// patient, of which `parameters` names those that are fitted; all others are the library's.
    pub model: String,
    /// Ligand that is given to patients, by its label.
    #[serde(default)]
    pub ligand: Option<String>,
    /// Set of pharmacokinetics of patients; that of the molecule if left out.
    #[serde(default)]
    pub pharmacokinetics: Option<String>,
    /// Units of the numbers of the table; DV is in the unit of concentrations unless `observed` says another.
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
    /// How measurements scatter around the prediction of their subject, where one quantity is measured.
    #[serde(default)]
    pub residual: Option<ResidualPart>,
    /// Lower limit of quantification of that quantity, for lines without an LLOQ.
    #[serde(default)]
    pub lloq: Option<QuantityText>,
    /// What each value of the column DVID measures, where the table has several quantities.
    #[serde(default)]
    pub observed: IndexMap<String, ObservedPart>,
    /// How the drug moves an effect that is made and lost all the time: "inhibits-production",
    /// "stimulates-production", "inhibits-loss" or "stimulates-loss". One of `observed` measures it.
    #[serde(default)]
    pub effect: Option<String>,
    /// "foce" (first-order conditional estimation with interaction) or "laplace"; "foce" if left out.
    #[serde(default)]
    pub method: Option<String>,
    /// Whether numbers are estimated; true if left out. If not, those of `parameters` and `residual` are
    /// used, and each subject's own numbers follow from its levels (maximum a posteriori).
    #[serde(default)]
    pub estimate: Option<bool>,
    /// Searches, the first from the starts, the others from draws around them; 3 if left out, of patients 1.
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
    /// Data sets simulated for the visual predictive check; 500 if left out, of patients none; 0 for none.
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

/// A quantity that is measured.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservedPart {
    /// "concentration" or "effect"; of patients a readout, for example "treg_fold".
    pub of: String,
    /// Unit of DV, where it is no concentration; without one it is a plain number.
    #[serde(default)]
    pub unit: Option<String>,
    /// How these measurements scatter; `additive` is in their own unit.
    pub residual: ResidualPart,
    /// Lower limit of quantification, in their own unit, for lines without an LLOQ.
    #[serde(default)]
    pub lloq: Option<QuantityText>,
}

/// Starting values of the residual error: the keys that are given select the error model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidualPart {
    /// Standard deviation in the unit of what is measured, for example "0.5 mg/L".
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
