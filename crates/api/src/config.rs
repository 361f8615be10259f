//! The configuration sections `api` and `pgwire`.

use serde::{Deserialize, Serialize};

/// The console and the HTTP API.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApiConfig {
    /// Address and port that they answer on.
    pub listen: String,
    /// Rows that a JSON answer may have at the most; other formats stream and have no such limit.
    pub max_json_rows: usize,
    /// How many clients may follow the log at once.
    pub max_tails: usize,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7070".into(),
            max_json_rows: 100_000,
            max_tails: 256,
        }
    }
}

/// SQL over the PostgreSQL protocol.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PgwireConfig {
    /// Address and port that it answers on; empty is off.
    pub listen: String,
    /// How many connections there may be at once.
    pub max_connections: usize,
}

impl Default for PgwireConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:5433".into(),
            max_connections: 128,
        }
    }
}
