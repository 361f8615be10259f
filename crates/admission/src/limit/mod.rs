//! How much a holder may ask for: rates, quotas, and requests at the same time.

mod ask;
mod aws;
mod bucket;
mod calendar;
mod config;
mod flight;
mod header;
mod limiter;
mod plan;
mod quota;
mod rate;
mod sample;
mod shard;
mod verdict;

pub use ask::{Ask, Moment};
pub use aws::{ImportedPlan, import_usage_plans};
pub use config::{LimitConfig, LimiterConfig, PlanConfig, PlanError};
pub use flight::Permit;
pub use header::LimitHeaders;
pub use limiter::RateLimiter;
pub use plan::{Limit, Plan};
pub use quota::QuotaRow;
pub use sample::{RefusalSample, RefusalSampler};
pub use verdict::{Dimension, Passed, Refusal, RefusalKind, Verdict};
