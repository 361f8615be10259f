//! What can go wrong at the door.

use std::time::Duration;

use trunkline_model::{Coded, ErrorCode, EventError, code};
use trunkline_proof::ProofError;
use trunkline_store::StoreError;
use trunkline_web::{AuthError, Problem};

use crate::model::TokenId;

/// Why somebody did not come in, or a change at the door was not made.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The credential is not good; why is not told.
    #[error("the credential is unknown, revoked, expired or mistyped")]
    BadCredential,
    /// Too many wrong credentials came from this address, or were tried for this account from here.
    #[error("too many wrong credentials came from this address")]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// More passwords wait to be checked than may wait.
    #[error("too many passwords are being checked at this moment")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The sign-in link is not good; why is not told.
    #[error("the sign-in link was used already, is too old or never was one")]
    LinkSpent,
    /// There is no such token, or it is revoked.
    #[error("there is no token {0}")]
    TokenUnknown(TokenId),
    /// The name is not well-formed.
    #[error("nothing can have this name")]
    NameInvalid,
    /// The new token would live too short or too long.
    #[error("{0}")]
    LifeInvalid(&'static str),
    /// The new token could do nothing.
    #[error("the list of scopes is empty")]
    ScopesEmpty,
    /// The password is right, and a code is needed too.
    #[error("this account asks for the code of an authenticator app")]
    CodeNeeded,
    /// Email, password or code are wrong; which is not told.
    #[error("the email, password or code is wrong")]
    SignInWrong,
    /// The password is too easy to guess.
    #[error("{0}")]
    PasswordWeak(String),
    /// The present password is wrong.
    #[error("the present password is not right")]
    PasswordWrong,
    /// The invitation is not good; why is not told.
    #[error("the invitation was used already, is too old or never was one")]
    InvitationSpent,
    /// There is no open invitation with this id.
    #[error("there is no such invitation")]
    InvitationUnknown,
    /// The reset link is not good; why is not told.
    #[error("the reset link was used already, is too old or never was one")]
    ResetSpent,
    /// Another account has the email.
    #[error("another account has this email")]
    EmailTaken,
    /// The text is no email, or one is missing.
    #[error("this is not an email address")]
    EmailInvalid,
    /// Nobody would be an owner any more.
    #[error("the last owner can neither be demoted nor disabled")]
    LastOwner,
    /// There is no such person.
    #[error("there is no such person")]
    PersonUnknown,
    /// There is no such team.
    #[error("there is no team `{0}`")]
    TeamUnknown(String),
    /// There is such a team already.
    #[error("there is a team `{0}` already")]
    TeamTaken(String),
    /// There is no such service account.
    #[error("there is no such service account")]
    ServiceUnknown,
    /// There is such a service account already.
    #[error("there is a service account `{0}` already")]
    ServiceTaken(String),
    /// There is no such session of this person.
    #[error("there is no such session")]
    SessionUnknown,
    /// The caller is a program.
    #[error("the credential belongs to a program, and this is about a person's own account")]
    NotAPerson,
    /// The authenticator app is on already, is not on, or its setup was not begun.
    #[error("{0}")]
    TotpState(&'static str),
    /// The code or password is wrong.
    #[error("the code or password is not right")]
    TotpCode,
    /// The passkey was not accepted; why is for the log.
    #[error("the passkey was not accepted")]
    PasskeyRefused(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// A browser makes no passkeys for such an address.
    #[error("a passkey cannot belong to this address; open {0}")]
    PasskeyHost(String),
    /// The challenge was used already or is too old.
    #[error("the challenge was used already or is too old")]
    CeremonyUnknown,
    /// The person has no such passkey.
    #[error("there is no such passkey")]
    PasskeyUnknown,
    /// The configuration has no such issuer.
    #[error("there is no such issuer")]
    IssuerUnknown,
    /// The issuer does not answer as it should; why is for the log.
    #[error("the issuer does not answer as it should: {what}")]
    IssuerFailed {
        /// What was asked of it.
        what: &'static str,
        /// Why that failed.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The identity may not come in.
    #[error("{0}")]
    IssuerRefused(&'static str),
    /// The answer belongs to no sign-in of this browser.
    #[error("the sign-in did not begin in this browser, or too long ago")]
    IssuerState,
    /// There are too many of a thing.
    #[error("there are too many {0}")]
    TooMany(&'static str),
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(String),
    /// The control state failed.
    #[error("the accounts and tokens cannot be read or changed")]
    Store(#[from] StoreError),
}

impl From<ProofError> for AccessError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Busy { retry_after } => Self::Busy { retry_after },
            ProofError::NameInvalid => Self::NameInvalid,
            ProofError::EmailInvalid => Self::EmailInvalid,
            ProofError::PasswordWeak(why) => Self::PasswordWeak(why),
            ProofError::Totp => {
                Self::TotpState("the setup was not begun, or too long ago; begin anew")
            }
            ProofError::IssuerFailed { what, source } => Self::IssuerFailed { what, source },
            ProofError::IssuerState => Self::IssuerState,
            ProofError::Config(what) => Self::Config(what),
        }
    }
}

impl From<sqlx::Error> for AccessError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<EventError> for AccessError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for AccessError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::BadCredential => &code::ACCESS_BAD_CREDENTIAL,
            Self::RateLimited { .. } => &code::ACCESS_RATE,
            Self::Busy { .. } => &code::ACCESS_BUSY,
            Self::LinkSpent => &code::ACCESS_LINK_SPENT,
            Self::TokenUnknown(_) => &code::ACCESS_TOKEN_UNKNOWN,
            Self::NameInvalid => &code::ACCESS_NAME_INVALID,
            Self::LifeInvalid(_) => &code::ACCESS_LIFE_INVALID,
            Self::ScopesEmpty => &code::ACCESS_SCOPES_EMPTY,
            Self::CodeNeeded => &code::ACCESS_CODE_NEEDED,
            Self::SignInWrong => &code::ACCESS_SIGN_IN_WRONG,
            Self::PasswordWeak(_) => &code::ACCESS_PASSWORD_WEAK,
            Self::PasswordWrong => &code::ACCESS_PASSWORD_WRONG,
            Self::InvitationSpent => &code::ACCESS_INVITATION_SPENT,
            Self::InvitationUnknown => &code::ACCESS_INVITATION_UNKNOWN,
            Self::ResetSpent => &code::ACCESS_RESET_SPENT,
            Self::EmailTaken => &code::ACCESS_EMAIL_TAKEN,
            Self::EmailInvalid => &code::ACCESS_EMAIL_INVALID,
            Self::LastOwner => &code::ACCESS_LAST_OWNER,
            Self::PersonUnknown => &code::ACCESS_PERSON_UNKNOWN,
            Self::TeamUnknown(_) => &code::ACCESS_TEAM_UNKNOWN,
            Self::TeamTaken(_) => &code::ACCESS_TEAM_TAKEN,
            Self::ServiceUnknown => &code::ACCESS_SERVICE_UNKNOWN,
            Self::ServiceTaken(_) => &code::ACCESS_SERVICE_TAKEN,
            Self::SessionUnknown => &code::ACCESS_SESSION_UNKNOWN,
            Self::NotAPerson => &code::ACCESS_NOT_A_PERSON,
            Self::TotpState(_) => &code::ACCESS_TOTP_STATE,
            Self::TotpCode => &code::ACCESS_TOTP_CODE,
            Self::PasskeyRefused(_) => &code::ACCESS_PASSKEY_REFUSED,
            Self::PasskeyHost(_) => &code::ACCESS_PASSKEY_HOST,
            Self::CeremonyUnknown => &code::ACCESS_CEREMONY_UNKNOWN,
            Self::PasskeyUnknown => &code::ACCESS_PASSKEY_UNKNOWN,
            Self::IssuerUnknown => &code::ACCESS_ISSUER_UNKNOWN,
            Self::IssuerFailed { .. } => &code::ACCESS_ISSUER_FAILED,
            Self::IssuerRefused(_) => &code::ACCESS_ISSUER_REFUSED,
            Self::IssuerState => &code::ACCESS_ISSUER_STATE,
            Self::TooMany(_) => &code::ACCESS_TOO_MANY,
            Self::Config(_) => &code::ACCESS_CONFIG,
            Self::Store(error) => error.code(),
        }
    }
}

impl AccessError {
    /// The problem that it is to a client, with `Retry-After` where waiting helps.
    ///
    /// The blanket conversion of [`Coded`] errors would lose the time to wait.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        let problem = Problem::from_error(&self);
        match self {
            Self::RateLimited { retry_after } | Self::Busy { retry_after } => {
                problem.retry_after(retry_after)
            }
            _ => problem,
        }
    }
}

impl From<AccessError> for AuthError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::BadCredential => Self::Invalid,
            AccessError::RateLimited { retry_after } => Self::Limited { retry_after },
            other => Self::Failed {
                code: other.code(),
                source: Box::new(other),
            },
        }
    }
}
