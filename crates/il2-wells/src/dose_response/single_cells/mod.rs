//! The cells of a population in a dose-response: what their responses are, and how many of them are positive.
//!
//! [`plan`] reads what is asked, [`run`] simulates every cell at every dose; [`show`] has table and figure,
//! [`sentence`] the answer in words.

pub mod plan;
pub mod run;
pub mod sentence;
pub mod show;
