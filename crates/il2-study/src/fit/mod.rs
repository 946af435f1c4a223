//! Fitting: numbers of a model estimated from tables of measurements, with what remains uncertain.
//!
//! 1. [`data`]: a table of measurements, row by row, in base units;
//! 2. [`experiment`]: the lanes behind a table, and what the model gives for each row with its slopes;
//! 3. [`posterior`]: priors, factors, scatter, and the density of all unknowns together;
//! 4. [`search`]: the highest density from a start, and the likelihood along one parameter;
//! 5. [`sample`]: draws of the posterior, and whether the chains agree;
//! 6. [`kept`]: finished pieces in a file, so that a fit goes on where it was stopped;
//! 7. [`run`]: starts, profiles and chains, and what comes of them.
//!
//! Everything is estimated on the logarithm: numbers of biology are positive and their errors are
//! factors. The plan of a fit is made in [`mod@plan`], its tables and figures in `report`.

pub mod data;
pub mod experiment;
mod figures;
pub mod kept;
pub mod plan;
pub mod posterior;
mod report;
pub mod run;
pub mod sample;
pub mod search;

pub use plan::{Plan, plan};
pub use report::quantile;
