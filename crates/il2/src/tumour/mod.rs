//! The tumour: lesions in addition to a patient's states, their treatment, and how scans are read.
//!
//! [`disease`] has the numbers of a kind of tumour and of treatments given with or instead of interleukin-2;
//! [`lesions`] the equations; [`host`] people who have the disease; [`response`] the criteria by which sizes
//! become a response; [`course`] the simulation of one of them from the first scan to the end of follow-up.
//! [`classic`] has published models of a tumour as printed; they share nothing with the rest.

pub mod classic;
pub mod course;
pub mod disease;
pub mod host;
pub mod lesions;
pub mod response;
