//! How answers are given: the parts that all kinds of assay share.
//!
//! 1. [`answer`]: the tables, figures and sentences of one assay; [`across`]: results that several assays of a
//!    study report;
//! 2. [`labels`], [`caption`], [`sentence`]: names of things, headings of figures, sentences that answer;
//! 3. [`curves`], [`half_life`]: lines with their bands, and how fast they fall;
//! 4. [`published`]: numbers that a study expects, beside those that come out.

pub mod across;
pub mod answer;
pub mod caption;
pub mod curves;
pub mod half_life;
pub mod labels;
pub mod published;
pub mod sentence;

pub use answer::{AssayResult, Check};
