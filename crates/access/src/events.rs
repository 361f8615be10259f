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

/// Declares the data of events: a struct for each, with the constant of its type.
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? = $kind:ident { $($field:ident: $type:ty),* })*) => {$(
        $(#[$doc])*
        #[derive(Serialize)]
        pub(crate) struct $name $(<$life>)? { $(pub(crate) $field: $type),* }

        impl $(<$life>)? Payload for $name $(<$life>)? {
            const KIND: &'static str = catalogue::$kind;
        }
    )*};
}

payloads! {
    /// The first start made the owner.
    OwnerCreated<'a> = ACCESS_OWNER_CREATED { account: AccountId, name: &'a str }
    /// A one-time sign-in link was made.
    LinkCreated = ACCESS_SIGN_IN_LINK_CREATED { account: AccountId, expires: Timestamp }
    /// Somebody signed in; `account` is a token's id where one was pasted.
    SessionStarted<'a> = ACCESS_SESSION_STARTED { session: SessionId, account: &'a str, method: &'a str }
    /// Somebody signed out.
    SessionEnded<'a> = ACCESS_SESSION_ENDED { session: SessionId, account: &'a str }
    /// An API token was made.
    TokenCreated<'a> = ACCESS_TOKEN_CREATED { token: TokenId, name: &'a str, scopes: &'a [Scope], expires: Option<Timestamp>, by: &'a str }
    /// An API token was revoked.
    TokenRevoked<'a> = ACCESS_TOKEN_REVOKED { token: TokenId, name: &'a str, by: &'a str }
    /// A person was invited.
    InvitationCreated<'a> = ACCESS_INVITATION_CREATED { invitation: InvitationId, role: Role, teams: &'a [String], expires: Timestamp, by: &'a str }
    /// An invitation was withdrawn.
    InvitationRemoved<'a> = ACCESS_INVITATION_REMOVED { invitation: InvitationId, by: &'a str }
    /// A mail could not be sent; its address and text are not told.
    MailFailed<'a> = ACCESS_MAIL_FAILED { about: &'a str, subject: &'a str, reason: &'a str }
    /// A person added a passkey.
    PasskeyAdded<'a> = ACCESS_PASSKEY_ADDED { account: AccountId, passkey: PasskeyId, name: &'a str }
    /// A passkey's counter went backwards.
    PasskeyRefused = ACCESS_PASSKEY_REFUSED { account: AccountId, passkey: PasskeyId }
    /// A person removed a passkey.
    PasskeyRemoved = ACCESS_PASSKEY_REMOVED { account: AccountId, passkey: PasskeyId }
    /// A password was set: `change`, `reset` or `invitation`.
    PasswordChanged<'a> = ACCESS_PASSWORD_CHANGED { account: AccountId, how: &'a str }
    /// A link to set a new password was made.
    PasswordResetCreated<'a> = ACCESS_PASSWORD_RESET_CREATED { account: AccountId, expires: Timestamp, by: &'a str }
    /// A person's name, email or role changed.
    PersonChanged<'a> = ACCESS_PERSON_CHANGED { account: AccountId, name: &'a str, role: Role, by: &'a str }
    /// A person was disabled.
    PersonDisabled<'a> = ACCESS_PERSON_DISABLED { account: AccountId, by: &'a str }
    /// A disabled person may come in again.
    PersonEnabled<'a> = ACCESS_PERSON_ENABLED { account: AccountId, by: &'a str }
    /// A person joined, by `invitation` or by the issuer whose id is told.
    PersonJoined<'a> = ACCESS_PERSON_JOINED { account: AccountId, name: &'a str, role: Role, how: &'a str }
    /// A service account was made.
    ServiceCreated<'a> = ACCESS_SERVICE_CREATED { service: ServiceId, name: &'a str, role: Role, teams: &'a [String], by: &'a str }
    /// A service account was removed.
    ServiceRemoved<'a> = ACCESS_SERVICE_REMOVED { service: ServiceId, name: &'a str, by: &'a str }
    /// Somebody did not come in. `account` is an id, and null where nobody is known: what was typed is never told.
    SignInFailed<'a> = ACCESS_SIGN_IN_FAILED { client: String, method: &'a str, account: Option<AccountId>, failures: u32 }
    /// A team was made.
    TeamCreated<'a> = ACCESS_TEAM_CREATED { team: TeamId, name: &'a str, by: &'a str }
    /// Somebody joined a team.
    TeamJoined<'a> = ACCESS_TEAM_JOINED { team: TeamId, name: &'a str, member: &'a str, by: &'a str }
    /// Somebody left a team.
    TeamLeft<'a> = ACCESS_TEAM_LEFT { team: TeamId, name: &'a str, member: &'a str, by: &'a str }
    /// A team was removed.
    TeamRemoved<'a> = ACCESS_TEAM_REMOVED { team: TeamId, name: &'a str, by: &'a str }
    /// An authenticator app was removed from an account.
    TotpDisabled<'a> = ACCESS_TOTP_DISABLED { account: AccountId, by: &'a str }
    /// An account asks for the code of an authenticator app.
    TotpEnabled = ACCESS_TOTP_ENABLED { account: AccountId }
}
