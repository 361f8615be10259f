//! The section `[store]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the control state is kept.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Seconds to wait for another process, such as `trunkline token create`, to finish its change.
    pub busy_timeout_seconds: u64,
    /// Connections that read side by side; writing has one, since SQLite has one writer.
    pub readers: u32,
    /// Milliseconds after which the outbox looks for events of another process's changes. Own changes are carried at once.
    pub outbox_poll_ms: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            busy_timeout_seconds: 5,
            readers: 4,
            outbox_poll_ms: 500,
        }
    }
}
