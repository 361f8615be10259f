//! The section `[admission]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_admission::{IssuerConfig, LimiterConfig, PlanConfig};

/// Whose tokens the gateway takes, and how much their holders may ask for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdmissionConfig {
    /// Issuers of JWTs, beside the platform itself, whose name is `trunkline`.
    pub issuers: Vec<IssuerConfig>,
    /// Usage plans, which routes name.
    pub plans: Vec<PlanConfig>,
    /// What the limiter may remember, and which headers it writes.
    pub limiter: LimiterConfig,
}
