//! The description of a shard in its folder.

use serde::{Deserialize, Serialize};

/// Properties that all shards of a run have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Program and version.
    pub program: String,
    /// SHA-256 of the study with everything that it reads, and of the library, which is the study
    /// file in the folder.
    pub study_sha256: String,
    /// Number of shards.
    pub of: u32,
}

/// A shard, from 1, and its round, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// Number of the shard.
    pub shard: u32,
    /// Number of the round.
    pub round: u32,
}

/// The manifest of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardManifest {
    /// The run to which it belongs.
    #[serde(flatten)]
    pub run: Run,
    /// Shard and round.
    #[serde(flatten)]
    pub part: Part,
    /// Names of everything that needs another round, in which more results are requested; empty
    /// after the last round.
    pub unsettled: Vec<String>,
    /// Number of results.
    pub results: u64,
    /// Files of the shard.
    pub files: Vec<ShardFile>,
}

/// A file of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardFile {
    /// Name of the file.
    pub file: String,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

impl ShardManifest {
    /// The text of the manifest file.
    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("JSON of our own") + "\n"
    }
}

impl Part {
    /// The folder name of a shard when there are `of` shards.
    pub fn folder(self, of: u32) -> String {
        let Part { shard, round } = self;
        match round {
            1 => format!("shard-{shard}-of-{of}"),
            round => format!("shard-{shard}-of-{of}.round-{round}"),
        }
    }
}
