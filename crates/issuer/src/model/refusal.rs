//! A refusal in the words of OAuth.

use std::borrow::Cow;
use std::time::Duration;

/// Why a request was refused: what RFC 6749 and its relatives call an error response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The word that programs look at.
    pub(crate) error: &'static str,
    /// The sentence that people read; without quotes and backslashes, as RFC 6749 wants it.
    pub(crate) description: Cow<'static, str>,
    /// How long to wait, where waiting helps.
    pub(crate) retry_after: Option<Duration>,
}

impl Refusal {
    pub(crate) fn new(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            error,
            description: description.into(),
            retry_after: None,
        }
    }

    pub(crate) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(crate) fn invalid_client() -> Self {
        Self::new(
            "invalid_client",
            "the client is unknown, or did not show that it is the one it says",
        )
    }

    pub(crate) fn server_error() -> Self {
        Self::new(
            "server_error",
            "the request failed; the platform has it in its log",
        )
    }

    pub(crate) fn limited(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                "temporarily_unavailable",
                "too many wrong secrets or codes came from this address",
            )
        }
    }

    /// The HTTP status of the answer.
    pub(crate) fn status(&self) -> u16 {
        match self.error {
            "invalid_client" | "invalid_token" => 401,
            "insufficient_scope" => 403,
            "server_error" => 500,
            "temporarily_unavailable" => 429,
            _ => 400,
        }
    }
}

impl From<crate::IssuerError> for Refusal {
    /// The cause goes to the log alone.
    fn from(error: crate::IssuerError) -> Self {
        use std::error::Error as _;
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%error, cause, "a request to the issuer failed");
        Self::server_error()
    }
}

impl From<trunkline_store::StoreError> for Refusal {
    fn from(error: trunkline_store::StoreError) -> Self {
        crate::IssuerError::from(error).into()
    }
}
