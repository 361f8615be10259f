//! What is written to the log when something changes at the door.

use serde::Serialize;
use trunkline_model::catalogue;
use trunkline_model::{Role, Scope, Timestamp};

use crate::model::{AccountId, InvitationId, PasskeyId, ServiceId, SessionId, TeamId, TokenId};

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
    pub(crate) method: &'a str,
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

/// A person was invited.
#[derive(Serialize)]
pub(crate) struct InvitationCreated<'a> {
    pub(crate) invitation: InvitationId,
    pub(crate) role: Role,
    pub(crate) teams: &'a [String],
    pub(crate) expires: Timestamp,
    pub(crate) by: &'a str,
}

impl Payload for InvitationCreated<'_> {
    const KIND: &'static str = catalogue::ACCESS_INVITATION_CREATED;
}

/// An invitation was withdrawn.
#[derive(Serialize)]
pub(crate) struct InvitationRemoved<'a> {
    pub(crate) invitation: InvitationId,
    pub(crate) by: &'a str,
}

impl Payload for InvitationRemoved<'_> {
    const KIND: &'static str = catalogue::ACCESS_INVITATION_REMOVED;
}

/// A mail could not be sent; its address and text are not told.
#[derive(Serialize)]
pub(crate) struct MailFailed<'a> {
    pub(crate) about: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) reason: &'a str,
}

impl Payload for MailFailed<'_> {
    const KIND: &'static str = catalogue::ACCESS_MAIL_FAILED;
}

/// A person added a passkey.
#[derive(Serialize)]
pub(crate) struct PasskeyAdded<'a> {
    pub(crate) account: AccountId,
    pub(crate) passkey: PasskeyId,
    pub(crate) name: &'a str,
}

impl Payload for PasskeyAdded<'_> {
    const KIND: &'static str = catalogue::ACCESS_PASSKEY_ADDED;
}

/// A passkey's counter went backwards.
#[derive(Serialize)]
pub(crate) struct PasskeyRefused {
    pub(crate) account: AccountId,
    pub(crate) passkey: PasskeyId,
}

impl Payload for PasskeyRefused {
    const KIND: &'static str = catalogue::ACCESS_PASSKEY_REFUSED;
}

/// A person removed a passkey.
#[derive(Serialize)]
pub(crate) struct PasskeyRemoved {
    pub(crate) account: AccountId,
    pub(crate) passkey: PasskeyId,
}

impl Payload for PasskeyRemoved {
    const KIND: &'static str = catalogue::ACCESS_PASSKEY_REMOVED;
}

/// A password was set: `change`, `reset` or `invitation`.
#[derive(Serialize)]
pub(crate) struct PasswordChanged<'a> {
    pub(crate) account: AccountId,
    pub(crate) how: &'a str,
}

impl Payload for PasswordChanged<'_> {
    const KIND: &'static str = catalogue::ACCESS_PASSWORD_CHANGED;
}

/// A link to set a new password was made.
#[derive(Serialize)]
pub(crate) struct PasswordResetCreated<'a> {
    pub(crate) account: AccountId,
    pub(crate) expires: Timestamp,
    pub(crate) by: &'a str,
}

impl Payload for PasswordResetCreated<'_> {
    const KIND: &'static str = catalogue::ACCESS_PASSWORD_RESET_CREATED;
}

/// A person's name, email or role changed.
#[derive(Serialize)]
pub(crate) struct PersonChanged<'a> {
    pub(crate) account: AccountId,
    pub(crate) name: &'a str,
    pub(crate) role: Role,
    pub(crate) by: &'a str,
}

impl Payload for PersonChanged<'_> {
    const KIND: &'static str = catalogue::ACCESS_PERSON_CHANGED;
}

/// A person was disabled.
#[derive(Serialize)]
pub(crate) struct PersonDisabled<'a> {
    pub(crate) account: AccountId,
    pub(crate) by: &'a str,
}

impl Payload for PersonDisabled<'_> {
    const KIND: &'static str = catalogue::ACCESS_PERSON_DISABLED;
}

/// A disabled person may come in again.
#[derive(Serialize)]
pub(crate) struct PersonEnabled<'a> {
    pub(crate) account: AccountId,
    pub(crate) by: &'a str,
}

impl Payload for PersonEnabled<'_> {
    const KIND: &'static str = catalogue::ACCESS_PERSON_ENABLED;
}

/// A person joined, by `invitation` or by the issuer whose id is told.
#[derive(Serialize)]
pub(crate) struct PersonJoined<'a> {
    pub(crate) account: AccountId,
    pub(crate) name: &'a str,
    pub(crate) role: Role,
    pub(crate) how: &'a str,
}

impl Payload for PersonJoined<'_> {
    const KIND: &'static str = catalogue::ACCESS_PERSON_JOINED;
}

/// A service account was made.
#[derive(Serialize)]
pub(crate) struct ServiceCreated<'a> {
    pub(crate) service: ServiceId,
    pub(crate) name: &'a str,
    pub(crate) role: Role,
    pub(crate) teams: &'a [String],
    pub(crate) by: &'a str,
}

impl Payload for ServiceCreated<'_> {
    const KIND: &'static str = catalogue::ACCESS_SERVICE_CREATED;
}

/// A service account was removed.
#[derive(Serialize)]
pub(crate) struct ServiceRemoved<'a> {
    pub(crate) service: ServiceId,
    pub(crate) name: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for ServiceRemoved<'_> {
    const KIND: &'static str = catalogue::ACCESS_SERVICE_REMOVED;
}

/// Somebody did not come in. `account` is an id, and null where nobody is known: what was typed is never told.
#[derive(Serialize)]
pub(crate) struct SignInFailed<'a> {
    pub(crate) client: String,
    pub(crate) method: &'a str,
    pub(crate) account: Option<AccountId>,
    pub(crate) failures: u32,
}

impl Payload for SignInFailed<'_> {
    const KIND: &'static str = catalogue::ACCESS_SIGN_IN_FAILED;
}

/// A team was made.
#[derive(Serialize)]
pub(crate) struct TeamCreated<'a> {
    pub(crate) team: TeamId,
    pub(crate) name: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for TeamCreated<'_> {
    const KIND: &'static str = catalogue::ACCESS_TEAM_CREATED;
}

/// Somebody joined a team.
#[derive(Serialize)]
pub(crate) struct TeamJoined<'a> {
    pub(crate) team: TeamId,
    pub(crate) name: &'a str,
    pub(crate) member: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for TeamJoined<'_> {
    const KIND: &'static str = catalogue::ACCESS_TEAM_JOINED;
}

/// Somebody left a team.
#[derive(Serialize)]
pub(crate) struct TeamLeft<'a> {
    pub(crate) team: TeamId,
    pub(crate) name: &'a str,
    pub(crate) member: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for TeamLeft<'_> {
    const KIND: &'static str = catalogue::ACCESS_TEAM_LEFT;
}

/// A team was removed.
#[derive(Serialize)]
pub(crate) struct TeamRemoved<'a> {
    pub(crate) team: TeamId,
    pub(crate) name: &'a str,
    pub(crate) by: &'a str,
}

impl Payload for TeamRemoved<'_> {
    const KIND: &'static str = catalogue::ACCESS_TEAM_REMOVED;
}

/// An authenticator app was removed from an account.
#[derive(Serialize)]
pub(crate) struct TotpDisabled<'a> {
    pub(crate) account: AccountId,
    pub(crate) by: &'a str,
}

impl Payload for TotpDisabled<'_> {
    const KIND: &'static str = catalogue::ACCESS_TOTP_DISABLED;
}

/// An account asks for the code of an authenticator app.
#[derive(Serialize)]
pub(crate) struct TotpEnabled {
    pub(crate) account: AccountId,
}

impl Payload for TotpEnabled {
    const KIND: &'static str = catalogue::ACCESS_TOTP_ENABLED;
}
