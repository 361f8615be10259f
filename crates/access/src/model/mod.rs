//! What this room is about: people, teams, service accounts, tokens, links and sessions.

mod account;
mod ids;
mod people;
mod session;
mod token;

pub(crate) use account::person_principal;
pub use account::{Account, Person};
pub use ids::{AccountId, InvitationId, PasskeyId, ServiceId, SessionId, TeamId, TokenId};
pub use people::{
    Invitation, InvitationLook, Member, NewInvitation, NewReset, PasskeyEntry, PersonChange,
    ServiceAccount, Team,
};
pub use session::{Created, NewLink, NewSession, SessionEntry};
pub use token::{CreatedToken, NewToken, Token};
