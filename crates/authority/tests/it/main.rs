//! Certificates as devices, teams and attackers have them.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod authority;
mod foreign;
mod handmade;
mod handshake;
mod known;
mod laws;
mod refusals;
mod requests;
mod support;
mod wire;
