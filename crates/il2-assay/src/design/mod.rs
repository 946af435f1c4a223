//! Searches for numbers of a molecule that meet the objectives: the Pareto front of designs, which
//! no other design beats in every objective.
//!
//! [`plan`](fn@plan) plans a search, `objective` describes what is wanted, `molecule` the molecules
//! and how they are varied; `evaluate` simulates candidates together, and [`run`](fn@run) searches
//! and then examines the front more closely.

mod build;
mod choices;
mod evaluate;
mod figures;
mod molecule;
mod objective;
mod plan;
mod run;
mod sentence;
mod show;
mod simulate;
mod tables;
mod wanted;

pub use build::plan;
pub use molecule::Given;
pub use objective::{Goal, Objective, Of};
pub use plan::{Candidate, Dose, Plan};
pub use run::{Answer, Evaluated, run};
pub use show::show;
