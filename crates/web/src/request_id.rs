//! The id under which one request is known to the client and to the log.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use trunkline_model::{Clock, IdGen};

/// The header that carries it both ways.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a client.
const MAX_LENGTH: usize = 64;

/// The id of a request; a handler finds it in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The client's own id where it is well-formed, else a new one.
    pub(crate) fn accept_or_make(headers: &HeaderMap, clock: &dyn Clock, ids: &dyn IdGen) -> Self {
        let given = headers.get(REQUEST_ID).filter(|value| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
            (1..=MAX_LENGTH).contains(&value.len()) && value.as_bytes().iter().all(plain)
        });
        Self(given.cloned().unwrap_or_else(|| {
            let text = format!("req_{}", ids.ulid(clock.now()));
            HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("req_unknown"))
        }))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn into_header(self) -> HeaderValue {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::{ManualClock, SeededIds, Timestamp};

    fn id(given: &'static str) -> String {
        let headers = HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(given))]);
        let clock = ManualClock::new(Timestamp::from_millis(1));
        RequestId::accept_or_make(&headers, &clock, &SeededIds::new(1))
            .as_str()
            .to_owned()
    }

    #[test]
    fn only_a_plain_id_is_taken_over() {
        assert_eq!(id("build-17.a_b"), "build-17.a_b");
        for bad in [
            "",
            "a b",
            "a\"b",
            "1234567890123456789012345678901234567890123456789012345678901234x",
        ] {
            assert!(id(bad).starts_with("req_"), "{bad}");
        }
    }
}
