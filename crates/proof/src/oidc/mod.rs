//! Issuers of identities, with which people may sign in by OpenID Connect: authorization code with PKCE.

mod fetch;
mod issuer;
mod types;

pub use issuer::{Identity, Issuer, Issuers, Pending};
