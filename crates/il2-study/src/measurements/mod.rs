//! A table of measurements: what each row measured, in base units, or why it cannot be read.

mod measured;
mod read;
mod reader;
mod row;
mod table;
mod units;

pub use read::{MOST_MEASURED, all_read, read};
pub use table::{Data, Row};
pub use units::value_unit;
