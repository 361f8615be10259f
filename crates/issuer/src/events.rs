//! What is written to the log when clients, keys and grants change. No secret and no token is ever in it.

use serde::Serialize;
use trunkline_model::Timestamp;
use trunkline_model::catalogue;

use crate::model::{ClientId, ClientKind, ClientSettings};

/// The data of an event of this room.
pub(crate) trait Payload: Serialize {
    /// The event's type.
    const KIND: &'static str;
}

/// A client was registered.
#[derive(Serialize)]
pub(crate) struct ClientCreated<'a> {
    pub(crate) client: ClientId,
    pub(crate) name: &'a str,
    pub(crate) kind: ClientKind,
    pub(crate) settings: &'a ClientSettings,
    pub(crate) by: &'a str,
}

impl Payload for ClientCreated<'_> {
    const KIND: &'static str = catalogue::ISSUER_CLIENT_CREATED;
}

/// A client got other settings.
#[derive(Serialize)]
pub(crate) struct ClientChanged<'a> {
    pub(crate) client: ClientId,
    pub(crate) name: &'a str,
    pub(crate) settings: &'a ClientSettings,
    pub(crate) by: &'a str,
}

impl Payload for ClientChanged<'_> {
    const KIND: &'static str = catalogue::ISSUER_CLIENT_CHANGED;
}

/// A client was removed, and with it everything that it had.
#[derive(Serialize)]
pub(crate) struct ClientRemoved<'a> {
    pub(crate) client: ClientId,
    pub(crate) name: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for ClientRemoved<'_> {
    const KIND: &'static str = catalogue::ISSUER_CLIENT_REMOVED;
}

/// A client got a secret.
#[derive(Serialize)]
pub(crate) struct SecretCreated<'a> {
    pub(crate) client: ClientId,
    pub(crate) secret: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for SecretCreated<'_> {
    const KIND: &'static str = catalogue::ISSUER_SECRET_CREATED;
}

/// A client lost a secret.
#[derive(Serialize)]
pub(crate) struct SecretRemoved<'a> {
    pub(crate) client: ClientId,
    pub(crate) secret: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for SecretRemoved<'_> {
    const KIND: &'static str = catalogue::ISSUER_SECRET_REMOVED;
}

/// A person let a client have something.
#[derive(Serialize)]
pub(crate) struct ConsentGiven<'a> {
    pub(crate) client: ClientId,
    pub(crate) account: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) method: &'static str,
}

impl Payload for ConsentGiven<'_> {
    const KIND: &'static str = catalogue::ISSUER_CONSENT_GIVEN;
}

/// Tokens were made.
#[derive(Serialize)]
pub(crate) struct TokenGranted<'a> {
    pub(crate) client: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) flow: &'static str,
    pub(crate) grant: Option<&'a str>,
    pub(crate) token: &'a str,
    pub(crate) scopes: &'a str,
    pub(crate) audience: &'a [String],
}

impl Payload for TokenGranted<'_> {
    const KIND: &'static str = catalogue::ISSUER_TOKEN_GRANTED;
}

/// A grant, or a single token, was taken back.
#[derive(Serialize)]
pub(crate) struct GrantRevoked<'a> {
    pub(crate) client: ClientId,
    pub(crate) subject: &'a str,
    pub(crate) grant: Option<&'a str>,
    pub(crate) token: Option<&'a str>,
    pub(crate) reason: &'static str,
}

impl Payload for GrantRevoked<'_> {
    const KIND: &'static str = catalogue::ISSUER_GRANT_REVOKED;
}

/// A signing key was made.
#[derive(Serialize)]
pub(crate) struct KeyCreated<'a> {
    pub(crate) key: &'a str,
    pub(crate) starts: Timestamp,
    /// The keys that nobody may believe any more.
    pub(crate) removed: Vec<&'a str>,
    pub(crate) by: &'a str,
}

impl Payload for KeyCreated<'_> {
    const KIND: &'static str = catalogue::ISSUER_KEY_CREATED;
}
