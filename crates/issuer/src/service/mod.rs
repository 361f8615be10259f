//! The rules: who may have which token.

mod authorize;
mod client;
mod code;
mod consent;
mod device;
mod identify;
mod inspect;
mod issuer;
mod keys;
mod maintain;
mod mint;
mod reload;
mod revoke;
mod workload;

pub(crate) use authorize::{AGAIN, AuthorizeRequest, Step, Unanswered};
pub use client::CreatedClient;
pub(crate) use consent::Visitor;
pub(crate) use device::normal_user_code;
pub use issuer::Issuer;
pub use keys::KeyInfo;
pub use workload::{WorkloadRequest, WorkloadToken};
