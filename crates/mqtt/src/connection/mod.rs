//! One connection from its CONNECT to its end.

mod arrival;
mod handshake;
mod incoming;
mod link;
mod serve;

pub use arrival::Arrival;
pub use serve::Peer;
