//! Wells of cells that encounter antigen, secrete interleukin-2 and share it, by a published model.

pub mod plan;
pub mod run;
mod show;

pub use plan::{Plan, Request, plan};
pub use run::{Answer, run};
pub use show::show;
