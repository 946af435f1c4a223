//! Doses and their times.
//!
//! A [`record::Record`] is a line of an event table, with its meaning in NONMEM; [`schedule`] expands records
//! into events in time. A [`regimen`] describes doses in words and becomes records.

pub mod record;
pub mod regimen;
pub mod schedule;
