//! The control state on a real file.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it stands"
)]

mod migrate;
mod outbox;
mod store;
mod support;
