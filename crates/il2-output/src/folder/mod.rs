//! The folder of results, which one run at a time writes and which is exchanged as a whole.
//!
//! `names`: files in the folder and beside it; `lock`: one run at a time; `exchange`: replaces the
//! old folder with the new one; `taken`: a folder that only this run may change; `staged`: files of
//! a run before they are moved into the folder; `pieces`: long work that continues where it was
//! stopped.

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
