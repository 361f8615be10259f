//! What this room is about: people, teams, service accounts, tokens, links and sessions.

mod account;
mod name;
mod people;
mod session;
mod token;

pub(crate) use account::person_principal;
pub use account::{Account, Person};
pub(crate) use name::{check_name, fold_email};
pub use people::{
    Invitation, InvitationLook, Member, NewInvitation, NewReset, PasskeyEntry, PersonChange,
    ServiceAccount, Team, TotpSetup,
};
pub use session::{Created, NewLink, NewSession, SessionEntry};
pub use token::{CreatedToken, NewToken, Token};

use trunkline_model::{TypedId, kind};

/// The id of an account.
pub type AccountId = TypedId<kind::Account>;

/// The id of an API token.
pub type TokenId = TypedId<kind::Token>;

/// The id of a session.
pub type SessionId = TypedId<kind::Session>;

/// The id of an invitation.
pub type InvitationId = TypedId<kind::Invitation>;

/// The id of a passkey.
pub type PasskeyId = TypedId<kind::Passkey>;

/// The id of a service account.
pub type ServiceId = TypedId<kind::Service>;

/// The id of a team.
pub type TeamId = TypedId<kind::Team>;
