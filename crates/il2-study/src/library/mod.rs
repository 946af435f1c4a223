//! The library: ligands, cells, models, posteriors and references, embedded at build.

mod entry;
mod files;
mod numbers;
mod patient;
mod read;

pub use entry::{Library, ModelEntry, Range};
pub use files::FILES;
