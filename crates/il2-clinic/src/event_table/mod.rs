//! A model dosed by an event table, record by record: a `plain` pharmacokinetic model, or a `patient`.

mod answer;
mod balance;
mod build;
mod course;
mod exposure;
mod extremes;
pub mod listing;
mod measured;
mod model;
mod patient;
mod plain;
mod plan;
mod run;
mod sentence;
mod show;
pub(crate) mod units;

pub use answer::Answer;
pub use balance::{balance, balance_text};
pub(crate) use build::patients_of;
pub use build::plan;
pub(crate) use course::with_turns;
pub use model::{Model, Patient, Plain};
pub use plan::Plan;
pub use run::{run, show};
pub use show::{evid, warnings};
