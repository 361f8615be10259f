//! Why a token is refused.

use trunkline_model::{Coded, ErrorCode, code};

/// Why a token is refused. Nothing of the token itself is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It has more bytes than a token may have.
    #[error("the token is larger than 16 KiB")]
    TooLarge,
    /// It is not a signed JWT.
    #[error("the token is not a signed JWT: {0}")]
    Malformed(&'static str),
    /// Its header wants something that is refused, such as a key of its own.
    #[error("the token's header has `{0}`, which is refused")]
    HeaderRefused(&'static str),
    /// Its header says that it is something other than an access token.
    #[error("the token's `typ` is not one of an access token")]
    Type,
    /// Its algorithm is unknown, or not one of its issuer and key.
    #[error("the token's algorithm is not allowed for its issuer and key")]
    Algorithm,
    /// Nobody here trusts its issuer.
    #[error("the token's issuer is not known")]
    IssuerUnknown,
    /// It names no key.
    #[error("the token does not name its key (`kid`)")]
    NoKey,
    /// It names a key that its issuer does not have.
    #[error("the token names a key (`kid`) that its issuer does not have")]
    KeyUnknown,
    /// The signature does not fit.
    #[error("the token's signature is wrong")]
    Signature,
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// It will be good later, or claims to come from the future.
    #[error("the token's `{0}` lies in the future")]
    Early(&'static str),
    /// It is meant for another service.
    #[error("the token is not meant for this service (`aud`)")]
    Audience,
    /// A claim is missing, or has a value that is not wanted.
    #[error("the token's claim `{0}` is missing or not what is asked for")]
    Claim(String),
    /// It is an ID token, which tells a client who signed in and opens nothing.
    #[error("this is an ID token; an access token is wanted")]
    IdToken,
    /// It is revoked, or its subject is disabled.
    #[error("the token is revoked")]
    Revoked,
    /// The keys of its issuer are not here, and could not be fetched.
    #[error("the keys of the issuer `{0}` cannot be fetched")]
    KeysUnavailable(String),
}

impl Coded for TokenError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::TooLarge | Self::Malformed(_) | Self::HeaderRefused(_) => {
                &code::ADMISSION_TOKEN_MALFORMED
            }
            Self::Algorithm => &code::ADMISSION_TOKEN_ALGORITHM,
            Self::IssuerUnknown => &code::ADMISSION_TOKEN_ISSUER,
            Self::NoKey | Self::KeyUnknown => &code::ADMISSION_TOKEN_KEY,
            Self::Signature => &code::ADMISSION_TOKEN_SIGNATURE,
            Self::Expired => &code::ADMISSION_TOKEN_EXPIRED,
            Self::Early(_) => &code::ADMISSION_TOKEN_EARLY,
            Self::Audience => &code::ADMISSION_TOKEN_AUDIENCE,
            Self::Type | Self::Claim(_) | Self::IdToken => &code::ADMISSION_TOKEN_CLAIM,
            Self::Revoked => &code::ADMISSION_TOKEN_REVOKED,
            Self::KeysUnavailable(_) => &code::ADMISSION_KEYS_UNREACHABLE,
        }
    }
}

/// Why an issuer cannot be used as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("issuer `{issuer}`: {reason}")]
pub struct IssuerError {
    /// The issuer's name in the configuration.
    pub issuer: String,
    /// What is wrong.
    pub reason: &'static str,
}

impl Coded for IssuerError {
    fn code(&self) -> &'static ErrorCode {
        &code::ADMISSION_ISSUER_INVALID
    }
}
