//! How limits and plans are configured.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_model::{Coded, ErrorCode, code};

/// Requests in a second at most, so that the arithmetic stays exact.
const MAX_RATE: f64 = 1e9;

/// Requests in a second at least: four in an hour.
const MIN_RATE: f64 = 0.001;

/// Seconds that a bucket may take to fill: 30 days.
const MAX_WINDOW: f64 = 30.0 * 86_400.0;

/// A rate of requests, such as for each client address or for a whole route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitConfig {
    /// The name that clients read in the `RateLimit` headers.
    pub name: String,
    /// Requests in a second, over time; three digits after the point count.
    pub rate: f64,
    /// Requests at once after a rest. Without it: the requests of one second, at least one.
    #[serde(default)]
    pub burst: Option<u32>,
}

/// A usage plan: what the holder of a key, or the subject of a token, may ask for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanConfig {
    /// The name by which keys and routes call it, and that clients read in the `RateLimit` headers.
    pub name: String,
    /// Requests in a second, over time; three digits after the point count. Without it there is no rate limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Requests at once after a rest. Without it: the requests of one second, at least one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Requests in a day of UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u64>,
    /// Requests in a calendar month of UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<u64>,
    /// Requests that may be under way at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// Whose plan it is on every route: ids of API keys and service accounts, and `issuer/subject` of tokens. A holder has one plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<String>,
}

/// What the limiter may remember, and which headers it writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimiterConfig {
    /// About how many keys, and as many client addresses, have their rates remembered. A million take 50 MiB. Further ones share buckets
    /// until there is room.
    pub max_keys: usize,
    /// About how many keys have their quotas counted; a million take 150 MiB. Requests of further ones are let through without being counted, and the platform's log says so.
    pub max_quotas: usize,
    /// Whether `RateLimit` and `RateLimit-Policy` are written.
    pub headers: bool,
    /// Whether `X-RateLimit-Limit`, `-Remaining` and `-Reset` are written too, for clients that know nothing else.
    pub legacy_headers: bool,
}

impl Default for LimiterConfig {
    fn default() -> Self {
        Self {
            max_keys: 1_000_000,
            max_quotas: 1_000_000,
            headers: true,
            legacy_headers: false,
        }
    }
}

/// Why a limit or plan cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A plan or limit is not well-formed.
    #[error("plan `{plan}`: {reason}")]
    Invalid {
        /// The plan's name.
        plan: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A usage plan of AWS is not one, or cannot be expressed.
    #[error("usage plan `{plan}`: {reason}")]
    UsagePlan {
        /// The usage plan's name, as far as it has one.
        plan: String,
        /// What is wrong.
        reason: String,
    },
}

impl Coded for PlanError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Invalid { .. } => &code::ADMISSION_PLAN_INVALID,
            Self::UsagePlan { .. } => &code::ADMISSION_USAGE_PLAN,
        }
    }
}

/// Checks a name: it is quoted in headers, which take printable ASCII only.
pub(super) fn check_name(name: &str) -> Option<&'static str> {
    let printable = name.bytes().all(|byte| (0x20..0x7F).contains(&byte));
    let good = !name.is_empty() && name.len() <= 80 && printable && name.trim() == name;
    (!good).then_some("`name` has to be 1 to 80 printable ASCII characters")
}

/// The burst of a rate, or what is wrong with them.
pub(super) fn burst(rate: f64, burst: Option<u32>) -> Result<u32, &'static str> {
    if !(MIN_RATE..=MAX_RATE).contains(&rate) {
        return Err("`rate` has to be between 0.001 and 1000000000 requests in a second");
    }
    let burst = burst.unwrap_or_else(|| rate.ceil().clamp(1.0, f64::from(u32::MAX)) as u32);
    if burst == 0 {
        return Err("`burst` has to be at least 1");
    }
    if f64::from(burst) / rate > MAX_WINDOW {
        return Err(
            "`burst` is so large for its `rate` that it would take more than 30 days to come back; use `per_month`",
        );
    }
    Ok(burst)
}
