//! The rules of the door: who is let in, for how long, and what a change writes.

mod access;
mod access_key;
mod cache;
mod ceremony;
mod holder;
mod invitation;
mod issuer;
mod link;
mod maintain;
mod notify;
mod passkey;
mod password;
mod people;
mod service_account;
mod session;
mod sign_in;
mod team;
mod token;
mod totp;
mod verify;

pub use access::Access;
pub use access_key::AccessKey;
pub use cache::KnownCredential;
pub use holder::SessionBegun;
pub use invitation::Joining;
pub use issuer::{IssuerAnswer, IssuerStart};
pub use passkey::Challenge;
pub use people::PersonCard;
pub use sign_in::SignIn;
