//! The section `[issuer]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How Trunkline signs people in to the team's own services.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IssuerConfig {
    /// Whether services may sign people in with Trunkline at all.
    pub enabled: bool,
    /// Minutes for which an access token and an ID token are good, 1 to 60. Nobody can take one back from who checks it offline.
    pub access_token_minutes: u32,
    /// Days after which a refresh token is no longer good when nobody uses it.
    pub refresh_idle_days: u32,
    /// Days after which a sign-in must be repeated, however often it was refreshed.
    pub refresh_max_days: u32,
    /// Minutes that a person has to type a device's code.
    pub device_code_minutes: u32,
    /// Days after which a new signing key takes over.
    pub key_days: u32,
    /// Wrong secrets and codes that one address may show at once.
    pub failures_burst: u32,
    /// Wrong secrets and codes that one address may show in a minute after that.
    pub failures_per_minute: u32,
}

impl Default for IssuerConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            access_token_minutes: 10,
            refresh_idle_days: 30,
            refresh_max_days: 90,
            device_code_minutes: 10,
            key_days: 90,
            failures_burst: 20,
            failures_per_minute: 10,
        }
    }
}
