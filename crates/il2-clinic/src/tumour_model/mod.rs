//! Published models of a tumour and the cells that meet it: courses, and the states in which they rest.

pub mod plan;
pub mod run;
mod show;

pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
