//! From files to a study: the only crate that knows TOML and CSV.
//!
//! 1. [`library`]: every number of biology, embedded, with its source;
//! 2. [`study`]: a study file is read, its parts are resolved against the library;
//! 3. [`csv_file`], [`headings`], [`event_table`], [`measurements`], [`regimen`]: tables of doses and of
//!    measurements, and regimens in words;
//! 4. [`choose`]: what an assay names of its study;
//! 5. [`magnitude`]: numbers that lie where no study does.

pub mod choose;
pub mod csv_file;
pub mod error;
pub mod event_table;
pub mod headings;
pub mod library;
pub mod magnitude;
pub mod measurements;
pub mod regimen;
pub mod study;

pub use error::StudyError;
pub use il2_engine::Threads;
pub use library::Library;
pub use study::Study;
