//! The library: ligands, cells, models, posteriors and references, embedded at build time.

mod entry;
mod files;
mod names;
mod numbers;
mod patient;
mod read;
#[cfg(test)]
mod tests;
mod written;

pub use entry::{BehaviourEntry, Library, ModelEntry, PublishedModelEntry, Range, Tumours};
pub use files::FILES;
