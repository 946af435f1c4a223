//! Output of results: a folder, a report page, and a comparison with published numbers.
//!
//! 1. [`inputs`]: every number behind a study, with its source;
//! 2. [`report`]: a page to read;
//! 3. [`results`]: the folder of a run, made by [`program`];
//! 4. [`shards`]: a run that several machines share;
//! 5. [`validation`]: published numbers against simulated ones.

mod fitted;
pub mod inputs;
pub mod program;
pub mod report;
pub mod results;
pub mod shards;
pub mod validation;
