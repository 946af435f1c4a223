//! Published models in SBML: courses of the requested ids, and the events during the run.

mod audit;
pub mod plan;
pub mod run;
mod show;

pub use audit::audit_json;
pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
