//! Dose-response: each ligand alone on each cell, EC50s, their intervals and their ratios.

mod ec50;
mod plan;
mod reading;
mod report;
mod run;

pub use plan::{Pair, Plan, plan};
pub use run::run;
