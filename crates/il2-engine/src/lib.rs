//! Reaction networks as data, and the numbers they give.
//!
//! This crate knows no biology: species, parameters, reactions and observables are names with
//! dimensions. It reads from the data to the answer:
//!
//! 1. [`dimension`]: what a number measures;
//! 2. [`expression`]: rate laws with exact derivatives;
//! 3. [`network`]: species, parameters, reactions, observables, checked when they are put together;
//! 4. [`conservation`]: the totals that no reaction changes;
//! 5. [`lane`]: one copy of a network with its own parameters, events and output times, and
//!    [`course`]: such a copy on its way;
//! 6. [`program`]: a network flattened into lists of operations, and [`native`]: their machine code;
//! 7. [`rodas5p`]: the method, and [`ensemble`]: many lanes of a program at once;
//! 8. [`reference`](mod@reference): a slow, obvious integrator that everything faster is held to.

pub mod conservation;
pub mod course;
pub mod dimension;
pub mod ensemble;
pub mod expression;
pub mod lane;
pub mod native;
pub mod network;
pub mod program;
pub mod reference;
pub mod rodas5p;

pub use dimension::Dimension;
pub use ensemble::Ensemble;
pub use expression::Expression;
pub use lane::{Change, Event, Lane, LaneFailure, Tolerance, Trajectory};
pub use network::{Network, NetworkError, ObservableId, ParameterId, SpeciesId};
pub use program::{Backend, Program};
