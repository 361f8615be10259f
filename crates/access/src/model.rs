//! Accounts, tokens, links and sessions.

use serde::Serialize;
use trunkline_model::{Principal, PrincipalKind, Scope, Timestamp, TypedId, kind};
use utoipa::ToSchema;

use crate::AccessError;
use crate::secret::Secret;

/// The id of an account.
pub type AccountId = TypedId<kind::Account>;

/// The id of an API token.
pub type TokenId = TypedId<kind::Token>;

/// The id of a session.
pub type SessionId = TypedId<kind::Session>;

/// The longest name of a token in characters.
const MAX_NAME: usize = 64;

/// The longest life of a token that expires, in days.
const MAX_LIFE: u32 = 3650;

/// A person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name that people know it by.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Account {
    /// The account as the sender of a request.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::new(
            PrincipalKind::Account,
            self.id.to_string(),
            self.name.clone(),
            self.scopes.clone(),
        )
    }
}

/// What the first start made.
#[derive(Debug)]
pub struct Created {
    /// The owner's account.
    pub account: Account,
    /// A link with which the owner signs in.
    pub link: NewLink,
}

/// An API token as it is listed; its secret is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    #[schema(value_type = String, example = "tok_01JD9Z6T3S8Q4H5W2E7R1Y0UAB")]
    pub id: TokenId,
    /// The name that people know it by.
    pub name: String,
    /// The first characters of its text, to tell tokens apart.
    #[schema(example = "tl_x7Kq2M")]
    pub prefix: String,
    /// What it may do: `read`, `write`, `owner`.
    #[schema(value_type = Vec<String>, example = json!(["read", "write"]))]
    pub scopes: Vec<Scope>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it stops being good; never where it is null.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub expires: Option<Timestamp>,
    /// When it was last used, to the minute; null where it never was.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub last_used: Option<Timestamp>,
}

/// A token that is to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The name that people will know it by: 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Days after which it stops being good, 1 to 3650; never where it is missing.
    pub expires_in_days: Option<u32>,
}

impl NewToken {
    /// A token called `name` that reads and writes and does not expire.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            scopes: vec![Scope::Read, Scope::Write],
            expires_in_days: None,
        }
    }

    /// Nothing where such a token can be made.
    pub(crate) fn check(&self) -> Result<(), AccessError> {
        let allowed = |letter: char| letter.is_alphanumeric() || " ._-".contains(letter);
        let trimmed = self.name.trim() == self.name;
        let length = self.name.chars().count();
        if !trimmed || !(1..=MAX_NAME).contains(&length) || !self.name.chars().all(allowed) {
            return Err(AccessError::NameInvalid);
        }
        if self.scopes.is_empty() {
            return Err(AccessError::ScopesEmpty);
        }
        match self.expires_in_days {
            Some(days) if !(1..=MAX_LIFE).contains(&days) => Err(AccessError::LifeInvalid { days }),
            _ => Ok(()),
        }
    }
}

/// A token that was made, with its text for the only time.
#[derive(Debug)]
pub struct CreatedToken {
    /// The text that a program sends.
    pub secret: Secret,
    /// The token as it is listed.
    pub token: Token,
}

/// A sign-in link that was made, with its code for the only time.
#[derive(Debug)]
pub struct NewLink {
    /// The code that signs in once.
    pub code: Secret,
    /// When it stops being good.
    pub expires: Timestamp,
}

impl NewLink {
    /// The link's address where people reach the platform at `base`, such as `http://127.0.0.1:7070`.
    ///
    /// The code stands in the fragment, which a browser sends to nobody.
    #[must_use]
    pub fn url(&self, base: &str) -> String {
        let base = base.trim_end_matches('/');
        format!("{base}/sign-in#link={}", self.code.reveal())
    }
}

/// A session that was begun, with its cookie's text for the only time.
#[derive(Debug)]
pub struct NewSession {
    /// The text of the cookie.
    pub secret: Secret,
    /// Its id.
    pub id: SessionId,
    /// Who signed in.
    pub principal: Principal,
    /// When it began.
    pub began: Timestamp,
    /// When it ends if nobody uses it.
    pub expires: Timestamp,
    /// When it ends in any case.
    pub ends: Timestamp,
}

impl NewSession {
    /// How long it lasts at most, in whole seconds.
    pub(crate) const fn lasts_seconds(&self) -> i64 {
        self.ends.micros_since(self.began) / 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(change: impl FnOnce(&mut NewToken)) -> Option<AccessError> {
        let mut wanted = NewToken::new("ci");
        change(&mut wanted);
        wanted.check().err()
    }

    #[test]
    fn names_are_plain() {
        for name in ["ci", "Grafana 11.2", "bürogerät_7", &"x".repeat(64)] {
            assert!(
                refusal(|wanted| wanted.name = name.into()).is_none(),
                "{name}"
            );
        }
        for name in ["", " ci", "ci ", "a\nb", "<b>", &"x".repeat(65)] {
            assert!(
                matches!(
                    refusal(|wanted| wanted.name = name.into()),
                    Some(AccessError::NameInvalid)
                ),
                "{name}"
            );
        }
    }

    #[test]
    fn a_token_can_do_something_for_some_time() {
        assert!(matches!(
            refusal(|wanted| wanted.scopes.clear()),
            Some(AccessError::ScopesEmpty)
        ));
        for days in [0, 3651] {
            let error = refusal(|wanted| wanted.expires_in_days = Some(days));
            assert!(
                matches!(error, Some(AccessError::LifeInvalid { .. })),
                "{days}"
            );
        }
        assert!(refusal(|wanted| wanted.expires_in_days = Some(3650)).is_none());
    }
}
