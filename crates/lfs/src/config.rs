//! The section `[lfs]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Large files of repositories, by Git LFS.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LfsConfig {
    /// Bytes of the largest file that is taken.
    pub max_object_bytes: u64,
    /// Bytes of all files of all repositories together.
    pub max_total_bytes: u64,
    /// How many uploads and downloads there may be at once, each.
    pub max_transfers: usize,
}

impl Default for LfsConfig {
    fn default() -> Self {
        Self {
            max_object_bytes: 5 << 30,
            max_total_bytes: 100 << 30,
            max_transfers: 16,
        }
    }
}
