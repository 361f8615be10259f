//! Whose token this is: JWTs of the issuers that the configuration names.

mod cache;
mod claims;
mod config;
mod error;
mod fresh;
mod issuer;
mod keyset;
mod parse;
mod refresh;
mod rules;
mod verifier;

pub use cache::REMEMBERED_TOKENS;
pub use claims::Claims;
pub use config::{IssuerConfig, SignatureAlgorithm};
pub use error::{IssuerError, TokenError};
pub use issuer::IssuerStatus;
pub use verifier::{TokenPorts, TokenVerifier};
