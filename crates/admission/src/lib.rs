//! At the gateway's door: whose token this is, and how much its holder may ask for.
//!
//! `token` verifies JWTs of a set of issuers, `key` has the words for the platform's own API keys, `limit` holds rates, quotas and
//! requests at the same time. Everything that a request meets is synchronous and in memory; only a key set that is not there yet is
//! waited for. What is needed from outside stands in `port`.

mod key;
mod limit;
mod port;
mod token;

pub use key::KeyHolder;
pub use limit::{
    Ask, Dimension, ImportedPlan, Limit, LimitConfig, LimitHeaders, LimiterConfig, Moment, Passed,
    Permit, Plan, PlanConfig, PlanError, QuotaRow, RateLimiter, Refusal, RefusalKind,
    RefusalSample, RefusalSampler, Verdict, import_usage_plans,
};
pub use port::{
    FetchError, FetchKeys, KeyAnswer, KeyRequest, KnownKeys, LookUpError, OwnKeys, Revocations,
};
pub use token::{
    Claims, IssuerConfig, IssuerError, IssuerStatus, REMEMBERED_TOKENS, SignatureAlgorithm,
    TokenError, TokenPorts, TokenVerifier,
};
