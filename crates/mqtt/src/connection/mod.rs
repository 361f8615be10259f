//! One connection from its CONNECT to its end.

mod handshake;
mod incoming;
mod link;
mod serve;

pub use serve::Peer;
