//! Fitting: numbers of a model estimated from tables of measurements, with what remains uncertain.
//!
//! 1. [`plan`]: unknowns with their priors, rows with the lanes behind them;
//! 2. `network`: the networks behind a table, with what is fitted in them; `observe`: what is read off;
//! 3. [`run`]: starts, profiles and chains, and what comes of them;
//! 4. `doubts`: what is odd about the answer; `report`, `tables`, `figures`: how it is shown.
//!
//! Everything is estimated on the logarithm: numbers of biology are positive and their errors are
//! factors. The density, its searches and its chains are those of `il2_inference`.

mod doubts;
mod figures;
mod network;
mod observe;
pub mod plan;
mod report;
pub mod run;
mod tables;
