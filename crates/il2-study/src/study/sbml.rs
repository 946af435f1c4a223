//! A model in SBML, as named in a study. The values of the model are in the units of its file,
//! which are unknown to the study.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A published model in SBML level 2 or 3. Times and values are plain numbers in the units of the
/// model.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SbmlPart {
    /// Path of the model file relative to the study, for example "model.xml".
    pub model: String,
    /// End time in the time unit of the model, for example 7200.
    pub end: f64,
    /// Number of evenly spaced outputs from 0 to the end (default: 101).
    #[serde(default)]
    pub points: Option<u32>,
    /// Ids of species, parameters, compartments or reactions to show (default: all species and all
    /// variables set by rules).
    #[serde(default)]
    pub show: Option<Vec<String>>,
    /// Initial values by id, in place of those of the model; a local parameter of a reaction is
    /// written "reaction.parameter".
    #[serde(default)]
    pub set: IndexMap<String, f64>,
    /// Doses given during the run.
    #[serde(default)]
    pub doses: Vec<SbmlDosePart>,
}

/// A dose: an amount added to the quantity with a given id.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SbmlDosePart {
    /// Time of the dose in the time unit of the model.
    pub time: f64,
    /// Id of the quantity to which the dose is added.
    pub to: String,
    /// Amount of the dose, in the unit that the id has in formulas; for a species, this is usually
    /// a concentration.
    pub amount: f64,
}
