//! What keeps a proof from being one.

use std::error::Error;
use std::time::Duration;

use trunkline_model::{Coded, ErrorCode, code};

/// Why something is no proof, or could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// More passwords wait to be checked than may wait.
    #[error("too many passwords are being checked at this moment")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// A name is not well-formed.
    #[error("the name is not well-formed")]
    NameInvalid,
    /// A text is no email address.
    #[error("this is no email address")]
    EmailInvalid,
    /// A password can be guessed.
    #[error("{0}")]
    PasswordWeak(String),
    /// No authenticator app can use the secret.
    #[error("the authenticator app cannot be set up")]
    Totp,
    /// An issuer does not answer as it should.
    #[error("the issuer does not answer as it should: {what}")]
    IssuerFailed {
        /// What was asked of it.
        what: &'static str,
        /// Why that failed.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The answer is not to a question that was asked.
    #[error("the sign-in did not begin in this browser, or too long ago")]
    IssuerState,
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(String),
}

impl Coded for ProofError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Busy { .. } => &code::ACCESS_BUSY,
            Self::NameInvalid => &code::ACCESS_NAME_INVALID,
            Self::EmailInvalid => &code::ACCESS_EMAIL_INVALID,
            Self::PasswordWeak(_) => &code::ACCESS_PASSWORD_WEAK,
            Self::Totp => &code::ACCESS_TOTP_STATE,
            Self::IssuerFailed { .. } => &code::ACCESS_ISSUER_FAILED,
            Self::IssuerState => &code::ACCESS_ISSUER_STATE,
            Self::Config(_) => &code::ACCESS_CONFIG,
        }
    }
}
