//! Trials of patients with a tumour.
//!
//! [`plan`] makes arms of a study, [`people`] finds patients who enter, [`run`] treats them, [`compare`] has the
//! statistics of each trial, and the rest shows them.

mod compare;
mod figures;
mod people;
pub mod plan;
pub mod run;
mod sentence;
mod show;
mod tables;

pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
