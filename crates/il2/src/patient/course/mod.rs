//! The plain pharmacokinetic models once more, with derivatives, for fits, which run them very many times.
//!
//! Between events compartments alone are linear, so that the state moves by the exponential of a small matrix
//! (`step`). Elimination that saturates, doses on their way through transit compartments and an effect are not
//! (`model`, `field`), and are integrated (`integrate`). At an event the state jumps. Derivatives are taken along
//! directions: each says how fast every number of the model changes along it. Tests compare all of it with
//! networks that the engine integrates.

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
