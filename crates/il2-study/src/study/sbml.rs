//! A model in SBML, as a study names it. Its numbers are in the units of its file, which a study cannot know.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A published model in SBML, level 2 or 3. Times and values are plain numbers in the units of the model.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SbmlPart {
    /// Path of the model's file from this one, for example "model.xml".
    pub model: String,
    /// When it ends, in the time of the model, for example 7200.
    pub end: f64,
    /// Outputs from 0 to the end, evenly; 101 if left out.
    #[serde(default)]
    pub points: Option<u32>,
    /// Ids of species, parameters, compartments or reactions to show; all species and all that rules give if left out.
    #[serde(default)]
    pub show: Option<Vec<String>>,
    /// Start values by id in place of the model's; a parameter of one reaction alone is "reaction.parameter".
    #[serde(default)]
    pub set: IndexMap<String, f64>,
    /// Doses during the run.
    #[serde(default)]
    pub doses: Vec<SbmlDosePart>,
}

/// A dose: an amount that is added to the quantity of an id.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SbmlDosePart {
    /// When, in the time of the model.
    pub time: f64,
    /// The id to whose quantity it is added.
    pub to: String,
    /// How much, in the unit that the id has in formulas: of a species usually a concentration.
    pub amount: f64,
}
