//! Warnings about implausible numbers of a planned assay and of the result of a fit.

pub mod fitted;
mod usual;
mod warnings;

pub use warnings::warnings;
