//! The disk log from outside: what is acknowledged stays, whatever happens to the disk.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it stands"
)]

mod append;
mod crash;
mod cursors;
mod damage;
mod failure;
mod read;
mod retention;
mod support;
