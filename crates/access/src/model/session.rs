//! Sign-in links and sessions.

use serde::Serialize;
use trunkline_model::{Principal, Timestamp};
use utoipa::ToSchema;

use super::{Account, SessionId};
use trunkline_proof::Secret;

/// What the first start made.
#[derive(Debug)]
pub struct Created {
    /// The owner's account.
    pub account: Account,
    /// A link with which the owner signs in.
    pub link: NewLink,
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

/// A session as its person sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionEntry {
    /// Its id.
    #[schema(value_type = String, example = "ses_01JD9Z6T3S8Q4H5W2E7R1Y0UAB")]
    pub id: SessionId,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// The address from which it began; null where it is not known.
    #[schema(required = true)]
    pub client: Option<String>,
    /// How it began: `password`, `passkey`, `link`, `invitation`, or the id of an issuer; null for one from before this was kept.
    #[schema(required = true)]
    pub method: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}
