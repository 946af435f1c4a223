//! Assays of patients: each is planned, run and shown.
//!
//! 1. [`patients`]: who is treated, with their [`readouts`]; `beyond`: patients outside the range
//!    in which the model was fitted or patients were followed;
//! 2. [`event_table`]: doses and observations of individual subjects; [`noncompartmental`]:
//!    analysis of measured levels without a model; [`population_fit`]: fit of a model with
//!    variability between subjects; [`regimen`]: dosing regimens, each an arm of patients;
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
