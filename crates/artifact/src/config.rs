//! The section `[artifacts]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Firmware artifacts and their download.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ArtifactConfig {
    /// Bytes of the largest artifact that is taken.
    pub max_bytes: u64,
    /// Bytes of all artifacts together.
    pub max_total_bytes: u64,
    /// How many uploads there may be at once.
    pub max_uploads: usize,
    /// How many downloads there may be at once.
    pub max_downloads: usize,
    /// Seconds for which a device's link is good. Each time that a device asks for its job, it gets a new one.
    pub link_seconds: u32,
    /// Seconds after which a download ends whose client takes nothing more.
    pub stall_seconds: u32,
}

impl Default for ArtifactConfig {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 30,
            max_total_bytes: 20 << 30,
            max_uploads: 4,
            max_downloads: 256,
            link_seconds: 3_600,
            stall_seconds: 300,
        }
    }
}
