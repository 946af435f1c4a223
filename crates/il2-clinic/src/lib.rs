//! Assays of patients: each is planned, run and shown.
//!
//! 1. [`patients`]: who is treated, with their [`readouts`]; `beyond`: those who leave the range of what was
//!    fitted or followed;
//! 2. [`event_table`]: doses and observations of named people; [`noncompartmental`]: their
//!    measured levels without a model; [`population_fit`]: a model
//!    with variability between them, fitted; [`regimen`]: arms of a schedule in a population;
//! 3. [`trial`]: arms of patients with a tumour; [`tumour_model`]: published models of a tumour.

mod beyond;
pub mod event_table;
pub mod noncompartmental;
pub mod patients;
pub mod population_fit;
pub mod readouts;
pub mod regimen;
pub mod trial;
pub mod tumour_model;
