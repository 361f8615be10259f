//! The section `[mirror]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mirrors of repositories elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MirrorConfig {
    /// How many mirrors there may be.
    pub max_mirrors: usize,
    /// Seconds after which one is looked after where nothing said that something was pushed.
    pub every_seconds: u64,
    /// Whether the other side may be in a private network or on this machine.
    pub allow_private_addresses: bool,
}

impl Default for MirrorConfig {
    fn default() -> Self {
        Self {
            max_mirrors: 100,
            every_seconds: 300,
            allow_private_addresses: false,
        }
    }
}
