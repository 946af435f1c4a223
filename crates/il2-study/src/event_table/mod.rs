//! Event tables: CSV files with NONMEM's columns, read into records or refused with file, row, column
//! and remedy.

mod columns;
mod find;
mod meaning;
mod places;
mod read;
mod row;
mod table;
mod words;

pub use meaning::{Factors, LEFT_TO_THE_TABLE, TableMeaning};
pub use read::{MOST_OF_ONE, MOST_OF_ONE_PATIENT, MOST_RECORDS, read};
pub use table::{EventTable, Subject, falls_back};
pub use words::{absorbed, compartments_told, place_named};
