//! A model as a network of the engine.
//!
//! [`lower`] turns formulas into expressions, [`modes`] holds what jumps between stops, and [`build`] puts states,
//! parameters, reactions and events together.

pub mod build;
mod functions;
pub mod lower;
pub mod modes;

use il2_engine::{Expression, Network, ParameterId, SpeciesId};
use modes::{Condition, Mode};
use std::collections::BTreeMap;

/// A model as a network of the engine, with what the engine does not know: events and comparisons.
#[derive(Clone, Debug)]
pub struct SbmlNetwork {
    /// States, parameters and reactions. All numbers are in the units of the file, as the file has them.
    pub network: Network,
    /// What each id means.
    pub symbols: BTreeMap<String, Symbol>,
    /// The time at which a lane begins: time in laws counts from there.
    pub start: ParameterId,
    /// Comparisons, in the order in which they read each other.
    pub modes: Vec<Mode>,
    /// Events, in the order of the file.
    pub events: Vec<EventLaw>,
    /// Concentrations that a rule moves, each with the size of its compartment: an event that changes the size
    /// keeps the amount.
    pub concentrations: Vec<(SpeciesId, Expression)>,
}

/// What an id means.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Its value in formulas.
    pub value: Expression,
    /// What events set when they set it; nothing where rules give it.
    pub place: Option<Place>,
    /// Of a species: its amount and its concentration.
    pub species: Option<(Expression, Expression)>,
}

/// Where the number behind an id stands.
#[derive(Clone, Debug)]
pub enum Place {
    /// In the state; the number there is that of the id times this.
    State(SpeciesId, Expression),
    /// Among the parameters.
    Parameter(ParameterId),
}

/// An event.
#[derive(Clone, Debug)]
pub struct EventLaw {
    /// Its id.
    pub id: String,
    /// It fires when this becomes true.
    pub trigger: Condition,
    /// The assumed value of the trigger before the start.
    pub initial: bool,
    /// Whether it takes place even if the trigger is false again by then.
    pub persistent: bool,
    /// Its delay.
    pub delay: Expression,
    /// The highest comes first; without one, in the order of the file.
    pub priority: Option<Expression>,
    /// Whether its values are computed at the time when it fired.
    pub values_from_trigger: bool,
    /// What it sets: compartments first, as the amounts of others depend on their sizes.
    pub assignments: Vec<(String, Expression)>,
}
