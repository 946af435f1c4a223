//! Ranking of the ligands of a dose-response by selectivity or potency, and its uncertainty.

mod figure;
mod rank;
mod sentence;
mod table;
mod text;

pub use figure::figure;
pub use rank::rank;
pub use sentence::sentences;
pub use table::table;
pub use text::text;
