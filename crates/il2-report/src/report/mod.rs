//! The report page: question, results, inputs with their sources, checks and limits.
//!
//! The page is self-contained: figures are inline, nothing is loaded, and all links lead to
//! publications. The markup is also well-formed XML, so that any XML parser can check it.

pub mod document;
pub mod inputs;
mod page;
pub mod parts;
mod trial;
mod trust;

pub use page::page;
pub use parts::Listed;
pub use trust::tables_read;
