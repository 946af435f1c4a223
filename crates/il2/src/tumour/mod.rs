//! The tumour: lesions in addition to a patient's states, their treatment, and the reading of
//! scans.
//!
//! [`disease`] contains the numbers of a kind of tumour and of treatments given with interleukin-2
//! or instead of it, [`lesions`] the equations, [`host`] the patients who have the disease,
//! [`marker`] what a laboratory measures in them before treatment, [`response`] the criteria that convert sizes to a response, and [`course`] the simulation of one
//! patient from the first scan to the end of follow-up. [`classic`] contains published models of a
//! tumour as printed, which share nothing with the other modules.

pub mod classic;
pub mod course;
pub mod disease;
pub mod host;
pub mod lesions;
pub mod marker;
pub mod response;
