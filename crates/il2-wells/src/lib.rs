//! Assays of cells in wells: each is planned, run and shown.
//!
//! 1. [`medium`], [`wells`]: what a well holds;
//! 2. [`dose_response`], [`time_course`]: one kind of cells in the cytokine that it is given;
//! 3. [`culture`]: several kinds of cells that share a medium; [`activation`]: cells that antigen activates;
//! 4. [`receptor_sweep`], [`affinity_sweep`], whose curves are those of [`swept`]: EC50s over counts of receptors and
//!    over affinities.

pub mod activation;
pub mod affinity_sweep;
pub mod culture;
pub mod dose_response;
pub mod medium;
pub mod receptor_sweep;
pub mod swept;
pub mod time_course;
pub mod wells;
