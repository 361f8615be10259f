//! The routes of this room.
//!
//! What the standards describe stands under `/oidc` and `/.well-known` and answers in their words; what owners do stands under
//! `/v1/oidc` and answers with problem documents like everything else.

mod answer;
mod authorize;
mod client;
mod cors;
mod desk;
mod device;
mod discovery;
mod key;
mod logout;
mod page;
mod router;
mod token;
mod userinfo;
mod workload;

pub use router::{open_routes, routes};
