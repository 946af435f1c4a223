//! Fitting: numbers of a model estimated from tables of measurements, with their uncertainty.
//!
//! 1. [`mod@plan`]: a planned fit; [`build`] assembles it from unknowns with their priors and rows
//!    with their simulations;
//! 2. `network`: the networks behind a table, with what is fitted in them; `observe`: what is read
//!    from the simulations;
//! 3. [`mod@run`]: starts, profiles and chains; [`outcome`]: their results;
//! 4. `estimate`: prior and posterior of each unknown; `doubts`: warnings about the result; `report`,
//!    `tables`, `figures`, `parameter_figures`: how it is shown.
//!
//! Everything is estimated on a logarithmic scale: numbers of biology are positive and their errors are
//! factors. The density, its searches and its chains are those of `il2_inference`.

pub mod build;
mod doubts;
mod estimate;
mod figures;
mod lines;
mod network;
mod observe;
pub mod outcome;
mod parameter_figures;
pub mod plan;
mod report;
pub mod run;
mod sentence;
mod show;
mod tables;

pub use build::plan;
pub use plan::Plan;
pub use show::{Answer, run, show};
