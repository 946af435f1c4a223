//! Tables, figures and the folder of results. This crate contains no biology: names, numbers and text come
//! from elsewhere.
//!
//! 1. [`column`](mod@column), [`table`] and [`parquet`]: tidy tables as CSV and Parquet, with rows
//!    on disk if there are many;
//! 2. [`figure`]: SVG, PNG and plots for a terminal;
//! 3. [`folder`]: a run's files, written completely or not at all;
//! 4. [`shards`]: results of one run computed by several machines.

pub mod column;
pub mod figure;
pub mod folder;
pub mod parquet;
pub mod shards;
mod spill;
pub mod table;
