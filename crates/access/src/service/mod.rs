//! The rules of the door: who is let in, for how long, and what a change writes.

mod access;
mod cache;
mod link;
mod maintain;
mod session;
mod token;
mod verify;

pub use access::Access;
