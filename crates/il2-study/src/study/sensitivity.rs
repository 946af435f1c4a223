//! A sensitivity analysis, as written in a study: the result, and the parameters that vary.

use crate::study::text::{Fraction, Grid, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use std::fmt;

/// A sensitivity analysis, which finds the parameters on which a result depends most.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SensitivityPart {
    /// A model of the library or of this study (default: "gamma-chain").
    #[serde(default)]
    pub model: Option<String>,
    /// The ligand that is given.
    pub ligand: String,
    /// One cell, or the two cells that are compared if `of` is "selectivity" (second divided by
    /// first). By default, all cells of the study are used.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// Result: "ec50", "selectivity" (ratio of the EC50s of two cells) or "response" (at one dose).
    pub of: String,
    /// Doses of the curve from which the EC50 is read: a list, or a logarithmically spaced range {
    /// from, to, points }.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// Dose at which the response is read.
    #[serde(default)]
    pub dose: Option<QuantityText>,
    /// Times at which the result is read.
    pub times: Vec<QuantityText>,
    /// Species or observable used as the response (default: "signalling_complexes").
    #[serde(default)]
    pub readout: Option<String>,
    /// "sobol" (shares of the variance, including interactions), "morris" (which parameters have
    /// any effect, with few simulations) or "local" (derivatives at the values of the study).
    pub method: String,
    /// Parameters of the model that vary, each with the two ends of its range or "posterior".
    /// Parameters are named as in the output of `il2 check --full`, or as CELL.receptors.CHAIN.
    /// With the method "local", the default is all parameters.
    #[serde(default)]
    pub parameters: IndexMap<String, VariedPart>,
    /// For "sobol": number of rows, each with 2 simulated parameter sets and one more for each
    /// parameter that varies, preferably a power of two (default: 256). For "morris": number of
    /// trajectories (default: 20).
    #[serde(default)]
    pub samples: Option<u32>,
    /// Probability covered by the intervals (default: 0.95).
    #[serde(default)]
    pub level: Option<Fraction>,
}

/// How a parameter varies.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum VariedPart {
    /// Uniformly between two ends on a logarithmic scale (for a fraction, on a log-odds scale).
    Ends([QuantityText; 2]),
    /// "posterior": according to the published posterior of the parameter or the spread of receptor
    /// counts.
    Word(String),
}

impl<'de> Deserialize<'de> for VariedPart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EndsOrWord;
        impl<'de> Visitor<'de> for EndsOrWord {
            type Value = VariedPart;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "two ends like [\"1 nM\", \"100 nM\"] or \"posterior\"")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<VariedPart, A::Error> {
                let ends =
                    <[QuantityText; 2]>::deserialize(de::value::SeqAccessDeserializer::new(seq));
                ends.map(VariedPart::Ends)
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<VariedPart, E> {
                Ok(VariedPart::Word(word.to_string()))
            }
        }
        deserializer.deserialize_any(EndsOrWord)
    }
}
