//! Fitting: numbers of a model estimated from tables of measurements, with what remains uncertain.
//!
//! 1. [`plan`]: a fit put together; [`build`] does it: unknowns with their priors, rows with the lanes
//!    behind them;
//! 2. `network`: the networks behind a table, with what is fitted in them; `observe`: what is read off;
//! 3. [`run`]: starts, profiles and chains; [`outcome`]: what comes of them;
//! 4. `estimate`: what is known of each unknown; `doubts`: what is odd about the answer; `report`, `tables`,
//!    `figures`: how it is shown.
//!
//! Everything is estimated on the logarithm: numbers of biology are positive and their errors are
//! factors. The density, its searches and its chains are those of `il2_inference`.

pub mod build;
mod doubts;
mod estimate;
mod figures;
mod network;
mod observe;
pub mod outcome;
pub mod plan;
mod report;
pub mod run;
mod sentence;
mod tables;
