//! The form of answers: parts that all kinds of assay share.
//!
//! 1. [`answer`]: the tables, figures and sentences of one assay; [`across`]: results that several assays of a
//!    study report;
//! 2. [`labels`], [`caption`], [`sentence`]: names, captions of figures, and sentences;
//! 3. [`curves`], [`half_life`]: EC50s of curves, and half-lives;
//! 4. [`published`]: published numbers with which results are compared.

pub mod across;
pub mod answer;
pub mod caption;
pub mod curves;
pub mod half_life;
pub mod labels;
pub mod published;
pub mod sentence;

pub use answer::{AssayResult, Check};
