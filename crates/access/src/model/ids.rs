//! The ids of this room.

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
