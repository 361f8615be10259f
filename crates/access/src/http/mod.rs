//! The routes of this room.

mod link;
mod router;
mod session;
mod token;

pub use router::{open_routes, routes};
