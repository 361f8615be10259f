//! The HTTP kit as a client sees it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it stands"
)]

mod gate;
mod kit;
mod support;
