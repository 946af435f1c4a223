//! Published models of a tumour and the immune cells that attack it: courses and steady states.

pub mod plan;
pub mod run;
mod sentence;
mod show;

pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
