//! What several kinds of assay have in common: media before and after time 0, draws for intervals.

use crate::study::text::{Fraction, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A medium in which the cells are kept before time 0, when it is replaced.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PretreatmentPart {
    /// Concentration by ligand; empty for medium without any.
    #[serde(default)]
    pub mixture: IndexMap<String, QuantityText>,
    /// How long the cells are kept in it.
    pub duration: QuantityText,
    /// A rate, for example "60 /min", for a change that runs towards its end as exp(-ramp (end - t)); at once if
    /// left out.
    #[serde(default)]
    pub ramp: Option<QuantityText>,
}

/// An addition to the medium, or its replacement.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MediumPart {
    /// When, from time 0.
    pub at: QuantityText,
    /// The time from one to the next if it is repeated, for example "24 h" for daily feeding; needs until.
    #[serde(default)]
    pub every: Option<QuantityText>,
    /// The last time at which it may be repeated; needs every.
    #[serde(default)]
    pub until: Option<QuantityText>,
    /// Ligands that are added, each with the increase of its concentration.
    #[serde(default)]
    pub add: Option<IndexMap<String, QuantityText>>,
    /// Ligands of the medium that takes its place; { } for a wash.
    #[serde(default)]
    pub replace: Option<IndexMap<String, QuantityText>>,
    /// The part of the medium that is replaced, 0.5 for half of it; all if left out.
    #[serde(default)]
    pub fraction: Option<Fraction>,
    /// A rate, for example "60 /min", for a change that runs towards `at` as exp(-ramp (at - t)); at once if left
    /// out.
    #[serde(default)]
    pub ramp: Option<QuantityText>,
}

/// Draws from which intervals are computed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntervalsPart {
    /// How many draws of the fitted rates and receptor counts, 10 to 2000.
    pub draws: u32,
    /// Fraction of the draws inside the interval; 0.95 if left out.
    #[serde(default)]
    pub level: Option<Fraction>,
}
