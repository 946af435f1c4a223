//! Fitting: numbers of a model estimated from tables of measurements, with what remains uncertain.
//!
//! 1. [`data`]: a table of measurements, row by row, in base units;
//! 2. `network`: the networks behind a table, with what is fitted in them;
//! 3. [`experiment`]: the lanes behind a table, and what the model gives for each row with its slopes;
//! 4. [`reading`]: a row of that, or a summary of a course or a curve;
//! 5. [`bound`]: values that are only limits of what was there;
//! 6. [`posterior`]: priors, factors, scatter, and the density of all unknowns together;
//! 7. [`search`]: the highest density from a start, and the likelihood along one parameter;
//! 8. [`sample`]: draws of the posterior, and whether the chains agree;
//! 10. [`run`]: starts, profiles and chains, and what comes of them;
//! 11. `doubts`: what is odd about the answer.
//!
//! Everything is estimated on the logarithm: numbers of biology are positive and their errors are
//! factors. The plan of a fit is made in [`mod@plan`] and `observe`, its tables and figures in `report`.

pub mod bound;
pub mod data;
mod doubts;
pub mod experiment;
mod figures;
mod network;
mod observe;
pub mod plan;
pub mod posterior;
pub mod reading;
mod report;
pub mod run;
pub mod sample;
pub mod search;
mod tables;

pub use plan::{Plan, plan};
