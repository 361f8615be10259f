//! `[[upstream]]`: where requests go.

use serde::Deserialize;
use toml::Spanned;

use super::Span;

/// A set of targets that give the same answers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpstreamRule {
    /// The name by which routes call it.
    pub name: Spanned<String>,
    /// Where it is served.
    pub targets: Vec<TargetRule>,
    /// How the targets are spoken to; `http1` where it is missing.
    #[serde(default)]
    pub protocol: Protocol,
    /// The most time for a connection.
    #[serde(default = "connect_timeout")]
    pub connect_timeout: Span,
    /// The most time until the head of the answer.
    #[serde(default = "timeout")]
    pub timeout: Span,
    /// The most time between two pieces of a body or of a WebSocket.
    #[serde(default = "idle_timeout")]
    pub idle_timeout: Span,
    /// The most requests under way at one target.
    #[serde(default = "max_connections")]
    pub max_connections: u32,
    /// Second tries; none where it is missing.
    pub retries: Option<RetryRule>,
    /// Active health checks; none where it is missing.
    pub health: Option<HealthRule>,
    /// When a failing target gets a rest.
    #[serde(default)]
    pub breaker: BreakerRule,
    /// Loopback and private ranges that the targets may lie in.
    #[serde(default)]
    pub allow_private_addresses: Vec<Spanned<String>>,
}

fn connect_timeout() -> Span {
    Span::millis(2_000)
}

fn timeout() -> Span {
    Span::millis(30_000)
}

fn idle_timeout() -> Span {
    Span::millis(60_000)
}

fn max_connections() -> u32 {
    1024
}

/// One place where an upstream is served.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetRule {
    /// Scheme, host and port, such as `http://127.0.0.1:8080`.
    pub url: Spanned<String>,
    /// Its share of the requests against the other targets; 1 where it is missing.
    #[serde(default = "one")]
    pub weight: u32,
    /// The release that it serves, for the request events.
    pub release: Option<String>,
}

fn one() -> u32 {
    1
}

/// How a target is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2 without TLS, as gRPC servers speak it.
    H2c,
    /// TLS with HTTP/1.1.
    Https,
}

/// Second tries of a request that may be repeated.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryRule {
    /// Tries in all, the first included.
    pub attempts: u32,
    /// What is tried again.
    #[serde(default = "causes")]
    pub on: Vec<RetryCause>,
    /// The most retries as a share of all requests.
    #[serde(default = "budget")]
    pub budget: f64,
}

fn causes() -> Vec<RetryCause> {
    vec![RetryCause::Connect]
}

fn budget() -> f64 {
    0.2
}

/// Why a request is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum RetryCause {
    /// The target could not be reached, or went away before it answered.
    #[serde(rename = "connect")]
    Connect,
    /// It answered 502.
    #[serde(rename = "502")]
    BadGateway,
    /// It answered 503.
    #[serde(rename = "503")]
    Unavailable,
    /// It answered 504.
    #[serde(rename = "504")]
    GatewayTimeout,
    /// It did not answer in time.
    #[serde(rename = "timeout")]
    Timeout,
}

/// Active health checks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealthRule {
    /// The path that answers 2xx when the target is well.
    pub path: Spanned<String>,
    /// Time between two checks.
    #[serde(default = "every")]
    pub every: Span,
    /// The most time for one check.
    #[serde(default = "health_timeout")]
    pub timeout: Span,
    /// Failures in a row after which the target gets no requests.
    #[serde(default = "three")]
    pub unhealthy_after: u32,
    /// Successes in a row after which it gets requests again.
    #[serde(default = "two")]
    pub healthy_after: u32,
}

fn every() -> Span {
    Span::millis(5_000)
}

fn health_timeout() -> Span {
    Span::millis(2_000)
}

fn three() -> u32 {
    3
}

fn two() -> u32 {
    2
}

/// When a failing target gets a rest.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BreakerRule {
    /// Failures in a row that open the breaker.
    pub failures: u32,
    /// How long it stays open; then a single request tries the target.
    pub open_for: Span,
}

impl Default for BreakerRule {
    fn default() -> Self {
        Self {
            failures: 8,
            open_for: Span::millis(5_000),
        }
    }
}
