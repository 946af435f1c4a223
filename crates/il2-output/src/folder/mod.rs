//! The folder of results: one run at a time, exchanged as a whole.
//!
//! `names`: files in it and beside it; `lock`: one run at a time; `exchange`: the new folder for the old one;
//! `taken`: a folder that only this run may change; `staged`: files of a run before they are moved into it;
//! `pieces`: long work that continues where it was stopped.

mod error;
mod exchange;
mod lock;
mod names;
mod pieces;
mod staged;
mod taken;

pub use error::FolderError;
pub(crate) use lock::Lock;
pub(crate) use names::point;
pub use names::{HAS_KILL_POINTS, MANIFEST};
pub(crate) use names::{beside, hex, remove, sync};
pub use pieces::Pieces;
pub use staged::{Staged, Written};
pub use taken::{Folder, Unfinished};
