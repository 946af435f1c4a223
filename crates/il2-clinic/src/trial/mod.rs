//! Trials of patients with a tumour.
//!
//! [`plan`](mod@plan) builds the arms of a study with the `numbers` that it sets and the [`markers`]
//! of its patients, `people` finds patients who enter, `accrual` says when, `schedule` when they are scanned, [`allocation`] divides them among the arms as `randomisation` plans,
//! [`run`](mod@run) treats each `subject`, `compare` computes the statistics of each trial with `hazards`, `horizon` and `between_scans`,
//! [`looks`] those of interim looks, [`sample_size`] searches for the number of patients for a
//! power, and the other modules show them.

mod accrual;
pub mod allocation;
mod between_scans;
mod compare;
mod define;
mod figures;
mod hazards;
mod horizon;
pub mod looks;
pub mod markers;
mod numbers;
mod people;
pub mod plan;
mod quantities;
mod randomisation;
pub mod run;
pub mod sample_size;
mod schedule;
mod sentence;
mod show;
mod subject;
mod swimmer;
mod tables;

pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
