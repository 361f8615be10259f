//! `[[route]]`: which requests go where, and what is asked of them.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::{Size, Span};

/// A route.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteRule {
    /// Its name in events and on the Gateway page.
    pub name: Spanned<String>,
    /// The service behind it, in events; that of the contract where it is missing.
    pub service: Option<String>,
    /// The team that the route belongs to: policies may ask for it, and rows of `requests` are its.
    pub team: Option<String>,
    /// Exact hosts and `*.example.com`; every host where it is empty.
    #[serde(default)]
    pub hosts: Vec<Spanned<String>>,
    /// `/orders/` for a prefix, `=/x` for exactly this path, `/orders/{id}` for a template.
    pub path: Spanned<String>,
    /// Methods; every method where it is empty.
    #[serde(default)]
    pub methods: Vec<Spanned<String>>,
    /// Headers that a request must have, with their values.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A prefix that is cut off before the request is sent on.
    pub strip_prefix: Option<Spanned<String>>,
    /// What stands in the place of the prefix that matched.
    pub rewrite: Option<Spanned<String>>,
    /// The upstream.
    pub upstream: Option<Spanned<String>>,
    /// Several upstreams with weights.
    #[serde(default)]
    pub split: Vec<SplitRule>,
    /// Strangler steps: parts of the prefix that move to another upstream.
    #[serde(default)]
    pub steps: Vec<StepRule>,
    /// What keeps a client at one side of a split.
    #[serde(default)]
    pub sticky: Option<Sticky>,
    /// A copy of the requests for another upstream.
    pub mirror: Option<MirrorRule>,
    /// Which credentials are taken: any where it is missing. It is empty for `["none"]`, and then none are asked for.
    #[serde(default = "every_method", deserialize_with = "methods")]
    pub auth: Vec<AuthMethod>,
    /// Whether the upstream gets the platform's own API keys and sessions too, as the platform itself needs them.
    #[serde(default)]
    pub pass_credentials: bool,
    /// The issuers of JWTs that are taken; all that are configured where it is empty.
    #[serde(default)]
    pub issuers: Vec<String>,
    /// Scopes that the credential must have.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The usage plan for callers that have none of their own.
    pub plan: Option<String>,
    /// Limits of the route.
    #[serde(default)]
    pub limits: LimitRule,
    /// Cross-origin rules; preflights go to the upstream where it is missing.
    pub cors: Option<CorsRule>,
    /// Changes of the request's headers.
    #[serde(default)]
    pub request_headers: HeaderRules,
    /// Changes of the answer's headers.
    #[serde(default)]
    pub response_headers: HeaderRules,
    /// The most time until the head of the answer; the upstream's where it is missing.
    pub timeout: Option<Span>,
    /// The most bytes of a request's body; 100 MiB where it is missing.
    pub max_body: Option<Size>,
    /// The OpenAPI document that requests keep to.
    pub contract: Option<ContractRule>,
    /// Whether WebSockets may be opened.
    #[serde(default)]
    pub websocket: bool,
    /// The share of requests that become events, from 0 to 1; all where it is missing.
    pub sample: Option<f64>,
}

/// One side of a split.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitRule {
    /// The upstream.
    pub upstream: Spanned<String>,
    /// Its share against the other sides.
    #[serde(default)]
    pub weight: u32,
    /// A header, `name` or `name: value`, that sends a request here whatever the weights say.
    pub when_header: Option<Spanned<String>>,
}

/// A part of the prefix that moves to another upstream.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepRule {
    /// The prefix that moves, such as `/shop/cart/`.
    pub path: Spanned<String>,
    /// Where it moves to.
    pub upstream: Spanned<String>,
    /// How much of it has moved, from 0 to 100.
    pub percent: f64,
}

/// What keeps a client at one side of a split.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Sticky {
    /// The value of a header.
    Header(String),
    /// The value of a cookie.
    Cookie(String),
}

/// A copy of the requests for another upstream, whose answers nobody gets.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MirrorRule {
    /// The upstream.
    pub upstream: Spanned<String>,
    /// The share of the requests, from 0 to 100.
    pub percent: f64,
    /// Whether the answers are compared.
    #[serde(default)]
    pub compare: bool,
}

/// A kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// An API key of the platform.
    Key,
    /// A JWT of the platform or of a configured issuer.
    Jwt,
    /// A signed-in session of the console.
    Session,
}

/// What a route asks for that does not say it: nothing is open that nobody opened.
fn every_method() -> Vec<AuthMethod> {
    vec![AuthMethod::Key, AuthMethod::Jwt, AuthMethod::Session]
}

/// Reads `auth`, where `none` stands alone and no list is empty.
fn methods<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AuthMethod>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Said {
        None,
        Key,
        Jwt,
        Session,
    }
    let said = Vec::<Said>::deserialize(deserializer)?;
    let methods: Vec<_> = said
        .iter()
        .filter_map(|said| match said {
            Said::None => None,
            Said::Key => Some(AuthMethod::Key),
            Said::Jwt => Some(AuthMethod::Jwt),
            Said::Session => Some(AuthMethod::Session),
        })
        .collect();
    match (said.len(), methods.len()) {
        (0, _) => Err(D::Error::custom(
            "`auth` is empty; `[\"none\"]` opens a route to everybody",
        )),
        (1, 0) => Ok(methods),
        (all, some) if all == some => Ok(methods),
        _ => Err(D::Error::custom("`none` stands alone in `auth`")),
    }
}

/// Limits of a route.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitRule {
    /// Such as `10/s burst 20`, for each client address.
    pub per_address: Option<Spanned<String>>,
    /// For the route as a whole.
    pub per_route: Option<Spanned<String>>,
}

/// Cross-origin rules.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorsRule {
    /// Origins such as `https://app.example.com`, or `*`.
    pub origins: Vec<Spanned<String>>,
    /// Methods beside GET, HEAD and POST.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Request headers beside the simple ones.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Headers of the answer that a script may read.
    #[serde(default)]
    pub expose: Vec<String>,
    /// Whether cookies and credentials may be sent.
    #[serde(default)]
    pub credentials: bool,
    /// How long a browser may keep the answer to a preflight.
    pub max_age: Option<Span>,
}

/// Changes of headers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderRules {
    /// Headers that get this value, whatever they had.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Headers that get one more value.
    #[serde(default)]
    pub add: BTreeMap<String, String>,
    /// Headers that are taken away.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// The OpenAPI document that requests keep to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractRule {
    /// The service whose document it is.
    pub service: String,
    /// What happens to requests that do not.
    #[serde(default)]
    pub mode: ContractMode,
}

/// What happens to requests that do not keep to the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ContractMode {
    /// Nothing is checked.
    Off,
    /// They pass and are reported.
    #[default]
    Report,
    /// They are refused.
    Enforce,
}
