//! A question is planned, run and shown.
//!
//! 1. [`kinds`]: the kinds of assays, each in a folder of its own; [`plans()`]: all assays of a study put
//!    together and checked, once, before anything runs;
//! 2. [`dose_response`], [`time_course`], [`culture`], [`activation`], [`receptor_sweep`], [`affinity_sweep`]: cells in wells;
//! 3. [`event_table`], [`regimen`], over [`patients`] and their [`readouts`]: doses in patients; [`trial`]: arms of
//!    patients with a tumour;
//! 4. [`fit`]: numbers of a model from measurements; [`sensitivity`]: numbers on which a result depends;
//!    [`design`]: numbers of a molecule that give what is wanted of it;
//! 5. [`magnitude`], [`schedules`], [`misfits`] (against [`published`] numbers): warnings about an answer;
//!    `beyond`: patients who leave the range of what was fitted or followed;
//! 6. [`across`]: what several assays of a study tell of the same thing; `shape`: figures as the study wants them.

pub mod across;
pub mod activation;
pub mod affinity_sweep;
pub mod answer;
mod beyond;
mod caption;
pub mod culture;
mod curves;
pub mod design;
pub mod dose_response;
mod doubts;
pub mod event_table;
mod files;
pub mod fit;
mod half_life;
pub mod kinds;
pub mod labels;
pub mod magnitude;
pub mod medium;
pub mod misfits;
pub mod patients;
pub mod plans;
pub mod published;
pub mod readouts;
pub mod receptor_sweep;
pub mod regimen;
pub mod schedules;
mod scope;
pub mod sensitivity;
pub mod sentence;
mod shape;
mod swept;
pub mod time_course;
pub mod trial;
pub mod tumour_model;
mod vary;
mod wells;

pub use answer::{AssayResult, Check};
pub use kinds::{Answer, Plan};
pub use plans::{Plans, parse, plans};
