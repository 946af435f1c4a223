//! The number of patients that a trial needs for a power: `plan` reads what a study asks for, `run`
//! draws trials of many sizes from the simulated patients, `show` and `figure` tell what was found.

pub mod figure;
pub mod plan;
pub mod run;
pub mod show;
