//! One page to read: the question, what came out, every input with its source, checks and limits.
//!
//! The page stands alone: figures are inline, nothing is loaded, links lead to works only. The
//! markup is well-formed XML, too, so that any reader of XML can check it.

mod inputs;
mod page;
mod parts;
mod trust;

pub use page::page;
pub use parts::Listed;
