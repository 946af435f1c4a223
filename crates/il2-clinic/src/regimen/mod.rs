//! Patients under regimens: each regimen is an arm, with the same patients.

mod answer;
pub mod arm;
mod choice;
mod courses;
pub mod doses;
mod excursion;
mod given;
mod looks;
mod own;
mod people;
mod plan;
mod population;
mod report;
mod request;
mod run;
pub mod search;
mod sentence;
mod show;
mod treat;

pub use il2_study::regimen::MOST_FOLLOWING;
pub use il2_study::whole::{MOST_DOSES, MOST_PATIENTS};
pub use plan::{Plan, plan};
pub use run::{Answer, run};
pub use show::show;
