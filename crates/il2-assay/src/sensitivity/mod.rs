//! On which numbers a result depends most: from derivatives at the values of the study, or over
//! whole ranges.

mod figures;
mod local;
mod plan;
mod run;
mod sentence;
mod show;
mod tables;

pub use crate::vary::{OnCell, Varied};
pub use plan::{Method, Output, Plan, plan};
pub use run::{Answer, Sensitivities, run};
pub use show::show;
