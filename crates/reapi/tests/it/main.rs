//! The cache as a client of gRPC uses it, over a socket.
#![expect(clippy::unwrap_used, reason = "tests")]

mod access;
mod actions;
mod contents;
mod limits;
mod streams;
mod support;
mod trees;
