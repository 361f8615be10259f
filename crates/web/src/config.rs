//! The section `[web]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits that hold for every HTTP address of the platform.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WebConfig {
    /// The largest request body in bytes, where an address does not set its own; ingest does.
    pub max_body_bytes: usize,
    /// Seconds that an ordinary request may take, from its first byte to the head of its answer. SQL and live tails have their own.
    pub request_timeout_seconds: u64,
    /// Other origins, such as `https://trunkline.example.com`, from which a signed-in browser may change things. The origin that the
    /// request itself names as its host always may; this is for a proxy in front that rewrites the host.
    pub allowed_origins: Vec<String>,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            max_body_bytes: 1024 * 1024,
            request_timeout_seconds: 30,
            allowed_origins: Vec::new(),
        }
    }
}
