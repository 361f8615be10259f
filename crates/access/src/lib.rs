//! Who may come in: people with their teams and roles, service accounts, sessions and API tokens.
//!
//! A vertical slice: `model` has the types, `service` the rules, `store` the tables, `events` what is written to the log, `http` the
//! routes. What proves somebody is in the room `proof`, and letters go by the room `mail`. A secret is shown once and only its hash is kept. Every change is one
//! transaction with its event.

mod config;
mod error;
mod events;
mod http;
mod model;
mod service;
mod store;

pub use config::AccessConfig;
pub use error::AccessError;
pub use http::{open_routes, routes};
pub use model::{
    Account, AccountId, Created, CreatedToken, Invitation, InvitationId, InvitationLook, Member,
    NewInvitation, NewLink, NewReset, NewSession, NewToken, PasskeyEntry, PasskeyId, Person,
    PersonChange, ServiceAccount, ServiceId, SessionEntry, SessionId, Team, TeamId, Token, TokenId,
};
pub use trunkline_mail::{MailConfig, MailTls};
pub use trunkline_proof::{GroupConfig, IssuerConfig, Secret, TotpSetup};

pub use service::{
    Access, AccessKey, Challenge, IssuerAnswer, IssuerStart, Joining, KnownCredential, PersonCard,
    SessionBegun, SignIn,
};
