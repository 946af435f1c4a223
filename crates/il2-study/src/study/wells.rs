//! Parts that several kinds of assay share: media before and after time 0, and draws for intervals.

use crate::study::text::{Fraction, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A medium in which the cells are kept before time 0.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PretreatmentPart {
    /// Concentration of each ligand; empty for medium without ligand.
    #[serde(default)]
    pub mixture: IndexMap<String, QuantityText>,
    /// Duration for which the cells are kept in this medium.
    pub duration: QuantityText,
    /// Rate of a gradual change of the medium, for example "60 /min": towards its end, the change
    /// follows exp(-ramp (end - t)). By default, the change is immediate.
    #[serde(default)]
    pub ramp: Option<QuantityText>,
}

/// An addition to the medium, or a replacement of the medium.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MediumPart {
    /// Time of the change, counted from time 0.
    pub at: QuantityText,
    /// Interval at which the change is repeated, for example "24 h" for daily feeding; needs
    /// `until`.
    #[serde(default)]
    pub every: Option<QuantityText>,
    /// Latest time at which the change may be repeated; needs `every`.
    #[serde(default)]
    pub until: Option<QuantityText>,
    /// Ligands that are added, each with the increase in its concentration.
    #[serde(default)]
    pub add: Option<IndexMap<String, QuantityText>>,
    /// Concentrations of ligands in the new medium; { } for a wash.
    #[serde(default)]
    pub replace: Option<IndexMap<String, QuantityText>>,
    /// Fraction of the medium that is replaced, for example 0.5 for half of it (default: all).
    #[serde(default)]
    pub fraction: Option<Fraction>,
    /// Rate of a gradual change of the medium, for example "60 /min": towards `at`, the change
    /// follows exp(-ramp (at - t)). By default, the change is immediate.
    #[serde(default)]
    pub ramp: Option<QuantityText>,
}

/// Draws from which intervals are computed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntervalsPart {
    /// Number of draws of the fitted rate constants and receptor counts, 10 to 2000.
    pub draws: u32,
    /// Fraction of the draws inside the interval (default: 0.95).
    #[serde(default)]
    pub level: Option<Fraction>,
}
