//! The report page: question, results, every input with its source, checks and limits.
//!
//! The page is self-contained: figures are inline, nothing is loaded, links lead only to publications. The
//! markup is also well-formed XML, so that any XML parser can check it.

mod inputs;
mod page;
mod parts;
mod trust;

pub use page::page;
pub use parts::Listed;
pub use trust::tables_read;
