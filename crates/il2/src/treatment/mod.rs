//! What is given, and when.
//!
//! A [`record::Record`] is a line of an event table, with the meaning that NONMEM gives it;
//! [`schedule`] works out what happens at which time. A [`regimen`] is how people speak of doses,
//! and becomes records.

pub mod record;
pub mod regimen;
pub mod schedule;
