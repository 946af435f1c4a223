//! The patient: distribution of a molecule and its effects.
//!
//! [`compartments`] holds the plain pharmacokinetic models that can be compared with other software, [`course`]
//! has them with derivatives, for fits. The patient proper: [`physiology`] has the known and assumed numbers, [`sensing`] the sensitivity of each
//! population to a molecule, [`network`] the equations (from `drug`, `vessels` and `lymphocytes`), [`cohort`]
//! patients who are treated, [`rules`] when doses are withheld, [`individual`] a patient under an individual
//! table of doses; [`happenings`] turns a table into events.

pub mod cohort;
pub mod compartments;
pub mod course;
mod draft;
mod drug;
#[cfg(test)]
mod formulas;
pub mod happenings;
pub mod individual;
mod lymphocytes;
pub mod network;
pub mod physiology;
pub mod rules;
pub mod sensing;
mod vessels;
