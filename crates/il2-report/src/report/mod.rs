//! The report page: question, results, inputs with their sources, checks and limits.
//!
//! The page is self-contained: figures are inline, nothing is loaded, and all links lead to
//! publications. The markup is also well-formed XML, so that any XML parser can check it.

mod inputs;
mod page;
mod parts;
mod trust;

pub use page::page;
pub use parts::Listed;
pub use trust::tables_read;
