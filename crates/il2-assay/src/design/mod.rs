//! Searches for numbers of a molecule that meet the objectives: the front of designs that no other design
//! beats in every objective.
//!
//! [`plan`](fn@plan) puts a search together, `objective` has what is wanted, `molecule` the molecules and how they
//! are varied; `evaluate` simulates candidates side by side, and [`run`](fn@run) searches, then looks closer at the front.

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
