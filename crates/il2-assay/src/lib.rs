//! All kinds of assays: planning, running and showing the assays of a study.
//!
//! 1. [`kinds`]: the kinds of assays, assays of wells, of patients and of this crate; [`plans()`]:
//!    plans and checks all assays of a study before anything runs;
//! 2. [`fit`]: numbers of a model from measurements; [`sensitivity`]: numbers on which a result
//!    depends; [`design`]: numbers of a molecule that meet objectives; [`sbml`]: published models
//!    in SBML;
//! 3. [`magnitude`], [`schedules`], [`misfits`]: warnings about an answer; [`evidence`]: published
//!    trials with which the program is compared;
//! 4. [`networks`]: networks to be exported as SBML, or as [`equations`] for mrgsolve, rxode2 and
//!    Julia; `shape`: figures as the study requests them;
//!    `parts`: assays that several machines can share.

pub mod design;
mod doubts;
pub mod equations;
pub mod evidence;
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
