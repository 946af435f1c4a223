//! A folder shared by the shards of a run, which holds the results of several machines until they
//! are merged.
//!
//! Each shard has its own folder in it, `shard-3-of-7`, with its results ([`results`]) and a
//! manifest ([`manifest`]). The folder is written under another name and renamed when it is
//! complete. A shard that was killed leaves no such folder, and continues with its stored results
//! when it is run again. If results decide what is simulated next, there are further rounds,
//! `shard-3-of-7.round-2`. [`folder`] says which results are present, and rejects those that are
//! not a part of this run.

pub mod folder;
pub mod manifest;
pub mod results;

pub use folder::Shared;
pub use manifest::{Part, Run, ShardManifest};
pub use results::{Kept, Results};
