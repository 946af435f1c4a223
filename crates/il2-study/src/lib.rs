//! From files to a study: the only crate that knows TOML and CSV.
//!
//! 1. [`library`]: every number of biology, embedded, with its source;
//! 2. [`study`]: a study file is read, its parts are resolved against the library;
//! 3. [`csv_file`], [`headings`], [`limits`], [`event_table`], [`measurements`], [`regimen`]: tables of doses and of
//!    measurements, and regimens in words;
//! 4. [`values`], [`whole`], [`chains`], [`choose`], [`formula`]: quantities, grids, whole numbers, names
//!    and formulas as a study writes them, and what an assay names of its study;
//! 5. [`ranges`], [`magnitude`]: where numbers make sense, and those of a study that lie elsewhere;
//! 6. [`renamed`]: old names of numbers and readouts, which keep working;
//! 7. [`typed`], `strict`: TOML to plain data, unknown keys and lists in place of tables refused;
//! 8. [`hash`]: hashes that identify files.

pub mod chains;
pub mod choose;
pub mod csv_file;
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
