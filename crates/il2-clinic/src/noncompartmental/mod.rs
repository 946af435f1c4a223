//! Noncompartmental analysis of measured levels: highest level, area, half-life, clearance, volume.
//!
//! [`plan`](mod@plan) reads the table, [`doses`] and [`profile`] find the levels after each dose,
//! [`standing`] what earlier doses left, [`numbers`] computes the numbers, the other modules show
//! them.

pub mod doses;
mod figure;
pub mod numbers;
pub mod plan;
pub mod profile;
mod sentences;
mod show;
pub mod standing;
mod table;

pub use plan::{Plan, plan};
pub use show::{Answer, run, show};
