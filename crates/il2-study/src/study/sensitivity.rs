//! A sensitivity analysis as written in a study: the result, and the numbers that vary.

use crate::study::text::{Fraction, Grid, QuantityText};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use std::fmt;

/// A sensitivity analysis: on which numbers a result depends most.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SensitivityPart {
    /// A model of the library or of this study; "gamma-chain" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// The ligand that is given.
    pub ligand: String,
    /// One cell, or the two that are compared where `of` is "selectivity" (second over first); all of the study
    /// if left out.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// "ec50", "selectivity" (ratio of the EC50s of two cells) or "response" (at one dose).
    pub of: String,
    /// Doses of the curve whose EC50 is read: a list, or { from, to, points } spaced evenly on the logarithm.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// Dose at which a response is read.
    #[serde(default)]
    pub dose: Option<QuantityText>,
    /// Times at which it is read.
    pub times: Vec<QuantityText>,
    /// Species or observable that is the response; "signalling_complexes" if left out.
    #[serde(default)]
    pub readout: Option<String>,
    /// "sobol" (parts of the variance, interactions included), "morris" (which numbers matter at all, with few
    /// simulations) or "local" (derivatives at the values of the study).
    pub method: String,
    /// Numbers of the model that vary, as `il2 check --full` prints them or as CELL.receptors.CHAIN, each with
    /// the ends of its range or "posterior"; with method "local", all if left out.
    #[serde(default)]
    pub parameters: IndexMap<String, VariedPart>,
    /// Rows of method "sobol", each of 2 simulated sets of numbers and one more for each number that varies,
    /// best a power of two; 256 if left out. Trajectories of method "morris"; 20 if left out.
    #[serde(default)]
    pub samples: Option<u32>,
    /// Fraction inside the intervals; 0.95 if left out.
    #[serde(default)]
    pub level: Option<Fraction>,
}

/// How a number varies.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum VariedPart {
    /// Evenly on its logarithm (a fraction: on its log-odds) between two ends.
    Ends([QuantityText; 2]),
    /// "posterior": by its published posterior or the spread of its counts.
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
