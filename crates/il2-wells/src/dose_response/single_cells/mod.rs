//! The cells of a population in a dose-response: their responses, and the fraction that is
//! positive.
//!
//! [`plan`] reads the request, [`run`] simulates every cell at every dose, [`show`] makes table and
//! figure, and [`sentence`] the answer in words.

pub mod plan;
pub mod run;
pub mod sentence;
pub mod show;
