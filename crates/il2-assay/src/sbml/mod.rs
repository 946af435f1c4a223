//! Published models in SBML: courses of the requested ids, and the events during the run.

pub mod plan;
pub mod run;
mod show;

pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
