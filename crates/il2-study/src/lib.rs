//! From a study file to result tables: the only crate that knows TOML, CSV, Parquet and SVG.
//!
//! 1. [`library`]: every number of biology, embedded, with its source;
//! 2. [`study`]: a study file is read, its parts are resolved against the library;
//!    [`csv_file`], [`headings`] and [`event_table`] read tables of measurements and of doses;
//! 3. [`assay`]: each assay runs its lanes and gives tables; [`fit`] estimates numbers from
//!    measurements;
//! 4. [`inputs`]: every number behind a study, with its source; [`magnitude`]: those that lie where no
//!    study does; [`schedules`]: plans of doses that cannot be meant; [`misfits`]: where its models are
//!    known to be wrong;
//! 5. [`table`], [`figure`], [`report`] and [`output`]: tables, figures, a page to read, and the folder
//!    they are left in;
//! 6. [`validation`]: published numbers against simulated ones.

pub mod assay;
pub mod csv_file;
pub mod error;
pub mod event_table;
pub mod fit;
pub mod headings;
pub mod inputs;
pub mod library;
pub mod magnitude;
pub mod misfits;
pub mod output;
pub mod quantiles;
pub mod report;
pub mod schedules;
pub mod study;
pub mod validation;

pub use error::StudyError;
pub use il2_engine::Threads;
pub use library::Library;
pub use study::Study;
