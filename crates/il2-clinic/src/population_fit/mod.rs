//! A pharmacokinetic model with variability between subjects, fitted to an event table.
//!
//! [`plan`](mod@plan) is put together by `build` from the table with the `delivery` of its doses and its
//! `covariates`, the model (`system`, `patient`), what is measured (`endpoints`), `parameters` as the study gives
//! them and `numbers` (who has which clearance); `starts` are tried. `predict` gives the levels of a subject;
//! [`run`](mod@run) estimates, `estimates` has what came out with its intervals, `chains` draws the posterior,
//! `check` simulates the data again (the visual predictive check), `dose` looks for a dose; the rest shows it.

mod build;
mod chains;
mod check;
mod covariates;
mod delivery;
mod dose;
mod endpoints;
mod estimates;
mod figures;
pub mod listing;
mod numbers;
mod parameters;
mod patient;
pub mod plan;
mod predict;
pub mod run;
mod sentence;
mod show;
mod starts;
mod system;
mod tables;

pub use build::plan;
pub use plan::Plan;
pub use run::{Answer, run};
pub use show::show;
