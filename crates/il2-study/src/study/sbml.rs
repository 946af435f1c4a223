//! A model in SBML, as a study names it. Its numbers have the units of its file, which a study cannot know.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A model that others wrote in SBML, levels 2 and 3. Times and values are plain numbers in the units of the model.
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
    /// What is added on the way.
    #[serde(default)]
    pub doses: Vec<SbmlDosePart>,
}

/// Something that is added to what an id stands for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SbmlDosePart {
    /// When, in the time of the model.
    pub time: f64,
    /// To what, by id.
    pub to: String,
    /// How much, in the unit that the id has in formulas: of a species usually a concentration.
    pub amount: f64,
}
