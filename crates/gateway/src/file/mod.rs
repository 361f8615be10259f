//! Route files as people write them: TOML in which nothing unknown is passed over.

mod parse;
mod problem;
mod route;
mod size;
mod upstream;

pub(crate) use parse::{Parsed, parse};
pub use problem::{Problem, RouteFile};
pub use route::AuthMethod;
pub(crate) use route::{ContractMode, CorsRule, HeaderRules, RouteRule, Sticky};
pub(crate) use size::{Bytes as Size, Span};
pub(crate) use upstream::{Protocol, RetryCause, TargetRule, UpstreamRule};
