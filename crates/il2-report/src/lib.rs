//! Output of results: a folder, a report page, and a comparison with published numbers.
//!
//! 1. [`inputs`]: every number that a study uses, with its source;
//! 2. [`report`]: the report page;
//! 3. [`results`]: the folder that a run writes; [`program`]: name of the program;
//! 4. [`shards`]: a run that several machines share;
//! 5. [`entries`]: entries of the library by name; [`exports`]: networks as files of other
//!    programs;
//! 6. [`validation`]: comparison of published with simulated numbers.

pub mod entries;
pub mod exports;
mod fitted;
pub mod inputs;
pub mod program;
pub mod report;
pub mod results;
pub mod shards;
pub mod validation;
