//! Assays of cells in wells: each is planned, run and shown.
//!
//! 1. [`medium`], [`wells`]: contents of a well;
//! 2. [`dose_response`], [`time_course`]: one kind of cells exposed to a cytokine;
//! 3. [`culture`]: several kinds of cells that share a medium; [`activation`]: cells that antigen activates;
//! 4. [`receptor_sweep`], [`affinity_sweep`], with curves computed by [`swept`]: EC50s as functions
//!    of receptor counts and of affinities.

pub mod activation;
pub mod affinity_sweep;
pub mod culture;
pub mod dose_response;
pub mod medium;
pub mod receptor_sweep;
pub mod swept;
pub mod time_course;
pub mod wells;
