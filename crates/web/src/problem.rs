//! Errors as the client sees them: RFC 9457 problem documents.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use trunkline_model::{Coded, ErrorCode};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What a handler answers: its value, or a problem that explains itself.
pub type Reply<T> = Result<T, Problem>;

/// The media type of a problem document.
pub(crate) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// An error as RFC 9457 describes it, with a code that can be looked up.
#[derive(Serialize, ToSchema)]
struct Document<'a> {
    /// The page that explains this kind of error, relative to the platform's address.
    #[serde(rename = "type")]
    #[schema(example = "/errors/TL-WEB-001")]
    kind: String,
    /// What is wrong, in a few words; the same for every error of this code.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// The code to look up and to quote.
    #[schema(example = "TL-WEB-001")]
    code: &'a str,
    /// What is wrong with this request.
    detail: &'a str,
    /// What to do about it.
    hint: &'a str,
    /// The id under which the platform's own log knows this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    /// Further members, such as the position of an error in a statement.
    #[serde(flatten)]
    #[schema(ignore)]
    members: Option<&'a Map<String, Value>>,
}

/// The names that RFC 9457 and this type give a meaning.
const TAKEN: [&str; 7] = [
    "type",
    "title",
    "status",
    "code",
    "detail",
    "hint",
    "request_id",
];

/// An error as RFC 9457 describes it, with a code that can be looked up.
///
/// Every error that implements [`Coded`] turns into one by `?`.
#[derive(Clone, Debug)]
pub struct Problem {
    code: &'static ErrorCode,
    detail: String,
    request_id: Option<String>,
    members: Option<Box<Map<String, Value>>>,
    /// Seconds after which another try makes sense.
    retry_after: Option<u64>,
    /// The causes, for the log; a client never sees them.
    causes: Vec<String>,
}

impl Problem {
    /// A problem of the kind `code`, with `detail` about this one request.
    #[must_use]
    pub fn new(code: &'static ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            request_id: None,
            members: None,
            retry_after: None,
            causes: Vec::new(),
        }
    }

    /// The problem that `error` is to a client; its sources go to the log alone.
    #[must_use]
    pub fn from_error(error: &impl Coded) -> Self {
        let mut problem = Self::new(error.code(), error.to_string());
        problem.causes = causes(error.source());
        problem
    }

    /// The same problem with a further member, such as `position`. A name that a problem document already has is left as it is.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if !TAKEN.contains(&name) {
            self.members
                .get_or_insert_default()
                .insert(name.into(), value.into());
        }
        self
    }

    /// The same problem with a `Retry-After` header of `wait`, rounded up to whole seconds.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let partial = u64::from(wait.subsec_nanos() > 0);
        self.retry_after = Some(wait.as_secs().saturating_add(partial).max(1));
        self
    }

    /// The code, such as `TL-WEB-001`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code.code
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What is wrong with this request.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The causes behind it, for the log.
    pub(crate) fn causes(&self) -> &[String] {
        &self.causes
    }

    pub(crate) fn set_request_id(&mut self, id: &str) {
        self.request_id = Some(id.into());
    }

    /// The document as bytes of JSON.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = Document {
            kind: format!("/errors/{}", self.code.code),
            title: self.code.title,
            status: self.code.status,
            code: self.code.code,
            detail: &self.detail,
            hint: self.code.hint,
            request_id: self.request_id.as_deref(),
            members: self.members.as_deref(),
        };
        document.serialize(serializer)
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Document::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        "Problem".into()
    }
}

fn causes(mut source: Option<&(dyn Error + 'static)>) -> Vec<String> {
    let mut chain = Vec::new();
    while let Some(cause) = source {
        chain.push(cause.to_string());
        source = cause.source();
    }
    chain
}

impl<E: Coded> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::from_error(&error)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.code, self.detail)
    }
}

impl IntoResponse for Problem {
    /// The document itself also travels in the response's extensions, so that the kit can add the request's id and write the log.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        if self.code.status == 401 {
            let challenge = HeaderValue::from_static("Bearer realm=\"trunkline\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::code;

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is full")]
    struct Full(#[source] std::io::Error);

    impl Coded for Full {
        fn code(&self) -> &'static ErrorCode {
            &code::LOG_FULL
        }
    }

    #[test]
    fn an_error_becomes_a_document_without_its_sources() {
        let problem = Problem::from(Full(std::io::Error::other("sector 7")));
        assert_eq!(problem.causes(), ["sector 7"]);
        insta::assert_json_snapshot!(problem.with("position", 12).with("code", "mine"));
    }

    #[test]
    fn a_wait_is_rounded_up() {
        let problem =
            Problem::new(&code::WEB_RATE, "slower").retry_after(Duration::from_millis(1_001));
        let response = problem.into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    }
}
