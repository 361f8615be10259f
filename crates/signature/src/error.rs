//! Why a request is not who it claims to be from, in the names of AWS, which clients compare with.

/// What is wrong with a signature. No text holds a secret, nor the signature that would have been right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The request claims nothing: it may be from somebody who shows something else.
    #[error(
        "the request is not signed: it needs the header Authorization with AWS4-HMAC-SHA256, or X-Amz-Algorithm in its address"
    )]
    Missing,
    /// A part of the claim is missing or not well-formed.
    #[error("{0}")]
    Incomplete(String),
    /// Nobody has this access key, or it may not be used any more. The caller says so: this room knows no keys.
    #[error("the access key is unknown or not active")]
    UnknownKey,
    /// The request shows a session token, and there are none.
    #[error(
        "the request has a session token (X-Amz-Security-Token), and the platform's access keys have none: leave it out"
    )]
    SessionToken,
    /// Something that must be signed is not, or something that is signed is not there.
    #[error("{0}")]
    Coverage(String),
    /// The clocks of both sides differ by too much, or the request was on its way for too long.
    #[error("{0}")]
    Clock(String),
    /// An address that was signed beforehand is used too late.
    #[error("the address was signed at {signed} for {seconds} seconds, and it is {now} now")]
    Expired {
        /// When it was signed.
        signed: String,
        /// How long it holds.
        seconds: u32,
        /// The present time.
        now: String,
    },
    /// The body is not the one whose hash the header tells.
    #[error("the body does not have the SHA-256 hash that X-Amz-Content-Sha256 tells")]
    Body,
    /// The secret gives another signature for this request.
    #[error(
        "the secret access key gives another signature for this request: either the key is another, or the request was changed or written down differently. The canonical request is:\n{canonical}"
    )]
    Mismatch {
        /// The text whose hash must have been signed, cut where it is very long. It consists of what the request says.
        canonical: String,
    },
    /// There is more of it than there may be.
    #[error("{what} of a signed request may have {limit} at most")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it may be, with its unit.
        limit: String,
    },
}

impl SignatureError {
    pub(crate) fn incomplete(text: impl Into<String>) -> Self {
        Self::Incomplete(text.into())
    }

    pub(crate) fn too_large(what: &'static str, limit: usize, unit: &str) -> Self {
        Self::TooLarge {
            what,
            limit: format!("{limit} {unit}"),
        }
    }

    /// The name under which clients know it: the code of the answer and the header `x-amzn-ErrorType`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete(_) | Self::TooLarge { .. } => "IncompleteSignatureException",
            Self::UnknownKey | Self::SessionToken => "UnrecognizedClientException",
            Self::Coverage(_) | Self::Clock(_) | Self::Mismatch { .. } => {
                "InvalidSignatureException"
            }
            Self::Expired { .. } => "RequestExpired",
            Self::Body => "XAmzContentSHA256Mismatch",
        }
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Incomplete(_) | Self::TooLarge { .. } | Self::Expired { .. } | Self::Body => 400,
            Self::Missing
            | Self::UnknownKey
            | Self::SessionToken
            | Self::Coverage(_)
            | Self::Clock(_)
            | Self::Mismatch { .. } => 403,
        }
    }
}
