//! The patient: where a molecule goes and what it does there.
//!
//! [`compartments`] holds the plain pharmacokinetic models that anyone can hold against other
//! software. The patient proper: [`physiology`] is what is known or assumed, [`sensing`] how sensitive
//! each population is to a molecule, [`network`] the equations (from `drug`, `vessels` and
//! `lymphocytes`), [`cohort`] patients who are treated, [`rules`] when doses are withheld,
//! [`individual`] a patient under a table of doses of his own;
//! [`happenings`] turns what a table says into events.

pub mod cohort;
pub mod compartments;
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
