//! What the gateway needs from outside.
//!
//! Everything that a request meets is synchronous where the answer lies in memory.

use std::any::Any;
use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, request};
use trunkline_model::{ErrorCode, code};

use crate::file::AuthMethod;

/// What a route asks of a credential.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// The route's name.
    pub route: String,
    /// The team that the route belongs to.
    pub team: Option<String>,
    /// The kinds that are taken; never empty.
    pub methods: Vec<AuthMethod>,
    /// The issuers of JWTs; all that are configured where it is empty.
    pub issuers: Vec<String>,
    /// The scopes that it must have.
    pub scopes: Vec<String>,
}

/// Who sent a request.
#[derive(Debug)]
pub struct Admitted {
    /// `key`, `jwt` or `session`.
    pub method: &'static str,
    /// The principal's id.
    pub principal: String,
    /// The name that people know it by.
    pub name: String,
    /// The id of the key, if it was one.
    pub key: Option<String>,
    /// The usage plan, if the holder has one.
    pub plan: Option<String>,
    headers: [(HeaderName, HeaderValue); 3],
}

impl Admitted {
    /// Somebody with the credential `method`. The identity headers are made here once, so that a cached answer costs nothing.
    #[must_use]
    pub fn new(method: &'static str, principal: String, name: &str, scopes: &[String]) -> Self {
        let headers = [
            (
                HeaderName::from_static("x-trunkline-subject"),
                printable(&principal),
            ),
            (HeaderName::from_static("x-trunkline-name"), printable(name)),
            (
                HeaderName::from_static("x-trunkline-scopes"),
                printable(&scopes.join(" ")),
            ),
        ];
        Self {
            method,
            principal,
            name: name.to_owned(),
            key: None,
            plan: None,
            headers,
        }
    }

    /// The same with the key's id and the holder's plan.
    #[must_use]
    pub fn with(mut self, key: Option<String>, plan: Option<String>) -> Self {
        self.key = key;
        self.plan = plan;
        self
    }

    /// The headers that tell the upstream who it is.
    #[must_use]
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }
}

/// `text` as a header value: what is not visible ASCII is percent-encoded.
fn printable(text: &str) -> HeaderValue {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (b' '..0x7f).contains(&byte) && byte != b'%' {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::try_from(out).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Why a request may not pass.
#[derive(Debug)]
pub struct Denied {
    /// The code, which has the status.
    pub code: &'static ErrorCode,
    /// What is wrong with this request; without secrets.
    pub detail: String,
    /// The value of `WWW-Authenticate`.
    pub challenge: Option<HeaderValue>,
    /// How long to wait.
    pub retry_after: Option<Duration>,
}

impl Denied {
    /// A refusal of the kind `code`.
    #[must_use]
    pub fn new(code: &'static ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            challenge: None,
            retry_after: None,
        }
    }
}

/// The answer of [`Admit`].
pub enum Admission {
    /// It lay in memory.
    Now(Result<Arc<Admitted>, Denied>),
    /// Something has to be waited for, such as a key set.
    Later(BoxFuture<'static, Result<Arc<Admitted>, Denied>>),
}

impl Debug for Admission {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Now(_) => "Admission::Now",
            Self::Later(_) => "Admission::Later",
        })
    }
}

/// Says who sent a request.
pub trait Admit: Send + Sync + Debug {
    /// Reads the credential of `request`, which came from `client`.
    fn admit(&self, request: &request::Parts, need: &Need, client: IpAddr) -> Admission;
}

/// Refuses every credential; what a gateway without accounts has.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdmitNobody;

impl Admit for AdmitNobody {
    fn admit(&self, _request: &request::Parts, _need: &Need, _client: IpAddr) -> Admission {
        Admission::Now(Err(Denied::new(
            &code::GATEWAY_NO_CREDENTIAL,
            "this gateway knows no credentials",
        )))
    }
}

/// A request that is to be counted.
#[derive(Clone, Copy, Debug)]
pub struct LimitAsk<'a> {
    /// The route's name.
    pub route: &'a str,
    /// The client's address.
    pub client: IpAddr,
    /// Who it is, where the route asks.
    pub admitted: Option<&'a Admitted>,
    /// The route's plan, for those without their own.
    pub plan: Option<&'a str>,
    /// The route's limit for one address, as the file writes it.
    pub per_address: Option<&'a str>,
    /// The route's limit for all, as the file writes it.
    pub per_route: Option<&'a str>,
}

/// The answer of [`Limit`].
#[derive(Debug, Default)]
pub struct Limited {
    /// Headers for the answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Held until the request is over.
    pub permit: Option<Box<dyn Any + Send + Sync>>,
    /// Set where the request may not pass.
    pub denied: Option<Denied>,
    /// The plan that it was counted against.
    pub plan: Option<String>,
}

/// Counts requests.
pub trait Limit: Send + Sync + Debug {
    /// Counts one request.
    fn limit(&self, ask: &LimitAsk<'_>) -> Limited;

    /// What is wrong with a limit of the route `_route` as its file writes it, if anything.
    fn check_rule(&self, _route: &str, _rule: &str) -> Option<String> {
        None
    }

    /// What is wrong with the plan that a route file names, if anything.
    fn check_plan(&self, _plan: &str) -> Option<String> {
        None
    }
}

/// Limits nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitNothing;

impl Limit for LimitNothing {
    fn limit(&self, _ask: &LimitAsk<'_>) -> Limited {
        Limited::default()
    }
}

/// A message that a contract is asked about.
#[derive(Clone, Copy, Debug)]
pub struct CheckAsk<'a> {
    /// The service whose document it is.
    pub service: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The path in its one form, as the service gets it.
    pub path: &'a str,
    /// The query.
    pub query: Option<&'a str>,
    /// The request's headers.
    pub headers: &'a HeaderMap,
}

/// An answer that a contract is asked about.
#[derive(Clone, Copy, Debug)]
pub struct AnswerAsk<'a> {
    /// The service whose document it is.
    pub service: &'a str,
    /// The request's method.
    pub method: &'a Method,
    /// The request's path in its one form, as the service got it.
    pub path: &'a str,
    /// The request's query.
    pub query: Option<&'a str>,
    /// The media type and the body of the request, where it was read.
    pub request: Option<(&'a str, &'a [u8])>,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers, as the upstream gave them.
    pub headers: &'a HeaderMap,
}

/// Checks requests and answers against OpenAPI documents, and learns from them.
pub trait Check: Send + Sync + Debug {
    /// The most bytes of the request's body that the check wants to see; nothing where it looks at no body.
    fn wants_body(&self, ask: &CheckAsk<'_>) -> Option<usize>;

    /// Whether there is a document of `service`, so that it can be enforced.
    fn knows(&self, _service: &str) -> bool {
        true
    }

    /// What of the request does not keep to the document.
    ///
    /// `body` is nothing where it was not read, and empty for a request without one.
    fn request(&self, ask: &CheckAsk<'_>, body: Option<&[u8]>) -> Vec<String>;

    /// Whether something is to be learnt now from an answer on a route without a document.
    fn learns(&self) -> bool {
        false
    }

    /// What of the answer does not keep to the document; nothing for a request that the document does not know.
    fn answer(&self, ask: &AnswerAsk<'_>, body: Option<&[u8]>) -> Vec<String>;
}

/// Checks nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckNothing;

impl Check for CheckNothing {
    fn wants_body(&self, _ask: &CheckAsk<'_>) -> Option<usize> {
        None
    }

    fn request(&self, _ask: &CheckAsk<'_>, _body: Option<&[u8]>) -> Vec<String> {
        Vec::new()
    }

    fn answer(&self, _ask: &AnswerAsk<'_>, _body: Option<&[u8]>) -> Vec<String> {
        Vec::new()
    }
}

/// Takes the events of requests.
pub trait RequestSink: Send + Sync + Debug {
    /// Takes a batch: one JSON object a line, all of the event type `kind`. Must not block.
    fn take(&self, kind: &'static str, lines: Bytes);
}

/// Throws the events away.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSink;

impl RequestSink for NoSink {
    fn take(&self, _kind: &'static str, _lines: Bytes) {}
}

/// Everything that the gateway needs from outside.
#[derive(Clone, Debug)]
pub struct Ports {
    /// Who sent a request.
    pub admit: Arc<dyn Admit>,
    /// How much one may ask for.
    pub limit: Arc<dyn Limit>,
    /// Whether requests keep to their contract.
    pub check: Arc<dyn Check>,
    /// Where request events go.
    pub sink: Arc<dyn RequestSink>,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            admit: Arc::new(AdmitNobody),
            limit: Arc::new(LimitNothing),
            check: Arc::new(CheckNothing),
            sink: Arc::new(NoSink),
        }
    }
}
