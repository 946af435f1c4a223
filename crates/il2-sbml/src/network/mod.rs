//! A model as a network of the engine.
//!
//! [`lower`] turns formulas into expressions, [`modes`] describes quantities that jump at stops,
//! and [`build`] assembles states, parameters, reactions and events.

mod arithmetic;
pub mod build;
mod functions;
pub mod lower;
pub mod modes;

use il2_engine::{Expression, Network, ParameterId, SpeciesId};
use modes::{Condition, Mode};
use std::collections::BTreeMap;

/// A model as a network of the engine, together with the events and comparisons, which the engine
/// does not have.
#[derive(Clone, Debug)]
pub struct SbmlNetwork {
    /// States, parameters and reactions. All numbers are unchanged, in the units of the file.
    pub network: Network,
    /// What each id means.
    pub symbols: BTreeMap<String, Symbol>,
    /// The time at which a simulation segment begins; time in laws counts from it.
    pub start: ParameterId,
    /// Comparisons, in the order of their dependences.
    pub modes: Vec<Mode>,
    /// Events, in the order of the file.
    pub events: Vec<EventLaw>,
    /// Concentrations that a rate rule changes, each with the size of its compartment, because an
    /// event that changes the size keeps the amount.
    pub concentrations: Vec<(SpeciesId, Expression)>,
}

/// What an id means.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Its value in formulas.
    pub value: Expression,
    /// The place that an event sets; none if rules determine the id.
    pub place: Option<Place>,
    /// Amount and concentration, if the id is a species.
    pub species: Option<(Expression, Expression)>,
}

/// Where the value of an id is stored.
#[derive(Clone, Debug)]
pub enum Place {
    /// In the state, as the value of the id multiplied by this expression.
    State(SpeciesId, Expression),
    /// Among the parameters.
    Parameter(ParameterId),
}

/// An event.
#[derive(Clone, Debug)]
pub struct EventLaw {
    /// Its id.
    pub id: String,
    /// The event fires when this becomes true.
    pub trigger: Condition,
    /// The assumed value of the trigger before the start.
    pub initial: bool,
    /// Whether the event is executed even if the trigger has become false again.
    pub persistent: bool,
    /// Its delay.
    pub delay: Expression,
    /// Priority: the highest comes first; without priorities, the order of the file counts.
    pub priority: Option<Expression>,
    /// Whether its values are computed at the time of firing.
    pub values_from_trigger: bool,
    /// Its assignments: compartments first, because the amounts of species depend on their sizes.
    pub assignments: Vec<(String, Expression)>,
}
