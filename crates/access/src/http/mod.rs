//! The routes of this room.

mod check;
mod cookie;
mod invitation;
mod issuer;
mod link;
mod me;
mod passkey;
mod password;
mod people;
mod router;
mod service_account;
mod session;
mod team;
mod token;

pub use router::{open_routes, routes};
