//! All kinds of assays together: a study's questions are planned, run and shown.
//!
//! 1. [`kinds`]: the kinds of assays, those of wells, of patients and of this crate; [`plans()`]: all assays of a
//!    study put together and checked, once, before anything runs;
//! 2. [`fit`]: numbers of a model from measurements; [`sensitivity`]: numbers on which a result depends;
//!    [`design`]: numbers of a molecule that give what is wanted of it; [`sbml`]: models that others wrote;
//! 3. [`magnitude`], [`schedules`], [`misfits`]: warnings about an answer;
//! 4. [`networks`]: what leaves as SBML; `shape`: figures as the study wants them; `parts`: what several machines
//!    can share.

pub mod design;
mod doubts;
mod files;
pub mod fit;
pub mod kinds;
pub mod magnitude;
pub mod misfits;
pub mod networks;
mod parts;
pub mod plans;
pub mod sbml;
pub mod schedules;
mod scope;
pub mod sensitivity;
mod shape;
mod vary;

pub use kinds::{Answer, Plan};
pub use plans::{Plans, parse, plans};
