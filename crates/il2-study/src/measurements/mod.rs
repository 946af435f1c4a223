//! A table of measurements: the measurement of each row, in base units, or an error.

mod measured;
mod read;
mod reader;
mod row;
mod table;
mod units;

pub use read::{MOST_MEASURED, all_read, read};
pub use table::{Data, Row};
pub use units::value_unit;
