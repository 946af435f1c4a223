//! The compartment models again, with derivatives, for fits, which simulate them very many times.
//!
//! Between events, compartments alone are linear, so that the state changes by the exponential of a
//! small matrix (`step`). Saturable elimination, transit compartments and effects are nonlinear
//! (`model`, `field`), and are integrated (`integrate`). At an event the state jumps. Derivatives
//! are taken along directions, each of which gives the change of every number of the model. Tests
//! compare all results with networks that the engine integrates.

#[cfg(test)]
mod curved_tests;
mod dose;
mod field;
mod flows;
mod held;
mod integrate;
mod model;
mod number;
mod run;
mod state;
mod steady;
mod step;
#[cfg(test)]
mod tests;

pub use held::{Course, Doses, Held};
pub use integrate::ACCURACY;
pub use model::{Effect, Model, Needed};
pub use number::{NoCourse, Number};
pub use run::course;
