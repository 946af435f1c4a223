//! Doses and their times.
//!
//! A [`record::Record`] is a line of an event table, with the same meaning as in NONMEM;
//! [`schedule`] expands records to events in time. A [`regimen`] describes doses in words and is
//! converted to records.

pub mod record;
pub mod regimen;
pub mod schedule;
