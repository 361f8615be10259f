//! A file as it is written, before anything in it is checked.

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    pub(super) server: String,
    #[serde(default = "version")]
    pub(super) version: u8,
    pub(super) client_id: String,
    pub(super) preset: Option<Preset>,
    pub(super) username: Option<String>,
    pub(super) password_file: Option<String>,
    pub(super) certificate_file: Option<String>,
    pub(super) key_file: Option<String>,
    pub(super) authority_file: Option<String>,
    #[serde(default)]
    pub(super) alpn: Vec<String>,
    pub(super) keep_alive_seconds: Option<u16>,
    pub(super) session_expiry_seconds: Option<u32>,
    pub(super) keeps_properties: Option<bool>,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) out: Vec<Map>,
    #[serde(default, rename = "in")]
    pub(super) inward: Vec<Map>,
    /// Secrets that do not belong here; known so that the error can say where they do.
    pub(super) password: Option<toml::Value>,
    pub(super) key: Option<toml::Value>,
    pub(super) certificate: Option<toml::Value>,
}

const fn version() -> u8 {
    5
}

/// Limits that have a name.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Preset {
    Aws,
}

/// Which topics go one way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Map {
    pub(super) filter: String,
    #[serde(default)]
    pub(super) local_prefix: String,
    #[serde(default)]
    pub(super) remote_prefix: String,
    #[serde(default = "quality")]
    pub(super) qos: u8,
}

const fn quality() -> u8 {
    1
}

/// Limits that are other than the usual.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) in_flight: Option<u64>,
    pub(super) messages_per_second: Option<u64>,
    pub(super) bytes_per_second: Option<u64>,
    pub(super) payload_bytes: Option<u64>,
}
