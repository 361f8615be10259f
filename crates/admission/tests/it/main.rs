//! The door with real keys and several threads.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it stands"
)]

mod forgery;
mod keys;
mod limits;
mod support;
mod tokens;
