//! What proves who somebody is: secrets, passwords, codes of authenticator apps, and the word of another issuer.
//!
//! Rules without tables: what was stored is handed in, and what is to be stored is handed back.

mod config;
mod error;
mod guard;
mod name;
mod oidc;
mod password;
mod secret;
mod totp;
mod waiting;

pub use config::{GroupConfig, IssuerConfig};
pub use error::ProofError;
pub use guard::{Guard, Pair};
pub use name::{check_name, fold_email};
pub use oidc::{Identity, Issuer, Issuers, Pending};
pub use password::{Checked, Hasher};
pub use secret::{DEVICE_PREFIX, Digest, JOIN_PREFIX, Purpose, Secret, signing_secret, typed_code};
pub use totp::{TotpSetup, setup, step_of};
pub use waiting::Waiting;
