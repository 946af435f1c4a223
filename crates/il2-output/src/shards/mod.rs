//! A folder that the shards of a run share: results that several machines work out, until they are merged.
//!
//! Each shard has a folder of its own in it, `shard-3-of-7`, with its results ([`results`]) and a manifest
//! ([`manifest`]). It is made under another name and renamed when it is whole: a shard that was killed has left
//! none, and goes on with the results that it had when it is run again. Where results decide what is simulated next there are further rounds, `shard-3-of-7.round-2`. [`folder`]
//! says what is there, and refuses what is not a part of this run.

pub mod folder;
pub mod manifest;
pub mod results;

pub use folder::Shared;
pub use manifest::{Part, Run, ShardManifest};
pub use results::{Kept, Results};
