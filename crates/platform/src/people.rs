//! The people of `access`, as the rooms beside it ask for them through their ports.

use std::sync::Arc;

use async_trait::async_trait;
use trunkline_access::Access;
use trunkline_edge::Lines;
use trunkline_issuer::{People, PeopleError, Person, SignIn};
use trunkline_model::{Coded as _, ErrorCode, Principal, catalogue};
use trunkline_permit::{Audit, Holders};

/// Hands questions on to `access`.
#[derive(Clone, Debug)]
pub(super) struct KnownPeople(pub(super) Arc<Access>);

#[async_trait]
impl Holders for KnownPeople {
    fn teams(&self) -> Vec<String> {
        self.0.team_names()
    }

    async fn called(&self, name: &str) -> Result<Option<Principal>, &'static ErrorCode> {
        self.0
            .principal_called(name)
            .await
            .map_err(|error| error.code())
    }
}

#[async_trait]
impl People for KnownPeople {
    async fn person(&self, id: &str) -> Result<Option<Person>, PeopleError> {
        let Ok(account) = id.parse() else {
            return Ok(None);
        };
        let card = self.0.person(account).await?;
        Ok(card.map(|card| Person {
            id: id.to_owned(),
            name: card.name,
            email: card.email,
            email_verified: card.email_verified,
            role: card.role,
            teams: card.teams,
            disabled: false,
        }))
    }

    async fn sign_in(&self, cookie: &str) -> Result<Option<SignIn>, PeopleError> {
        let begun = self.0.session_begun(cookie).await?;
        Ok(begun.map(|begun| SignIn {
            session: begun.id.to_string(),
            at: begun.at,
            methods: methods(&begun.method),
        }))
    }

    async fn sign_out(&self, cookie: &str) -> Result<(), PeopleError> {
        Ok(self.0.sign_out(cookie).await?)
    }
}

/// How somebody signed in, in the words of RFC 8176.
fn methods(method: &str) -> Vec<String> {
    let words: &[&str] = match method {
        "password" => &["pwd"],
        "totp" | "recovery_code" => &["pwd", "otp", "mfa"],
        "passkey" => &["hwk", "user", "mfa"],
        _ => &[],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The audit's way into the log.
#[derive(Debug)]
pub(super) struct IntoAudit(pub(super) Arc<Lines>);

impl IntoAudit {
    /// Decisions that wait to be written.
    pub(super) fn lines() -> Arc<Lines> {
        Lines::new("access", catalogue::ACCESS_DECISION)
    }
}

impl Audit for IntoAudit {
    fn note(&self, data: &[u8]) {
        self.0.push(data);
    }
}
