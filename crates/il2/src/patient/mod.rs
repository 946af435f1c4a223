//! The patient: distribution of a molecule and its effects.
//!
//! [`compartments`] contains the compartment models that can be compared with other software;
//! [`course`] contains the same models with derivatives, for fits. For the mechanistic patient,
//! [`physiology`] contains the known and assumed numbers, [`sensing`] the sensitivity of each
//! population to a molecule, [`network`] the equations (from `drug`, `vessels` and `lymphocytes`),
//! [`cohort`] patients under treatment, [`rules`] the rules for withholding doses, and
//! [`individual`] a patient with an individual dosing table; [`dose_events`] converts a table to
//! events.

pub mod cohort;
pub mod compartments;
pub mod course;
pub mod dose_events;
mod draft;
mod drug;
#[cfg(test)]
mod formulas;
pub mod individual;
mod lymphocytes;
pub mod network;
pub mod physiology;
pub mod rules;
pub mod sensing;
mod vessels;
