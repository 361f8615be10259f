//! The words of this room: clients, what they may ask, and what was granted.

mod client;
mod grant;
mod params;
mod redirect;
mod refusal;
mod scope;

pub(crate) use client::MAX_SECRETS;
pub use client::{
    Client, ClientChange, ClientId, ClientKind, ClientSecret, ClientSettings, GrantType,
};
pub(crate) use grant::{Approval, Grant};
pub(crate) use params::Params;
pub(crate) use redirect::origin;
pub(crate) use refusal::Refusal;
pub(crate) use scope::{GROUPS, OFFLINE, OPENID, STANDARD, join, split, without_people};
