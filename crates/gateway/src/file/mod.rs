//! Route files as people write them: TOML in which nothing unknown is passed over.

mod parse;
mod problem;
mod route;
mod size;
mod upstream;

pub(crate) use parse::{Parsed, parse};
pub use problem::{Problem, RouteFile};
pub use route::{
    AuthMethod, ContractMode, ContractRule, CorsRule, HeaderRules, LimitRule, MirrorRule,
    RouteRule, SplitRule, StepRule, Sticky,
};
pub use size::{Bytes as Size, Span};
pub use upstream::{
    BreakerRule, HealthRule, Protocol, RetryCause, RetryRule, TargetRule, UpstreamRule,
};
