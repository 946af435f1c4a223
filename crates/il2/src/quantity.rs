//! Numbers with units, which are read from text, stored in base units, and printed in columns whose
//! names end with the unit.

mod digits;
mod parse;
mod preparation;
mod remedy;
mod text;
mod units;

pub use digits::{readable_concentration, readable_unit, three_digits};
pub use preparation::Preparation;
pub use remedy::{Like, example, thousands, unit_meant, what};
pub use text::{Quantity, QuantityError};
pub use units::{DAY, HOUR, MOLECULES_PER_PMOL, UNITS, Unit, base_unit, column_suffix};

#[cfg(test)]
mod tests;
