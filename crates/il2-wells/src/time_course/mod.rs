//! Time course and washout: every species and observable by name at the requested times.

mod answer;
mod plan;
mod run;
mod sentence;
mod show;

pub use plan::{Condition, Plan, Request, after_wash, plan};
pub use run::{Answer, run};
pub use show::show;
