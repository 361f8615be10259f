//! The broker with clients that speak its protocol byte by byte.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it expects by failing"
)]

mod aliases;
mod client;
mod crashes;
mod crowds;
mod hostile;
mod quality;
mod rights;
mod sessions;
mod support;
mod wills;
