//! The OpenID provider with which a team's services say "sign in with Trunkline", and the mint of short-lived workload tokens.
//!
//! A vertical slice: `model` has the words (clients, redirect addresses, parameters), `service` the rules, `store` the tables, `keys`
//! and `jwt` the signatures, `http` the routes. People and their sessions are behind the port [`People`]. A secret is shown once and
//! only its hash is kept; every change is one transaction with its event.

mod config;
mod error;
mod events;
mod http;
mod jwt;
mod keys;
mod model;
mod port;
mod secret;
mod service;
mod store;

pub use config::IssuerConfig;
pub use error::IssuerError;
pub use http::{open_routes, routes};
pub use model::{
    Client, ClientChange, ClientId, ClientKind, ClientSecret, ClientSettings, GrantType,
};
pub use port::{People, PeopleError, Person, SignIn};
pub use secret::Secret;
pub use service::{CreatedClient, Issuer, KeyInfo, WorkloadRequest, WorkloadToken};
