//! The patient: where a molecule goes and what it does there.
//!
//! [`compartments`] holds the plain pharmacokinetic models that anyone can hold against other
//! software.

pub mod compartments;
