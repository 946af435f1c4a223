//! Dose-response: each ligand alone on each cell, EC50s, their intervals and their ratios.

mod answer;
mod compare;
mod figures;
mod plan;
mod rank_by;
mod ranking;
mod run;
mod sentence;
mod show;
pub mod single_cells;
mod tables;
mod text;

pub use answer::{Answer, Band, Potency};
pub use plan::{Pair, Plan, plan};
pub use rank_by::RankBy;
pub use run::run;
pub use show::show;
