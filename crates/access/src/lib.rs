//! Who may come in: the owner's account, sign-in links, sessions and API tokens.
//!
//! A vertical slice: `model` has the types, `service` the rules, `store` the tables, `events` what is written to the log, `http` the
//! routes. A secret is shown once and only its hash is kept. Every change is one transaction with its event.

mod config;
mod error;
mod events;
mod http;
mod model;
mod secret;
mod service;
mod store;

pub use config::AccessConfig;
pub use error::AccessError;
pub use http::{open_routes, routes};
pub use model::{
    Account, AccountId, Created, CreatedToken, NewLink, NewSession, NewToken, SessionId, Token,
    TokenId,
};
pub use secret::Secret;
pub use service::Access;
