//! What is written to the log when something changes at the door.

use serde::Serialize;
use trunkline_model::catalogue;
use trunkline_model::{Scope, Timestamp};

use crate::model::{AccountId, SessionId, TokenId};

/// The data of an event of this room.
pub(crate) trait Payload: Serialize {
    /// The event's type.
    const KIND: &'static str;
}

/// The first start made the owner.
#[derive(Serialize)]
pub(crate) struct OwnerCreated<'a> {
    pub(crate) account: AccountId,
    pub(crate) name: &'a str,
}

impl Payload for OwnerCreated<'_> {
    const KIND: &'static str = catalogue::ACCESS_OWNER_CREATED;
}

/// A one-time sign-in link was made.
#[derive(Serialize)]
pub(crate) struct LinkCreated {
    pub(crate) account: AccountId,
    pub(crate) expires: Timestamp,
}

impl Payload for LinkCreated {
    const KIND: &'static str = catalogue::ACCESS_SIGN_IN_LINK_CREATED;
}

/// Somebody signed in; `account` is a token's id where one was pasted.
#[derive(Serialize)]
pub(crate) struct SessionStarted<'a> {
    pub(crate) session: SessionId,
    pub(crate) account: &'a str,
    pub(crate) method: &'static str,
}

impl Payload for SessionStarted<'_> {
    const KIND: &'static str = catalogue::ACCESS_SESSION_STARTED;
}

/// Somebody signed out.
#[derive(Serialize)]
pub(crate) struct SessionEnded<'a> {
    pub(crate) session: SessionId,
    pub(crate) account: &'a str,
}

impl Payload for SessionEnded<'_> {
    const KIND: &'static str = catalogue::ACCESS_SESSION_ENDED;
}

/// An API token was made.
#[derive(Serialize)]
pub(crate) struct TokenCreated<'a> {
    pub(crate) token: TokenId,
    pub(crate) name: &'a str,
    pub(crate) scopes: &'a [Scope],
    pub(crate) expires: Option<Timestamp>,
    pub(crate) by: &'a str,
}

impl Payload for TokenCreated<'_> {
    const KIND: &'static str = catalogue::ACCESS_TOKEN_CREATED;
}

/// An API token was revoked.
#[derive(Serialize)]
pub(crate) struct TokenRevoked<'a> {
    pub(crate) token: TokenId,
    pub(crate) name: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for TokenRevoked<'_> {
    const KIND: &'static str = catalogue::ACCESS_TOKEN_REVOKED;
}
