//! A pharmacokinetic model with variability between subjects, fitted to an event table.
//!
//! `build` assembles the [`plan`](mod@plan) from the table with the `delivery` of its doses and its
//! `covariates`, the model (`system`, `patient`), the measured quantities (`endpoints`), the
//! `parameters` as the study gives them, the `numbers` of each subject, and the `starts` of the
//! searches; `doubts` names what is doubtful in the table. `predict` computes the levels of a
//! subject, `curves` those of its figure, and `onset` names places where its most probable effects
//! may be. [`run`](mod@run) estimates the parameters, `estimates` reports them with intervals,
//! `profiles` follows the likelihood to both sides of each, `chains` samples the posterior, `check`
//! simulates the data again (the visual predictive check), `implausible` names subjects that the
//! model does not expect, and `dose` searches for a dose. The other modules show the results.

mod bins;
mod build;
mod chains;
mod check;
mod check_figure;
mod covariates;
mod curves;
mod delivery;
mod distribution;
mod dose;
pub(crate) mod doubts;
mod endpoints;
mod estimates;
mod figures;
mod implausible;
mod individuals;
pub mod listing;
mod numbers;
mod onset;
mod panels;
mod parameters;
mod patient;
pub mod plan;
mod predict;
mod profiles;
mod readout_unit;
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
