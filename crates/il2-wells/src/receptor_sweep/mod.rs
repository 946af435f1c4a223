//! EC50 as the number of one chain changes.

mod plan;
mod run;
mod sentence;
mod show;

pub use plan::{Pair, Plan, plan};
pub use run::{Answer, run};
pub use show::show;
