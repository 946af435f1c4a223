//! Numbers of measured levels without a model of them: highest level, area, half-life, clearance, volume.
//!
//! [`plan`](mod@plan) reads the table, [`profile`] finds the levels after a dose and what they say, the rest
//! shows it.

mod figure;
pub mod plan;
pub mod profile;
mod show;

pub use plan::{Plan, plan};
pub use show::{Answer, run, show};
