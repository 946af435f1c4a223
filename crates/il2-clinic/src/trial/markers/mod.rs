//! Markers of patients: which patients they describe, how results differ between positive and
//! negative patients, and how often a marker that looks decisive holds in another sample.

pub mod compare;
pub mod figure;
pub mod plan;
pub mod replication;
pub mod show;
