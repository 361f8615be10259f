//! What the gateway itself answers.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::json;
use trunkline_model::ErrorCode;

use super::DownBody;
use crate::port::Denied;

/// Why the gateway answers in the upstream's place.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: &'static ErrorCode,
    detail: String,
    headers: HeaderMap,
}

impl Failure {
    pub(crate) fn new(code: &'static ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            headers: HeaderMap::new(),
        }
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same, with the connection closed after it: the rest of the request cannot be read any more.
    pub(crate) fn closing(self) -> Self {
        self.with(header::CONNECTION, HeaderValue::from_static("close"))
    }

    pub(crate) fn with_all(mut self, headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The same for a script on another site.
    pub(crate) fn with_cors(
        mut self,
        cors: &crate::table::Cors,
        origin: Option<HeaderValue>,
    ) -> Self {
        cors.answer(origin, &mut self.headers);
        self
    }

    /// The answer: a problem document, or the trailers that a gRPC client reads.
    pub(crate) fn answer(self, grpc: bool, request_id: &HeaderValue) -> Response<DownBody> {
        let id = request_id.to_str().unwrap_or_default();
        let mut response = Response::new(DownBody::Full(Bytes::new()));
        *response.headers_mut() = self.headers;
        if grpc {
            let message = percent(&format!("{}: {}", self.code.code, self.detail));
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/grpc"),
            );
            response.headers_mut().insert(
                "grpc-status",
                HeaderValue::from_static(grpc_status(self.code.status)),
            );
            response.headers_mut().insert("grpc-message", message);
            return response;
        }
        let document = json!({
            "type": format!("/errors/{}", self.code.code), "title": self.code.title, "status": self.code.status, "code": self.code.code,
            "detail": self.detail, "hint": self.code.hint, "request_id": id,
        });
        *response.body_mut() = DownBody::Full(document.to_string().into());
        *response.status_mut() =
            StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        let mut failure = Self::new(denied.code, denied.detail);
        match (denied.challenge, denied.code.status) {
            (Some(challenge), _) => failure = failure.with(header::WWW_AUTHENTICATE, challenge),
            (None, 401) => {
                failure = failure.with(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"trunkline\""),
                );
            }
            (None, _) => {}
        }
        if let Some(wait) = denied.retry_after {
            failure = failure.with(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        failure
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// The gRPC status for an HTTP status, as gRPC's own table has it.
fn grpc_status(status: u16) -> &'static str {
    match status {
        400 | 413 | 414 | 431 => "13",
        401 => "16",
        403 => "7",
        404 | 405 => "12",
        429 | 502 | 503 => "14",
        504 => "4",
        _ => "2",
    }
}

fn percent(text: &str) -> HeaderValue {
    let mut out = String::new();
    for byte in text.bytes() {
        if (b' '..0x7f).contains(&byte) && byte != b'%' {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::try_from(out).unwrap_or_else(|_| HeaderValue::from_static(""))
}
