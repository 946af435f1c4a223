//! Models that others wrote in SBML: courses of what a study asks for, and what happened on the way.

pub mod plan;
pub mod run;
mod show;

pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
