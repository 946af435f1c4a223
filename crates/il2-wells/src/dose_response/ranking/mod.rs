//! Ligands of a dose-response in order: by selectivity or potency, and how sure that order is.

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
