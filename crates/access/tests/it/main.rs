//! The door on a real file, by its service and by HTTP.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it stands"
)]

mod http;
mod limits;
mod openapi;
mod processes;
mod sign_in;
mod support;
mod tokens;
