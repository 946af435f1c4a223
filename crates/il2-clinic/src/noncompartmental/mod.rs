//! Noncompartmental analysis of measured levels: highest level, area, half-life, clearance, volume.
//!
//! [`plan`](mod@plan) reads the table, [`profile`] finds the levels after a dose and computes the
//! numbers, the other modules show them.

mod figure;
pub mod plan;
pub mod profile;
mod show;

pub use plan::{Plan, plan};
pub use show::{Answer, run, show};
