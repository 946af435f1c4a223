//! Comparison of published with simulated numbers.
//!
//! A folder contains `study.toml`, which is run like any study, and `published.toml`, whose rows
//! say what was published, where the simulated number is in the study's tables, how far it may
//! differ and why. Instead of a number, there may be a range or a bound; a number may summarise
//! several rows (`reduce`).

mod check;
mod interval;
mod outcome;
mod page;
mod place;
mod power;
mod run;
mod simulated;
#[cfg(test)]
mod tests;

pub use il2_answer::published::{
    Expectation, Is, Null, Order, Place, Published, Reduce, Row, Status, Tolerance,
};
pub use interval::Interval;
pub use outcome::{Checked, Outcome, Report};
pub use page::{origin, page, status};
pub use power::Power;
pub use run::run;
