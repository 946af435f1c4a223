//! What a shard says of itself.

use serde::{Deserialize, Serialize};

/// What all shards of a run have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Program and version.
    pub program: String,
    /// SHA-256 of the study with all that it reads, and of the library: the file of the study in the folder.
    pub study_sha256: String,
    /// Number of shards.
    pub of: u32,
}

/// A shard, from 1, and its round, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// Which shard.
    pub shard: u32,
    /// Which round.
    pub round: u32,
}

/// The manifest of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardManifest {
    /// Of which run.
    #[serde(flatten)]
    pub run: Run,
    /// Which part of it.
    #[serde(flatten)]
    pub part: Part,
    /// What has another round, in which more is asked for; nothing after the last round.
    pub unsettled: Vec<String>,
    /// Number of results.
    pub results: u64,
    /// Its files.
    pub files: Vec<ShardFile>,
}

/// A file of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardFile {
    /// Its name.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl ShardManifest {
    /// As it is written.
    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("JSON of our own") + "\n"
    }
}

impl Part {
    /// The folder of a shard of `of`.
    pub fn folder(self, of: u32) -> String {
        let Part { shard, round } = self;
        match round {
            1 => format!("shard-{shard}-of-{of}"),
            round => format!("shard-{shard}-of-{of}.round-{round}"),
        }
    }
}
