//! Reads files into a study; the only crate that reads studies and the library.
//!
//! 1. [`library`]: every number of biology, embedded, with its source;
//! 2. [`study`]: a study file is read, and its parts are resolved against the library;
//! 3. [`csv_file`], [`headings`], [`limits`], [`event_table`], [`measurements`], [`regimen`]: tables of doses and of
//!    measurements, and regimens in words;
//! 4. [`values`], [`ends`], [`whole`], [`chains`], [`choose`], [`formula`]: quantities, grids, whole numbers,
//!    names and formulas as a study writes them, and the parts of the study that an assay names;
//! 5. [`ranges`], [`magnitude`]: plausible ranges of numbers, and the numbers of a study outside
//!    them;
//! 6. [`renamed`]: old names of numbers and readouts, which are still accepted;
//! 7. [`typed`], `strict`: TOML is read into plain data; unknown keys, and lists in place of
//!    tables, are refused;
//! 8. [`hash`]: hashes that identify files.

pub mod chains;
pub mod choose;
pub mod csv_file;
mod encoding;
pub mod ends;
pub mod error;
pub mod event_table;
pub mod formula;
pub mod hash;
pub mod headings;
pub mod library;
pub mod limits;
pub mod magnitude;
pub mod measurements;
pub mod ranges;
pub mod regimen;
pub mod renamed;
mod strict;
pub mod study;
pub mod typed;
pub mod values;
pub mod whole;

pub use error::{ErrorKind, StudyError};
pub use il2_engine::Threads;
pub use library::Library;
pub use study::Study;
