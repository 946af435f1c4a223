//! EC50 over a grid of two affinities, on one cell or compared between two.

mod plan;
mod run;
mod sentence;
mod show;

pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
