//! The patient: where a molecule goes and what it does there.
//!
//! [`compartments`] holds the plain pharmacokinetic models that anyone can hold against other
//! software. The patient proper: [`physiology`] is what is known or assumed, [`sensing`] how sensitive
//! each population is to a molecule, [`network`] the equations, [`cohort`] patients who are treated,
//! [`population`] which of them stand for those of a trial.

pub mod cohort;
pub mod compartments;
pub mod network;
pub mod physiology;
pub mod population;
pub mod sensing;
