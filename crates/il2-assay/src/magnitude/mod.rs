//! What is to be said of the magnitudes behind an assay that was put together, and of a fit's answer.

pub mod fitted;
mod usual;
mod warnings;

pub use warnings::warnings;
