//! The section `[admission]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_admission::{IssuerConfig, LimiterConfig, PlanConfig, REMEMBERED_TOKENS};

/// Whose tokens the gateway takes, and how much their holders may ask for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdmissionConfig {
    /// Issuers of JWTs, beside the platform itself, whose name is `trunkline` and whose tokens are meant for `gateway`.
    pub issuers: Vec<IssuerConfig>,
    /// Usage plans, which routes name.
    pub plans: Vec<PlanConfig>,
    /// How many verified tokens are remembered, so that their signature is not checked again; 0 for none. A thousand take about 1 MiB.
    pub remembered_tokens: usize,
    /// What the limiter may remember, and which headers it writes.
    pub limiter: LimiterConfig,
}

impl Default for AdmissionConfig {
    fn default() -> Self {
        Self {
            issuers: Vec::new(),
            plans: Vec::new(),
            remembered_tokens: REMEMBERED_TOKENS,
            limiter: LimiterConfig::default(),
        }
    }
}
